"""What lies on the topics, read in full, and what strangers may put there."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import ConsumerRecord

READ_SECONDS = 120.0

Headers = Sequence[tuple[str, bytes | None]]


@dataclass(frozen=True)
class Message:
    """A record as it lies on a topic."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    at: float = 0.0
    """When its sender gave it away, by the sender's own clock, in seconds."""

    @property
    def json(self) -> dict[str, Any]:
        """The value, of an event that keeps its contract."""
        found: dict[str, Any] = json.loads(self.value or b"")
        return found

    @property
    def type(self) -> str:
        """The event's type, empty where a header does not say it."""
        return self._header("ce_type")

    @property
    def id(self) -> str:
        """The event's id, empty where a header does not say it."""
        return self._header("ce_id")

    def _header(self, name: str) -> str:
        return next((value.decode("utf-8", "replace") for found, value in self.headers if found == name and value), "")


async def ends(kafka: str, *names: str) -> dict[TopicPartition, int]:
    """Return the end of every partition of topics, or of all of them."""
    async with _reader(kafka) as consumer:
        return await consumer.end_offsets(await _partitions(kafka, names))


async def read(kafka: str, *names: str) -> list[Message]:
    """Read topics, or all of them, from their beginnings to their ends."""
    found: list[Message] = []
    partitions = await _partitions(kafka, names)
    async with _reader(kafka) as consumer, asyncio.timeout(READ_SECONDS):
        until = await consumer.end_offsets(partitions)
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        waiting = {at for at in partitions if await consumer.position(at) < until[at]}
        while waiting:
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += map(_message, records)
            waiting = {at for at in waiting if await consumer.position(at) < until[at]}
    return found


def _message(record: ConsumerRecord) -> Message:
    at = record.timestamp / 1000
    return Message(record.topic, record.partition, record.offset, record.key, record.value, tuple(record.headers), at)


@asynccontextmanager
async def _reader(kafka: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, group_id=None, fetch_max_wait_ms=50)
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


async def _partitions(kafka: str, names: Sequence[str]) -> list[TopicPartition]:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    try:
        await admin.start()
        # Kafka's own topics, whose names begin so, hold offsets and no events.
        wanted = list(names) or [name for name in await admin.list_topics() if not name.startswith("__")]
        described = await admin.describe_topics(wanted)
    finally:
        await admin.close()
    return [TopicPartition(topic["topic"], part["partition"]) for topic in described for part in topic["partitions"]]


async def put(kafka: str, messages: Iterable[tuple[str, bytes | None, bytes | None, Headers]]) -> list[Message]:
    """Put records on topics, each as topic, key, value and headers, and return them with where they lie."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka, max_request_size=1_048_576)
    await producer.start()
    try:
        put_down = []
        for topic, key, value, headers in messages:
            at = await producer.send_and_wait(topic, value, key=key, headers=headers)
            put_down.append(Message(topic, at.partition, at.offset, key, value, tuple(headers)))
        return put_down
    finally:
        await producer.stop()
