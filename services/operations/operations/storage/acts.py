"""What operators did about parked messages."""

from uuid import UUID

from shared.messaging import Tx


async def claim_act(tx: Tx, form_id: UUID, *, operator: str, act: str, service: str, parked: UUID, reason: str) -> bool:
    """Write down who does what; False for the second click on one button."""
    return bool(
        await tx.fetchval(
            """
            INSERT INTO act (form_id, operator, act, service, parked, reason) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (form_id) DO NOTHING RETURNING true
            """,
            form_id,
            operator,
            act,
            service,
            parked,
            reason,
        )
    )
