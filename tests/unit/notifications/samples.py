"""Events, recipients and deliveries for tests of notifications; everybody is invented."""

import base64
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from pydantic import SecretStr

from notifications.config import Settings
from notifications.domain import Delivery, Facts, Offer, Progress, Recipient, Referral, Role
from notifications.storage import Claimed
from shared.contracts import Event

ROOT = Path(__file__).parents[3]
KEY = SecretStr(base64.b64encode(bytes(range(32))).decode())
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
REFERRAL = UUID("0b6f2d0e-6f0c-4c55-9a53-3f4f0a6d7c11")
OFFER = UUID("7c9e6679-7425-40de-944b-e07fc1f90ae7")

PRACTICE = Recipient(Role.PRACTICE, "heddle-street", "Heddle Street Practice", "practice@example.org", ("mail",))
WORKER = Recipient(Role.LINK_WORKER, "link-worker-ash", "Ailsa Moncurrie", "ash@example.org", ("mail",))
DUTY = Recipient(Role.DUTY_CONTACT, "dundee", "Duty team leader", "duty@example.org", ("mail",))
DESK = Recipient(Role.ORGANISATION, "tay-money-desk", "Tay Money Desk", "desk@example.org", ("mail",))

KNOWN = Referral(
    REFERRAL,
    "dundee",
    practice=PRACTICE.id,
    link_worker=WORKER.id,
    urgency="soon",
    needs=("debt-advice", "low-mood"),
    unmet=("low-mood",),
    alerted=True,
)
ASKED = Offer(OFFER, REFERRAL, DESK.id, "debt-clinic", "Tay Money Desk: Debt Clinic", "debt-advice")


def example(event: type[Event]) -> Event:
    """Return the example of a contract."""
    return event.from_json((ROOT / "shared" / "contracts" / "examples" / f"{event.type}.json").read_bytes())


def settings(**changes: object) -> Settings:
    """Return settings that need no environment."""
    given: Mapping[str, object] = {
        "service_key": KEY,
        "link_key": KEY,
        "internal_key": SecretStr("internal"),
        **changes,
    }
    return Settings.model_validate(given)


def claimed(template: str, to: Recipient, facts: Facts, **changes: object) -> Claimed:
    """Return a delivery as its sender has it."""
    delivery = Delivery(UUID(int=7), REFERRAL, "dundee", template, "mail", to.kind, to.id, urgent=False, facts=facts)
    made = Claimed(delivery, to, Progress(delivery.id, 1, 0), "request", None, NOW, NOW)
    return replace(made, **changes)  # type: ignore[arg-type]  # fields of Claimed, by name
