"""Decides from the pages that arrived which to ask for next, and whether together they are the whole directory."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from matching.directory.formats.json_text import ENVELOPES
from matching.directory.ids import written
from matching.directory.raw import FeedError

PAGES_AT_ONCE = 4
MOST_PAGES = 20_000
MOST_PASSES = 3

NOTHING_NEW = 2
"""After so many pages in a row without a service that is new, a source that keeps answering has come to its end."""

SHRUNK_TO = 0.5
"""A snapshot with fewer than this share of what is known of its source is used, but counts nothing as missing."""

_SHORT_LACKS = frozenset(
    ("attributes", "languages", "phones", "schedules", "service_areas", "service_at_locations", "service_taxonomys")
)
"""What a list of short records has none of."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one page holds; `nameless` counts records without an id."""

    ids: tuple[str, ...] = ()
    nameless: int = 0
    announced: int | None = None
    pages: int | None = None
    short: bool = False

    @property
    def records(self) -> int:
        """How many records there are on the page."""
        return len(self.ids) + self.nameless


def look(body: bytes) -> Seen:
    """Look what a page of an API holds.

    Raises:
        FeedError: it is no JSON, or has no list of services: a source that is being mended answers so.
    """
    try:
        page = json.loads(body)
    except (ValueError, RecursionError):
        raise FeedError("a page is not JSON") from None
    envelope: Mapping[str, Any] = page if isinstance(page, dict) else {}
    lists = [envelope[name] for name in ENVELOPES if isinstance(envelope.get(name), list)]
    records = page if isinstance(page, list) else next(filter(None, lists), lists[0] if lists else None)
    if records is None:
        raise FeedError("a page has no list of services")
    bodies = [record for record in records if isinstance(record, dict)]
    ids = [text for record in bodies if (text := written(record.get("id")).strip())]
    return Seen(
        ids=tuple(ids),
        nameless=len(records) - len(ids),
        announced=_count(envelope, "total_items", "totalElements", "total", "count"),
        pages=_count(envelope, "total_pages", "totalPages"),
        short=bool(bodies) and all(_SHORT_LACKS.isdisjoint(record) for record in bodies),
    )


def _count(envelope: Mapping[str, Any], *names: str) -> int | None:
    told = (envelope.get(name) for name in names)
    return next((each for each in told if isinstance(each, int) and not isinstance(each, bool) and each >= 0), None)


@dataclass(frozen=True, slots=True)
class Paging:
    """How far a pass has come."""

    ids: frozenset[str]
    nameless: int
    announced: int | None
    expected: int
    """How many pages there are to be, by what the first ones say; 0 where they do not."""
    last: int
    """The last page up to which there is no gap."""
    ended: bool
    repeated: int = 0
    """How many services came again before others that were new: what should have stood there may be missing."""

    @property
    def seen(self) -> int:
        """How many services were seen."""
        return len(self.ids) + self.nameless


def paging_of(pages: Mapping[int, Seen]) -> Paging:
    """Go through the pages of a pass as far as there is no gap.

    A pass has ended at an empty page; or, once the announced count is reached or no page more is expected, at a page
    that is shorter than the first or at two in a row that bring nothing new. One that is repeated in the middle ends
    nothing.
    """
    ids: set[str] = set()
    nameless = idle = number = repeated = waiting = 0
    first = pages.get(1, Seen())
    announced = max((page.announced for page in pages.values() if page.announced is not None), default=None)
    expected = max(first.pages or 0, math.ceil((announced or 0) / first.records) if first.records else 0)
    ended = False
    while not ended and (page := pages.get(number + 1)) is not None:
        number += 1
        before = len(ids)
        ids.update(page.ids)
        nameless += page.nameless
        waiting += len(page.ids) - (len(ids) - before)
        if len(ids) > before:
            idle, repeated, waiting = 0, repeated + waiting, 0
        else:
            idle += 1
        reached = announced is not None and len(ids) + nameless >= announced
        is_last = page.records < first.records or idle >= NOTHING_NEW
        due = reached or (number >= expected and (announced is not None or idle >= NOTHING_NEW))
        ended = not page.records or (due and is_last) or number >= MOST_PAGES
    return Paging(frozenset(ids), nameless, announced, expected, number, ended, repeated)


def next_pages(pages: Mapping[int, Seen]) -> tuple[int, ...]:
    """Return which pages to ask for at once: the first alone, then as many as may be, never far past the end."""
    paging = paging_of(pages)
    if paging.ended:
        return ()
    if not pages:
        return (1,)
    end = max(paging.expected, paging.last + 1)
    wanted = (number for number in range(paging.last + 1, end + 1) if number not in pages)
    return tuple(number for number, _ in zip(wanted, range(PAGES_AT_ONCE), strict=False))


Decision = Literal["complete", "again", "short"]


def decide(now: Paging, before: frozenset[str] | None, passes: int) -> Decision:
    """Say whether a pass that has ended saw the whole directory.

    It did where it saw as many as were announced, or where nothing was announced. Where it saw fewer, the pages are
    asked for again: two passes in a row that saw the very same services, none of them twice, show that the count lies,
    and what is not settled by the third pass is short. An empty directory is never the whole of one.
    """
    if not now.seen:
        return "short"
    if now.announced is None or now.seen >= now.announced or (before == now.ids and not now.repeated):
        return "complete"
    return "again" if passes < MOST_PASSES else "short"


def has_shrunk(seen: int, known: int) -> bool:
    """Say whether a snapshot holds so little of what is known that its gaps say more of the source than of services."""
    return seen < known * SHRUNK_TO
