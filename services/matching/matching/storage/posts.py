"""The statements that say of link workers' posts what they hold, and who waits for them."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime

from asyncpg import Record

from matching.domain import Post, Referral, Rota
from shared.messaging import Tx

Meets = Callable[[Post], Iterable[str]]
"""Says for which urgencies a link worker is there in time."""

IS_THERE = """
    (post.active AND (post.ends_on IS NULL OR post.ends_on >= (now() AT TIME ZONE 'Europe/London')::date))
"""
"""Whether `post` still is one: its programme names it, and its last day has not passed."""

_LOADS = """
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(held.weight), 0) AS load FROM referral AS held
        WHERE held.programme = post.programme AND held.link_worker = post.link_worker AND held.state = 'assigned'
    ) AS held
    CROSS JOIN LATERAL (
        SELECT count(*) AS begun_this_week FROM referral AS begun
        WHERE post.conversations_a_week IS NOT NULL AND begun.programme = post.programme
            AND begun.link_worker = post.link_worker AND begun.assigned_at >= $1
    ) AS begun
"""
"""What each `post` holds, and whom it was given since `$1`."""

_SERVED = (
    ("post_practice", "practice", "practice"),
    ("post_area", "area", "place->>'council'"),
    ("post_area", "area", "place->>'ward'"),
)
"""Where it is written what a post serves, and which column of a referral that is; there is an index for each."""


def waiting_for_post(then: str) -> str:
    """Return the text that selects who waits and could go to `post`, when it is their turn; `then` ends each part."""
    return " UNION ALL ".join(
        f"""
        (SELECT waits.* FROM {table} AS served CROSS JOIN LATERAL (
            SELECT id, attempts, turn_at, weight FROM referral
            WHERE programme = post.programme AND {column} = served.{place} AND state = 'waiting'
                AND urgency = ANY (post.meets) AND required <@ post.offers {then}
        ) AS waits WHERE served.programme = post.programme AND served.link_worker = post.link_worker)
        """  # noqa: S608 - the text of constants of ours
        for table, place, column in _SERVED
    )


async def get_posts(tx: Tx, referral: Referral, also: str | None, week: datetime) -> tuple[list[Post], bool]:
    """Return the posts that serve a referral, and `also` one, with what they hold, and whether anybody else waits.

    The programme is locked before: this statement sees what the last holder of the lock committed.
    """
    rows = await tx.fetch(
        f"""
        SELECT post.*, held.load, begun.begun_this_week, served.*, post.link_worker = $4 AS knows_person,
            EXISTS (SELECT FROM referral WHERE programme = $2 AND state = 'waiting' AND id <> $6) AS others_wait
        FROM post {_LOADS}
        CROSS JOIN LATERAL (SELECT
            EXISTS (SELECT FROM post_practice AS served WHERE served.programme = $2 AND served.practice = $3
                AND served.link_worker = post.link_worker) AS names_practice,
            EXISTS (SELECT FROM post_area AS served WHERE served.programme = $2 AND served.area = ANY ($5)
                AND served.link_worker = post.link_worker) AS serves_area
        ) AS served
        WHERE post.programme = $2 AND {IS_THERE} AND post.link_worker = ANY (
            ARRAY(SELECT link_worker FROM post_practice WHERE programme = $2 AND practice = $3)
            || ARRAY(SELECT link_worker FROM post_area WHERE programme = $2 AND area = ANY ($5)) || $4::text)
        ORDER BY post.link_worker
        """,  # noqa: S608 - the text of constants of ours
        week,
        referral.programme,
        referral.practice,
        also,
        [area for area in (referral.place.council, referral.place.ward) if area],
        referral.id,
    )
    posts = [
        replace(
            _post_of(row),
            names_practice=row["names_practice"],
            serves_area=row["serves_area"],
            knows_person=bool(row["knows_person"]),
        )
        for row in rows
    ]
    return posts, any(row["others_wait"] for row in rows)


async def find_others_first(tx: Tx, referral: Referral, posts: Iterable[Post], meets: Meets) -> set[str]:
    """Return those of the link workers for whom somebody waits whose turn is before a referral's."""
    rows = await tx.fetch(
        f"""
        SELECT post.link_worker
        FROM jsonb_to_recordset($1) AS post (programme text, link_worker text, meets text[], offers text[])
        WHERE EXISTS ({waiting_for_post("AND (turn_at, id) < ($2, $3) LIMIT 1")})
        """,  # noqa: S608 - the text of constants of ours
        [asking(post, meets) for post in posts],
        referral.turn_at,
        referral.id,
    )
    return {row["link_worker"] for row in rows}


async def find_roomy(tx: Tx, week: datetime) -> list[Post]:
    """Return posts with room in programmes where somebody waits and no person gives each referral."""
    rows = await tx.fetch(
        f"""
        SELECT post.*, held.load, begun.begun_this_week
        FROM programme JOIN post ON post.programme = programme.id {_LOADS}
        WHERE programme.allocation <> 'manual-queue' AND {IS_THERE} AND held.load < post.caseload_limit
            AND EXISTS (SELECT FROM referral WHERE referral.programme = programme.id AND state = 'waiting')
        ORDER BY post.programme, post.link_worker
        """,  # noqa: S608 - the text of a constant of ours
        week,
    )
    return [post for post in map(_post_of, rows) if post.is_free]


def asking(post: Post, meets: Meets) -> dict[str, object]:
    """Return a post as a statement takes it, with what it could take."""
    return {
        "programme": post.programme,
        "link_worker": post.link_worker,
        "meets": list(meets(post)),
        "offers": sorted(post.offers),
        "caseload_limit": post.caseload_limit,
        "room": post.room,
        "slots": post.slots,
    }


def _post_of(row: Record) -> Post:
    leave = tuple((date.fromisoformat(first), date.fromisoformat(last)) for first, last in row["leave"])
    return Post(
        link_worker=row["link_worker"],
        caseload_limit=row["caseload_limit"],
        load=row["load"],
        conversations_a_week=row["conversations_a_week"],
        begun_this_week=row["begun_this_week"],
        languages=frozenset(row["languages"]),
        skills=frozenset(row["skills"]),
        rota=Rota(frozenset(row["weekdays"]), leave, row["ends_on"]),
        programme=row["programme"],
    )
