"""Matching's settings."""

from typing import Annotated

from pydantic import AfterValidator, Field

from matching.domain import Rules
from shared.clocks import Clock
from shared.service import ServiceSettings


def _checked(text: str) -> str:
    Clock.read(text)
    return text


ClockText = Annotated[str, AfterValidator(_checked)]
"""A whole number and a unit, as `5 working days`."""


class Settings(ServiceSettings):
    """Read from the environment, each name in capitals after `LINKWAY_`."""

    # How long an organisation has to answer an offer, as programme files write a clock.
    offer_response: ClockText = "5 working days"
    # Seconds instead, where time is to pass quickly.
    offer_response_seconds: Annotated[int, Field(ge=1)] | None = None
    # How long a referral waits for a link worker before somebody is told of it again.
    assignment_wait: ClockText = "2 working days"
    # Seconds instead, where time is to pass quickly.
    assignment_wait_seconds: Annotated[int, Field(ge=1)] | None = None
    # Seconds between looks for offers whose clock ran out, and for link workers who have room again.
    clock_tick_seconds: Annotated[float, Field(gt=0)] = 1

    @property
    def rules(self) -> Rules:
        """The clocks by which matching waits."""
        return Rules(
            offer_response=_clock(self.offer_response, self.offer_response_seconds),
            assignment_wait=_clock(self.assignment_wait, self.assignment_wait_seconds),
        )


def _clock(written: str, seconds: int | None) -> Clock:
    return Clock.read(written) if seconds is None else Clock(seconds, "second")
