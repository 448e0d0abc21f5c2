"""What pages and the ledger read, in few statements."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from casework.domain import Standing, State
from shared.messaging import Tx


@dataclass(frozen=True)
class CaseFacts:
    """Everything in coded words that a case's page shows beside its lists."""

    referral: UUID
    programme: str
    practice: str
    state: State
    version: int
    urgency: str
    nothing_read: bool
    age: int | None
    council: str | None
    outward: str | None
    interests: tuple[str, ...]
    access: tuple[str, ...]
    language: str | None
    company: str | None
    sharing: str | None
    revoked: tuple[str, ...]
    risk: tuple[str, ...]
    exhausted: tuple[str, ...]
    same_person_as: UUID | None
    link_worker: str | None
    since: datetime | None
    opened_at: datetime | None
    review_at: datetime | None
    ended_at: datetime | None
    ended_reason: str | None


@dataclass(frozen=True)
class Match:
    """The last word of matching about a case, as it was published."""

    proposals: list[dict[str, Any]]
    unmet: tuple[str, ...]
    nearest: list[dict[str, Any]]
    matched_at: datetime


@dataclass(frozen=True)
class Ended:
    """A case that ended, for the list of those that may come back."""

    referral: UUID
    practice: str
    state: State
    ended_at: datetime
    reason: str


async def find_facts(tx: Tx, referral: UUID) -> CaseFacts | None:
    """Return what is known of a case, None where there is none."""
    row = await tx.fetchrow(
        """
        SELECT referral, programme, practice, state, version, urgency, nothing_read, age, council, outward, interests,
            access, language, company, sharing, revoked, risk, exhausted, same_person_as, link_worker,
            coalesce(received_at, accepted_at) AS since, opened_at, review_at, ended_at, ended_reason
        FROM cases WHERE referral = $1
        """,
        referral,
    )
    return CaseFacts(**_tuples(row)) if row else None


async def find_match(tx: Tx, referral: UUID) -> Match | None:
    """Return the last word of matching about a referral, None where it has said none."""
    row = await tx.fetchrow("SELECT proposals, unmet, nearest, matched_at FROM matches WHERE referral = $1", referral)
    return Match(**{**dict(row), "unmet": tuple(row["unmet"])}) if row else None


async def list_needs(tx: Tx, referral: UUID) -> dict[str, str]:
    """Return a case's needs and where each was read."""
    rows = await tx.fetch("SELECT code, source FROM needs WHERE referral = $1 ORDER BY position", referral)
    return {row["code"]: row["source"] for row in rows}


async def list_refusals(tx: Tx, referral: UUID) -> dict[str, str]:
    """Return why services that were chosen could not be asked, by service."""
    rows = await tx.fetch("SELECT service, reason FROM refusals WHERE referral = $1 ORDER BY at", referral)
    return {row["service"]: row["reason"] for row in rows}


async def list_choices(tx: Tx, referral: UUID) -> list[dict[str, Any]]:
    """Return the last round of choices, best first."""
    rows = await tx.fetch(
        """
        SELECT rank, service, service_name, organisation_name, need, share, revoked_at FROM choices
        WHERE referral = $1 AND round = (SELECT max(round) FROM choices WHERE referral = $1)
        ORDER BY rank
        """,
        referral,
    )
    return [dict(row) for row in rows]


async def list_open(tx: Tx, link_worker: str) -> list[Standing]:
    """Return a link worker's open cases with what decides whether they wait."""
    rows = await tx.fetch(_OPEN, link_worker)
    return [Standing(**_tuples(row)) for row in rows]


_OPEN = """
    SELECT cases.referral, urgency, outward, age, practice, review_at, risk_at, exhausted_at,
        coalesce(received_at, cases.accepted_at) AS since,
        ARRAY(SELECT code FROM needs WHERE needs.referral = cases.referral ORDER BY position) AS needs,
        spoken.last_contact_at, spoken.last_reached_at, answered.accepted_at, answered.late_accepted_at
    FROM cases
    LEFT JOIN LATERAL (
        SELECT max(at) AS last_contact_at, max(at) FILTER (WHERE reached) AS last_reached_at
        FROM contacts WHERE contacts.referral = cases.referral AND at >= opened_at
    ) AS spoken ON true
    LEFT JOIN LATERAL (
        SELECT max(at) FILTER (WHERE NOT late) AS accepted_at, max(at) FILTER (WHERE late) AS late_accepted_at
        FROM answers JOIN offers ON offers.id = answers.offer
        WHERE offers.referral = cases.referral AND answer = 'accepted' AND revoked_at IS NULL
    ) AS answered ON true
    WHERE link_worker = $1 AND state = 'open'
    ORDER BY since
"""


async def list_ended(tx: Tx, link_worker: str, limit: int) -> list[Ended]:
    """Return a link worker's cases that ended last."""
    rows = await tx.fetch(
        """
        SELECT referral, practice, state, ended_at, ended_reason AS reason FROM cases
        WHERE link_worker = $1 AND state IN ('closed', 'withdrawn') ORDER BY ended_at DESC LIMIT $2
        """,
        link_worker,
        limit,
    )
    return [Ended(**dict(row)) for row in rows]


def _tuples(row: asyncpg.Record) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
