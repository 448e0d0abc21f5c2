"""The loop that reads Kafka: positions come from PostgreSQL, whatever Kafka or a rebalance believes."""

import asyncio
import contextlib
import heapq
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata

from shared.messaging import membership, metrics, positions
from shared.messaging.batch import Batcher, Consumer
from shared.messaging.care import Care
from shared.messaging.errors import (
    DATABASE_ERRORS,
    LostPartition,
    StoppedLoudly,
    Unavailable,
    describe,
    is_unavailable,
)
from shared.messaging.handlers import Handler
from shared.messaging.lag import Lag
from shared.messaging.membership import LoopSettings, Progress
from shared.messaging.positions import Partition, Taken
from shared.messaging.reading import Record, from_kafka, sort
from shared.messaging.tx import LINKWAY, Cause

log = structlog.get_logger()


@dataclass
class ConsumerLoop(ConsumerRebalanceListener):
    """One consumer, one process: polls, batches, and starts again from PostgreSQL's positions after every change.

    The rebalance listener only bumps `epoch`; the loop looks positions up and seeks, and drops what was polled
    across a change. `stopped_loudly` says why it stands still, when going on could lose messages.
    """

    bootstrap: str
    topics: tuple[str, ...]
    handlers: Mapping[str, Handler]
    batcher: Batcher
    settings: LoopSettings = field(default_factory=LoopSettings)
    owner: UUID = field(default_factory=uuid4)
    epoch: int = 0
    stopped_loudly: str | None = None
    polled_at: float = 0.0
    assigned: bool = False
    _taken_epoch: int = 0
    _care: Care = field(init=False)
    _progress: Progress = field(init=False)
    _kafka: AIOKafkaConsumer | None = None
    _task: asyncio.Task[None] | None = None
    _work: asyncio.Task[None] | None = None
    _stopping: bool = False
    _spent: bool = False
    """Whether the Kafka client will only repeat its error, or brings nothing: the next turn begins with another."""
    _committed_at: float = 0.0

    def __post_init__(self) -> None:
        """Measure this consumer's lag, be ready to take care, and notice when nothing moves."""
        self._care = Care(self.settings.batch_messages)
        self._progress = Progress(self.settings.stuck_look_seconds)
        self._lag = Lag(self.consumer.name, self.settings.lag_alarm_seconds)

    @property
    def consumer(self) -> Consumer:
        """Who consumes."""
        return self.batcher.consumer

    @property
    def kafka(self) -> AIOKafkaConsumer:
        """The Kafka client of a started loop."""
        assert self._kafka is not None, "start() comes first"
        return self._kafka

    async def start(self) -> None:
        """Join the group and begin; raises KafkaError while no broker answers."""
        self._kafka = await self._join()
        self._task = asyncio.create_task(self._run(), name=f"consumer {self.consumer.name}")

    async def _join(self) -> AIOKafkaConsumer:
        return await membership.join(self.bootstrap, self.consumer.name, self.topics, self, self.settings)

    async def stop(self) -> None:
        """Stop fetching, let the batch in hand end or roll it back, say that the end was clean, leave the group."""
        self._stopping = True
        await self._drain(self.settings.stop_wait_seconds)
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._release()
        if self._kafka:
            await self._kafka.stop()

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Give the batch in hand two seconds, else roll it back; what it commits is fenced by its positions."""
        self.epoch += 1
        self.assigned = False
        if revoked:
            if self._work is not None:
                log.info("revoked_in_a_batch", consumer=self.consumer.name)
            await self._drain(self.settings.revoke_wait_seconds)
            await self._release()

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Note that the assignment changed; seeking here would lose the race with Kafka's own offsets."""
        self.epoch += 1
        log.info("partitions_assigned", consumer=self.consumer.name, partitions=len(assigned))

    async def _run(self) -> None:
        """Poll until stopped; whatever is raised, only StoppedLoudly ends it."""
        wait = 0.05
        while not self._stopping:
            try:
                await self._turn()
                wait = 0.05
            except LostPartition:
                log.warning("position_lost", consumer=self.consumer.name)
                metrics.RERUNS.labels(self.consumer.name, "position-lost").inc()
                self.epoch += 1
            except StoppedLoudly as reason:
                self.stopped_loudly = str(reason)
                log.critical("consumer_stopped", consumer=self.consumer.name, reason=str(reason))
                return
            except Exception as error:  # noqa: BLE001 -- a bug of ours must not end the loop; it is told
                if isinstance(error, KafkaError) or is_unavailable(error):
                    log.warning("waiting", consumer=self.consumer.name, error=type(error).__name__, seconds=wait)
                    patience, wait = wait, min(wait * 2, self.settings.longest_wait_seconds)
                else:
                    kind, at = describe(error)
                    log.error("consumer_fault", consumer=self.consumer.name, error=kind, at=at)
                    patience = self.settings.longest_wait_seconds
                self._taken_epoch = -1
                self._spent |= type(error) in membership.NEVER_HEALS
                self._measure()
                # Polling keeps a member in its group; a spent client is no member, and a stopped one ends who polls.
                await (asyncio.sleep(patience) if self._spent else self._wait_polling(patience))

    async def _join_anew(self) -> None:
        """Give a spent client up, and join with another one."""
        log.warning("joining_anew", consumer=self.consumer.name)
        self.epoch += 1
        self.assigned = False
        await membership.give_up(self.kafka)
        self._kafka = await self._join()
        self._progress = Progress(self.settings.stuck_look_seconds)
        self._spent = False

    async def _turn(self) -> None:
        """Take over if the assignment changed, poll once, handle what came."""
        if self._spent:
            await self._join_anew()
        epoch = self.epoch
        if self._taken_epoch != epoch:
            await self._take_over()
            self._taken_epoch = epoch
        polled = await self.kafka.getmany(timeout_ms=self.settings.batch_ms, max_records=self.settings.batch_messages)
        self.polled_at = time.monotonic()
        if self.epoch != epoch or self._stopping:
            return
        # No order is promised across partitions, but what was written first rarely waits for what was written later.
        in_time = list(heapq.merge(*polled.values(), key=lambda record: record.timestamp))
        records = [from_kafka(record) for record in in_time]
        if records:
            self._lag.behind_since = in_time[0].timestamp / 1000
            self._work = asyncio.create_task(self._handle(records), name=f"batch {self.consumer.name}")
            try:
                await self._work
            except asyncio.CancelledError:
                if not self._work.cancelled() or self._stopping:
                    raise
                log.warning("batch_rolled_back", consumer=self.consumer.name, why="revoked")
            finally:
                self._work = None
            self._lag.behind_since = in_time[-1].timestamp / 1000
        else:
            self._spent = await self._progress.is_stuck(self.kafka)
        await self._commit_to_kafka()
        self._measure()

    async def _handle(self, records: list[Record]) -> None:
        """Handle one poll's records: together, or one by one where two workers died, and those last."""
        alone = self._care.alone(records)
        together = [record for record in records if record.partition not in alone]
        if marks := self._care.to_mark(together):
            async with self.batcher.database.transaction(Cause(LINKWAY, "mark", "mark")) as tx:
                await positions.mark(tx, self.consumer.name, marks)
        if together:
            await self.batcher.run([sort(record, self.handlers) for record in together])
        for record in records:
            if record.partition in alone:
                await self.batcher.run([sort(record, self.handlers)], one_by_one=True)
        self._care.handled(records)

    async def _take_over(self) -> None:
        """Look up every assigned partition's position in PostgreSQL, check it against the log, and seek."""
        assigned = [(partition.topic, partition.partition) for partition in self.kafka.assignment()]
        self.assigned = not assigned and self.epoch > 0
        if not assigned:
            return
        database = self.batcher.database
        async with database.transaction(Cause(LINKWAY, "take", "take")) as tx:
            if not await positions.check_cluster(tx, self.consumer.cluster):
                raise StoppedLoudly("these positions belong to another Kafka cluster")
            taken = await positions.take(tx, self.consumer.name, self.owner, assigned)
        at, ends = await self._check_against_log(taken)
        new = {partition: at[partition] for partition, was in taken.items() if was.next_offset is None}
        if new:
            async with database.transaction(Cause(LINKWAY, "begin", "begin")) as tx:
                await positions.begin(tx, self.consumer.name, new)
        self.batcher.at = at
        for partition, was in taken.items():
            if not was.clean:
                self._care.begin(partition, end=ends[partition], tried=was.tried)
                log.warning("unclean_end", consumer=self.consumer.name, topic=partition[0], partition=partition[1])
        for (topic, number), offset in at.items():
            self.kafka.seek(TopicPartition(topic, number), offset)
        self.assigned = True

    async def _check_against_log(
        self, taken: Mapping[Partition, Taken]
    ) -> tuple[dict[Partition, int], dict[Partition, int]]:
        """Return where to go on, never past what retention removed, never beyond the log's end; and that end.

        Raises:
            StoppedLoudly: messages between the position and the log's start are gone, or the log lost its end.
        """
        partitions = [TopicPartition(*partition) for partition in taken]
        first = await self.kafka.beginning_offsets(partitions)
        last = await self.kafka.end_offsets(partitions)
        at: dict[Partition, int] = {}
        for partition, was in taken.items():
            known = TopicPartition(*partition)
            at[partition] = first[known] if was.next_offset is None else was.next_offset
            if at[partition] < first[known]:
                raise StoppedLoudly(f"retention has overtaken {partition[0]} {partition[1]} at {at[partition]}")
            if at[partition] > last[known]:
                raise StoppedLoudly(f"{partition[0]} {partition[1]} ends before the position {at[partition]}")
        return at, {partition: last[TopicPartition(*partition)] for partition in taken}

    async def _drain(self, seconds: float) -> None:
        """Wait so long for the batch in hand, then roll it back."""
        work = self._work
        if work is None:
            return
        _, pending = await asyncio.wait({work}, timeout=seconds)
        if pending:
            work.cancel()
            await asyncio.wait({work})

    async def _release(self) -> None:
        """Say that what this worker had it ended cleanly; where nobody can be told, the next owner takes care."""
        try:
            async with self.batcher.database.transaction(Cause(LINKWAY, "release", "release")) as tx:
                await positions.release(tx, self.consumer.name, self.owner)
        except (Unavailable, OSError, *DATABASE_ERRORS) as error:
            if not is_unavailable(error):
                raise

    async def _wait_polling(self, seconds: float) -> None:
        """Wait with everything paused, still polling: who does not poll is put out of the group."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self._stopping:
            self.kafka.pause(*self.kafka.assignment())
            with contextlib.suppress(KafkaError):  # the next turn meets the same error and tells it
                await self.kafka.getmany(timeout_ms=50)
            await asyncio.sleep(0.02)
        self.kafka.resume(*self.kafka.paused())

    async def _commit_to_kafka(self) -> None:
        """Tell Kafka where we are, each second, for lag tools; nothing of ours reads it."""
        if time.monotonic() - self._committed_at < self.settings.commit_every_seconds:
            return
        self._committed_at = time.monotonic()
        mine = {(part.topic, part.partition) for part in self.kafka.assignment()}
        offsets = {
            TopicPartition(*part): OffsetAndMetadata(offset, "")
            for part, offset in self.batcher.at.items()
            if part in mine
        }
        if offsets:
            try:
                await self.kafka.commit(offsets)
            except KafkaError as error:
                log.debug("kafka_commit_failed", consumer=self.consumer.name, error=type(error).__name__)

    def _measure(self) -> None:
        """Show the lag as far as it is known: the log's ends as the broker last told them."""
        ends = {(part.topic, part.partition): self.kafka.highwater(part) for part in self.kafka.assignment()}
        self._lag.show(self.topics, ends, self.batcher.at)
