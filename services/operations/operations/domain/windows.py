"""Windows of time in which services first saw referrals: compared by count and digest before any id is asked for."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Window:
    """From `since` until before `until`; both on the grid of the smallest windows."""

    since: datetime
    until: datetime

    @classmethod
    def around(cls, first: datetime, last: datetime, width: timedelta) -> "Window":
        """Return the smallest window on the grid that holds both moments."""
        return cls(_floor(first, width), _floor(last, width) + width)

    def halves(self, width: timedelta) -> "tuple[Window, Window] | None":
        """Return two smaller windows, or None when this is as small as they come."""
        steps = (self.until - self.since) // width
        if steps < 2:
            return None
        middle = self.since + steps // 2 * width
        return Window(self.since, middle), Window(middle, self.until)


@dataclass(frozen=True, slots=True)
class Sum:
    """How many ids a window holds, and their digest."""

    count: int
    digest: str

    @classmethod
    def of(cls, ids: Iterable[UUID]) -> "Sum":
        """Add up ids as the services' doors do: SHA-256 over the sorted ids, a line each."""
        lines = sorted(str(each) for each in ids)
        return cls(len(lines), hashlib.sha256("\n".join(lines).encode()).hexdigest())


def windows_to_compare(
    first: datetime, now: datetime, compared_until: datetime | None, width: timedelta, turn: int
) -> list[Window]:
    """Say which windows of a service to compare in one round.

    Always the last two of the grid, which still fill; whatever came since the last comparison; and in turn one day
    of the past, because a database may have been set back, or a row removed.
    """
    recent = Window.around(max(first, now - width), now, width)
    begin = _floor(first, width)
    new = Window(max(begin, compared_until) if compared_until else begin, recent.since)
    windows = [recent, *([new] if new.since < new.until else [])]
    days = max(0, -((begin - recent.since) // timedelta(days=1)))
    if days:
        since = begin + turn % days * timedelta(days=1)
        windows.append(Window(_floor(since, width), min(_floor(since + timedelta(days=1), width), recent.since)))
    return [window for window in windows if window.since < window.until]


def _floor(moment: datetime, width: timedelta) -> datetime:
    return EPOCH + (moment - EPOCH) // width * width
