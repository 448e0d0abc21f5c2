"""When a link worker is there: somebody who is away gets nobody whose first conversation would be late."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from shared.clocks import CLOSES, PLACE, is_working_day


@dataclass(frozen=True, slots=True)
class Rota:
    """The days on which a link worker works, Monday is 1 and none is every working day, and those on which not."""

    weekdays: frozenset[int] = frozenset()
    leave: tuple[tuple[date, date], ...] = ()
    """First and last days of being away."""
    ends_on: date | None = None
    """The last day of the post."""

    def works_on(self, day: date) -> bool:
        """Say whether they are there on a day, in Europe/London."""
        if not is_working_day(day) or (self.ends_on is not None and day > self.ends_on):
            return False
        usual = not self.weekdays or day.isoweekday() in self.weekdays
        return usual and not any(first <= day <= last for first, last in self.leave)

    def can_meet(self, now: datetime, due: datetime) -> bool:
        """Say whether they are there at some time from now until something is due, and the post lasts until then."""
        if not (self.weekdays or self.leave or self.ends_on):
            return True
        start, end = now.astimezone(PLACE), due.astimezone(PLACE).date()
        if self.ends_on is not None and end > self.ends_on:
            return False
        day = start.date() if start.time() < CLOSES else start.date() + timedelta(days=1)
        while day <= end:
            if self.works_on(day):
                return True
            day += timedelta(days=1)
        return False


ALWAYS = Rota()
"""Of whom nothing is known but that they work."""


def week_of(now: datetime) -> datetime:
    """Return when this week began: Monday's midnight in Europe/London."""
    today = now.astimezone(PLACE).date()
    return datetime.combine(today - timedelta(days=today.weekday()), time(), PLACE)
