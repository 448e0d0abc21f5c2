"""Referrals, and the timeline that their practice can read."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from asyncpg import Record

from referral_intake.domain import OPEN, Caller, Referral, State, Step
from shared.contracts import Agreement, Preferences
from shared.messaging import RejectedMessage, Tx


async def save_referral(tx: Tx, referral: Referral, sender_reference: bytes | None) -> None:
    """Store a new referral."""
    await tx.execute(
        """
        INSERT INTO referral (id, programme, practice, person, door, received_at, same_person_as, state, due_at,
            due_rule, reason, missing, risk_kinds, stated_needs, preferences, agreement, urgency, sender_reference)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
        """,
        referral.id,
        referral.programme,
        referral.practice,
        referral.person,
        referral.door,
        referral.received_at,
        referral.same_person_as,
        referral.state,
        referral.due_at,
        referral.due_rule,
        referral.reason,
        referral.missing,
        referral.risk_kinds,
        referral.stated_needs,
        referral.preferences.model_dump(mode="json"),
        referral.agreement.model_dump(mode="json"),
        referral.urgency,
        sender_reference,
    )


async def save_standing(tx: Tx, referral: Referral) -> None:
    """Store where a locked referral stands, and what was added to it."""
    await tx.execute(
        """
        UPDATE referral
        SET state = $2, due_at = $3, due_rule = $4, reason = $5, missing = $6, risk_kinds = $7, stated_needs = $8,
            preferences = $9, agreement = $10, urgency = $11, revoked = $12
        WHERE id = $1
        """,
        referral.id,
        referral.state,
        referral.due_at,
        referral.due_rule,
        referral.reason,
        referral.missing,
        referral.risk_kinds,
        referral.stated_needs,
        referral.preferences.model_dump(mode="json"),
        referral.agreement.model_dump(mode="json"),
        referral.urgency,
        referral.revoked,
    )


async def lock_referral(tx: Tx, referral: UUID) -> Referral | None:
    """Return a referral, locked until the end of the transaction, if there is one."""
    await tx.lock_keys([str(referral)])
    row = await tx.fetchrow("SELECT * FROM referral WHERE id = $1 FOR NO KEY UPDATE", referral)
    return _referral(row) if row else None


async def lock_own_referral(tx: Tx, caller: Caller, referral: UUID) -> Referral | None:
    """Return a practice's own referral, locked; another's is as if it were not there, and its row is not touched."""
    return await lock_referral(tx, referral) if await find_referral(tx, caller, referral) else None


async def lock_known_referral(tx: Tx, referral: UUID) -> Referral | None:
    """Return a referral of any practice, locked; an id that stands for none leaves no trace."""
    known = await tx.fetchval("SELECT true FROM referral WHERE id = $1", referral)
    return await lock_referral(tx, referral) if known else None


async def get_locked_referral(tx: Tx, referral: UUID) -> Referral:
    """Return a referral that must be here, locked.

    Raises:
        RejectedMessage: it is not: this database was set back to before it came.
    """
    found = await lock_referral(tx, referral)
    if found is None:
        raise RejectedMessage("intake does not know this referral")
    return found


async def find_referral(tx: Tx, caller: Caller, referral: UUID) -> Referral | None:
    """Return a practice's own referral, if it is one."""
    row = await tx.fetchrow(
        "SELECT * FROM referral WHERE id = $1 AND programme = $2 AND practice = $3",
        referral,
        caller.programme,
        caller.practice,
    )
    return _referral(row) if row else None


async def find_open_referrals(tx: Tx, caller: Caller, limit: int) -> list[Referral]:
    """Return a practice's open referrals, newest first."""
    rows = await tx.fetch(
        """
        SELECT * FROM referral
        WHERE programme = $1 AND practice = $2 AND state = ANY ($3::text[])
        ORDER BY received_at DESC, id LIMIT $4
        """,
        caller.programme,
        caller.practice,
        [*OPEN],
        limit,
    )
    return [_referral(row) for row in rows]


async def find_sent_as(tx: Tx, caller: Caller, sender_reference: bytes) -> list[UUID]:
    """Return the referrals that a practice calls by this name, newest first."""
    rows = await tx.fetch(
        """
        SELECT id FROM referral WHERE sender_reference = $3 AND programme = $1 AND practice = $2
        ORDER BY received_at DESC, id
        """,
        caller.programme,
        caller.practice,
        sender_reference,
    )
    return [row["id"] for row in rows]


async def find_same_person(tx: Tx, person: UUID, within: timedelta) -> UUID | None:
    """Return the latest open referral of a person received within a time, if there is one."""
    found: UUID | None = await tx.fetchval(
        """
        SELECT id FROM referral
        WHERE person = $1 AND received_at > now() - $2::interval AND state = ANY ($3::text[])
        ORDER BY received_at DESC, id LIMIT 1
        """,
        person,
        within,
        [*OPEN],
    )
    return found


async def find_due(tx: Tx, limit: int) -> list[tuple[UUID, datetime]]:
    """Return referrals whose clock has run out, the longest overdue first, and when it did."""
    rows = await tx.fetch("SELECT id, due_at FROM referral WHERE due_at <= now() ORDER BY due_at, id LIMIT $1", limit)
    return [(row["id"], row["due_at"]) for row in rows]


def save_step(tx: Tx, referral: UUID, step: Step) -> None:
    """Append a line to a referral's timeline."""
    tx.write(
        """
        INSERT INTO timeline (id, referral, at, what, facts) VALUES ($1, $2, now(), $3, $4)
        ON CONFLICT (id) DO NOTHING
        """,
        tx.new_id("timeline"),
        referral,
        step.what,
        step.facts,
    )


async def get_timeline(tx: Tx, referrals: Sequence[UUID]) -> dict[UUID, list[Mapping[str, Any]]]:
    """Return the timelines of referrals, each oldest first."""
    rows = await tx.fetch(
        """
        SELECT referral, at, what, facts FROM timeline WHERE referral = ANY ($1::uuid[]) ORDER BY n
        """,
        list(referrals),
    )
    found: dict[UUID, list[Mapping[str, Any]]] = {referral: [] for referral in referrals}
    for row in rows:
        found[row["referral"]].append({"at": row["at"], "what": row["what"], "facts": row["facts"]})
    return found


def _referral(row: Record) -> Referral:
    own = {name: row[name] for name in Referral.__dataclass_fields__}
    return Referral(
        **own
        | {
            "state": State(row["state"]),
            "missing": tuple(row["missing"]),
            "risk_kinds": tuple(row["risk_kinds"]),
            "stated_needs": tuple(row["stated_needs"]),
            "revoked": tuple(row["revoked"]),
            "preferences": Preferences.model_validate(row["preferences"]),
            "agreement": Agreement.model_validate(row["agreement"]),
        }
    )


async def save_decision(tx: Tx, referral: UUID, *, what: str, decided_by: str) -> None:
    """Write down which named person decided what about a referral."""
    await tx.execute(
        """
        INSERT INTO decision (id, referral, what, decided_by) VALUES ($1, $2, $3, $4)
        """,
        tx.new_id("decision"),
        referral,
        what,
        decided_by,
    )
