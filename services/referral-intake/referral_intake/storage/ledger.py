"""Say who has a referral in hand, for the ledger."""

from uuid import UUID

from asyncpg import Record

from referral_intake.domain import State
from shared.messaging import Tx
from shared.service import Custody


async def custody(tx: Tx, keys: list[str]) -> dict[str, Custody]:
    """Return what intake says of each referral that it holds; one that it does not know is left out."""
    rows = await tx.fetch(
        """
        SELECT id, programme, practice, state, due_at FROM referral WHERE id = ANY ($1::uuid[])
        """,
        [UUID(key) for key in keys if _is_uuid(key)],
    )
    return {str(row["id"]): _custody(row) for row in rows}


def _custody(row: Record) -> Custody:
    match State(row["state"]):
        case State.NEEDS_INFORMATION as state:
            return Custody("open", state, owner=row["practice"], deadline=row["due_at"])
        case State.RETURN_PROPOSED as state:
            return Custody("open", state, owner=f"duty-contact:{row['programme']}", deadline=row["due_at"])
        case State.ACCEPTED as state:
            return Custody("handed-on", state, next_service="matching")
        case state:
            return Custody("closed", state)


def _is_uuid(key: str) -> bool:
    """Say whether a key can be a referral's: the programme events that intake publishes have other keys."""
    try:
        return bool(UUID(key))
    except ValueError:
        return False
