"""A key's events lie on their topic in the order in which they were committed, and are handled in no other."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from shared.messaging.handlers import NEVER_WAITS
from tests.acceptance.topics import Message
from tests.chaos.book import Book
from tests.chaos.checks.finding import Finding, found
from tests.chaos.checks.strangers import first_copies, ours
from tests.chaos.snapshot import Aside, Snapshot

Lane = tuple[str, str]
"""A topic and a key, within which order holds."""
_NEVER_WAIT = frozenset(event.type for event in NEVER_WAITS)


def check(book: Book, snapshot: Snapshot) -> Iterator[Finding]:
    """Compare topics with outboxes, and what was parked with what was handled meanwhile."""
    lanes: defaultdict[Lane, list[Message]] = defaultdict(list)
    for record in first_copies(ours(book, snapshot)):
        lanes[record.topic, (record.key or b"").decode("utf-8", "replace")].append(record)
    ids = {row.event: (row.service, row.id) for row in reversed(snapshot.rows)}
    turned = (f"{topic} {key}" for (topic, key), lane in lanes.items() if not _is_in_order(lane, ids))
    yield from found("order", "not in the order of the outbox", turned)
    overtaken = (f"{a.service} {a.event}" for a in snapshot.asides for _ in _overtakers(a, lanes, book, snapshot))
    yield from found("order", "handled before what it had to wait for", overtaken)


def _is_in_order(lane: list[Message], ids: dict[str, tuple[str, int]]) -> bool:
    known = [ids[record.id] for record in lane if record.id in ids]
    return all(before < after for before, after in pairwise(known) if before[0] == after[0])


def _overtakers(aside: Aside, lanes: dict[Lane, list[Message]], book: Book, snapshot: Snapshot) -> Iterator[Message]:
    """Give the events behind a parked one that its service handled before that one was settled.

    By the logs, whose lines are written after the commit; those of a process whose clock was turned are left out.
    """
    turned = {fault.target for fault in book.faults if fault.kind == "clock"}
    topic, _, offset = aside.place
    lane = lanes.get((topic, aside.key or ""), [])
    if not aside.blocks or not any(each.offset == offset for each in lane):
        return  # it blocks nobody, or it is a copy of what came before
    for record in lane:
        line = snapshot.handled.get((aside.service, record.id))
        waits = record.offset > offset and record.type not in _NEVER_WAIT
        if waits and line and line.process not in turned and (not aside.settled_at or line.at < aside.settled_at):
            yield record
