"""The statements by which a referral gets a link worker; the lock of its programme lets one decide at a time.

One lock, and not one for each post: a batch gives many referrals to many posts, and two batches that took posts' locks
each in their own order would wait for each other.
"""

from uuid import UUID

from asyncpg import Record

from matching.domain import Assigned, Awaited, Programme, Referral
from shared.contracts import Weights
from shared.messaging import NotYet, Tx


async def lock_programme(tx: Tx, referral: Referral) -> tuple[Programme, str | None]:
    """Let nobody else give this programme's referrals away, and return its rules and who had this person last."""
    row = await tx.fetchrow(
        """
        SELECT allocation, requires, weights, (
            SELECT link_worker FROM referral
            WHERE programme = $1 AND person = $2 AND id <> $3 AND link_worker IS NOT NULL
            ORDER BY assigned_at DESC, id LIMIT 1) AS known
        FROM programme WHERE id = $1 FOR NO KEY UPDATE OF programme
        """,
        referral.programme,
        referral.person,
        referral.id,
    )
    return (_programme_of(row), row["known"]) if row else (Programme(), None)


def _programme_of(row: Record) -> Programme:
    return Programme(row["allocation"], frozenset(row["requires"]), Weights.model_validate(row["weights"]))


async def save_assignment(tx: Tx, decided: Assigned | Awaited) -> None:
    """Keep who has a referral and what it weighs, or when it is tried again."""
    given = decided if isinstance(decided, Assigned) else None
    await tx.execute(
        """
        UPDATE referral SET
            state = CASE WHEN $2::text IS NULL THEN 'waiting' ELSE 'assigned' END,
            link_worker = $2, assigned_at = CASE WHEN $2 IS NULL THEN NULL ELSE now() END,
            try_again_at = $3, try_rule = $4, attempts = attempts + 1, weight = $5, required = $6
        WHERE id = $1 AND state = 'waiting'
        """,
        decided.referral.id,
        given and given.link_worker,
        decided.try_again_at if isinstance(decided, Awaited) else None,
        decided.rule if isinstance(decided, Awaited) else None,
        given.weight if given else decided.referral.weight,
        sorted(decided.referral.required),
    )


async def hold_to_assignment(tx: Tx, referral: UUID, link_worker: str, attempt: int | None) -> None:
    """Keep whom a referral was given to, whoever was chosen after a restore, unless it was decided anew since.

    Raises:
        NotYet: its acceptance has not arrived.
    """
    if not await tx.fetchval("SELECT practice IS NOT NULL OR state = 'ended' FROM referral WHERE id = $1", referral):
        raise NotYet("the referral's acceptance has not arrived")
    await tx.execute(
        """
        UPDATE referral SET
            state = CASE state WHEN 'waiting' THEN 'assigned' ELSE state END,
            link_worker = $2, assigned_at = coalesce(assigned_at, now()), try_again_at = NULL, try_rule = NULL,
            attempts = greatest(attempts, $3)
        WHERE id = $1 AND attempts <= coalesce($3, attempts)
            AND (link_worker IS DISTINCT FROM $2 OR attempts < coalesce($3, attempts))
        """,
        referral,
        link_worker,
        attempt,
    )
