"""What a programme's file says that intake decides by."""

from dataclasses import dataclass
from datetime import datetime

from shared.clocks import Clock


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme's rules at the door; `councils` are the GSS codes it serves, empty where it serves any place."""

    minimum_age: int | None
    councils: frozenset[str]
    needs_information: Clock
    return_decision: Clock
    clock_rules: str

    def serves(self, council: str | None) -> bool | None:
        """Say whether the programme serves a council; None where that cannot be known."""
        if not self.councils:
            return True
        return None if council is None else council in self.councils

    def due(self, clock: Clock, now: datetime) -> tuple[datetime, str]:
        """Return when a clock that starts now runs out, and the rule that says so."""
        return clock.due(now), f"{self.clock_rules} {clock.rule}"
