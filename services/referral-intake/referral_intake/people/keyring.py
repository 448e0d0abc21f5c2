"""Keep a data key per person in the key database, wrapped by the environment's key; destroying it erases the person."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.messaging import Database, Unavailable
from shared.sealing import KEY_BYTES, new_key, open_sealed, seal
from shared.service.health import answers


class PersonErasedError(Exception):
    """The person's key was destroyed: nothing of theirs can be opened any more."""


@dataclass(frozen=True, slots=True, repr=False)
class MasterKeys:
    """The keys derived from the wrapping key, one a purpose, so that none is used for two things."""

    wrapping: bytes
    fingerprints: bytes
    bodies: bytes

    @classmethod
    def derive(cls, wrapping_key: bytes) -> "MasterKeys":
        """Derive the keys from the environment's key of 32 bytes."""
        return cls(*(_derive(wrapping_key, purpose) for purpose in (b"wrapping", b"fingerprints", b"bodies")))


def _derive(key: bytes, purpose: bytes) -> bytes:
    if len(key) != KEY_BYTES:
        raise ValueError("the wrapping key has 32 bytes")
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"linkway referral-intake " + purpose).derive(key)


class Keyring:
    """The keys of people, each statement committed by itself."""

    def __init__(self, database: Database, wrapping: bytes) -> None:
        self._database = database
        self._wrapping = wrapping
        self._open = False

    async def open(self) -> None:
        """Open the pool; it connects when it is first used."""
        await self._database.open()
        self._open = True

    async def close(self) -> None:
        """Close the pool."""
        await self._database.close()

    async def answers(self) -> bool:
        """Say whether keys can be had now."""
        return self._open and await answers(self._database)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        if not self._open:
            raise Unavailable("the key database is not open yet")
        async with self._database.connection() as connection:
            yield connection

    async def make(self, person: UUID) -> bytes:
        """Return a person's key, made now if there is none; it is committed when this returns.

        Raises:
            Unavailable: the data was set back to before the person's erasure, which is applied again in a moment.
        """
        async with self._connection() as connection:
            wrapped = await connection.fetchval(_MAKE, person, seal(self._wrapping, new_key(), _context(person)))
        if wrapped is not None:
            return open_sealed(self._wrapping, wrapped, _context(person))
        try:
            return await self.find(person)
        except PersonErasedError:
            raise Unavailable("the erasure log is not applied to the data yet") from None

    async def find(self, person: UUID) -> bytes:
        """Return a person's key.

        Raises:
            PersonErasedError: there is none any more.
        """
        async with self._connection() as connection:
            wrapped = await connection.fetchval(_FIND, person)
        if wrapped is None:
            raise PersonErasedError
        return open_sealed(self._wrapping, wrapped, _context(person))

    async def destroy(self, people: Iterable[UUID]) -> None:
        """Destroy the keys of people and log it; again is no harm."""
        async with self._connection() as connection:
            await connection.execute(_DESTROY, list(people))

    async def destroyed(self) -> list[UUID]:
        """Return everyone whom the key database's erasure log names."""
        async with self._connection() as connection:
            return [row["person"] for row in await connection.fetch("SELECT person FROM erasure ORDER BY person")]


def _context(person: UUID) -> bytes:
    return b"person key " + person.bytes


_MAKE = """
    INSERT INTO person_key (person, wrapped)
    SELECT $1, $2 WHERE NOT EXISTS (SELECT FROM erasure WHERE person = $1)
    ON CONFLICT (person) DO NOTHING
    RETURNING wrapped
"""

_FIND = """
    SELECT wrapped FROM person_key WHERE person = $1 AND NOT EXISTS (SELECT FROM erasure WHERE person = $1)
"""

_DESTROY = """
    WITH logged AS (
        INSERT INTO erasure (person) SELECT unnest($1::uuid[]) ON CONFLICT (person) DO NOTHING
    )
    DELETE FROM person_key WHERE person = ANY ($1::uuid[])
"""
