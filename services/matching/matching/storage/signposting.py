"""The statements of signposting: counts without people, and which services are open and rarely used."""

from datetime import date, datetime

from matching.domain import Home
from matching.domain.signposting import OPEN_WITHIN_KM, RARELY, Count
from shared.messaging import Tx

KM_PER_DEGREE = 111.0
MOST_LOOKED_AT = 200


async def count_question(tx: Tx, day: date, outward: str, need: str, *, answered: bool) -> None:
    """Count a question by day, outward code and nearest need, and nothing else of it."""
    await tx.execute(
        """
        INSERT INTO signposting_count AS counted (day, outward, need, asked, unanswered) VALUES ($1, $2, $3, 1, $4)
        ON CONFLICT (day, outward, need)
        DO UPDATE SET asked = counted.asked + 1, unanswered = counted.unanswered + $4
        """,
        day,
        outward,
        need,
        int(not answered),
    )


async def get_counts(tx: Tx, since: date, until: date) -> list[Count]:
    """Return the counts of whole months, from a day on and before another."""
    rows = await tx.fetch(
        """
        SELECT date_trunc('month', day)::date AS month, outward, need, sum(asked)::integer AS asked,
            sum(unanswered)::integer AS unanswered
        FROM signposting_count WHERE day >= $1 AND day < $2 GROUP BY 1, 2, 3
        """,
        since,
        until,
    )
    return [Count(**dict(row)) for row in rows]


async def find_rarely_offered(tx: Tx, home: Home, since: datetime) -> dict[str, int]:
    """Return services with a place and a site about 30 km from a point, and their offers since then where they are few.

    The least offered come first; a box of degrees stands for the circle, so some are farther.
    """
    assert home.point is not None, "without a point nothing is near"
    rows = await tx.fetch(
        """
        SELECT service.id, offered.times
        FROM service
        JOIN service_capacity AS capacity ON capacity.service = service.id
        CROSS JOIN LATERAL (
            SELECT count(*)::integer AS times FROM offer WHERE offer.service = service.id AND offer.made_at >= $3
        ) AS offered
        WHERE service.status = 'active' AND service.unlisted IS NULL
            AND (capacity.places > 0 OR (capacity.places IS NULL AND capacity.state = 'open'))
            AND offered.times <= $4
            AND EXISTS (
                SELECT FROM site WHERE site.service = service.id
                    AND abs(site.latitude - $1) <= $5
                    AND abs(site.longitude - $2) * cos(radians($1)) <= $5
            )
        ORDER BY offered.times, (
            SELECT min((site.latitude - $1) ^ 2 + ((site.longitude - $2) * cos(radians($1))) ^ 2)
            FROM site WHERE site.service = service.id
        ), service.id
        LIMIT $6
        """,
        home.point.latitude,
        home.point.longitude,
        since,
        RARELY,
        OPEN_WITHIN_KM / KM_PER_DEGREE,
        MOST_LOOKED_AT,
    )
    return {row["id"]: row["times"] for row in rows}
