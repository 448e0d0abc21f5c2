"""No event lies on a topic that no transaction wrote, and each says what was written."""

from collections.abc import Iterator

from tests.acceptance.topics import Message
from tests.chaos.book import Book
from tests.chaos.checks.finding import Finding, found
from tests.chaos.checks.strangers import ours
from tests.chaos.snapshot import Row, Snapshot
from tests.chaos.snapshot.found import place

OURS = "linkway."


def check(book: Book, snapshot: Snapshot) -> Iterator[Finding]:
    """Compare every record with the row that it was made from."""
    records = [record for record in ours(book, snapshot) if record.topic.startswith(OURS)]
    unwritten = [record for record in records if record.id not in snapshot.rows_of]
    yield from found("provenance", "no transaction wrote it", map(_where, unwritten))
    other = (_where(each) for each in records if each.id in snapshot.rows_of and not _is_as_written(each, snapshot))
    yield from found("provenance", "not as it was written", other)
    at = {place(record): record.id for record in records}
    misplaced = (row.event for row in snapshot.rows if at.get(_marked(row), row.event) != row.event)
    yield from found("provenance", "another event lies where it was marked to lie", misplaced)


def _is_as_written(record: Message, snapshot: Snapshot) -> bool:
    said = {name: (value or b"").decode("utf-8", "replace") for name, value in record.headers}
    return any(
        (row.topic, row.key.encode(), row.value, row.headers) == (record.topic, record.key, record.value, said)
        for row in snapshot.rows_of[record.id]
    )


def _marked(row: Row) -> tuple[str, int, int]:
    none = -1
    return (
        row.topic,
        none if row.partition is None else row.partition,
        none if row.offset is None else row.offset,
    )


def _where(record: Message) -> str:
    return f"{record.topic}/{record.partition}/{record.offset}"
