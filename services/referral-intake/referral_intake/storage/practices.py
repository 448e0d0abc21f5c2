"""Programmes, practices and the keys that practices call with."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from referral_intake.domain import Caller, Programme
from shared.clocks import Clock
from shared.messaging import Tx


@dataclass(frozen=True, slots=True)
class Practice:
    """A practice of a programme."""

    id: str
    name: str
    ods_code: str | None


async def find_caller(tx: Tx, key_hash: bytes) -> Caller | None:
    """Return whose key this is; revoked keys and practices that left are nobody's."""
    row = await tx.fetchrow(
        """
        SELECT api_key.programme, api_key.practice
        FROM api_key JOIN practice ON practice.programme = api_key.programme AND practice.id = api_key.practice
        WHERE api_key.hash = $1 AND api_key.revoked_at IS NULL AND practice.current
        """,
        key_hash,
    )
    return Caller(row["programme"], row["practice"]) if row else None


async def save_key(tx: Tx, caller: Caller, key_hash: bytes) -> None:
    """Store the hash of a new key."""
    await tx.execute(
        """
        INSERT INTO api_key (hash, programme, practice) VALUES ($1, $2, $3)
        """,
        key_hash,
        caller.programme,
        caller.practice,
    )


async def revoke_keys(tx: Tx, caller: Caller) -> int:
    """Revoke every key of a practice and return how many there were."""
    tag = await tx.execute(
        "UPDATE api_key SET revoked_at = now() WHERE programme = $1 AND practice = $2 AND revoked_at IS NULL",
        caller.programme,
        caller.practice,
    )
    return int(tag.rpartition(" ")[2])


async def find_practices(tx: Tx, programme: str) -> list[Practice]:
    """Return a programme's current practices, by id."""
    rows = await tx.fetch(
        "SELECT id, name, ods_code FROM practice WHERE programme = $1 AND current ORDER BY id", programme
    )
    return [Practice(row["id"], row["name"], row["ods_code"]) for row in rows]


async def is_of_another_practice(tx: Tx, caller: Caller, ods_code: str) -> bool:
    """Say whether an organisation code is known as another practice's and not as the caller's."""
    others = await tx.fetchval(
        """
        SELECT bool_and((programme, id) <> ($1, $2)) FROM practice WHERE upper(ods_code) = upper($3)
        """,
        caller.programme,
        caller.practice,
        ods_code,
    )
    return bool(others)


async def get_programme(tx: Tx, programme: str) -> Programme:
    """Return what a programme's file says that intake decides by."""
    said: dict[str, Any] = await tx.fetchval("SELECT settings FROM programme WHERE id = $1", programme)
    return Programme(
        minimum_age=said["minimum_age"],
        councils=frozenset(said["councils"]),
        needs_information=Clock.read(said["needs_information"]),
        return_decision=Clock.read(said["return_decision"]),
        clock_rules=said["clock_rules"],
    )


async def find_digest(tx: Tx, programme: str) -> str | None:
    """Return the digest of the file that was applied last, locking the programme."""
    digest: str | None = await tx.fetchval("SELECT digest FROM programme WHERE id = $1 FOR NO KEY UPDATE", programme)
    return digest


async def save_programme(tx: Tx, programme: str, name: str, settings: dict[str, Any], digest: str) -> int:
    """Store a programme's settings and return the number of their version."""
    version: int = await tx.fetchval(
        """
        INSERT INTO programme (id, name, settings, digest) VALUES ($1, $2, $3, $4)
        ON CONFLICT (id) DO UPDATE
        SET name = excluded.name, settings = excluded.settings, digest = excluded.digest, applied_at = now(),
            version = programme.version + 1
        RETURNING version
        """,
        programme,
        name,
        settings,
        digest,
    )
    return version


async def save_practices(tx: Tx, programme: str, practices: Iterable[Practice]) -> None:
    """Store a programme's practices; those no longer named are kept and may send no more."""
    await tx.execute("UPDATE practice SET current = false WHERE programme = $1", programme)
    await tx.executemany(
        """
        INSERT INTO practice (programme, id, name, ods_code) VALUES ($1, $2, $3, $4)
        ON CONFLICT (programme, id) DO UPDATE
        SET name = excluded.name, ods_code = excluded.ods_code, current = true
        """,
        [(programme, practice.id, practice.name, practice.ods_code) for practice in practices],
    )
