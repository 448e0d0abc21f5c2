"""How large a run is and how short its clocks are: nothing in the product waits longer than five seconds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.acceptance.world import SERVICES

CAP_SECONDS = 5
QUIET_WITHIN_SECONDS = 120.0
"""When waiting for quiet is given up; that it took no longer than the goal is for the verdict to say."""
SHORT_REFERRALS, SHORT_SECONDS = 120, 45.0
SCALED = "matching"
"""The service that gets more replicas and fewer; outsiders never call it, so that no door of theirs goes away."""
SCALED_REPLICAS = 4

SETTINGS: Mapping[str, str] = {
    "LINKWAY_SESSION_TIMEOUT_MS": str(1000 * CAP_SECONDS),
    "LINKWAY_PARKED_RETRY_SECONDS": "[0.2, 0.5, 1, 2, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5]",
    "LINKWAY_NOT_YET_LONGEST_SECONDS": "1",
    "LINKWAY_FIGURES_SECONDS": "1",
    # Deliveries: an attempt, a worker that is gone, and the next attempts until long after the last fault.
    "LINKWAY_SEND_SECONDS": "3",
    "LINKWAY_LEASE_SECONDS": "5",
    "LINKWAY_RETRY_SECONDS": f"[0.5, 1, 2, {', '.join(['3', '5'] * 60)}]",
    # The clocks of people.
    "LINKWAY_OFFER_RESPONSE_SECONDS": str(CAP_SECONDS),
    "LINKWAY_ASSIGNMENT_WAIT_SECONDS": str(CAP_SECONDS),
    "LINKWAY_NEEDS_INFORMATION_CLOCK": f"{CAP_SECONDS} seconds",
    "LINKWAY_RETURN_DECISION_CLOCK": f"{CAP_SECONDS} seconds",
    "LINKWAY_REVIEW_INSTEAD": f"{CAP_SECONDS} seconds",
    "LINKWAY_CLOCK_TICK_SECONDS": "1",
    "LINKWAY_ERASURE_TICK_SECONDS": str(CAP_SECONDS),
    "LINKWAY_REVIEW_TICK_SECONDS": "1",
    # The ledger.
    "LINKWAY_LEDGER_EVERY_SECONDS": str(CAP_SECONDS),
    "LINKWAY_LEDGER_IN_TURN": "500",
    "LINKWAY_LEDGER_CONFIRM_SECONDS": "1",
    "LINKWAY_PEER_TIMEOUT_SECONDS": "3",
}


@dataclass(frozen=True)
class Profile:
    """One run: its seed, how many referrals in how many seconds, and what it runs on."""

    seed: int
    referrals: int
    seconds: float
    short: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    """Beside `SETTINGS`, or in their place."""
    log: Path | None = None
    """Where logs of a run that was not sound are kept."""

    @property
    def kafka_nodes(self) -> int:
        """The brokers, each with a vote."""
        return 1 if self.short else 3

    @property
    def replicas(self) -> dict[str, int]:
        """The replicas that run of each service; of the one that is scaled, more are ready to be started."""
        return dict.fromkeys(SERVICES, 2) if not self.short else dict.fromkeys(SERVICES, 1) | {SCALED: 2}

    @property
    def planned_replicas(self) -> dict[str, int]:
        """The replicas that can run."""
        return self.replicas if self.short else self.replicas | {SCALED: SCALED_REPLICAS}

    @property
    def calm_seconds(self) -> float:
        """How long poison comes before anything is broken."""
        return 8.0 if self.short else 20.0

    @property
    def rate_per_second(self) -> float:
        """Referrals a second."""
        return self.referrals / self.seconds
