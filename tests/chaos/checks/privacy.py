"""Nothing that practices wrote about people lies open anywhere."""

from collections.abc import Iterator

from tests.acceptance import leaks
from tests.chaos.book import Book
from tests.chaos.checks.finding import Finding, found
from tests.chaos.snapshot import Snapshot


def check(_book: Book, snapshot: Snapshot) -> Iterator[Finding]:
    """Look through every piece of text for everybody; people are invented here, so what was found may be said."""
    leaked = leaks.find(snapshot.sought, snapshot.texts)
    yield from found("privacy", "it lies open", (f"{leak.place}: {leak.what}" for leak in leaked))
