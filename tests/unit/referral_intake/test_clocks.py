"""Clocks: what is due falls on a day on which somebody is at work."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.clocks import PLACE, Clock, bank_holidays, easter, is_working_day

STARTS = st.integers(1_577_836_800, 2_208_988_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@pytest.mark.parametrize(
    ("year", "month", "day"), [(2024, 3, 31), (2025, 4, 20), (2026, 4, 5), (2027, 3, 28), (2038, 4, 25), (1981, 4, 19)]
)
def test_easter_is_when_it_was_and_will_be(year: int, month: int, day: int) -> None:
    assert easter(year) == date(year, month, day)


def test_the_bank_holidays_of_scotland_in_2026_and_2022() -> None:
    in_2026 = [(1, 1), (1, 2), (4, 3), (5, 4), (5, 25), (8, 3), (11, 30), (12, 25), (12, 28)]
    assert sorted(bank_holidays(2026)) == [date(2026, *day) for day in in_2026]
    assert {date(2022, 1, 3), date(2022, 1, 4), date(2022, 12, 26), date(2022, 12, 27)} <= bank_holidays(2022)


@given(STARTS, st.integers(1, 40))
def test_working_days_end_at_closing_time_on_a_working_day(start: datetime, number: int) -> None:
    due = Clock(number, "working day").due(start)
    local = due.astimezone(PLACE)
    assert is_working_day(local.date())
    assert (local.hour, local.minute) == (17, 0)
    days = (start.astimezone(PLACE).date() + timedelta(days=n) for n in range(1, 200))
    assert [day for day in days if is_working_day(day)][number - 1] == local.date()


def test_ten_working_days_over_christmas() -> None:
    start = datetime(2026, 12, 21, 23, 30, tzinfo=UTC)
    assert Clock.read("10 working days").due(start) == datetime(2027, 1, 8, 17, tzinfo=PLACE)


@pytest.mark.parametrize(
    ("text", "later"),
    [("90 seconds", timedelta(seconds=90)), ("1 hour", timedelta(hours=1)), ("12 weeks", timedelta(84))],
)
def test_plain_lengths_of_time(text: str, later: timedelta) -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    assert Clock.read(text).due(start) == start + later


def test_the_rule_names_the_calendar_only_where_it_was_used() -> None:
    assert Clock.read("1 working day").rule == "scotland.1: 1 working day"
    assert Clock.read("2 weeks").rule == "2 weeks"


@pytest.mark.parametrize("text", ["", "soon", "0 days", "1.5 hours", "ten days", "3 fortnights", "-1 days"])
def test_what_is_no_clock_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a clock is"):
        Clock.read(text)
