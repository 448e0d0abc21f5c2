"""Where each referral is, as the last round of the ledger found it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from operations.domain import INTAKE, RESTING, Account, Closed, InFlight, InOutbox, Open, Parked, Unaccounted
from shared.messaging import Tx


@dataclass(frozen=True, slots=True)
class Due:
    """A referral to look at, its last state, and its events that need no second look."""

    referral: UUID
    state: str
    confirmed: frozenset[UUID]

    @property
    def outlasts_silence(self) -> bool:
        """Whether its last state stands while a service does not answer: somebody's, ended, or lost."""
        return self.state in {*RESTING, Unaccounted.state}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a round found of one referral."""

    referral: UUID
    account: Account
    acknowledged: bool
    settled: bool
    confirmed: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many referrals are in a state, at a service and stage."""

    state: str
    service: str
    stage: str
    referrals: int
    acknowledged: bool


async def stir(tx: Tx, referrals: Iterable[UUID]) -> None:
    """Have referrals looked at in the next round; one that nobody had heard of begins here."""
    wanted = sorted(set(referrals))
    await tx.execute("UPDATE account SET settled = false WHERE referral = ANY ($1::uuid[]) AND settled", wanted)
    await tx.execute(
        """
        INSERT INTO account (referral, state, service, reason)
        SELECT referral, 'unchecked', '', 'not looked at yet' FROM unnest($1::uuid[]) AS referral
        ON CONFLICT (referral) DO NOTHING
        """,
        wanted,
    )


async def find_due(tx: Tx, in_turn: int) -> list[Due]:
    """Return what is on its way, and of what rests those that were looked at longest ago, open and ended alike."""
    rows = await tx.fetch(
        """
        SELECT referral, state, confirmed FROM account WHERE NOT settled
        UNION ALL (SELECT referral, state, '{}' FROM account WHERE settled AND state = 'open'
                   ORDER BY checked_at LIMIT $1)
        UNION ALL (SELECT referral, state, '{}' FROM account WHERE settled AND state = 'closed'
                   ORDER BY checked_at LIMIT $1)
        UNION ALL (SELECT referral, state, '{}' FROM account WHERE settled AND state = 'no-referral'
                   ORDER BY checked_at LIMIT $1)
        """,
        in_turn,
    )
    return [Due(row["referral"], row["state"], frozenset(row["confirmed"])) for row in rows]


async def save_findings(tx: Tx, findings: Sequence[Finding]) -> None:
    """Keep what a round found; `since` moves only with the state."""
    await tx.execute(
        """
        UPDATE account SET
            since = CASE WHEN (account.state, account.service, account.stage)
                IS DISTINCT FROM (found.state, found.service, found.stage) THEN now() ELSE account.since END,
            state = found.state, acknowledged = account.acknowledged OR found.acknowledged, service = found.service,
            stage = found.stage, owner = found.owner, deadline = found.deadline, reason = found.reason,
            checked_at = now(), settled = found.settled, confirmed = found.confirmed
        FROM jsonb_to_recordset($1) AS found (referral uuid, state text, acknowledged boolean, service text, stage text,
            owner text, deadline timestamptz, reason text, settled boolean, confirmed uuid[])
        WHERE account.referral = found.referral
        """,
        [_columns(finding) for finding in sorted(findings, key=lambda each: each.referral)],
    )


def _columns(finding: Finding) -> dict[str, Any]:
    told = finding.account
    return {
        "referral": str(finding.referral),
        "state": told.state,
        "acknowledged": finding.acknowledged,
        "service": told.service,
        "stage": _stage(told),
        "owner": told.owner if isinstance(told, Open) else None,
        "deadline": told.deadline if isinstance(told, Open) else None,
        "reason": told.reason if isinstance(told, Unaccounted) else None,
        "settled": finding.settled and told.state in RESTING,
        "confirmed": [] if finding.settled else sorted(map(str, finding.confirmed)),
    }


def _stage(told: Account) -> str | None:
    match told:
        case Closed() | Open():
            return told.stage
        case InOutbox():
            return "refused by the broker" if told.refused else told.type
        case InFlight():
            return told.type
        case Parked():
            return told.kind
        case _:
            return None


async def get_tallies(tx: Tx) -> list[Tally]:
    """Return how many referrals are where."""
    rows = await tx.fetch(
        """
        SELECT state, service, stage, referrals, acknowledged FROM tally
        WHERE referrals <> 0 AND state <> 'no-referral' ORDER BY state, service, stage, acknowledged
        """
    )
    return [Tally(**dict(row)) for row in rows]


async def list_ids(tx: Tx, state: str | None, after: UUID | None, limit: int) -> list[UUID]:
    """Return referrals of a state, or all that were acknowledged, in the order of their ids."""
    rows = await tx.fetch(
        """
        SELECT referral FROM account
        WHERE CASE WHEN $1::text IS NULL THEN acknowledged ELSE state = $1 END
            AND ($2::uuid IS NULL OR referral > $2)
        ORDER BY referral LIMIT $3
        """,
        state,
        after,
        limit,
    )
    return [row["referral"] for row in rows]


async def list_unaccounted(tx: Tx, limit: int) -> list[asyncpg.Record]:
    """Return referrals that nobody can account for, the oldest first."""
    return await tx.fetch(
        """
        SELECT referral, service, reason, since FROM account
        WHERE state = 'unaccounted' ORDER BY since, referral LIMIT $1
        """,
        limit,
    )


async def list_overdue(tx: Tx, after_seconds: float, limit: int) -> list[asyncpg.Record]:
    """Return referrals that are open past their date by so much."""
    return await tx.fetch(
        """
        SELECT referral, service, stage, owner, deadline FROM account
        WHERE state = 'open' AND deadline < now() - make_interval(secs => $1) ORDER BY deadline LIMIT $2
        """,
        after_seconds,
        limit,
    )


async def count_overdue(tx: Tx, after_seconds: float) -> int:
    """Return how many referrals are open past their date by so much."""
    return int(
        await tx.fetchval(
            """
            SELECT count(*) FROM account
            WHERE state = 'open' AND deadline < now() - make_interval(secs => $1)
            """,
            after_seconds,
        )
    )


async def find_account(tx: Tx, referral: UUID) -> Mapping[str, Any] | None:
    """Return where a referral is."""
    row = await tx.fetchrow(
        """
        SELECT referral, state, acknowledged, service, stage, owner, deadline, reason, since, checked_at
        FROM account WHERE referral = $1 AND state <> 'no-referral'
        """,
        referral,
    )
    return dict(row) if row else None


def is_acknowledged(pages: Mapping[str, Any]) -> bool:
    """Say whether intake holds a record of it."""
    return INTAKE in pages and pages[INTAKE].custody is not None
