"""People: found again by keyed hashes, sealed parts, notes, and the audit of who was given what."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.messaging import Tx


async def claim_person(tx: Tx, programme: str, fingerprints: Sequence[bytes], candidate: UUID) -> UUID:
    """Return the person whom the surest known fingerprint means, else the candidate as a new person; lock their row.

    Two referrals of the same new person at the same moment meet at a fingerprint, and the second waits. An erasure
    removes the fingerprints under the person's lock, so they are looked up again when it is held.
    """
    person = await _find_person(tx, fingerprints)
    if person is not None:
        await _lock_person(tx, person)
        if await _find_person(tx, fingerprints) == person:
            await _add_matches(tx, fingerprints, person)
            return person
    if await _add_person(tx, programme, fingerprints, candidate) == len(set(fingerprints)):
        return candidate
    person = await _find_person(tx, fingerprints)
    return candidate if person in {None, candidate} else await _adopt(tx, candidate, person)


async def _adopt(tx: Tx, candidate: UUID, person: UUID) -> UUID:
    """Give a candidate's fingerprints to the person whom another referral made a moment before."""
    await _lock_person(tx, person)
    await tx.execute("UPDATE person_match SET person = $2 WHERE person = $1", candidate, person)
    await tx.execute("DELETE FROM person WHERE id = $1", candidate)
    return person


async def _lock_person(tx: Tx, person: UUID) -> None:
    await tx.execute("SELECT FROM person WHERE id = $1 FOR NO KEY UPDATE", person)


async def _find_person(tx: Tx, fingerprints: Sequence[bytes]) -> UUID | None:
    found: UUID | None = await tx.fetchval(
        """
        SELECT person FROM person_match
        WHERE fingerprint = ANY ($1::bytea[])
        ORDER BY array_position($1::bytea[], fingerprint)
        LIMIT 1
        """,
        list(fingerprints),
    )
    return found


async def _add_person(tx: Tx, programme: str, fingerprints: Sequence[bytes], person: UUID) -> int:
    """Store a new person with the fingerprints that are not taken, and return how many those are."""
    rows = await tx.fetch(
        """
        WITH new AS (INSERT INTO person (id, programme) VALUES ($2, $3))
        INSERT INTO person_match (fingerprint, person)
        SELECT fingerprint, $2 FROM unnest($1::bytea[]) AS fingerprint ORDER BY fingerprint
        ON CONFLICT (fingerprint) DO NOTHING
        RETURNING fingerprint
        """,
        list(fingerprints),
        person,
        programme,
    )
    return len(rows)


async def _add_matches(tx: Tx, fingerprints: Sequence[bytes], person: UUID) -> None:
    await tx.execute(
        """
        INSERT INTO person_match (fingerprint, person)
        SELECT fingerprint, $2 FROM unnest($1::bytea[]) AS fingerprint ORDER BY fingerprint
        ON CONFLICT (fingerprint) DO NOTHING
        """,
        list(fingerprints),
        person,
    )


async def save_parts(tx: Tx, referral: UUID, parts: Mapping[str, bytes]) -> None:
    """Store sealed parts of a referral, in place of those it had."""
    await tx.executemany(
        """
        INSERT INTO sealed_part (referral, part, sealed) VALUES ($1, $2, $3)
        ON CONFLICT (referral, part) DO UPDATE SET sealed = excluded.sealed
        """,
        [(referral, part, sealed) for part, sealed in sorted(parts.items())],
    )


async def get_parts(tx: Tx, referral: UUID, parts: Iterable[str]) -> dict[str, bytes]:
    """Return sealed parts of a referral; a part that was never sent is left out."""
    rows = await tx.fetch(
        """
        SELECT part, sealed FROM sealed_part WHERE referral = $1 AND part = ANY ($2::text[])
        """,
        referral,
        list(parts),
    )
    return {row["part"]: row["sealed"] for row in rows}


async def find_person_of(tx: Tx, referral: UUID) -> UUID | None:
    """Return the person of a referral, if there is such a referral."""
    person: UUID | None = await tx.fetchval("SELECT person FROM referral WHERE id = $1", referral)
    return person


async def save_release(
    tx: Tx, referral: UUID, fields: Iterable[str], *, purpose: str, service: str, asked_by: str | None
) -> None:
    """Write down who was given which fields for what."""
    await tx.execute(
        """
        INSERT INTO release (referral, service, asked_by, purpose, fields) VALUES ($1, $2, $3, $4, $5)
        """,
        referral,
        service,
        asked_by,
        purpose,
        sorted(fields),
    )


async def save_note(tx: Tx, note: UUID, referral: UUID, *, kind: str, sealed: bytes, written_by: str) -> None:
    """Append a sealed note; the same note again is that note."""
    await tx.execute(
        """
        INSERT INTO note (id, referral, kind, sealed, written_by) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (id) DO NOTHING
        """,
        note,
        referral,
        kind,
        sealed,
        written_by,
    )


@dataclass(frozen=True, slots=True)
class Note:
    """A sealed note."""

    id: UUID
    kind: str
    sealed: bytes
    written_by: str
    written_at: datetime


async def get_notes(tx: Tx, referral: UUID) -> list[Note]:
    """Return the sealed notes of a referral, oldest first."""
    rows = await tx.fetch(
        """
        SELECT id, kind, sealed, written_by, written_at FROM note WHERE referral = $1 ORDER BY written_at, id
        """,
        referral,
    )
    return [Note(**dict(row)) for row in rows]


async def forget_person(tx: Tx, person: UUID, erased_by: str, reason: str) -> None:
    """Log the erasure with the data and forget how the person was found; the row itself stays for its referrals."""
    await _lock_person(tx, person)
    await tx.execute("DELETE FROM person_match WHERE person = $1", person)
    await tx.execute(
        """
        INSERT INTO erasure (person, erased_by, reason) VALUES ($1, $2, $3) ON CONFLICT (person) DO NOTHING
        """,
        person,
        erased_by,
        reason,
    )


async def erased_people(tx: Tx) -> list[UUID]:
    """Return everyone whom the data's erasure log names."""
    return [row["person"] for row in await tx.fetch("SELECT person FROM erasure ORDER BY person")]


async def referrals_of_person(tx: Tx, person: UUID) -> list[UUID]:
    """Return the ids of a person's referrals."""
    return [row["id"] for row in await tx.fetch("SELECT id FROM referral WHERE person = $1 ORDER BY id", person)]


async def forget_again(tx: Tx, people: Sequence[UUID]) -> int:
    """Log erasures that this database has lost and return how many; people whom it does not know need none."""
    forgotten = await tx.fetch(
        """
        WITH matches AS (DELETE FROM person_match WHERE person = ANY ($1::uuid[]))
        INSERT INTO erasure (person, erased_by, reason)
        SELECT id, 'erasure-log', 'restored' FROM person WHERE id = ANY ($1::uuid[])
        ON CONFLICT (person) DO NOTHING
        RETURNING person
        """,
        list(people),
    )
    return len(forgotten)
