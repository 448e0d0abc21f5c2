"""The settings of the demonstration: the same services, and clocks so short that a morning passes in a minute."""

import base64
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.home import Home
from deploy.local.ports import free_port

OPERATOR_MAIL = "operator@sources-of-support.example.org"

# How long things take here. Nothing but settings: no code of a service knows that this is a demonstration.
CLOCKS = {
    # An organisation has this long to answer, then the next one is asked.
    "LINKWAY_OFFER_RESPONSE_SECONDS": "12",
    # An open case comes back to its link worker after this, and a practice or a duty contact is reminded.
    "LINKWAY_REVIEW_INSTEAD": "2 minutes",
    "LINKWAY_NEEDS_INFORMATION_CLOCK": "2 minutes",
    "LINKWAY_RETURN_DECISION_CLOCK": "2 minutes",
    # The ledger compares everybody's books this often, and looks again before it calls anything lost.
    "LINKWAY_LEDGER_EVERY_SECONDS": "3",
    "LINKWAY_LEDGER_CONFIRM_SECONDS": "1",
    # Workers look for what is due this often, should nobody wake them.
    "LINKWAY_CLOCK_TICK_SECONDS": "0.5",
    "LINKWAY_REVIEW_TICK_SECONDS": "2",
    # A message that did not go, or of which nobody knows, goes again soon.
    "LINKWAY_SEND_SECONDS": "4",
    "LINKWAY_LEASE_SECONDS": "6",
    "LINKWAY_RETRY_SECONDS": "[0.5, 1, 2, 5, 10, 20]",
    "LINKWAY_PARKED_RETRY_SECONDS": "[0.2, 0.5, 1, 2, 5, 10, 20]",
    "LINKWAY_NOT_YET_LONGEST_SECONDS": "1",
    # A service that was killed is missed this soon; Kafka allows no less.
    "LINKWAY_SESSION_TIMEOUT_MS": "6000",
}


@dataclass(frozen=True)
class Profile:
    """One demonstration: where practices' keys go, and what operators and an organisation share with it."""

    keys_file: Path
    webhook_port: int = field(default_factory=free_port)
    webhook_secret: str = field(default_factory=lambda: f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}")
    operator_key: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    @classmethod
    def of(cls, home: Home) -> "Profile":
        """Make one for a home; practices' keys lie with the data that knows them."""
        return cls(home.data / "practice-keys.json")

    @property
    def settings(self) -> dict[str, str]:
        """The environment of every service and job."""
        return CLOCKS | {
            "LINKWAY_PRACTICE_KEYS_FILE": str(self.keys_file),
            # The programme's file names these two and not their values.
            "LINKWAY_SAMPLE_WEBHOOK_URL": f"http://127.0.0.1:{self.webhook_port}/linkway",
            "LINKWAY_SAMPLE_WEBHOOK_SECRET": self.webhook_secret,
            "LINKWAY_WEBHOOK_ALLOW_LOOPBACK": "true",
            "LINKWAY_OPERATOR_KEY": self.operator_key,
            "LINKWAY_OPERATORS": f"operator={OPERATOR_MAIL}",
        }
