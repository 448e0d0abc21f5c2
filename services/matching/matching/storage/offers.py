"""The statements on choices, offers and the places that they hold."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from matching.domain import Asked, Made, Offer, Refused, Settled, Standing
from shared.messaging import NotYet, Tx


async def get_offers(tx: Tx, referral: UUID) -> list[Offer]:
    """Return every choice that a referral's person has made, with what became of it."""
    rows = await tx.fetch("SELECT * FROM offer WHERE referral = $1 ORDER BY ranking, need, rank", referral)
    return [offer_of(row) for row in rows]


async def get_offer(tx: Tx, offer: UUID) -> Offer:
    """Return an offer.

    Raises:
        NotYet: the choice that it comes from has not arrived.
    """
    row = await tx.fetchrow("SELECT * FROM offer WHERE id = $1", offer)
    if row is None:
        raise NotYet("the offer's choice has not arrived")
    return offer_of(row)


async def pass_over(tx: Tx, referral: UUID, needs: Collection[str]) -> None:
    """Give up choices for these needs that nobody was asked about yet."""
    await tx.execute(
        """
        UPDATE offer SET state = 'passed-over', settled_at = now()
        WHERE referral = $1 AND need = ANY ($2::text[]) AND state = 'chosen'
        """,
        referral,
        list(needs),
    )


async def save_choices(tx: Tx, offers: Sequence[Offer]) -> None:
    """Keep choices, none of them asked yet."""
    await tx.executemany(
        """
        INSERT INTO offer (id, referral, programme, need, ranking, rank, service, organisation, share, state)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'chosen')
        """,
        [
            (
                offer.id,
                offer.referral,
                offer.programme,
                offer.need,
                offer.ranking,
                offer.rank,
                offer.service,
                offer.organisation,
                list(offer.share),
            )
            for offer in offers
        ],
    )


async def lock_standings(tx: Tx, services: Collection[str], week: datetime) -> dict[str, Standing]:
    """Lock the places of services and their limits, in order, and return how each stands since the week began.

    A service that is not in the directory is left out. Two statements, because the second must see what the last
    holder of the locks committed.
    """
    wanted = sorted(services)
    await tx.execute(
        """
        WITH places AS (
            SELECT FROM service_capacity WHERE service = ANY ($1::text[]) ORDER BY service FOR UPDATE
        ), limits AS (
            SELECT FROM intake_limit
            WHERE organisation IN (SELECT organisation FROM service WHERE id = ANY ($1::text[]))
            ORDER BY organisation, service FOR UPDATE
        )
        SELECT (SELECT count(*) FROM places) + (SELECT count(*) FROM limits)
        """,
        wanted,
    )
    rows = await tx.fetch(
        """
        SELECT service.id AS service, service.name AS service_name, service.organisation,
            organisation.name AS organisation_name, service_capacity.places,
            CASE WHEN service.unlisted = 'missing' THEN 'inactive' ELSE service.status END AS status,
            (SELECT count(*) FROM offer WHERE offer.service = service.id AND offer.place IS NOT NULL) AS taken,
            own.offers_a_week AS "limit", whole.offers_a_week AS organisation_limit,
            (SELECT count(*) FROM offer WHERE own.offers_a_week IS NOT NULL
                AND offer.service = service.id AND offer.made_at >= $2) AS asked,
            (SELECT count(*) FROM offer WHERE whole.offers_a_week IS NOT NULL
                AND offer.organisation = service.organisation AND offer.made_at >= $2) AS organisation_asked
        FROM service
        JOIN organisation ON organisation.id = service.organisation
        JOIN service_capacity ON service_capacity.service = service.id
        LEFT JOIN intake_limit AS own ON own.organisation = service.organisation AND own.service = service.id
        LEFT JOIN intake_limit AS whole ON whole.organisation = service.organisation AND whole.service = ''
        WHERE service.id = ANY ($1::text[])
        """,
        wanted,
        week,
    )
    return {row["service"]: Standing(**dict(row)) for row in rows}


async def save_intake_limit(tx: Tx, organisation: str, service: str | None, offers_a_week: int) -> None:
    """Keep how many offers an organisation wants in a week, over all or for one of its services."""
    await tx.execute(
        """
        INSERT INTO intake_limit (organisation, service, offers_a_week) VALUES ($1, $2, $3)
        ON CONFLICT (organisation, service) DO UPDATE SET offers_a_week = $3, set_at = now()
        """,
        organisation,
        service or "",
        offers_a_week,
    )


