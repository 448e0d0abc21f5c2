"""One PostgreSQL transaction as handlers, requests and workers see it: load, decide, save, publish."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import asyncpg

from shared.contracts import TOPICS, Envelope, Event
from shared.messaging.errors import MessagingError

LINKWAY = UUID("6c1e1d5e-5a53-5c7b-9f0e-0d7a3c5e9b11")
"""Namespace of every id that Linkway derives."""

OUTBOX_LIMIT_BYTES = 256 * 1024


PUBLISHABLE = re.compile("|".join([*(re.escape(topic.name) for topic in TOPICS), r"linkway\.partner\.[a-z0-9-]{1,64}"]))
"""The topics that exist: those of the registry, and one for each partner organisation that asked for it."""


class UnknownTopic(MessagingError):
    """An event names a topic that is not in the registry; nothing was written."""


class TooLarge(MessagingError):
    """An event is over 256 KiB, which the broker might refuse; nothing was written."""


@dataclass(frozen=True, slots=True)
class Cause:
    """What led to a transaction; ids derived from it are the same whenever it is done again."""

    id: UUID
    handler: str
    correlation_id: str

    @classmethod
    def request(cls, handler: str, request_id: str, correlation_id: str | None = None) -> "Cause":
        """Return the cause of an HTTP request; the same request id gives the same event ids."""
        return cls(uuid5(LINKWAY, f"request:{handler}:{request_id}"), handler, correlation_id or request_id)

    @classmethod
    def tick(cls, worker: str, key: str) -> "Cause":
        """Return the cause of a worker's act on one row; `key` names the row and the round."""
        cause = uuid5(LINKWAY, f"tick:{worker}:{key}")
        return cls(cause, worker, str(cause))

    @classmethod
    def event(cls, handler: str, envelope: Envelope) -> "Cause":
        """Return the cause of handling an event."""
        return cls(envelope.id, handler, envelope.correlation_id)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An event in the buffer, with its id already fixed."""

    envelope: Envelope
    topic: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Opening:
    """A transaction's first statement and its arguments; it returns one row, with the transaction's time as `now`."""

    sql: str
    arguments: tuple[object, ...] = ()


JUST_NOW = Opening("SELECT now() AS now")


class Tx:
    """A transaction with its time, its cause and a buffer of events that are stored just before the commit."""

    def __init__(self, connection: Any, opened: Mapping[str, Any], source: str, cause: Cause) -> None:
        self._connection = connection
        self.opened = opened
        self._source = source
        self._locked: set[str] = set()
        self._counts: Counter[tuple[UUID, str, str]] = Counter()
        self.outgoing: list[Outgoing] = []
        self._writes: dict[str, list[Sequence[object]]] = {}
        self.now: datetime = opened["now"]
        self.cause = cause
        self.envelope: Envelope | None = None

    async def fetch(self, sql: str, *args: object) -> list[asyncpg.Record]:
        """Return all rows."""
        rows: list[asyncpg.Record] = await self._connection.fetch(sql, *args)
        return rows

    async def fetchrow(self, sql: str, *args: object) -> asyncpg.Record | None:
        """Return the first row, or None."""
        row: asyncpg.Record | None = await self._connection.fetchrow(sql, *args)
        return row

    async def fetchval(self, sql: str, *args: object) -> Any:
        """Return the first column of the first row, or None."""
        return await self._connection.fetchval(sql, *args)

    async def execute(self, sql: str, *args: object) -> str:
        """Run one statement and return its command tag."""
        tag: str = await self._connection.execute(sql, *args)
        return tag

    async def executemany(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for each row."""
        await self._connection.executemany(sql, rows)

    def write(self, sql: str, *args: object) -> None:
        """Buffer a write that nothing in this transaction reads; before the commit it goes with all others like it.

        A statement's rows are written in one go, in their order, and statements in the order of their first rows.
        """
        self._writes.setdefault(sql, []).append(args)

    async def flush_writes(self) -> None:
        """Send what was buffered."""
        writes, self._writes = self._writes, {}
        for sql, rows in writes.items():
            if len(rows) == 1:
                await self.execute(sql, *rows[0])
            else:
                await self.executemany(sql, rows)

    def begin_cause(self, cause: Cause, envelope: Envelope | None = None) -> None:
        """Turn to the next cause of this transaction: a batch handles many events in one."""
        self.cause = cause
        self.envelope = envelope

    def new_id(self, name: str) -> UUID:
        """Return an id for a row that this cause creates: the same under replay."""
        return uuid5(self.cause.id, f"{self.cause.handler}:{name}:{self._count(name)}")

    def publish(self, event: Event) -> UUID:
        """Buffer an event and return its id; it leaves when the transaction has committed."""
        value = event.to_json()
        if len(value) > OUTBOX_LIMIT_BYTES:
            raise TooLarge(f"{event.type} has {len(value)} bytes")
        if not PUBLISHABLE.fullmatch(event.topic_name):
            raise UnknownTopic(f"{event.type} goes to no topic of the registry")
        envelope = Envelope(
            id=self.new_id(event.type),
            source=self._source,
            type=event.type,
            time=self.now,
            subject=event.key,
            correlation_id=self.cause.correlation_id,
            causation_id=str(self.cause.id),
            traceparent=self.envelope.traceparent if self.envelope else None,
        )
        self.outgoing.append(Outgoing(envelope, event.topic_name, value))
        return envelope.id

    async def lock_keys(self, keys: Iterable[str]) -> None:
        """Lock the rows of these keys, in order, creating those that this service sees for the first time."""
        wanted = sorted(set(keys) - self._locked)
        if wanted:
            await self.locked(wanted, await self._connection.fetchval(_CREATE_AND_LOCK_SUBJECTS, wanted))

    async def lock_free_keys(self, keys: Sequence[str]) -> frozenset[str]:
        """Lock the rows of those keys that nobody else has locked, without waiting, and return which those are."""
        if not keys:
            return frozenset()
        rows = await self._connection.fetch(_LOCK_FREE_SUBJECTS, sorted({*keys} - self._locked))
        self._locked.update(row["key"] for row in rows)
        return frozenset(self._locked.intersection(keys))

    def holds(self, key: str) -> bool:
        """Say whether this transaction has locked a key's row: what consumes an event always has."""
        return key in self._locked

    async def locked(self, keys: Sequence[str], rows: int) -> None:
        """Take note of keys that one statement has created and locked, so many rows of them.

        A row that another transaction committed after that statement began was not seen by it: then look again.
        """
        if rows < len(keys):
            await self._connection.execute(_LOCK_SUBJECTS, keys)
        self._locked.update(keys)

    def _count(self, name: str) -> int:
        counted = (self.cause.id, self.cause.handler, name)
        self._counts[counted] += 1
        return self._counts[counted]


CREATE_AND_LOCK_SUBJECTS = """
    new AS (
        INSERT INTO subject (key)
        SELECT key FROM unnest($1::text[]) AS key ORDER BY key
        ON CONFLICT (key) DO NOTHING
        RETURNING key
    ), known AS (
        SELECT key FROM subject WHERE key = ANY ($1::text[]) ORDER BY key FOR NO KEY UPDATE
    )
"""
"""Two parts of a WITH clause; each row of either is one of the keys."""

_CREATE_AND_LOCK_SUBJECTS = f"""
    WITH {CREATE_AND_LOCK_SUBJECTS}
    SELECT (SELECT count(*) FROM new) + (SELECT count(*) FROM known)
"""  # noqa: S608 -- constants of this package

_LOCK_SUBJECTS = """
    SELECT FROM subject WHERE key = ANY ($1::text[]) ORDER BY key FOR NO KEY UPDATE
"""

_LOCK_FREE_SUBJECTS = """
    SELECT key FROM subject WHERE key = ANY ($1::text[]) ORDER BY key FOR NO KEY UPDATE SKIP LOCKED
"""
