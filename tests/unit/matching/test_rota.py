"""Who is away gets nobody whose first conversation would be late."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from matching.domain import Rota, week_of
from shared.clocks import PLACE, Clock

MONDAY = datetime(2026, 6, 15, 9, tzinfo=UTC)
FRIDAY_EVENING = datetime(2026, 6, 19, 17, 30, tzinfo=PLACE)


def leave(*days: int) -> tuple[tuple[date, date], ...]:
    first, last = days
    return ((date(2026, 6, first), date(2026, 6, last)),)


@pytest.mark.parametrize(
    ("rota", "now", "clock", "met"),
    [
        ({}, FRIDAY_EVENING, "1 minute", True),
        ({"leave": leave(15, 15)}, MONDAY, "1 working day", True),
        ({"leave": leave(15, 16)}, MONDAY, "1 working day", False),
        ({"leave": leave(15, 17)}, MONDAY, "3 working days", True),
        ({"leave": leave(15, 18)}, MONDAY, "3 working days", False),
        ({"leave": leave(16, 30)}, MONDAY, "5 working days", True),
        ({"weekdays": {4}}, MONDAY, "1 working day", False),
        ({"weekdays": {4}}, MONDAY, "3 working days", True),
        ({"weekdays": {5}}, FRIDAY_EVENING, "3 working days", False),
        ({"weekdays": {6}}, MONDAY, "5 working days", False),
        ({"weekdays": {4}, "leave": leave(18, 18)}, MONDAY, "5 working days", False),
        ({"ends_on": date(2026, 6, 22)}, MONDAY, "5 working days", True),
        ({"ends_on": date(2026, 6, 21)}, MONDAY, "5 working days", False),
        ({"ends_on": date(2026, 6, 14)}, MONDAY, "1 working day", False),
    ],
    ids=str,
)
def test_who_is_there_before_the_person_is_to_hear(rota: dict[str, Any], now: datetime, clock: str, met: bool) -> None:
    assert Rota(**rota).can_meet(now, Clock.read(clock).due(now)) is met


def test_nobody_works_on_a_bank_holiday() -> None:
    st_andrews = date(2026, 11, 30)
    assert not Rota(weekdays=frozenset({1})).works_on(st_andrews)
    assert Rota(weekdays=frozenset({1})).works_on(date(2026, 12, 7))


@pytest.mark.parametrize(
    ("now", "monday"),
    [
        (datetime(2026, 6, 14, 22, 59, tzinfo=UTC), date(2026, 6, 8)),
        (datetime(2026, 6, 14, 23, 0, tzinfo=UTC), date(2026, 6, 15)),
        (datetime(2026, 11, 29, 23, 59, tzinfo=UTC), date(2026, 11, 23)),
    ],
)
def test_a_week_begins_on_mondays_midnight_in_the_place(now: datetime, monday: date) -> None:
    began = week_of(now)
    assert (began.date(), began.hour, began.utcoffset()) == (monday, 0, now.astimezone(PLACE).utcoffset())
