"""Windows by which ids are compared: they miss no moment, and halve down to the smallest."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from operations.domain import Sum, Window, windows_to_compare

moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(lambda moment: moment.replace(tzinfo=UTC))  # noqa: DTZ001 - hypothesis adds the zone after
widths = st.sampled_from([timedelta(seconds=1), timedelta(minutes=10), timedelta(hours=1), timedelta(days=1)])


def covers(windows: list[Window], moment: datetime) -> bool:
    return any(window.since <= moment < window.until for window in windows)


@given(moments, moments, widths, st.integers(0, 1000))
def test_the_first_comparison_covers_every_moment_since_the_first_id(
    one: datetime, other: datetime, width: timedelta, turn: int
) -> None:
    first, now = sorted((one, other))
    windows = windows_to_compare(first, now, None, width, turn)
    for moment in (first, now, first + (now - first) / 2, max(first, now - width)):
        assert covers(windows, moment)


@given(moments, moments, moments, widths, st.integers(0, 1000))
def test_a_later_comparison_covers_what_came_since(
    one: datetime, other: datetime, third: datetime, width: timedelta, turn: int
) -> None:
    first, compared, now = sorted((one, other, third))
    windows = windows_to_compare(first, now, compared, width, turn)
    for moment in (compared, now, compared + (now - compared) / 2):
        assert covers(windows, moment)


def test_every_past_day_has_its_turn() -> None:
    first, now = datetime(2026, 3, 1, 12, 7, tzinfo=UTC), datetime(2026, 3, 20, 9, 3, tzinfo=UTC)
    width = timedelta(minutes=10)
    looked_at = [window for turn in range(20) for window in windows_to_compare(first, now, now, width, turn)]
    for hours in range(int((now - first) / timedelta(hours=1))):
        assert covers(looked_at, first + timedelta(hours=hours))


@given(moments, moments, widths)
def test_halves_are_the_whole_and_end_at_the_smallest_window(one: datetime, other: datetime, width: timedelta) -> None:
    window = Window.around(min(one, other), max(one, other), width)
    halves = window.halves(width)
    if halves is None:
        assert window.until - window.since == width
    else:
        assert (halves[0].since, halves[0].until, halves[1].until) == (window.since, halves[1].since, window.until)
        assert all(half.since < half.until for half in halves)


@given(st.sets(st.uuids(), max_size=5), st.sets(st.uuids(), max_size=5))
def test_sums_are_equal_only_for_the_same_ids(some: set[UUID], others: set[UUID]) -> None:
    assert Sum.of(sorted(some)) == Sum.of(sorted(some, reverse=True))
    assert (Sum.of(some) == Sum.of(others)) == (some == others)
