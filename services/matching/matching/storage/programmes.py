"""The statements by which a programme that was applied takes effect: its rules, its posts and where they serve."""

from collections.abc import Sequence

from matching.domain import Referral
from matching.storage.referrals import referral_of
from shared.contracts import LinkWorkerPost, ProgrammeApplied
from shared.messaging import Tx


async def save_programme(tx: Tx, event: ProgrammeApplied) -> None:
    """Keep a programme's mode and its rules for giving referrals to link workers."""
    await tx.execute(
        """
        INSERT INTO programme (id, mode, allocation, requires, weights) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (id) DO UPDATE SET mode = $2, allocation = $3, requires = $4, weights = $5, applied_at = now()
        """,
        event.programme,
        event.mode,
        event.allocation,
        list(event.requires),
        event.weights.model_dump(mode="json"),
    )


async def save_posts(tx: Tx, programme: str, posts: Sequence[LinkWorkerPost]) -> None:
    """Keep a programme's posts as they are now; who is not among them takes nothing new, and what they have goes on."""
    await tx.execute(
        """
        WITH given AS (
            SELECT * FROM jsonb_to_recordset($2) AS given (link_worker text, caseload_limit integer,
                weekdays smallint[], leave jsonb, conversations_a_week integer, languages text[], skills text[],
                ends_on date)
        ), gone AS (
            UPDATE post SET active = false
            WHERE programme = $1 AND active AND link_worker NOT IN (SELECT link_worker FROM given)
        )
        INSERT INTO post (programme, link_worker, caseload_limit, active, weekdays, leave, conversations_a_week,
            languages, skills, ends_on)
        SELECT $1, link_worker, caseload_limit, true, weekdays, leave, conversations_a_week, languages, skills, ends_on
        FROM given ORDER BY link_worker
        ON CONFLICT (programme, link_worker) DO UPDATE SET caseload_limit = excluded.caseload_limit, active = true,
            weekdays = excluded.weekdays, leave = excluded.leave, languages = excluded.languages,
            conversations_a_week = excluded.conversations_a_week, skills = excluded.skills, ends_on = excluded.ends_on
        """,
        programme,
        [_row_of(post) for post in posts],
    )


def _row_of(post: LinkWorkerPost) -> dict[str, object]:
    leave = [[each.first_day.isoformat(), each.last_day.isoformat()] for each in post.leave]
    return {**post.model_dump(mode="json", exclude={"practices", "areas"}), "leave": leave}


async def save_practices(tx: Tx, programme: str, posts: Sequence[LinkWorkerPost]) -> None:
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


async def save_areas_served(tx: Tx, programme: str, posts: Sequence[LinkWorkerPost]) -> None:
    """Keep whose councils and wards' people each post takes."""
    served = [(post.link_worker, area) for post in posts for area in post.areas]
    await tx.execute(
        """
        WITH given AS (SELECT * FROM unnest($2::text[], $3::text[]) AS given (link_worker, area)),
        gone AS (
            DELETE FROM post_area
            WHERE programme = $1 AND (link_worker, area) NOT IN (SELECT link_worker, area FROM given)
        )
        INSERT INTO post_area (programme, link_worker, area)
        SELECT $1, link_worker, area FROM given
        ON CONFLICT DO NOTHING
        """,
        programme,
        [link_worker for link_worker, _ in served],
        [area for _, area in served],
    )


async def get_waiting(tx: Tx, programme: str) -> list[Referral]:
    """Lock and return the referrals that wait for a link worker of a programme, in order."""
    rows = await tx.fetch(
        """
        SELECT * FROM referral WHERE programme = $1 AND state = 'waiting' ORDER BY id FOR NO KEY UPDATE
        """,
        programme,
    )
    return [referral_of(row) for row in rows]


async def save_weights(tx: Tx, referrals: Sequence[Referral]) -> None:
    """Keep what waiting referrals weigh, and what their link workers must meet."""
    await tx.executemany(
        "UPDATE referral SET weight = $2, required = $3 WHERE id = $1 AND state = 'waiting'",
        [(referral.id, referral.weight, sorted(referral.required)) for referral in referrals],
    )
