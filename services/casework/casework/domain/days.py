"""When a case comes back to its link worker by itself."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from shared.clocks import CLOSES, PLACE, Clock


@dataclass(frozen=True)
class Due:
    """A due time and the rule it was worked out by."""

    at: datetime
    rule: str


@dataclass(frozen=True)
class ReviewRules:
    """How long a case may rest: before its first contact, by urgency, after a contact, and after a try in vain.

    `instead` replaces all of it, so that demonstrations and tests need not wait for days.
    """

    first_contact: Mapping[str, Clock]
    after_contact: Clock
    after_no_answer: Clock
    instead: Clock | None = None

    def of_programme(self, after_contact: Clock | None) -> "ReviewRules":
        """Return these rules with a programme's own rest after a contact, where it has one."""
        return replace(self, after_contact=after_contact) if after_contact else self

    def first_contact_by(self, now: datetime, urgency: str) -> Due:
        """Return by when a person hears from their link worker; an urgency unknown here counts as *urgent*."""
        return self._due(now, self.first_contact.get(urgency, self.first_contact["urgent"]))

    def next_contact_by(self, now: datetime, *, reached: bool) -> Due:
        """Return when to look again after a contact."""
        return self._due(now, self.after_contact if reached else self.after_no_answer)

    def _due(self, now: datetime, clock: Clock) -> Due:
        clock = self.instead or clock
        return Due(clock.due(now), clock.rule)


def named_day(day: date) -> Due:
    """Return the end of the working hours of a day that somebody named."""
    return Due(datetime.combine(day, CLOSES, PLACE), "named")
