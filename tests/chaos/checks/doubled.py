"""No effect has two ids, and nothing was claimed, stored or begun twice."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Any

import orjson

from shared.contracts import (
    LinkWorkerAssigned,
    NotificationCreated,
    ReferralAccepted,
    ReferralReceived,
    ReferralReturned,
    ReferralWithdrawn,
)
from tests.chaos.book import Book
from tests.chaos.checks.finding import Finding, found
from tests.chaos.snapshot import Delivery, Row, Snapshot

ONCE = frozenset(
    {
        ReferralReceived.type,
        ReferralAccepted.type,
        ReferralReturned.type,
        ReferralWithdrawn.type,
        LinkWorkerAssigned.type,
    }
)
"""What happens to a referral once in its life."""
TOLD_ONCE = frozenset({"assigned", "link-worker-awaited", "withdrawn", "returned", "offer", "offer-expired"})
"""Templates of what is said to somebody once of a referral, or of an offer."""
OWN_IDS = frozenset({"offer", "notification", "parked"})
"""Fields that hold the id of what the event tells of: two effects differ in them, and so do two ids for one effect."""


def check(book: Book, snapshot: Snapshot) -> Iterator[Finding]:
    """Look for effects that happened twice."""
    yield from _events(snapshot)
    yield from _deliveries(snapshot)
    yield from found("doubled", "claimed twice", _twice(snapshot.claims))
    yield from found("doubled", "archived twice", (id_ for id_, times in snapshot.archived.items() if times > 1))
    opened = Counter((each.referral, each.need) for each in snapshot.choices if each.state == "open")
    yield from found("doubled", "two offers open for one need", (one for (one, _), n in opened.items() if n > 1))
    yield from found("doubled", "two link workers", _two_link_workers(snapshot))


def _events(snapshot: Snapshot) -> Iterator[Finding]:
    stored = Counter((row.service, row.event) for row in snapshot.rows)
    yield from found("doubled", "an event stored twice", _twice(stored))
    once = ((row.type, row.key) for row in snapshot.rows if row.type in ONCE)
    yield from found(
        "doubled", "happened twice", (f"{type_} {key}" for (type_, key), n in Counter(once).items() if n > 1)
    )
    effects = [(_effect(row), row.event) for row in snapshot.rows]
    yield from found("doubled", "two events for one effect", _with_two_ids(effects))


def _deliveries(snapshot: Snapshot) -> Iterator[Finding]:
    causes = {_notification(row): row.cause for row in snapshot.rows if row.type == NotificationCreated.type}
    of_one_event = [((causes[each.id], _told(each)), each.id) for each in snapshot.deliveries if each.id in causes]
    yield from found("doubled", "two messages for one event to one recipient", _with_two_ids(of_one_event))
    once = [(_told(each), each.id) for each in snapshot.deliveries if each.template in TOLD_ONCE]
    yield from found("doubled", "two messages of what is said once", _with_two_ids(once))


def _told(delivery: Delivery) -> Hashable:
    return delivery.referral, delivery.offer, delivery.template, delivery.channel, delivery.recipient


def _effect(row: Row) -> Hashable:
    """Return what an event tells, but for ids and moments: what one cause led to and is told in the same words."""
    said: dict[str, Any] = orjson.loads(row.value)
    words = {name: value for name, value in said.items() if name not in OWN_IDS and not name.endswith(("_at", "_by"))}
    return row.service, row.type, row.key, row.cause, orjson.dumps(words, option=orjson.OPT_SORT_KEYS)


def _notification(row: Row) -> str:
    return str(orjson.loads(row.value)["notification"])


def _with_two_ids(effects: Iterable[tuple[Hashable, str]]) -> Iterator[str]:
    ids: defaultdict[Hashable, set[str]] = defaultdict(set)
    for effect, id_ in effects:
        ids[effect].add(id_)
    yield from (" and ".join(sorted(found_)) for found_ in ids.values() if len(found_) > 1)


def _twice(times: Mapping[tuple[str, str], int]) -> Iterator[str]:
    yield from (f"{service} {id_}" for (service, id_), n in times.items() if n > 1)


def _two_link_workers(snapshot: Snapshot) -> Iterator[str]:
    for referral, (state, link_worker) in snapshot.matching.items():
        _, known = snapshot.casework.get(referral, ("", None))
        if state == "assigned" and known is not None and known != link_worker:
            yield referral
