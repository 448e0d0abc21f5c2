"""What a quiet Linkway must be like, whatever happened to it; each check is a function of the book and the snapshot."""

from collections.abc import Callable, Iterator, Mapping

from tests.chaos.book import Book
from tests.chaos.checks import acts, doubled, lost, order, poison, positions, privacy, provenance, requests, wire
from tests.chaos.checks.finding import Finding
from tests.chaos.snapshot import Snapshot

Check = Callable[[Book, Snapshot], Iterator[Finding]]

CHECKS: Mapping[str, Check] = {
    "lost": lost.check,
    "ledger": lost.check_ledger,
    "requests": requests.check,
    "acts": acts.check,
    "doubled": doubled.check,
    "wire": wire.check,
    "order": order.check,
    "provenance": provenance.check,
    "poison": poison.check,
    "neighbours": poison.check_neighbours,
    "positions": positions.check,
    "rest": positions.check_rest,
    "privacy": privacy.check,
}
"""Every check by the name that its findings bear."""


def check_all(book: Book, snapshot: Snapshot) -> list[Finding]:
    """Return what all checks found, in their order."""
    return [finding for check in CHECKS.values() for finding in check(book, snapshot)]


__all__ = ["CHECKS", "Check", "Finding", "check_all"]
