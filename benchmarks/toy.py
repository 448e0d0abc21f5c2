"""A consumer of nothing real: its handler writes one row, which is the least that an effect can be."""

from pathlib import Path

from shared.contracts import ReferralClosed
from shared.messaging import Tx, consumes
from shared.messaging.migrate import MACHINERY, Target

SCHEMA = Target("toy", (*sorted(MACHINERY.glob("*.sql")), Path(__file__).with_name("toy.sql")))
"""The machinery's tables and the toy's own."""

WRITE = "INSERT INTO effect (event_id, key, reason) VALUES ($1, $2, $3)"


@consumes(ReferralClosed)
async def on_referral_closed(event: ReferralClosed, tx: Tx) -> None:
    """Write the effect."""
    assert tx.envelope is not None, "the machinery gives every event its envelope"
    tx.write(WRITE, tx.envelope.id, event.key, event.reason)
