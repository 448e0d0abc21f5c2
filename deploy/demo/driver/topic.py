"""Play an organisation that reads a Kafka topic of its own."""

import asyncio
import json
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from deploy.demo.driver.book import Book
from deploy.demo.driver.calling import Unanswered

PATIENCE_SECONDS = 20.0


class PartnerTopic:
    """Reads `linkway.partner.<organisation>` from now on, and remembers of which offers it told."""

    def __init__(self, kafka: str, organisation: str, book: Book) -> None:
        self._name = f"linkway.partner.{organisation}"
        self._book = book
        self._consumer = AIOKafkaConsumer(bootstrap_servers=kafka, group_id=None, auto_offset_reset="earliest")
        self._offered: set[str] = set()
        self._news = asyncio.Condition()

    async def begin(self) -> None:
        """Connect, and pass over what came before.

        Raises:
            Unanswered: there is no such topic.
        """
        await self._consumer.start()
        self._consumer.subscribe([self._name])
        numbers = self._consumer.partitions_for_topic(self._name) or await self._look()
        partitions = [TopicPartition(self._name, number) for number in sorted(numbers)]
        self._consumer.unsubscribe()
        self._consumer.assign(partitions)
        ends = await self._consumer.end_offsets(partitions)
        for partition, end in ends.items():
            self._consumer.seek(partition, end)

    async def run(self) -> None:
        """Read, for ever."""
        while True:
            try:
                record = await self._consumer.getone()
            except KafkaError:
                await asyncio.sleep(0.5)
                continue
            kinds = [(value or b"").decode() for name, value in record.headers if name == "ce_type"]
            await self._take(kinds[0] if kinds else "", json.loads(record.value or b"{}"))

    async def told_of(self, referral: str) -> bool:
        """Wait until the topic has told of an offer about this referral; False where it does not in time."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS), self._news:
                await self._news.wait_for(lambda: referral in self._offered)
        except TimeoutError:
            return False
        return True

    async def stop(self) -> None:
        """Hang up."""
        await self._consumer.stop()

    async def _look(self) -> set[int]:
        for _ in range(20):
            if self._name in await self._consumer.topics() and (
                numbers := self._consumer.partitions_for_topic(self._name)
            ):
                return numbers
            await asyncio.sleep(0.25)
        raise Unanswered(f"no topic {self._name}")

    async def _take(self, kind: str, data: dict[str, Any]) -> None:
        self._book.counts["partner events"] += 1
        if kind.startswith("linkway.partner.offer-made."):
            async with self._news:
                self._offered.add(str(data.get("referral")))
                self._news.notify_all()
