"""The clocks by which matching waits."""

from dataclasses import dataclass

from shared.clocks import Clock


@dataclass(frozen=True, slots=True)
class Rules:
    """How long matching waits for whom."""

    offer_response: Clock
    """How long an organisation has to answer an offer."""
    assignment_wait: Clock
    """How long a referral waits for a link worker before somebody is told again."""
