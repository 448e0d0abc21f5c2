"""Publish what happened to a referral and write it on the timeline that its practice reads."""

from uuid import UUID

from referral_intake import storage
from referral_intake.domain import step_of
from shared.contracts import Event
from shared.messaging import Tx


def tell(tx: Tx, referral: UUID, *events: Event) -> None:
    """Publish events about a referral, in their order."""
    for event in events:
        tx.publish(event)
        storage.save_step(tx, referral, step_of(event))
