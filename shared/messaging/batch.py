"""One batch is one transaction: claims, effects, outbox, parking and positions commit together, or none does."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from shared.messaging import inbox, metrics, parking, positions
from shared.messaging.database import Database
from shared.messaging.errors import DATABASE_ERRORS, Unavailable, is_rerun, is_unavailable
from shared.messaging.parking import Parking, Schedule
from shared.messaging.positions import Partition
from shared.messaging.reading import Broken, Handled, Item, Skipped
from shared.messaging.tx import LINKWAY, Cause, Tx

log = structlog.get_logger()

RERUNS = 3
"""Failing handlers that a batch sets aside before it goes one by one."""

DEATHS = 2
"""Workers that may die on one message alone before it is parked; two have died with the batch that it was in."""

STRIKES = 3
"""Times a message may lose its connection while the database answers others."""

_BATCH = Cause(LINKWAY, "batch", "batch")


class HandlerFailed(Exception):
    """A handler raised; carries the message, the error is the cause."""

    def __init__(self, item: Handled, error: Exception) -> None:
        super().__init__(item.handler.name)
        self.item = item
        self.error = error


class OneByOne(Exception):
    """This batch cannot be done together."""


@dataclass(frozen=True)
class Consumer:
    """What a batch has to know of its consumer."""

    name: str
    cluster: str
    parking_key: bytes
    schedule: Schedule


@dataclass
class Batcher:
    """Runs batches of one consumer.

    `at` holds the position that this worker believes each of its partitions to have.
    """

    database: Database
    consumer: Consumer
    at: dict[Partition, int] = field(default_factory=dict)
    _started: set[tuple[Partition, int]] = field(default_factory=set)
    _strikes: Counter[tuple[Partition, int]] = field(default_factory=Counter)

    async def run(self, items: Sequence[Item], *, one_by_one: bool = False) -> None:
        """Handle items in order and move the positions past them.

        Raises:
            Unavailable: nothing of the last transaction happened; come again later with what is not handled.
            LostPartition: another worker has one of the partitions.
        """
        if not one_by_one:
            try:
                await self._together(items)
                return
            except OneByOne:
                metrics.RERUNS.labels(self.consumer.name, "one-by-one").inc()
                log.warning("batch_goes_one_by_one", consumer=self.consumer.name, messages=len(items))
        for item in items:
            if item.record.offset >= self.at[item.record.partition]:
                await self._alone(item)

    async def _together(self, items: Sequence[Item]) -> None:
        """Run a batch, setting aside the keys of handlers that raise, at most three of them."""
        aside: dict[tuple[Partition, int], Parking] = {}
        while len(aside) <= RERUNS:
            try:
                await self._once(items, aside)
                return
            except HandlerFailed as failure:
                await self._set_aside(failure, aside)
            except (*DATABASE_ERRORS, OSError) as error:
                await self._outside_a_handler(error)
        raise OneByOne

    async def _alone(self, item: Item) -> None:
        """Run one message in a transaction of its own, marked as started before."""
        where = (item.record.partition, item.record.offset)
        aside: dict[tuple[Partition, int], Parking] = {}
        if isinstance(item, Handled) and where not in self._started:
            async with self.database.transaction(_BATCH) as tx:
                times = await positions.start(tx, self.consumer.name, *where)
            self._started.add(where)
            if times >= DEATHS:
                aside[where] = parking.killed(item, times)
        for _ in range(2):
            try:
                await self._once([item], aside, alone=True)
                self._started.discard(where)
                return
            except HandlerFailed as failure:
                await self._set_aside(failure, aside)
            except (*DATABASE_ERRORS, OSError) as error:
                if is_unavailable(error) or aside:
                    raise Unavailable("a message could not be parked") from error
                aside[where] = parking.failed(item, error, self.consumer.schedule)
        raise Unavailable("a message could neither be handled nor parked")

    async def _set_aside(self, failure: HandlerFailed, aside: dict[tuple[Partition, int], Parking]) -> None:
        """Decide what a raised error means for its message."""
        error, item = failure.error, failure.item
        where = (item.record.partition, item.record.offset)
        if is_rerun(error):
            metrics.RERUNS.labels(self.consumer.name, "deadlock").inc()
            return
        if is_unavailable(error):
            self._strikes[where] += 1
            if self._strikes[where] < STRIKES or not await self.database.answers():
                raise Unavailable("the database went away under a handler") from error
        metrics.RERUNS.labels(self.consumer.name, "set-aside").inc()
        aside[where] = parking.failed(item, error, self.consumer.schedule)
        if aside[where].kind != "not-yet":
            log.error("handler_failed", **_about(item), error=aside[where].kind, at=aside[where].detail)

    async def _outside_a_handler(self, error: Exception) -> None:
        if is_rerun(error):
            metrics.RERUNS.labels(self.consumer.name, "deadlock").inc()
            return
        if is_unavailable(error):
            raise Unavailable("the database went away") from error
        raise OneByOne from error

    async def _once(
        self, items: Sequence[Item], aside: Mapping[tuple[Partition, int], Parking], *, alone: bool = False
    ) -> None:
        """Try the whole batch in one transaction."""
        began = time.perf_counter()
        moves = self._moves(items)
        keys = sorted({item.key for item in items if isinstance(item, Handled)})
        outcomes: list[tuple[Item, str]] = []
        opening = positions.moving(self.consumer.name, moves, keys)
        async with self.database.transaction(_BATCH, opening=opening) as tx:
            await positions.check_moved(tx, moves, keys)
            run, parkings, claimed = await self._plan(tx, items, keys, aside)
            outcomes += [(item, await self._handle(tx, item, claimed)) for item in run]
            if parkings:
                await parking.park(tx, self.consumer.name, self.consumer.cluster, self.consumer.parking_key, parkings)
            if alone:
                await positions.ended(tx, self.consumer.name, items[0].record.partition, items[0].record.offset)
        self.at.update({partition: after for partition, (_, after) in moves.items()})
        outcomes += [(parked.item, f"parked-{parked.kind}") for parked in parkings]
        self._tell(items, outcomes, time.perf_counter() - began, alone=alone)

    async def _plan(
        self, tx: Tx, items: Sequence[Item], keys: list[str], aside: Mapping[tuple[Partition, int], Parking]
    ) -> tuple[list[Handled], list[Parking], set[UUID]]:
        """Split a batch into what runs and what is parked, keeping each key's order; claim what runs."""
        if not aside and not any(isinstance(item, Broken) for item in items):
            every = [item for item in items if isinstance(item, Handled)]
            claimed = await inbox.claim_unless_parked(tx, self.consumer.name, _ids(every), keys)
            if claimed is not None:
                return every, [], claimed
        blocked = await parking.blocked(tx, self.consumer.name, keys)
        run: list[Handled] = []
        parkings: list[Parking] = []
        for item in items:
            where = (item.record.partition, item.record.offset)
            if where in aside:
                parkings.append(aside[where])
                if isinstance(item, Handled):
                    blocked.add(item.lane)
            elif isinstance(item, Broken):
                parkings.append(parking.broken(item, self.consumer.schedule))
            elif isinstance(item, Handled) and item.lane in blocked and item.handler.waits:
                parkings.append(parking.behind(item))
            elif isinstance(item, Handled):
                run.append(item)
        return run, parkings, await inbox.claim(tx, self.consumer.name, _ids(run))

    async def _handle(self, tx: Tx, item: Handled, claimed: set[UUID]) -> str:
        if item.envelope.id not in claimed:
            return "duplicate"
        claimed.remove(item.envelope.id)
        tx.begin_cause(Cause.event(item.handler.name, item.envelope), item.envelope)
        try:
            await item.handler.handle(item.event, tx)
        except Exception as error:
            raise HandlerFailed(item, error) from error
        return "done"

    def _moves(self, items: Sequence[Item]) -> dict[Partition, tuple[int, int]]:
        after: dict[Partition, int] = {}
        for item in items:
            after[item.record.partition] = item.record.offset + 1
        return {partition: (self.at[partition], offset) for partition, offset in after.items()}

    def _tell(self, items: Sequence[Item], outcomes: list[tuple[Item, str]], seconds: float, *, alone: bool) -> None:
        """Write one line a message and count; skipped types are only counted."""
        metrics.BATCH_SECONDS.labels(self.consumer.name).observe(seconds)
        skipped = sum(isinstance(item, Skipped) for item in items)
        metrics.MESSAGES.labels(self.consumer.name, "skipped").inc(skipped)
        for outcome, count in Counter(outcome for _, outcome in outcomes).items():
            metrics.MESSAGES.labels(self.consumer.name, outcome).inc(count)
        for item, outcome in outcomes:
            log.info("message_handled", outcome=outcome, alone=alone, batch_ms=round(seconds * 1000, 1), **_about(item))
            self._strikes.pop((item.record.partition, item.record.offset), None)


def _ids(items: Sequence[Handled]) -> list[UUID]:
    return [item.envelope.id for item in items]


def _about(item: Item) -> dict[str, object]:
    record = item.record
    about: dict[str, object] = {"topic": record.topic, "partition": record.number, "offset": record.offset}
    if isinstance(item, Handled):
        about |= {"type": item.envelope.type, "event_id": str(item.envelope.id), "key": item.key}
    return about
