"""Hands rows of the outbox to Kafka so that no key's order is lost, whatever the producer gives up on."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import orjson
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    InvalidTopicError,
    KafkaError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    TopicAuthorizationFailedError,
)
from aiokafka.structs import RecordMetadata

from shared.messaging import metrics

log = structlog.get_logger()

REFUSED_FOR_GOOD = (
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    InvalidTopicError,
    TopicAuthorizationFailedError,
)
"""What sending again cannot mend."""


@dataclass
class Sender:
    """An idempotent producer that is built when it is first needed and given up after a fatal error."""

    bootstrap: str
    client_id: str
    request_timeout_ms: int
    metadata_max_age_ms: int
    _there: set[str] = field(default_factory=set)
    _producer: AIOKafkaProducer | None = None
    _built: int = 0

    async def lacks(self, topics: set[str]) -> set[str]:
        """Return those topics that the broker does not have."""
        if not topics <= self._there:
            metadata = await (await self._build()).client.fetch_all_metadata()
            self._there = set(metadata.topics())
        return topics - self._there

    async def send(self, rows: Sequence[asyncpg.Record]) -> list[RecordMetadata | BaseException | None]:
        """Send rows in waves and return, for each, its place in the log, what went wrong, or None if not sent.

        A wave holds one row a key, and the next begins when it has arrived: a producer that gives up on one record
        may still deliver the one after it, and a key's order would be lost.
        """
        producer = await self._build()
        results: list[RecordMetadata | BaseException | None] = [None] * len(rows)
        stopped: set[tuple[str, str]] = set()
        for wave in waves(rows):
            wanted = [n for n in wave if (rows[n]["topic"], rows[n]["key"]) not in stopped]
            sent = await asyncio.gather(*(_send_one(producer, rows[n]) for n in wanted), return_exceptions=True)
            for n, outcome in zip(wanted, sent, strict=True):
                result = await _alone(producer, rows[n]) if isinstance(outcome, REFUSED_FOR_GOOD) else outcome
                results[n] = result
                if isinstance(result, BaseException):
                    stopped.add((rows[n]["topic"], rows[n]["key"]))
        return results

    async def close(self) -> None:
        """Give the producer up; the next send builds another."""
        if self._producer is not None:
            producer, self._producer = self._producer, None
            with contextlib.suppress(KafkaError, TimeoutError):  # it is given up because it failed
                async with asyncio.timeout(2):
                    await producer.stop()

    async def _build(self) -> AIOKafkaProducer:
        """Return the producer, a new one where the last was given up: a failed sequence never heals."""
        if self._producer is None:
            producer = AIOKafkaProducer(
                bootstrap_servers=self.bootstrap,
                acks="all",
                enable_idempotence=True,
                linger_ms=0,
                max_batch_size=262_144,
                max_request_size=1_048_576,
                request_timeout_ms=self.request_timeout_ms,
                metadata_max_age_ms=self.metadata_max_age_ms,
                client_id=self.client_id,
            )
            try:
                await producer.start()
            except BaseException:
                await producer.stop()
                raise
            self._producer = producer
            self._built += 1
            metrics.PRODUCERS_BUILT.inc()
            log.info("producer_built", client=self.client_id, number=self._built)
        return self._producer


def waves(rows: Sequence[Any]) -> list[list[int]]:
    """Return the rows' numbers so that the n-th event of each topic and key stands in the n-th wave."""
    found: list[list[int]] = []
    depth: Counter[tuple[str, str]] = Counter()
    for n, row in enumerate(rows):
        key = (row["topic"], row["key"])
        if depth[key] == len(found):
            found.append([])
        found[depth[key]].append(n)
        depth[key] += 1
    return found


async def _send_one(producer: AIOKafkaProducer, row: asyncpg.Record) -> RecordMetadata:
    headers = [(name, value.encode()) for name, value in orjson.loads(row["headers"]).items()]
    return await (await producer.send(row["topic"], key=row["key"].encode(), value=row["value"], headers=headers))


async def _alone(producer: AIOKafkaProducer, row: asyncpg.Record) -> RecordMetadata | BaseException:
    """Send a refused row once more by itself: a broker refuses the whole batch that one large record was in."""
    try:
        return await _send_one(producer, row)
    except KafkaError as error:
        return error
