"""The statements of the queue for a link worker: whose turn it is, and who comes back into it."""

from collections.abc import Sequence
from uuid import UUID

from matching.domain import Post, Referral
from matching.storage.posts import IS_THERE, Meets, asking, waiting_for_post
from matching.storage.referrals import referral_of
from shared.messaging import Tx


async def find_waiting(tx: Tx, posts: Sequence[Post], meets: Meets, limit: int) -> list[tuple[UUID, int]]:
    """Return waiting referrals whose clock ran out, or whom one of the posts has room for, in their turn.

    For a post those are the first in its line, as many as it can take: nobody behind them is looked at, and who waits
    for somebody else does not stand in the way.
    """
    rows = await tx.fetch(
        f"""
        WITH post AS MATERIALIZED (
            SELECT * FROM jsonb_to_recordset($1) AS post (programme text, link_worker text, meets text[],
                offers text[], caseload_limit integer, room integer, slots integer)
        ), turn AS (
            SELECT line.id, line.attempts, line.turn_at FROM post CROSS JOIN LATERAL (
                SELECT id, attempts, turn_at, row_number() OVER in_turn AS number,
                    sum(least(weight, post.caseload_limit)) OVER in_turn AS weight
                FROM (SELECT DISTINCT * FROM ({waiting_for_post("ORDER BY turn_at, id LIMIT $2")}) AS every) AS one
                WINDOW in_turn AS (ORDER BY turn_at, id)
            ) AS line
            WHERE line.weight <= post.room AND (post.slots IS NULL OR line.number <= post.slots)
            UNION (SELECT id, attempts, turn_at FROM referral
                WHERE state = 'waiting' AND try_again_at <= now() ORDER BY try_again_at LIMIT $2)
        )
        SELECT id, attempts FROM turn ORDER BY turn_at, id LIMIT $2
        """,  # noqa: S608 - the text of constants of ours
        [asking(post, meets) for post in posts],
        limit,
    )
    return [(row["id"], row["attempts"]) for row in rows]


async def lock_waiting(tx: Tx, referral: UUID, attempts: int) -> Referral | None:
    """Lock a referral that still waits after so many attempts; None where somebody else has or had it in hand."""
    row = await tx.fetchrow(
        """
        SELECT referral.* FROM referral JOIN subject ON subject.key = referral.id::text
        WHERE referral.id = $1 AND referral.state = 'waiting' AND referral.attempts = $2
        FOR NO KEY UPDATE OF subject, referral SKIP LOCKED
        """,
        referral,
        attempts,
    )
    return referral_of(row) if row else None


async def find_left(tx: Tx, limit: int) -> list[tuple[UUID, int]]:
    """Return open referrals of link workers who have left, or whom their programme does not name, in their turn."""
    rows = await tx.fetch(
        f"""
        SELECT referral.id, referral.attempts
        FROM referral
        JOIN programme ON programme.id = referral.programme
        LEFT JOIN post ON post.programme = referral.programme AND post.link_worker = referral.link_worker
            AND {IS_THERE}
        WHERE referral.state = 'assigned' AND post.link_worker IS NULL
        ORDER BY referral.turn_at, referral.id LIMIT $1
        """,  # noqa: S608 - the text of a constant of ours
        limit,
    )
    return [(row["id"], row["attempts"]) for row in rows]


async def lock_programme_of(tx: Tx, referral: UUID) -> None:
    """Let nobody else give away referrals of this one's programme, so that those who were left go in their turn."""
    await tx.execute(
        """
        SELECT FROM programme WHERE id = (SELECT programme FROM referral WHERE id = $1)
        FOR NO KEY UPDATE OF programme
        """,
        referral,
    )


async def take_back(tx: Tx, referral: UUID, attempts: int) -> Referral | None:
    """Take a referral back from who left, so that it waits in its old turn; None where somebody else has it in hand."""
    row = await tx.fetchrow(
        """
        WITH held AS (
            SELECT referral.id FROM referral JOIN subject ON subject.key = referral.id::text
            WHERE referral.id = $1 AND referral.state = 'assigned' AND referral.attempts = $2
            FOR NO KEY UPDATE OF subject, referral SKIP LOCKED
        )
        UPDATE referral SET state = 'waiting', link_worker = NULL, assigned_at = NULL, handed_over = true
        FROM held WHERE referral.id = held.id
        RETURNING referral.*
        """,
        referral,
        attempts,
    )
    return referral_of(row) if row else None
