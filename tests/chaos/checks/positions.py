"""No position is past an event that its consumer did not handle, and all have come to the ends."""

from collections.abc import Iterator

from tests.chaos.book import Book
from tests.chaos.checks.finding import Finding, found
from tests.chaos.snapshot import Snapshot
from tests.chaos.snapshot.found import place

UNFIT = ("worker_failed", "consumer_stopped", "consumer_fault", "relay_fault", "event_refused", "lag_nears_retention")
"""Lines that say that something went wrong which no fault of ours should be able to do."""
LATER = frozenset({"unknown-type", "future-version"})
"""Kinds of parked messages that wait for an upgrade, and are due when there is one."""


def check(_book: Book, snapshot: Snapshot) -> Iterator[Finding]:
    """Look for claimed or parked, for each record below a position whose type its consumer handles."""
    for service, reads in snapshot.reads.items():
        past = (
            record
            for record in snapshot.records
            if record.topic in reads.topics
            and record.type in reads.types
            and record.offset < snapshot.positions.get((service, record.topic, record.partition), 0)
        )
        unhandled = (
            f"{record.type} {record.id}"
            for record in past
            if (service, record.id) not in snapshot.claims and (service, place(record)) not in snapshot.asides_at
        )
        yield from found("positions", f"{service} went past it without handling it", unhandled)


def check_rest(_book: Book, snapshot: Snapshot) -> Iterator[Finding]:
    """See that nothing is unsent, unread, due or undelivered, and that nobody stands still."""
    unsent = (f"{row.service} {row.event}" for row in snapshot.rows if row.sent_at is None)
    yield from found("rest", "an event that has not left", unsent)
    ends: dict[tuple[str, int], int] = {}
    for record in snapshot.records:
        at = record.topic, record.partition
        ends[at] = max(ends.get(at, 0), record.offset + 1)
    behind = (
        f"{service} at {topic}/{number}"
        for service, reads in snapshot.reads.items()
        for (topic, number), end in ends.items()
        if topic in reads.topics and snapshot.positions.get((service, topic, number), 0) < end
    )
    yield from found("rest", "not read to the end", behind)
    due = (f"{a.service} {a.event or a.place}" for a in snapshot.asides if a.state == "waiting" and a.kind not in LATER)
    yield from found("rest", "set aside, and still to be tried again", due)
    yield from found("rest", "not delivered", (each.id for each in snapshot.deliveries if not each.settled))
    yield from found("rest", "services that flow", (f"{n} {what}" for what, n in snapshot.ledger.flowing.items() if n))
    for event in UNFIT:
        yield from found("rest", f"a log says {event}", (f"{line.process}" for line in snapshot.told.get(event, ())))
