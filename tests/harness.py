"""Drives one service's handlers through the real batch machinery, without Kafka: deliver events, read the outbox."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime
from types import ModuleType
from typing import Any
from uuid import UUID, uuid4

from faststream import ContextRepo

from shared.contracts import EVENTS, Envelope, Event
from shared.messaging import Database
from shared.messaging.batch import Batcher, Consumer
from shared.messaging.errors import Unavailable
from shared.messaging.handlers import collect
from shared.messaging.parking import Schedule
from shared.messaging.reading import Record, sort
from shared.messaging.redrive import Redrive

PARKING_KEY = bytes(range(32))
PATIENCE_SECONDS = 30
"""How long a test waits for a connection; a service waits a second, which a busy machine can need to make one."""


def record_of(event: Event, *, event_id: UUID | None = None, offset: int = 0, topic: str | None = None) -> Record:
    """Return the Kafka record that carries an event."""
    envelope = Envelope(
        id=event_id or uuid4(),
        source="test",
        type=event.type,
        time=datetime.now(UTC),
        subject=event.key,
        correlation_id="test",
        causation_id="test",
    )
    return Record(
        topic or event.topic_name, 0, offset, event.key.encode(), event.to_json(), tuple(envelope.to_headers())
    )


class Bench:
    """A service's handlers over a database; each delivery is one batch of the real machinery."""

    def __init__(self, database: Database, handlers: ModuleType, schedule: Schedule, **context: Any) -> None:
        repo = ContextRepo()
        for name, value in context.items():
            repo.set_global(name, value)
        self.database = database
        self.handlers = collect(handlers, repo)
        self.consumer = Consumer("test", "test-cluster", PARKING_KEY, schedule)
        self.batcher = Batcher(database, self.consumer)
        self.redrive = Redrive(database, self.consumer, self.handlers)
        self._offsets = itertools.count()

    async def deliver(self, *events: Event, event_id: UUID | None = None) -> None:
        """Handle events in one batch; `event_id` repeats an earlier delivery."""
        await self.deliver_records(
            *(record_of(event, event_id=event_id, offset=next(self._offsets)) for event in events)
        )

    async def deliver_records(self, *records: Record) -> None:
        """Handle raw records in one batch."""
        for record in records:
            if record.partition not in self.batcher.at:
                self.batcher.at[record.partition] = record.offset
                async with self.database.connection() as connection:
                    await connection.execute(
                        "INSERT INTO position VALUES ('test', $1, 0, $2)", record.topic, record.offset
                    )
        await self.batcher.run([sort(record, self.handlers) for record in records])

    async def published(self, kind: type[Event] | None = None) -> list[Any]:
        """Return the events in the outbox, in their order, of one type or of all."""
        async with self.database.connection() as connection:
            rows = await connection.fetch("SELECT type, value FROM outbox ORDER BY id")
        events = [EVENTS[row["type"]].from_json(row["value"]) for row in rows]
        return [event for event in events if kind is None or isinstance(event, kind)]

    async def parked(self) -> list[dict[str, Any]]:
        """Return what is parked and not settled."""
        async with self.database.connection() as connection:
            rows = await connection.fetch("SELECT * FROM parked WHERE settled_at IS NULL ORDER BY seq")
        return [dict(row) for row in rows]

    async def rows(self, sql: str, *args: object) -> list[dict[str, Any]]:
        """Run a query as the service's role."""
        async with self.database.connection() as connection:
            return [dict(row) for row in await connection.fetch(sql, *args)]


class PatientDatabase(Database):
    """A database that waits longer for a connection than a service does; what else is wrong is told as ever."""

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        """Give a connection of the pool."""
        async with AsyncExitStack() as stack:
            yield await self._wait_for_one(stack)

    async def _wait_for_one(self, stack: AsyncExitStack) -> Any:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                try:
                    return await stack.enter_async_context(super().connection())
                except Unavailable as error:
                    if not isinstance(error.__cause__, TimeoutError):
                        raise


async def warm(database: Database, connections: int = 1) -> None:
    """Have a service's own pool make its connections before a test needs as many within the second it has."""
    async with AsyncExitStack() as stack, asyncio.timeout(PATIENCE_SECONDS):
        made = 0
        while made < connections:
            with suppress(Unavailable):
                await stack.enter_async_context(database.connection())
                made += 1


@asynccontextmanager
async def open_database(service_dsn: str, schema: str, source: str = "test", size: int = 4) -> AsyncIterator[Database]:
    """Open a pool as a service's role."""
    database = PatientDatabase(service_dsn, user=schema, schema=schema, source=source, size=size)
    await database.open()
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def bench(
    service_dsn: str, schema: str, handlers: ModuleType, *, schedule: Schedule | None = None, **context: Any
) -> AsyncIterator[Bench]:
    """Give a bench over a fresh database; `context` fills the handlers' Context parameters."""
    async with open_database(service_dsn, schema) as database:
        yield Bench(database, handlers, schedule or Schedule(), **context)
