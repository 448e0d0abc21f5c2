"""The case itself: what is known of a referral.

Withdrawn, revoked and erased never wait for facts that are late, so each of them may be the first that a case hears.
"""

from typing import Protocol
from uuid import UUID

import asyncpg

from casework.domain import Case, Due
from shared.contracts import NeedRead, ReferralAccepted, ReferralReceived
from shared.messaging import NotYet, Tx


class OfReferral(Protocol):
    """An event about a referral of a practice in a programme."""

    @property
    def referral(self) -> UUID: ...  # noqa: D102 - a field
    @property
    def programme(self) -> str: ...  # noqa: D102 - a field
    @property
    def practice(self) -> str: ...  # noqa: D102 - a field


async def ensure_case(tx: Tx, event: OfReferral) -> None:
    """Make the row of a referral that is heard of for the first time."""
    await tx.execute(
        "INSERT INTO cases (referral, programme, practice) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        event.referral,
        event.programme,
        event.practice,
    )


async def save_received(tx: Tx, event: ReferralReceived) -> None:
    """Note when a referral was received, and of which other one it may be a repeat."""
    await tx.execute(
        """
        INSERT INTO cases (referral, programme, practice, received_at, same_person_as, person)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (referral) DO UPDATE SET received_at = $4, same_person_as = $5, person = $6
        WHERE cases.state <> 'erased'
        """,
        event.referral,
        event.programme,
        event.practice,
        event.received_at,
        event.same_person_as,
        event.person,
    )


async def save_accepted(tx: Tx, event: ReferralAccepted) -> None:
    """Note what triage read; of somebody who was erased meanwhile nothing is kept."""
    await tx.execute(
        """
        INSERT INTO cases (referral, programme, practice, accepted_at, person, urgency, nothing_read, age, council,
            outward, interests, access, language, company, sharing)
        VALUES ($1, $2, $3, now(), $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        ON CONFLICT (referral) DO UPDATE SET
            accepted_at = now(), person = $4, urgency = $5, nothing_read = $6, age = $7, council = $8, outward = $9,
            interests = $10, access = $11, language = $12, company = $13, sharing = $14
        WHERE cases.state <> 'erased'
        """,
        event.referral,
        event.programme,
        event.practice,
        event.person,
        event.urgency,
        event.nothing_read,
        event.age,
        event.place.council,
        event.place.outward,
        event.preferences.interests,
        event.preferences.access,
        event.preferences.language,
        event.preferences.company,
        event.agreement.share_with_organisations,
    )


async def save_needs(tx: Tx, referral: UUID, needs: tuple[NeedRead, ...]) -> None:
    """Make these the needs of a case, in this order."""
    await tx.execute("DELETE FROM needs WHERE referral = $1", referral)
    await tx.execute(
        """
        INSERT INTO needs (referral, position, code, source)
        SELECT $1, place, code, source
        FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS need (code, source, place)
        ON CONFLICT (referral, code) DO NOTHING
        """,
        referral,
        [need.code for need in needs],
        [need.source for need in needs],
    )


async def find_case(tx: Tx, referral: UUID) -> Case | None:
    """Lock a case and return it, None where there is none."""
    if not tx.holds(str(referral)):
        if not await tx.fetchval("SELECT true FROM cases WHERE referral = $1", referral):
            return None
        # The key's row first, as consuming an event does, so that a page and an event never wait for each other.
        await tx.lock_keys([str(referral)])
    row = await tx.fetchrow(
        """
        SELECT referral, programme, urgency, state, version, accepted_at, link_worker, opened_at, review_at,
            review_rule, review_told_at, exhausted, exhausted_at, ended_at, ended_reason,
            ARRAY(SELECT code FROM needs WHERE needs.referral = $1 ORDER BY position) AS codes,
            ARRAY(SELECT source FROM needs WHERE needs.referral = $1 ORDER BY position) AS sources
        FROM cases WHERE referral = $1 FOR UPDATE
        """,
        referral,
    )
    return _case(row) if row else None


def _case(row: asyncpg.Record) -> Case:
    fields = dict(row)
    review_at, rule = fields.pop("review_at"), fields.pop("review_rule")
    read = zip(fields.pop("codes"), fields.pop("sources"), strict=True)
    needs = tuple(NeedRead.model_construct(code=code, source=source) for code, source in read)
    review = Due(review_at, rule) if review_at else None
    return Case(**{**fields, "exhausted": tuple(row["exhausted"])}, review=review, needs=needs)


async def save_case(tx: Tx, case: Case) -> None:
    """Keep a case, which is locked, as it was decided; its needs are kept by `save_needs`."""
    await tx.execute(
        """
        UPDATE cases SET state = $2, version = $3, link_worker = $4, opened_at = $5, review_at = $6, review_rule = $7,
            review_told_at = $8, exhausted = $9, exhausted_at = $10, ended_at = $11, ended_reason = $12
        WHERE referral = $1
        """,
        case.referral,
        case.state,
        case.version,
        case.link_worker,
        case.opened_at,
        case.review.at if case.review else None,
        case.review.rule if case.review else None,
        case.review_told_at,
        case.exhausted,
        case.exhausted_at,
        case.ended_at,
        case.ended_reason,
    )


async def get_case(tx: Tx, referral: UUID) -> Case:
    """Lock a case that must be known.

    Raises:
        NotYet: nothing was heard of this referral so far.
    """
    case = await find_case(tx, referral)
    if case is None:
        raise NotYet("the referral has not been heard of")
    return case


async def forget_person(tx: Tx, referral: UUID) -> None:
    """Drop everything that describes the person; coded needs and outcomes stay as figures."""
    await tx.execute(
        """
        UPDATE cases SET person = NULL, age = NULL, council = NULL, outward = NULL, interests = '{}', access = '{}',
            language = NULL, company = NULL, sharing = NULL, revoked = '{}', risk = '{}', same_person_as = NULL
        WHERE referral = $1
        """,
        referral,
    )


async def save_risk(tx: Tx, referral: UUID, kinds: tuple[str, ...]) -> None:
    """Add kinds of risk that were read."""
    await tx.execute(
        """
        UPDATE cases SET risk_at = now(), risk = ARRAY(SELECT DISTINCT unnest(risk || $2::text[]) ORDER BY 1)
        WHERE referral = $1 AND state <> 'erased'
        """,
        referral,
        kinds,
    )
