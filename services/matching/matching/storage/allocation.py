"""The statements on programmes, posts and the queue for a link worker."""

from uuid import UUID

from matching.domain import Assigned, Awaited, Post, Referral
from matching.storage.referrals import referral_of
from shared.contracts import LinkWorkerPost, ProgrammeApplied
from shared.messaging import NotYet, Tx


async def save_programme(tx: Tx, event: ProgrammeApplied) -> None:
    """Keep a programme's mode."""
    await tx.execute(
        """
        INSERT INTO programme (id, mode) VALUES ($1, $2)
        ON CONFLICT (id) DO UPDATE SET mode = $2, applied_at = now()
        """,
        event.programme,
        event.mode,
    )


async def save_posts(tx: Tx, programme: str, posts: tuple[LinkWorkerPost, ...]) -> None:
    """Keep a programme's posts as they are now; who is not among them takes nothing new."""
    await tx.execute(
        """
        WITH given AS (SELECT * FROM unnest($2::text[], $3::integer[]) AS given (link_worker, caseload_limit)),
        gone AS (
            UPDATE post SET active = false
            WHERE programme = $1 AND active AND link_worker NOT IN (SELECT link_worker FROM given)
        )
        INSERT INTO post (programme, link_worker, caseload_limit, active)
        SELECT $1, link_worker, caseload_limit, true FROM given ORDER BY link_worker
        ON CONFLICT (programme, link_worker) DO UPDATE SET caseload_limit = excluded.caseload_limit, active = true
        """,
        programme,
        [post.link_worker for post in posts],
        [post.caseload_limit for post in posts],
    )


async def save_practices(tx: Tx, programme: str, posts: tuple[LinkWorkerPost, ...]) -> None:
    """Keep which practices each post serves."""
    served = [(post.link_worker, practice) for post in posts for practice in post.practices]
    await tx.execute(
        """
        WITH given AS (SELECT * FROM unnest($2::text[], $3::text[]) AS given (link_worker, practice)),
        gone AS (
            DELETE FROM post_practice
            WHERE programme = $1 AND (link_worker, practice) NOT IN (SELECT link_worker, practice FROM given)
        )
        INSERT INTO post_practice (programme, link_worker, practice)
        SELECT $1, link_worker, practice FROM given
        ON CONFLICT DO NOTHING
        """,
        programme,
        [link_worker for link_worker, _ in served],
        [practice for _, practice in served],
    )


async def find_known_worker(tx: Tx, referral: Referral) -> str | None:
    """Return the link worker who had this person last in this programme."""
    known: str | None = await tx.fetchval(
        """
        SELECT link_worker FROM referral
        WHERE programme = $1 AND person = $2 AND id <> $3 AND link_worker IS NOT NULL
        ORDER BY assigned_at DESC, id LIMIT 1
        """,
        referral.programme,
        referral.person,
        referral.id,
    )
    return known


async def lock_posts(tx: Tx, referral: Referral, known: str | None) -> list[Post]:
    """Lock the posts that could take a referral, in order, and return how full they are.

    Two statements, because the second must see what the last holder of the locks committed. Nobody counts beyond the
    largest limit: more waiting than that changes nothing.
    """
    limits = await tx.fetch(
        """
        SELECT caseload_limit FROM post
        WHERE programme = $1 AND active AND link_worker = ANY (
            ARRAY(SELECT link_worker FROM post_practice WHERE programme = $1 AND practice = $2) || $3::text)
        ORDER BY link_worker FOR UPDATE
        """,
        referral.programme,
        referral.practice,
        known,
    )
    most = max((row["caseload_limit"] for row in limits), default=0)
    rows = await tx.fetch(
        """
        SELECT post.link_worker, post.caseload_limit, serves.practice AS serves_practice,
            post.link_worker IS NOT DISTINCT FROM $3 AS knows_person,
            (SELECT count(*) FROM referral AS held WHERE held.programme = post.programme
                AND held.link_worker = post.link_worker AND held.state = 'assigned') AS open_referrals,
            (SELECT count(*) FROM (
                SELECT FROM referral AS ahead
                JOIN post_practice AS served ON served.programme = ahead.programme AND served.practice = ahead.practice
                WHERE served.programme = post.programme AND served.link_worker = post.link_worker
                    AND ahead.state = 'waiting' AND (ahead.turn_at, ahead.id) < ($4, $5)
                LIMIT $6) AS counted) AS waiting_before
        FROM post CROSS JOIN LATERAL (SELECT EXISTS (
            SELECT FROM post_practice AS served
            WHERE served.programme = post.programme AND served.link_worker = post.link_worker AND served.practice = $2
        ) AS practice) AS serves
        WHERE post.programme = $1 AND post.active AND post.link_worker = ANY (
            ARRAY(SELECT link_worker FROM post_practice WHERE programme = $1 AND practice = $2) || $3::text)
        ORDER BY post.link_worker
        """,
        referral.programme,
        referral.practice,
        known,
        referral.turn_at,
        referral.id,
        most,
    )
    return [Post(**dict(row)) for row in rows]


async def save_assignment(tx: Tx, decided: Assigned | Awaited) -> None:
    """Keep who has a referral, or when it is tried again."""
    await tx.execute(
        """
        UPDATE referral SET
            state = CASE WHEN $2::text IS NULL THEN 'waiting' ELSE 'assigned' END,
            link_worker = $2, assigned_at = CASE WHEN $2 IS NULL THEN NULL ELSE now() END,
            try_again_at = $3, try_rule = $4, attempts = attempts + 1
        WHERE id = $1 AND state = 'waiting'
        """,
        decided.referral.id,
        decided.link_worker if isinstance(decided, Assigned) else None,
        decided.try_again_at if isinstance(decided, Awaited) else None,
        decided.rule if isinstance(decided, Awaited) else None,
    )


async def hold_to_assignment(tx: Tx, referral: UUID, link_worker: str) -> None:
    """Keep whom a referral was given to, whoever was chosen after a restore.

    Raises:
        NotYet: its acceptance has not arrived.
    """
    if not await tx.fetchval("SELECT practice IS NOT NULL OR state = 'ended' FROM referral WHERE id = $1", referral):
        raise NotYet("the referral's acceptance has not arrived")
    await tx.execute(
        """
        UPDATE referral SET
            state = CASE state WHEN 'waiting' THEN 'assigned' ELSE state END,
            link_worker = $2, assigned_at = coalesce(assigned_at, now()), try_again_at = NULL, try_rule = NULL
        WHERE id = $1 AND link_worker IS DISTINCT FROM $2
        """,
        referral,
        link_worker,
    )


async def find_waiting(tx: Tx, limit: int) -> list[tuple[UUID, int]]:
    """Return waiting referrals whose clock ran out or whose practice has a link worker with room, in their turn."""
    rows = await tx.fetch(
        """
        WITH roomy AS MATERIALIZED (
            SELECT DISTINCT served.programme, served.practice
            FROM post JOIN post_practice AS served USING (programme, link_worker)
            WHERE post.active AND post.caseload_limit > (
                SELECT count(*) FROM referral AS held WHERE held.programme = post.programme
                    AND held.link_worker = post.link_worker AND held.state = 'assigned')
        )
        SELECT id, attempts FROM referral
        WHERE state = 'waiting'
            AND (try_again_at <= now() OR (programme, practice) IN (SELECT programme, practice FROM roomy))
        ORDER BY turn_at, id LIMIT $1
        """,
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
