"""What matching proposed, what the person chose, what organisations were asked and what they answered."""

from collections.abc import Mapping
from uuid import UUID

import asyncpg

from casework.domain import Answered, Chosen, Offer
from shared.contracts import AttendanceRecorded, MatchNotFound, MatchProposed, OfferMade, OfferRefused, Proposal
from shared.messaging import NotYet, Tx


async def save_proposals(tx: Tx, event: MatchProposed) -> None:
    """Make these the proposals of a referral, from a new search."""
    proposals = [proposal.model_dump(mode="json") for proposal in event.proposals]
    await tx.execute(
        """
        INSERT INTO matches (referral, search, proposals, unmet, nearest) VALUES ($1, $2, $3, $4, '[]')
        ON CONFLICT (referral) DO UPDATE SET search = excluded.search, proposals = excluded.proposals,
            unmet = excluded.unmet, nearest = excluded.nearest, matched_at = now()
        """,
        event.referral,
        _search(tx),
        proposals,
        event.unmet,
    )


async def save_not_found(tx: Tx, event: MatchNotFound) -> None:
    """Note what a search did not find and what came near; proposals of the same search stay, older ones are over."""
    await tx.execute(
        """
        INSERT INTO matches (referral, search, proposals, unmet, nearest) VALUES ($1, $2, '[]', $3, $4)
        ON CONFLICT (referral) DO UPDATE SET search = excluded.search, unmet = excluded.unmet,
            nearest = excluded.nearest, matched_at = now(),
            proposals = CASE WHEN matches.search = excluded.search THEN matches.proposals ELSE '[]' END
        """,
        event.referral,
        _search(tx),
        event.needs,
        [miss.model_dump(mode="json") for miss in event.nearest],
    )


def _search(tx: Tx) -> str:
    """Name the search that an event tells of: what one search says has one cause."""
    assert tx.envelope is not None, "only events tell of a search"
    return tx.envelope.causation_id


async def find_proposals(tx: Tx, referral: UUID) -> Mapping[str, Proposal]:
    """Return what matching proposes for a referral now, by service, best first."""
    found = await tx.fetchval("SELECT proposals FROM matches WHERE referral = $1", referral)
    proposals = [Proposal.model_construct(**proposal) for proposal in found or ()]
    return {proposal.service: proposal for proposal in proposals}


async def save_choices(tx: Tx, referral: UUID, round_: int, chosen: Chosen) -> None:
    """Keep a round of choices, best first."""
    choices = zip(chosen.event.choices, chosen.proposals, strict=True)
    await tx.executemany(
        """
        INSERT INTO choices (referral, round, rank, service, service_name, organisation, organisation_name, need, share)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        [
            (
                referral,
                round_,
                rank,
                choice.service,
                proposal.service_name,
                choice.organisation,
                proposal.organisation_name,
                choice.need,
                choice.share,
            )
            for rank, (choice, proposal) in enumerate(choices, 1)
        ],
    )


async def save_offer(tx: Tx, event: OfferMade) -> None:
    """Keep an offer; where the person took their agreement back since they chose, it is withdrawn from the start."""
    await tx.execute(
        """
        INSERT INTO offers (id, referral, service, service_name, organisation, organisation_name, need, share, choice,
            respond_by, revoked_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, (
            SELECT revoked_at FROM choices WHERE referral = $2 AND service = $3 ORDER BY round DESC LIMIT 1
        ))
        """,
        event.offer,
        event.referral,
        event.service,
        event.service_name,
        event.organisation,
        event.organisation_name,
        event.need,
        event.share,
        event.choice,
        event.respond_by,
    )


async def save_refused(tx: Tx, event: OfferRefused) -> None:
    """Keep that a choice could not be asked."""
    await tx.execute(
        "INSERT INTO refusals (offer, referral, service, organisation, reason) VALUES ($1, $2, $3, $4, $5)",
        event.offer,
        event.referral,
        event.service,
        event.organisation,
        event.reason,
    )


async def save_expired(tx: Tx, offer: UUID) -> None:
    """Note that an offer's clock ran out; an answer that was on its way meanwhile came late.

    Raises:
        NotYet: the offer is not known.
    """
    if not await tx.fetchval("UPDATE offers SET expired_at = now() WHERE id = $1 RETURNING true", offer):
        raise NotYet("the offer is not known")
    await tx.execute("UPDATE answers SET late = true WHERE offer = $1", offer)


async def find_offer(tx: Tx, offer: UUID) -> Offer | None:
    """Return an offer with its answer, None where there is none."""
    row = await tx.fetchrow(f"{_OFFERS} WHERE offers.id = $1", offer)
    return _offer(row) if row else None


async def list_offers(tx: Tx, referral: UUID) -> list[Offer]:
    """Return a referral's offers in the order they were made."""
    rows = await tx.fetch(f"{_OFFERS} WHERE offers.referral = $1 ORDER BY made_at, choice", referral)
    return [_offer(row) for row in rows]


_OFFERS = """
    SELECT offers.*, answers.answer, answers.reason, coalesce(answers.late, false) AS late, answers.at AS answered_at
    FROM offers LEFT JOIN answers ON answers.offer = offers.id
"""


def _offer(row: asyncpg.Record) -> Offer:
    return Offer(**{**dict(row), "share": tuple(row["share"])})


async def save_answer(tx: Tx, answered: Answered) -> None:
    """Keep an organisation's answer."""
    await tx.execute(
        "INSERT INTO answers (offer, answer, reason, late) VALUES ($1, $2, $3, $4)",
        answered.event.offer,
        answered.event.answer,
        answered.event.reason,
        answered.late,
    )


async def save_attendance(tx: Tx, event: AttendanceRecorded, told_by: str) -> None:
    """Keep whether a person came, and who said so."""
    await tx.execute(
        "INSERT INTO attendances (id, offer, attended, told_by) VALUES ($1, $2, $3, $4)",
        tx.new_id("attendance"),
        event.offer,
        event.attended,
        told_by,
    )
