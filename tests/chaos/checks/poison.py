"""Poison is set aside once at each consumer, with its bytes; nothing else stays aside, and no neighbour is held up."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from shared.contracts import MessageParked, ReferralAccepted
from tests.chaos.book import Book, Poisoned, last
from tests.chaos.checks.finding import Finding, found
from tests.chaos.checks.strangers import poisoned
from tests.chaos.snapshot import Aside, Place, Snapshot
from tests.chaos.snapshot.found import place

KILLER = "killed-worker"
"""The kind of what is an event like others but for the consumer that it kills."""
NOT_YET = "not-yet"
"""The kind of what comes before its time, for whoever has to know more first."""
SOMEBODYS = frozenset({KILLER, NOT_YET})
"""What is handled like any event by those whom it does not concern."""
NEIGHBOURS = ("matching", "casework")
NEIGHBOUR_SECONDS = 5.0
CALM = "poison-only"
"""The kind of the phase in which nothing else was wrong."""


def check(book: Book, snapshot: Snapshot) -> Iterator[Finding]:
    """Compare the book's poison with what consumers have set aside."""
    lies = poisoned(book, snapshot)
    there = {place(record): record for record in snapshot.records}
    yield from found("poison", "it is gone from its topic", (_name(at) for at in lies if at not in there))
    yield from found("poison", "not set aside by a consumer of its topic", _missing(lies, snapshot))
    held = [aside for aside in snapshot.asides if aside.place in lies]
    times = Counter((aside.service, aside.place) for aside in held)
    twice = (f"{_name(at)} by {service}" for (service, at), n in times.items() if n > 1)
    yield from found("poison", "set aside twice by one consumer", twice)
    altered = (_by(aside) for aside in held if aside.place in there and _bytes(aside) != _bytes(there[aside.place]))
    yield from found("poison", "set aside with other bytes", altered)
    other = (f"{_by(a)} as {a.kind}" for a in held if lies[a.place].kind not in {*SOMEBODYS, a.kind})
    yield from found("poison", "set aside as what it is not", other)
    yield from found("poison", "not told of once", _told_otherwise(held, snapshot))
    behind = {(aside.service, aside.key) for aside in held if aside.blocks and not aside.is_settled}
    for_good = (a for a in snapshot.asides if not a.is_settled and a.place not in lies)
    unexplained = (f"{_by(a)} as {a.kind}" for a in for_good if (a.service, a.key) not in behind)
    yield from found("poison", "something else set aside for good", unexplained)


def check_neighbours(book: Book, snapshot: Snapshot) -> Iterator[Finding]:
    """See that, while there was poison and no fault, whoever was acknowledged was soon handled."""
    late = (name for name, seconds in neighbours(book, snapshot).items() if seconds > NEIGHBOUR_SECONDS)
    yield from found("neighbours", "held up for more than 5 s while there was nothing but poison", late)


def neighbours(book: Book, snapshot: Snapshot) -> dict[str, float]:
    """Return how long after its acknowledgement each referral of the calm was handled by each who has to do with it."""
    accepted = {row.key: row.event for row in snapshot.rows if row.type == ReferralAccepted.type}
    redriven = {(aside.service, aside.event): aside.settled_at for aside in snapshot.asides if aside.event}
    calm = [fault for fault in book.faults if fault.kind == CALM]
    waited: dict[str, float] = {}
    for referral, request in book.acknowledged.items():
        answer = request.acknowledged
        if answer and referral in accepted and any(each.began <= answer.at <= each.healed for each in calm):
            for service in NEIGHBOURS:
                about = service, accepted[referral]
                at = snapshot.handled[about].at if about in snapshot.handled else redriven.get(about)
                waited[f"{referral} at {service}"] = last(at) - answer.at
    return waited


def _missing(lies: Mapping[Place, Poisoned], snapshot: Snapshot) -> Iterator[str]:
    for at, poison in lies.items():
        services = [service for service, reads in snapshot.reads.items() if at[0] in reads.topics]
        kinds = {service: [aside.kind for aside in snapshot.asides_at.get((service, at), ())] for service in services}
        if poison.kind in SOMEBODYS:
            if not any(poison.kind in held for held in kinds.values()):
                yield f"{_name(at)} by anybody, as {poison.kind}"
        else:
            yield from (f"{_name(at)} by {service}" for service, held in kinds.items() if not held)


def _told_otherwise(held: list[Aside], snapshot: Snapshot) -> Iterator[str]:
    """Give the parked messages of which there is not just one event that says so."""
    told: Counter[tuple[str, Place]] = Counter()
    for row in snapshot.rows:
        if row.type == MessageParked.type:
            said = orjson.loads(row.value)
            told[row.service, (said["source_topic"], said["partition"], said["offset"])] += 1
    # Of what has not come yet nobody is told.
    yield from (_by(aside) for aside in held if told[aside.service, aside.place] != int(aside.kind != NOT_YET))


def _bytes(thing: Any) -> tuple[object, ...] | None:
    record = thing.record if isinstance(thing, Aside) else thing
    return None if record is None else (record.key, record.value, tuple(record.headers))


def _by(aside: Aside) -> str:
    return f"{_name(aside.place)} by {aside.service}"


def _name(at: Place) -> str:
    return "/".join(map(str, at))
