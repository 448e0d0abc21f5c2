"""The clocks by which matching waits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.clocks import Clock


@dataclass(frozen=True, slots=True)
class Rules:
    """How long matching waits for whom."""

    offer_response: Clock
    """How long an organisation has to answer an offer."""
    assignment_wait: Clock
    """How long a referral waits for a link worker before somebody is told again."""
    first_contact: Mapping[str, Clock]
    """By when a person hears from their link worker, by urgency."""

    def meet_by(self, now: datetime) -> dict[str, datetime]:
        """Return by when somebody who is given to a link worker now hears from them, by urgency."""
        return {urgency: clock.due(now) for urgency, clock in self.first_contact.items()}
