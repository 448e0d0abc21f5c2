"""When something is due: the clocks that programme files name, in working days and hours of the place."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

PLACE = ZoneInfo("Europe/London")
OPENS, CLOSES = time(9), time(17)
CALENDAR = "scotland.1"
"""The version of the holidays and hours below; it is kept with every due time that was worked out by them."""

_WRITTEN = re.compile(r"([1-9][0-9]{0,3}) (seconds?|minutes?|hours?|days?|weeks?|working days?)")


@dataclass(frozen=True, slots=True)
class Clock:
    """A length of time as a programme writes it: `10 working days`, `12 weeks`, `30 minutes`."""

    number: int
    unit: str

    @classmethod
    def read(cls, text: str) -> "Clock":
        """Read a clock.

        Raises:
            ValueError: not a whole number and a unit that we know.
        """
        match = _WRITTEN.fullmatch(text.strip())
        if match is None:
            raise ValueError("a clock is a number of seconds, minutes, hours, days, weeks or working days")
        return cls(int(match[1]), match[2].removesuffix("s"))

    @property
    def rule(self) -> str:
        """The rule by which a due time was worked out, to be stored beside it."""
        plain = f"{self.number} {self.unit}{'' if self.number == 1 else 's'}"
        return f"{CALENDAR}: {plain}" if self.unit == "working day" else plain

    def due(self, start: datetime) -> datetime:
        """Return when what starts now is due, an aware time; working days end at closing time in Europe/London."""
        if self.unit != "working day":
            return start + timedelta(**{f"{self.unit}s": self.number})
        day, left = start.astimezone(PLACE).date(), self.number
        while left:
            day += timedelta(days=1)
            left -= is_working_day(day)
        return datetime.combine(day, CLOSES, PLACE)


def is_working_day(day: date) -> bool:
    """Say whether people are at work: Monday to Friday, and no bank holiday in Scotland."""
    return day.weekday() < 5 and day not in bank_holidays(day.year)


@cache
def bank_holidays(year: int) -> frozenset[date]:
    """Return a year's Scottish bank holidays, moved off weekends; holidays proclaimed for one year only are not known.

    Source: Banking and Financial Dealings Act 1971, schedule 1, as changed by the St Andrew's Day Act of 2007.
    """
    mondays = {_first_monday(year, 5, 1), _first_monday(year, 5, 25), _first_monday(year, 8, 1)}
    held = mondays | {easter(year) - timedelta(days=2)}
    fixed = [date(year, *day) for day in ((1, 1), (1, 2), (11, 30), (12, 25), (12, 26))]
    for day in sorted(fixed, key=lambda day: day.weekday() >= 5):  # weekend ones look for a day that is still free
        while day.weekday() >= 5 or day in held:
            day += timedelta(days=1)  # noqa: PLW2901 -- the holiday moves on
        held.add(day)
    return frozenset(held)


def easter(year: int) -> date:
    """Return Easter Sunday by Gauss's method with Lichtenberg's corrections."""
    century = year // 100
    moon = 15 + (3 * century + 3) // 4 - (8 * century + 13) // 25
    sun = 2 - (3 * century + 3) // 4
    cycle = year % 19
    seed = (19 * cycle + moon) % 30
    full_moon = 21 + seed - (seed // 29 + (seed // 28 - seed // 29) * (cycle // 11))
    first_sunday = 7 - (year + year // 4 + sun) % 7
    return date(year, 3, 1) + timedelta(days=full_moon + 7 - (full_moon - first_sunday) % 7 - 1)


def _first_monday(year: int, month: int, day: int) -> date:
    start = date(year, month, day)
    return start + timedelta(days=-start.weekday() % 7)
