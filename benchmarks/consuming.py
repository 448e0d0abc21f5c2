"""Lay events on a topic and have workers consume them, for the rows that measure consumers."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from aiokafka import AIOKafkaProducer

from benchmarks.messages import Kafka
from benchmarks.processes import Meter
from benchmarks.scene import Scene
from shared.contracts import Topic
from shared.messaging.topics import create

AT_ONCE = 1000
MACHINERY = ("subject", "inbox", "outbox", "position", "partition_owner", "started")


async def lay(kafka: str, topic: str, records: Sequence[Kafka]) -> None:
    """Create a topic like any of ours, if it is missing, and put records on it in their order."""
    await create(kafka, [Topic(topic, "bench")], 1)
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", linger_ms=5, max_batch_size=262_144)
    await producer.start()
    for begin in range(0, len(records), AT_ONCE):
        some = records[begin : begin + AT_ONCE]
        sent = [await producer.send(topic, key=key, value=value, headers=headers) for key, value, headers in some]
        await asyncio.gather(*sent)
    await producer.stop()


@dataclass
class Consuming:
    """Workers that consume one topic, each from its beginning, as a consumer that has never been before."""

    scene: Scene
    schema: str
    topic: str
    events: int
    tables: tuple[str, ...]
    """What the handlers write, emptied before each run."""
    meter: Meter = field(default_factory=Meter)
    per_core: list[float] = field(default_factory=list)
    """Events for each second of the consumer's own processor time."""

    async def machinery(self) -> float:
        """Return the events a second of the machinery with the schema's handlers."""
        with self.meter.running(self.scene.infrastructure(), self.events):
            figures = await self._run(bare=False)
        self.meter.add("consumer", figures["processor_seconds"])
        self.per_core.append(self.events / figures["processor_seconds"])
        return self.events / figures["seconds"]

    async def bare(self) -> float:
        """Return the events a second of the bare loop."""
        return self.events / (await self._run(bare=True))["seconds"]

    async def _run(self, *, bare: bool) -> dict[str, float]:
        tables = ", ".join(f"{self.schema}.{table}" for table in (*MACHINERY, *self.tables))
        await self.scene.sql(f"TRUNCATE {tables}")
        order = {
            "kafka": self.scene.kafka,
            "postgres": self.scene.postgres,
            "password": None,
            "schema": self.schema,
            "topic": self.topic,
            "group": f"bench-{uuid4().hex[:8]}",
            "events": self.events,
            "bare": bare,
        }
        return await self.scene.work("consume", order)
