"""The statements on referrals: taken over, stopped, and what this service says of who has them."""

from dataclasses import replace
from uuid import UUID

from asyncpg import Record

from matching.domain import Referral
from shared.contracts import Place, Preferences
from shared.messaging import NotYet, Tx
from shared.service import Custody


async def save_referral(tx: Tx, referral: Referral) -> Referral | None:
    """Take a referral over and return it with a risk that was told before, or None where it is not new.

    A refusal that arrived before it stands.
    """
    row = await tx.fetchrow(
        """
        INSERT INTO referral (id, programme, state, practice, person, needs, age, place, preferences, sharing,
            accepted_at, turn_at, urgency)
        VALUES ($1, $2, 'waiting', $3, $4, $5, $6, $7, $8, $9, now(), $10, $11)
        ON CONFLICT (id) DO UPDATE SET
            state = 'waiting', practice = $3, person = $4, needs = $5, age = $6, place = $7, preferences = $8,
            sharing = CASE referral.sharing WHEN 'declined' THEN 'declined' ELSE $9 END,
            accepted_at = now(), turn_at = $10, urgency = $11
        WHERE referral.state = 'announced'
        RETURNING at_risk
        """,
        referral.id,
        referral.programme,
        referral.practice,
        referral.person,
        list(referral.needs),
        referral.age,
        referral.place.model_dump(mode="json", exclude={"simd_quintile"}),
        referral.preferences.model_dump(mode="json"),
        referral.sharing,
        referral.turn_at,
        referral.urgency,
    )
    return replace(referral, at_risk=row["at_risk"]) if row else None


async def save_risk(tx: Tx, referral: UUID, programme: str) -> Referral | None:
    """Keep that a current risk was read, and return the referral if it waits for a link worker."""
    row = await tx.fetchrow(
        """
        INSERT INTO referral (id, programme, state, at_risk) VALUES ($1, $2, 'announced', true)
        ON CONFLICT (id) DO UPDATE SET at_risk = true
        RETURNING *
        """,
        referral,
        programme,
    )
    return referral_of(row) if row and row["state"] == "waiting" else None


async def get_referral(tx: Tx, referral: UUID) -> Referral:
    """Return a referral that was accepted.

    Raises:
        NotYet: its acceptance has not arrived.
    """
    row = await tx.fetchrow("SELECT * FROM referral WHERE id = $1 AND practice IS NOT NULL", referral)
    if row is None:
        raise NotYet("the referral's acceptance has not arrived")
    return referral_of(row)


async def save_needs(tx: Tx, referral: Referral) -> None:
    """Keep a referral's corrected needs."""
    await tx.execute("UPDATE referral SET needs = $2 WHERE id = $1", referral.id, list(referral.needs))


async def end_referral(tx: Tx, referral: UUID, programme: str, reason: str, *, withdrawn: bool) -> None:
    """End a referral: it leaves its caseload or the queue, and one that is not here yet ends before it begins.

    One that was withdrawn stays ended, in whatever order the topics tell of it.
    """
    await tx.execute(
        """
        INSERT INTO referral (id, programme, state, ended_at, end_reason, withdrawn)
        VALUES ($1, $2, 'ended', now(), $3, $4)
        ON CONFLICT (id) DO UPDATE SET
            state = 'ended', ended_at = coalesce(referral.ended_at, now()), try_again_at = NULL,
            end_reason = CASE WHEN referral.withdrawn THEN referral.end_reason ELSE $3 END,
            withdrawn = referral.withdrawn OR $4
        """,
        referral,
        programme,
        reason,
        withdrawn,
    )


async def reopen_referral(tx: Tx, referral: UUID, link_worker: str) -> None:
    """Open a referral again whose case was closed."""
    await tx.execute(
        """
        UPDATE referral SET state = 'assigned', ended_at = NULL, end_reason = NULL,
            link_worker = $2, assigned_at = coalesce(assigned_at, now())
        WHERE id = $1 AND state = 'ended' AND NOT withdrawn
        """,
        referral,
        link_worker,
    )


async def forget_person(tx: Tx, referral: UUID) -> None:
    """Forget who a referral was of, their age, where they live and what they prefer."""
    await tx.execute(
        """
        UPDATE referral SET person = gen_random_uuid(), age = NULL, place = '{}', preferences = '{}'
        WHERE id = $1 AND person IS NOT NULL
        """,
        referral,
    )


async def revoke(tx: Tx, referral: UUID, programme: str, organisation: str | None) -> None:
    """Keep that the person took back their agreement to share with an organisation, or with all."""
    await tx.execute(
        """
        INSERT INTO referral (id, programme, state, sharing, refused)
        VALUES ($1, $2, 'announced', CASE WHEN $3::text IS NULL THEN 'declined' ELSE 'ask' END,
            array_remove(ARRAY[$3::text], NULL))
        ON CONFLICT (id) DO UPDATE SET
            sharing = CASE WHEN $3 IS NULL THEN 'declined' ELSE referral.sharing END,
            refused = array_remove(array_append(array_remove(referral.refused, $3), $3), NULL)
        """,
        referral,
        programme,
        organisation,
    )


async def save_sharing(tx: Tx, referral: UUID, sharing: str) -> None:
    """Keep an agreement as it was recorded anew; it takes the place of every refusal before it."""
    await tx.execute("UPDATE referral SET sharing = $2, refused = '{}' WHERE id = $1", referral, sharing)


async def custody(tx: Tx, keys: list[str]) -> dict[str, Custody]:
    """Say of each referral who has it: the queue, an organisation that is being asked, casework, or nobody any more."""
    rows = await tx.fetch(
        """
        SELECT referral.id::text AS key, referral.state, referral.programme, referral.try_again_at,
            asked.organisation, asked.respond_by
        FROM referral
        LEFT JOIN LATERAL (
            SELECT organisation, respond_by FROM offer
            WHERE offer.referral = referral.id AND offer.state = 'open' ORDER BY respond_by, id LIMIT 1
        ) AS asked ON true
        WHERE referral.id = ANY (
            SELECT key::uuid FROM unnest($1::text[]) AS key WHERE key ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
        ) AND referral.state <> 'announced'
        """,
        keys,
    )
    return {row["key"]: _custody_of(row) for row in rows}


def _custody_of(row: Record) -> Custody:
    if row["state"] == "ended":
        return Custody("closed", "ended")
    if row["state"] == "waiting":
        return Custody("open", "awaiting-link-worker", f"queue of {row['programme']}", row["try_again_at"])
    if row["respond_by"] is not None:
        return Custody("open", "offered", row["organisation"], row["respond_by"], "casework")
    return Custody("handed-on", "assigned", next_service="casework")


def referral_of(row: Record) -> Referral:
    """Turn a row into a record."""
    return Referral(
        id=row["id"],
        programme=row["programme"],
        practice=row["practice"],
        person=row["person"],
        needs=tuple(row["needs"]),
        age=row["age"],
        place=Place.model_validate(row["place"], context={"reading": True}),
        preferences=Preferences.model_validate(row["preferences"], context={"reading": True}),
        sharing=row["sharing"],
        refused=frozenset(row["refused"]),
        state=row["state"],
        urgency=row["urgency"],
        at_risk=row["at_risk"],
        weight=row["weight"],
        required=frozenset(row["required"]),
        handed_over=row["handed_over"],
        turn_at=row["turn_at"],
        try_again_at=row["try_again_at"],
        attempts=row["attempts"],
    )
