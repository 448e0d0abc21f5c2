"""What notifications keeps of referrals and of offers that an organisation may be acting on."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from notifications.domain import Offer, Referral
from shared.messaging import NotYet, Tx


async def learn(tx: Tx, referral: UUID, programme: str, **facts: object) -> Referral:
    """Add what an event says to what is known of a referral, and return all of it.

    Facts: practice, link_worker, urgency, needs, unmet, alerted, withdrawn; what is left out stays.
    """
    names = ("practice", "link_worker", "urgency", "needs", "unmet", "alerted", "withdrawn")
    row = await tx.fetchrow(_LEARN, referral, programme, *(facts.get(name) for name in names))
    assert row is not None
    return _referral(row)


async def save_offer(tx: Tx, offer: Offer, respond_by: datetime, state: str) -> None:
    """Store an offer."""
    await tx.execute(
        """
        INSERT INTO offer (id, referral, organisation, service, service_name, need, respond_by, state)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        offer.id,
        offer.referral,
        offer.organisation,
        offer.service,
        offer.service_name,
        offer.need,
        respond_by,
        state,
    )


async def answer_offer(tx: Tx, offer: UUID, state: str) -> Offer:
    """Store how an organisation answered, and return the offer.

    Raises:
        NotYet: the offer itself has not come from matching's topic.
    """
    row = await tx.fetchrow(
        "UPDATE offer SET state = CASE state WHEN 'over' THEN state ELSE $2 END WHERE id = $1 RETURNING *", offer, state
    )
    if row is None:
        raise NotYet("the offer that was answered is not known yet")
    return _offer(row)


async def end_offers(
    tx: Tx,
    referral: UUID,
    *,
    organisation: str | None = None,
    offer: UUID | None = None,
    states: Sequence[str] = ("open", "accepted"),
) -> Sequence[Offer]:
    """End a referral's offers (all, an organisation's, or one) that are in these states, and return them."""
    rows = await tx.fetch(
        """
        UPDATE offer SET state = 'over'
        WHERE referral = $1 AND state = ANY ($4::text[])
          AND organisation = coalesce($2, organisation) AND id = coalesce($3, id)
        RETURNING *
        """,
        referral,
        organisation,
        offer,
        states,
    )
    return sorted((_offer(row) for row in rows), key=lambda each: each.id)


def _referral(row: asyncpg.Record) -> Referral:
    return Referral(
        id=row["id"],
        programme=row["programme"],
        practice=row["practice"],
        link_worker=row["link_worker"],
        urgency=row["urgency"],
        needs=None if row["needs"] is None else tuple(row["needs"]),
        unmet=tuple(row["unmet"]),
        alerted=row["alerted"],
        withdrawn=row["withdrawn"],
    )


def _offer(row: asyncpg.Record) -> Offer:
    return Offer(row["id"], row["referral"], row["organisation"], row["service"], row["service_name"], row["need"])


_LEARN = """
    INSERT INTO referral AS known (id, programme, practice, link_worker, urgency, needs, unmet, alerted, withdrawn)
    VALUES ($1, $2, $3, $4, $5, $6, coalesce($7, '{}'::text[]), coalesce($8, false), coalesce($9, false))
    ON CONFLICT (id) DO UPDATE SET
        practice = coalesce(excluded.practice, known.practice),
        link_worker = coalesce(excluded.link_worker, known.link_worker),
        urgency = coalesce(excluded.urgency, known.urgency),
        needs = coalesce(excluded.needs, known.needs),
        unmet = coalesce($7, known.unmet),
        alerted = known.alerted OR excluded.alerted,
        withdrawn = known.withdrawn OR excluded.withdrawn
    RETURNING *
"""
