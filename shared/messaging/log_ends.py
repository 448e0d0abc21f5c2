"""Asks Kafka where its topics end, for all partitions at once, whoever reads them."""

import asyncio
from collections.abc import Iterable

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from shared.contracts import TOPICS, Topic

log = structlog.get_logger()

TIMEOUT_SECONDS = 2
"""Who asks is told that it is not known, and asks again."""

Ends = dict[tuple[str, int], int]


class LogEnds:
    """A consumer without a group: it reads nothing and only asks."""

    def __init__(self, bootstrap: str, client_id: str, topics: Iterable[Topic] = TOPICS) -> None:
        self._bootstrap, self._client_id = bootstrap, client_id
        self._partitions = [
            TopicPartition(topic.name, number) for topic in topics for number in range(topic.partitions)
        ]
        self._kafka: AIOKafkaConsumer | None = None

    async def __call__(self) -> Ends | None:
        """Return the end of every partition, or None while Kafka does not answer."""
        try:
            return await asyncio.wait_for(self._ask(), TIMEOUT_SECONDS)
        except (KafkaError, TimeoutError, OSError) as error:
            log.warning("log_ends_unknown", error=type(error).__name__)
            await self.close()
            return None

    async def close(self) -> None:
        """Close the connection."""
        if self._kafka is not None:
            kafka, self._kafka = self._kafka, None
            await kafka.stop()

    async def _ask(self) -> Ends:
        if self._kafka is None:
            self._kafka = AIOKafkaConsumer(bootstrap_servers=self._bootstrap, client_id=self._client_id)
            await self._kafka.start()
        ends = await self._kafka.end_offsets(self._partitions)
        return {(partition.topic, partition.partition): end for partition, end in ends.items()}
