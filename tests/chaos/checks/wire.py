"""What came twice under one id came twice for a reason: something broke between hand-over and record."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from tests.acceptance.topics import Message
from tests.chaos.book import Book, Fault, last
from tests.chaos.checks.finding import Finding, found
from tests.chaos.checks.poison import KILLER
from tests.chaos.checks.strangers import ours
from tests.chaos.schedule import service_of
from tests.chaos.snapshot import Arrival, Row, Snapshot

MARGIN_SECONDS = 5.0
"""So long after a fault is over its consequences may still come: the longest wait of the product in a fault run."""
EVERYBODYS = frozenset({"postgres", "kafka", "all"})
OF_CHANNEL = {"mail": frozenset({"notifications", "mail"}), "webhook": frozenset({"notifications", "webhook"})}
SIGN_IN = "sign-in."
OF_SIGN_IN = frozenset({"casework", "operations", "mail"})


def check(book: Book, snapshot: Snapshot) -> Iterator[Finding]:
    """Compare the copies of each event with each other, and match them to faults."""
    copies = _copies(ours(book, snapshot))
    yield from found("wire", "one id, other bytes", (each[0].id for each in copies if len({*map(_bytes, each)}) > 1))
    yield from found("wire", "one id in two partitions", (c[0].id for c in copies if len({r.partition for r in c}) > 1))
    faults = [*book.faults, *_killers(book, snapshot)]
    unexplained = (each[0].id for each in copies if not _is_explained(each, faults, snapshot))
    yield from found("wire", "an event on its topic twice, and no fault between hand-over and record", unexplained)
    waits = _waits(snapshot)
    for channel in OF_CHANNEL:
        came = [(each, [*faults, *waits[each[0].id]]) for each in _arrivals(snapshot, channel)]
        again = (each[0].id for each, reasons in came if not _is_explained_again(each, reasons))
        yield from found("wire", f"a {channel} twice, and no fault between", again)


def repeats(book: Book, snapshot: Snapshot) -> dict[str, int]:
    """Count what came again, by how it came."""
    events = sum(len(each) - len(snapshot.rows_of.get(each[0].id, [1])) for each in _copies(ours(book, snapshot)))
    again = {channel: sum(len(each) - 1 for each in _arrivals(snapshot, channel)) for channel in OF_CHANNEL}
    return {"topics": events, "mails": again["mail"], "webhooks": again["webhook"]}


def _copies(records: Sequence[Message]) -> list[list[Message]]:
    found_: defaultdict[tuple[str, str], list[Message]] = defaultdict(list)
    for record in records:
        found_[record.topic, record.id].append(record)
    return [each for each in found_.values() if len(each) > 1]


def _bytes(record: Message) -> tuple[object, ...]:
    return record.key, record.value, record.headers


def _killers(book: Book, snapshot: Snapshot) -> Iterator[Fault]:
    """Give, for each service, the time in which a message killed its workers, until it was parked."""
    for killer in book.poisoned:
        for aside in snapshot.asides:
            if killer.kind == aside.kind == KILLER:
                yield Fault(KILLER, aside.service, killer.at, healed=aside.parked_at)


def _waits(snapshot: Snapshot) -> defaultdict[str, list[Fault]]:
    """Give, for each delivery, the moments at which its sender said that it could not tell the database of it.

    Two cores can be so busy that an outcome waits for longer than the run's short lease without anything broken.
    """
    told: defaultdict[str, list[Fault]] = defaultdict(list)
    for line in snapshot.told.get("outcomes_wait_for_database", ()):
        for delivery in line.told["deliveries"]:
            told[delivery].append(Fault("outcome-waits", line.process, line.at, line.at, line.at, line.at))
    return told


def _is_explained(copies: Sequence[Message], faults: Sequence[Fault], snapshot: Snapshot) -> bool:
    """Say whether something broke between the commit of an event and the mark that it was sent.

    By the database's clock: the moment that a record bears is its sender's, whose clock may be off.
    """
    rows = snapshot.rows_of.get(copies[0].id, ())
    return len(copies) <= len(rows) or any(_broke_between(row, faults) for row in rows)


def _broke_between(row: Row, faults: Sequence[Fault]) -> bool:
    until = last(row.sent_at)
    return any(_covers(fault, row.created_at, until) for fault in faults if _befalls(fault, {row.service}))


def _arrivals(snapshot: Snapshot, channel: str) -> list[list[Arrival]]:
    came: defaultdict[str, list[Arrival]] = defaultdict(list)
    for arrival in snapshot.arrivals:
        if arrival.channel == channel:
            came[arrival.id].append(arrival)
    return [each for each in came.values() if len(each) > 1]


def _is_explained_again(came: Sequence[Arrival], faults: Sequence[Fault]) -> bool:
    things = OF_SIGN_IN if came[0].id.startswith(SIGN_IN) else OF_CHANNEL[came[0].channel]
    moments = sorted(each.at for each in came)
    return all(
        any(_covers(fault, first, then) for fault in faults if _befalls(fault, {*things}))
        for first, then in pairwise(moments)
    )


def _befalls(fault: Fault, services: set[str]) -> bool:
    return service_of(fault.target) in EVERYBODYS | services


def _covers(fault: Fault, since: float, until: float) -> bool:
    return fault.began <= until + 1 and since - 1 <= last(fault.healed, fault.well_again) + MARGIN_SECONDS
