"""A stranger with access to the broker, who puts down what no service of ours would write, whatever becomes of it."""

import asyncio
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, KafkaError

from shared.contracts import Agreement, AgreementChanged, Envelope, Event, NeedsRevised
from tests.acceptance.poison import Poison
from tests.chaos.book import Book, Poisoned

UNCERTAIN = -1
"""Partition and offset of a record of which nobody knows whether it lies on its topic."""
PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 0.5
LARGEST_BYTES = 1_048_576
EARLY, NOT_YET = "early-bird", "not-yet"
"""The source of an event that comes before its time, and the kind as which it is parked."""
KILLER, KILLED = "worker-killer", "killed-worker"
"""The source of an event that kills whatever handles it (see `inside`), and the kind as which it is parked at last."""


class Stranger:
    """One producer, made anew after whatever it could not deliver: its sequence would fail for ever."""

    def __init__(self, kafka: str, book: Book) -> None:
        self._kafka, self._book = kafka, book
        self._producer: AIOKafkaProducer | None = None
        self._alone = asyncio.Lock()

    async def put(self, poison: Poison, partition: int | None) -> None:
        """Put a record down and write down where it lies, or that nobody knows; what had no broker is not written."""
        async with self._alone:
            at = time.time()
            try:
                producer = await self._connected(at + PATIENCE_SECONDS)
            except KafkaConnectionError:
                return
            lies = (UNCERTAIN, UNCERTAIN)
            try:
                lain = await producer.send_and_wait(
                    poison.topic, poison.value, key=poison.key, partition=partition, headers=poison.headers
                )
                lies = (lain.partition, lain.offset)
            except KafkaError:
                await self._drop()
            self._book.poisoned.append(Poisoned(poison.topic, *lies, poison.value, poison.kind, at))

    async def aclose(self) -> None:
        """Hang up."""
        await self._drop()

    async def _connected(self, deadline: float) -> AIOKafkaProducer:
        """Return a producer, made when there is a broker.

        Raises:
            KafkaConnectionError: there was none in time.
        """
        while self._producer is None:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._kafka,
                acks="all",
                enable_idempotence=True,
                max_request_size=LARGEST_BYTES,
                request_timeout_ms=20_000,
            )
            try:
                await producer.start()
            except KafkaConnectionError:
                await producer.stop()
                if time.time() > deadline:
                    raise
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                self._producer = producer
        return self._producer

    async def _drop(self) -> None:
        """Let go of the producer; what it still has is uncertain already."""
        producer, self._producer = self._producer, None
        if producer is not None:
            try:
                async with asyncio.timeout(5):
                    await producer.stop()
            except (KafkaError, TimeoutError):
                return  # it has nothing more to say, and a new one is made when it is wanted


def killer(seed: int) -> Poison:
    """Return an event as good as any, of a referral that nobody knows, that kills each worker that handles it."""
    event_id, referral = _ids(seed, KILLER)
    agreement = Agreement(referral="agreed")
    event = AgreementChanged(referral=referral, programme="nowhere", practice="nobody", agreement=agreement)
    return _as_poison(event, KILLED, KILLER, event_id, referral)


def early(seed: int) -> Poison:
    """Return an event as good as any that follows from others about its referral, which nobody has told or will."""
    event_id, referral = _ids(seed, EARLY)
    event = NeedsRevised(referral=referral, programme="nowhere", needs=())
    return _as_poison(event, NOT_YET, EARLY, event_id, referral)


def _ids(seed: int, name: str) -> Iterator[UUID]:
    chance = random.Random(f"{name} {seed}")
    return (UUID(int=chance.getrandbits(128), version=4) for _ in range(2))


def _as_poison(event: Event, kind: str, source: str, event_id: UUID, referral: UUID) -> Poison:
    envelope = Envelope(
        id=event_id,
        source=source,
        type=event.type,
        time=datetime.now(UTC),
        subject=str(referral),
        correlation_id=source,
        causation_id=source,
    )
    return Poison(event.topic_name, kind, str(referral).encode(), event.to_json(), envelope.to_headers())
