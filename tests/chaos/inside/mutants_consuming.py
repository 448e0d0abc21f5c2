"""Mistakes about where a consumer goes on: Kafka's positions, the log's end, a worker that nobody fences."""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from aiokafka import TopicPartition
from aiokafka.structs import OffsetAndMetadata

from shared.messaging import inbox, positions
from shared.messaging.batch import Batcher
from shared.messaging.consumer import ConsumerLoop
from shared.messaging.errors import Unavailable
from shared.messaging.positions import Partition, Taken
from tests.chaos.inside.patching import replace, rewrite


def positions_in_kafka() -> None:
    """Go on where Kafka says, and tell Kafka before anything is handled."""

    def taking(take_over: Any) -> Any:
        async def taken(self: ConsumerLoop) -> None:
            await take_over(self)
            for partition in list(self.batcher.at):
                known = TopicPartition(*partition)
                committed = await self.kafka.committed(known)
                if committed is not None:
                    self.batcher.at[partition] = committed
                    self.kafka.seek(known, committed)

        return taken

    def handling(handle: Any) -> Any:
        async def handled(self: ConsumerLoop, records: Any) -> None:
            after = {TopicPartition(*each.partition): OffsetAndMetadata(each.offset + 1, "") for each in records}
            await self.kafka.commit(after)
            await handle(self, records)

        return handled

    replace(ConsumerLoop, "_take_over", taking)
    replace(ConsumerLoop, "_handle", handling)
    _move_without_comparing()


def start_at_latest() -> None:
    """Begin at the log's end where nobody has read yet."""

    def checking(check: Any) -> Any:
        async def checked(self: ConsumerLoop, taken: Mapping[Partition, Taken]) -> Any:
            at, ends = await check(self, taken)
            return at | {part: ends[part] for part, was in taken.items() if was.next_offset is None}, ends

        return checked

    replace(ConsumerLoop, "_check_against_log", checking)


_had: ContextVar[dict[UUID, bool] | None] = ContextVar("had", default=None)
"""In a batch: what was claimed when it was first tried."""


def no_fence() -> None:
    """Move positions whoever moved them meanwhile; when the connection is gone, go on with the claims of before."""

    def running(run: Any) -> Any:
        async def ran(self: Batcher, items: Any, *, one_by_one: bool = False) -> None:
            token = _had.set({})
            try:
                await run(self, items, one_by_one=one_by_one)
            except Unavailable:
                await run(self, items, one_by_one=one_by_one)
            finally:
                _had.reset(token)

        return ran

    def claiming(claim: Any) -> Any:
        async def claimed(tx: Any, consumer: str, event_ids: list[UUID], *keys: Any) -> set[UUID] | None:
            had = _had.get()
            if had is None:
                found: set[UUID] | None = await claim(tx, consumer, event_ids, *keys)
                return found
            if new := [event for event in event_ids if event not in had]:
                mine = await claim(tx, consumer, new, *keys)
                if mine is None:
                    return None
                had |= {event: event in mine for event in new}
            return {event for event in event_ids if had[event]}

        return claimed

    replace(Batcher, "run", running)
    replace(inbox, "claim", claiming)
    replace(inbox, "claim_unless_parked", claiming)
    _move_without_comparing()


def _move_without_comparing() -> None:
    replace(positions, "_MOVE", rewrite(" AND position.next_offset = wanted.was", ""))
