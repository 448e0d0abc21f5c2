"""What practices sent under which request id, so that the same again is the same referral."""

from dataclasses import dataclass
from uuid import UUID

from referral_intake.domain import Caller
from shared.messaging import Tx


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a request id stands for already."""

    body_hash: bytes
    referral: UUID
    answered: str


async def find_request(tx: Tx, caller: Caller, key: str) -> Earlier | None:
    """Return what a practice sent under this key before."""
    row = await tx.fetchrow(
        """
        SELECT body_hash, referral, answered FROM request WHERE programme = $1 AND practice = $2 AND key = $3
        """,
        caller.programme,
        caller.practice,
        key,
    )
    return Earlier(row["body_hash"], row["referral"], row["answered"]) if row else None


async def claim_request(tx: Tx, caller: Caller, key: str, body_hash: bytes, referral: UUID) -> bool:
    """Claim a request key for a new referral; False when it is taken. A claim in flight elsewhere is waited for."""
    claimed = await tx.fetchval(
        """
        INSERT INTO request (programme, practice, key, body_hash, referral, answered)
        VALUES ($1, $2, $3, $4, $5, '')
        ON CONFLICT (programme, practice, key) DO NOTHING
        RETURNING true
        """,
        caller.programme,
        caller.practice,
        key,
        body_hash,
        referral,
    )
    return bool(claimed)


def save_answer(tx: Tx, caller: Caller, key: str, answered: str) -> None:
    """Keep what a request is answered, so that the same request gets the same answer."""
    tx.write(
        """
        UPDATE request SET answered = $4 WHERE programme = $1 AND practice = $2 AND key = $3
        """,
        caller.programme,
        caller.practice,
        key,
        answered,
    )
