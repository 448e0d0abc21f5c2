"""Tells the records of strangers from those of our services."""

from collections.abc import Iterator, Sequence

from tests.acceptance.topics import Message
from tests.chaos.book import Book, Poisoned
from tests.chaos.snapshot import Place, Snapshot
from tests.chaos.snapshot.found import place


def poisoned(book: Book, snapshot: Snapshot) -> dict[Place, Poisoned]:
    """Return where the book's poison lies.

    Of some the broker never said whether it has them: what lies there, of no service, with these bytes, is that.
    """
    lies = {(each.topic, each.partition, each.offset): each for each in book.poisoned if each.offset >= 0}
    uncertain = [each for each in book.poisoned if each.offset < 0]
    if uncertain:
        nobodys = [
            record for record in snapshot.records if place(record) not in lies and not _is_ours(record, snapshot)
        ]
        for each in uncertain:
            for record in nobodys:
                if (record.topic, record.value) == (each.topic, each.value) and place(record) not in lies:
                    lies[place(record)] = each
                    break
    return lies


def ours(book: Book, snapshot: Snapshot) -> Sequence[Message]:
    """Return the records that no stranger put there."""
    lies = poisoned(book, snapshot)
    return [record for record in snapshot.records if place(record) not in lies]


def first_copies(records: Sequence[Message]) -> Iterator[Message]:
    """Give each event of a topic once, where it lies first in its partition."""
    seen: set[tuple[str, str]] = set()
    for record in sorted(records, key=lambda each: (each.partition, each.offset)):
        if (record.topic, record.id) not in seen:
            seen.add((record.topic, record.id))
            yield record


def keys(book: Book, snapshot: Snapshot) -> set[str]:
    """Return the keys that strangers wrote under."""
    lies = poisoned(book, snapshot)
    return {(record.key or b"").decode("utf-8", "replace") for record in snapshot.records if place(record) in lies}


def _is_ours(record: Message, snapshot: Snapshot) -> bool:
    return any(row.topic == record.topic and row.value == record.value for row in snapshot.rows_of.get(record.id, ()))
