"""Topics of a test's own on the real Kafka, a producer, and loops that are stopped whatever happens."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer

from shared.contracts import Event, ReferralClosed, Topic
from shared.messaging import Database
from shared.messaging.batch import Batcher, Consumer
from shared.messaging.consumer import ConsumerLoop
from shared.messaging.handlers import collect
from shared.messaging.membership import LoopSettings
from shared.messaging.migrate import Target
from shared.messaging.parking import Schedule
from shared.messaging.topics import cluster_id, create
from tests.harness import PARKING_KEY, open_database, record_of
from tests.integration.messaging import toy


@pytest.fixture
def schemas() -> list[Target]:
    """The toy's schema alone."""
    return [toy.SCHEMA]


def closed(reason: str = "done", referral: UUID | None = None) -> ReferralClosed:
    return ReferralClosed(referral=referral or uuid4(), programme="toy", practice="toy", reason=reason)


async def until(met: Callable[[], Awaitable[bool]], seconds: float = 60) -> None:
    """Wait for a condition; fail when it is not met in time."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not await met():
        assert asyncio.get_running_loop().time() < deadline, "not met in time"
        await asyncio.sleep(0.05)


class Toys:
    """A toy service's database, topic and loops."""

    def __init__(
        self, database: Database, bootstrap: str, topic: str, producer: AIOKafkaProducer, cluster: str
    ) -> None:
        self.database, self.bootstrap, self.topic, self.producer = database, bootstrap, topic, producer
        self.cluster, self.group = cluster, topic.rpartition(".")[2]
        self.loops: list[ConsumerLoop] = []

    def loop(self, *, cluster: str | None = None, **also: Any) -> ConsumerLoop:
        """Make a replica of the consumer, with some settings of its own; it is stopped when the test ends."""
        consumer = Consumer(self.group, cluster or self.cluster, PARKING_KEY, Schedule())
        settings = LoopSettings(session_timeout_ms=6000, heartbeat_ms=300, **also)
        handlers = collect(toy)
        made = ConsumerLoop(self.bootstrap, (self.topic,), handlers, Batcher(self.database, consumer), settings)
        self.loops.append(made)
        return made

    async def send(self, *events: Event, age_seconds: float = 0) -> None:
        """Put events on the topic, as a relay would have done so long ago."""
        written_ms = int((time.time() - age_seconds) * 1000)
        sent = []
        for event in events:
            record, at = record_of(event), {"timestamp_ms": written_ms} if age_seconds else {}
            sent.append(
                await self.producer.send(
                    self.topic, key=record.key, value=record.value, headers=list(record.headers), **at
                )
            )
        await asyncio.gather(*sent)

    async def let_go(self, key: UUID) -> None:
        """Let the handler go on that holds this key's event."""
        async with self.database.connection() as connection:
            await connection.execute("INSERT INTO known VALUES ($1)", str(key))

    async def value(self, sql: str, *args: object) -> object:
        """Run a query for one value, as the service's role."""
        async with self.database.connection() as connection:
            return await connection.fetchval(sql, *args)

    async def effects(self) -> list[str]:
        """Return the reasons of all effects in the order of their commits."""
        async with self.database.connection() as connection:
            return [row["reason"] for row in await connection.fetch("SELECT reason FROM effect ORDER BY n")]

    async def until_effects(self, count: int, seconds: float = 60) -> None:
        """Wait until so many effects are there."""

        async def there() -> bool:
            return await self.value("SELECT count(*) FROM effect") >= count  # type: ignore[operator]  # a count

        await until(there, seconds)


@pytest_asyncio.fixture
async def toys(service_dsn: str, kafka_server: str) -> AsyncIterator[Toys]:
    """A fresh database and topic for the toy consumer."""
    topic = f"linkway.partner.toy-{uuid4().hex[:12]}"
    await create(kafka_server, [Topic(topic, "toy", partitions=4)], replication=1)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(service_dsn, "toy"))
        producer = AIOKafkaProducer(bootstrap_servers=kafka_server, acks="all", enable_idempotence=True)
        await producer.start()
        stack.push_async_callback(producer.stop)
        made = Toys(database, kafka_server, topic, producer, await cluster_id(kafka_server))
        yield made
        for loop in made.loops:
            if loop._kafka is not None:
                await loop.stop()
