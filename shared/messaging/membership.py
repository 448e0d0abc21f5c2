"""A member of a Kafka consumer group: how it joins, and when it has to be replaced by another."""

import asyncio
import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import ConsumerStoppedError, KafkaError

NEVER_HEALS = (KafkaError, ConsumerStoppedError)
"""These themselves, no kinds of them: what aiokafka 0.14 raises at every poll once its task for the group has died
(as it does of a transport that closes while it writes), and what it raises when it was stopped."""

LEAVE_SECONDS = 5
STUCK_LOOKS = 2


@dataclass(frozen=True)
class LoopSettings:
    """The loop's clocks and sizes; seconds, milliseconds and messages as their names say."""

    batch_messages: int = 200
    batch_ms: int = 1000
    fetch_wait_ms: int = 500
    fetch_min_bytes: int = 1
    session_timeout_ms: int = 10_000
    heartbeat_ms: int = 1_000
    rebalance_timeout_ms: int = 10_000
    metadata_max_age_ms: int = 10_000
    revoke_wait_seconds: float = 2
    stop_wait_seconds: float = 5
    commit_every_seconds: float = 1
    longest_wait_seconds: float = 2
    stuck_look_seconds: float = 5
    lag_alarm_seconds: float = 14 * 86_400 / 3
    """A third of what the topics retain."""


@dataclass
class Progress:
    """Notices a client whose polls bring nothing although there is more.

    aiokafka 0.14 tells nobody when its task for fetching has died. Looks cost a request to each leader, and come only
    when a poll was empty, at most each so many seconds.
    """

    every_seconds: float
    _looked_at: float = field(default_factory=time.monotonic)
    _stood: Mapping[tuple[TopicPartition, int], int] = field(default_factory=dict)
    """Where each partition that has more stands, and at how many looks it has stood there."""

    async def is_stuck(self, kafka: AIOKafkaConsumer) -> bool:
        """Look whether a partition has more and has stood where it stands at the two looks before.

        Raises:
            KafkaError: a leader does not answer.
        """
        if time.monotonic() < self._looked_at + self.every_seconds:
            return False
        # Known at once here; after a wait they might be those of another assignment, and nobody knows them yet.
        stands = {partition: await kafka.position(partition) for partition in kafka.assignment() - kafka.paused()}
        ends = await kafka.end_offsets(list(stands)) if stands else {}
        self._looked_at = time.monotonic()
        more = {partition: at for partition, at in stands.items() if at < ends[partition]}
        self._stood = {(partition, at): self._stood.get((partition, at), 0) + 1 for partition, at in more.items()}
        return max(self._stood.values(), default=0) > STUCK_LOOKS


async def join(
    bootstrap: str, group: str, topics: Sequence[str], listener: ConsumerRebalanceListener, settings: LoopSettings
) -> AIOKafkaConsumer:
    """Join a group; nothing is read before a position is sought, and nothing is committed by itself.

    Raises:
        KafkaError: no broker answers.
    """
    kafka = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="none",
        fetch_max_wait_ms=settings.fetch_wait_ms,
        fetch_min_bytes=settings.fetch_min_bytes,
        session_timeout_ms=settings.session_timeout_ms,
        heartbeat_interval_ms=settings.heartbeat_ms,
        rebalance_timeout_ms=settings.rebalance_timeout_ms,
        metadata_max_age_ms=settings.metadata_max_age_ms,
        client_id=f"linkway-{group}",
    )
    kafka.subscribe(list(topics), listener=listener)
    try:
        await kafka.start()
    except BaseException:
        await kafka.stop()
        raise
    return kafka


async def give_up(kafka: AIOKafkaConsumer) -> None:
    """Stop a client that does not work any more, without waiting long for it."""
    with contextlib.suppress(KafkaError, TimeoutError):  # that it failed is why it is given up
        async with asyncio.timeout(LEAVE_SECONDS):
            await kafka.stop()