async def lift_intake_limit(tx: Tx, organisation: str, service: str | None) -> None:
    """Forget how many offers an organisation wants in a week."""
    await tx.execute("DELETE FROM intake_limit WHERE organisation = $1 AND service = $2", organisation, service or "")


async def get_taken(tx: Tx, services: Collection[str]) -> dict[str, int]:
    """Return how many places offers hold or use at services, where it is not none."""
    rows = await tx.fetch(
        """
        SELECT service, count(*) AS taken FROM offer
        WHERE service = ANY ($1::text[]) AND place IS NOT NULL GROUP BY service
        """,
        list(services),
    )
    return {row["service"]: row["taken"] for row in rows}


async def save_asked(tx: Tx, asked: Sequence[Asked]) -> None:
    """Keep which organisations are asked, each holding a place, and which are not."""
    await tx.executemany(
        """
        UPDATE offer SET state = 'open', place = 'held', made_at = now(), respond_by = $2, respond_rule = $3
        WHERE id = $1
        """,
        [(made.offer.id, made.respond_by, made.rule) for made in asked if isinstance(made, Made)],
    )
    await tx.executemany(
        "UPDATE offer SET state = 'refused', reason = $2, settled_at = now() WHERE id = $1",
        [(refused.offer.id, refused.reason) for refused in asked if isinstance(refused, Refused)],
    )


async def save_settled(tx: Tx, settled: Settled) -> None:
    """Keep how an offer ended: an accepted one uses its place, any other gives it back."""
    await tx.execute(
        """
        UPDATE offer SET state = $2, reason = $3, settled_at = now(),
            place = CASE WHEN $2 = 'accepted' THEN 'used' END
        WHERE id = $1
        """,
        settled.offer.id,
        settled.state,
        settled.reason,
    )


async def end_offers(tx: Tx, referral: UUID, organisation: str | None, *, keep_used: bool) -> list[str]:
    """Stop what is asked or chosen of a referral, with one organisation or all, and give the places back.

    With `keep_used` a place that is used stays so. Returns the needs for which somebody was being asked.
    """
    rows = await tx.fetch(
        """
        WITH stopped AS (
            SELECT id, need, state FROM offer
            WHERE referral = $1 AND ($2::text IS NULL OR organisation = $2)
                AND (state IN ('open', 'chosen') OR (place = 'used' AND NOT $3))
            ORDER BY id FOR UPDATE
        )
        UPDATE offer SET
            place = NULL,
            state = CASE offer.state WHEN 'open' THEN 'ended' WHEN 'chosen' THEN 'passed-over' ELSE offer.state END,
            settled_at = coalesce(offer.settled_at, now())
        FROM stopped WHERE offer.id = stopped.id
        RETURNING stopped.need, stopped.state
        """,
        referral,
        organisation,
        keep_used,
    )
    return sorted({row["need"] for row in rows if row["state"] == "open"})


async def find_silent_offers(tx: Tx, limit: int) -> list[UUID]:
    """Return open offers whose clock ran out, the longest silent first."""
    rows = await tx.fetch(
        "SELECT id FROM offer WHERE state = 'open' AND respond_by <= now() ORDER BY respond_by, id LIMIT $1", limit
    )
    return [row["id"] for row in rows]


async def lock_silent_offer(tx: Tx, offer: UUID) -> Offer | None:
    """Lock an offer that is still silent past its clock; None where it is not, or somebody else has it in hand.

    What is locked is its referral's row of keys, which every handler locks first, so that nobody waits in a circle.
    """
    row = await tx.fetchrow(
        """
        SELECT offer.* FROM offer JOIN subject ON subject.key = offer.referral::text
        WHERE offer.id = $1 AND offer.state = 'open' AND offer.respond_by <= now()
        FOR NO KEY UPDATE OF subject, offer SKIP LOCKED
        """,
        offer,
    )
    return offer_of(row) if row else None


def offer_of(row: Record) -> Offer:
    """Turn a row into a record."""
    return Offer(
        id=row["id"],
        referral=row["referral"],
        programme=row["programme"],
        need=row["need"],
        ranking=row["ranking"],
        rank=row["rank"],
        service=row["service"],
        organisation=row["organisation"],
        share=tuple(row["share"]),
        state=row["state"],
    )
