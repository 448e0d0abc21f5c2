"""The fail-points: where a process kills itself, stops, waits or raises when a file says so."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import RecordMetadata

from shared.contracts import ReferralReceived
from shared.messaging import outbox
from shared.messaging.batch import Batcher, HandlerFailed
from shared.messaging.consumer import ConsumerLoop
from shared.messaging.database import Database
from shared.messaging.reading import Handled
from shared.messaging.relay import Relay
from shared.messaging.sending import Sender
from shared.service.http import AccessLog
from tests.chaos.failpoints import BEFORE_BATCH, BEFORE_COMMIT, LAGGING_TOPIC, fire
from tests.chaos.inside.patching import replace

Reach = Callable[[str], Awaitable[None]]
"""Called with the name of a point that is passed."""

KILLER = "worker-killer"
"""The source of an event that kills whichever worker handles it, armed or not."""

SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}


class Planned(Exception):
    """Raised because a file said so."""


_committed: ContextVar[list[bool] | None] = ContextVar("committed", default=None)
"""In a request: whether it has committed events."""
_handled: ContextVar[list[bool] | None] = ContextVar("handled", default=None)
"""In a batch: whether a handler has run."""


def install(folder: Path, service: str) -> None:
    """Put all points in place."""

    async def reach(point: str) -> None:
        match fire(folder, service, point, os.getpid()):
            case "raise", _:
                raise Planned(point)
            case "wait", seconds:
                await asyncio.sleep(seconds)
            case str(act), _:
                os.kill(os.getpid(), SIGNALS[act])

    _in_requests(reach)
    _in_the_relay(reach)
    _in_handlers(reach)
    _at_commits(reach)
    _in_the_loop(reach)


def _in_requests(reach: Reach) -> None:
    def noting(transaction: Any) -> Any:
        @asynccontextmanager
        async def noted(self: Database, *args: Any, **named: Any) -> AsyncIterator[Any]:
            async with transaction(self, *args, **named) as tx:
                yield tx
                published = bool(tx.outgoing)
            if published and (note := _committed.get()) is not None:
                note.append(True)

        return noted

    def answering(call: Any) -> Any:
        async def answered(self: AccessLog, scope: Any, receive: Any, send: Any) -> None:
            note: list[bool] = []
            _committed.set(note)

            async def pass_on(message: Any) -> None:
                if note and message["type"] == "http.response.start":
                    await reach("after-commit-before-answer")
                await send(message)

            await call(self, scope, receive, pass_on)

        return answered

    replace(Database, "transaction", noting)
    replace(AccessLog, "__call__", answering)


def _in_the_relay(reach: Reach) -> None:
    def sending(send: Any) -> Any:
        async def sent(self: Sender, rows: Sequence[Any]) -> Any:
            if rows:
                await reach("after-commit-before-send")
            return await send(self, rows)

        return sent

    def marking(mark: Any) -> Any:
        async def marked(self: Relay, rows: Sequence[Any], results: Sequence[Any]) -> Any:
            if any(isinstance(result, RecordMetadata) for result in results):
                await reach("after-send-before-mark")
            return await mark(self, rows, results)

        return marked

    replace(Sender, "send", sending)
    replace(Relay, "_mark", marking)


def _in_handlers(reach: Reach) -> None:
    def handling(handle: Any) -> Any:
        async def handled(self: Batcher, tx: Any, item: Handled, claimed: Any) -> str:
            if item.envelope.source == KILLER:
                os.kill(os.getpid(), signal.SIGKILL)
            if item.envelope.id in claimed:
                try:
                    await reach(f"handling-{item.envelope.type}")
                except Planned as error:
                    raise HandlerFailed(item, error) from error
            outcome: str = await handle(self, tx, item, claimed)
            if outcome == "done" and (note := _handled.get()) is not None:
                note.append(True)
            return outcome

        return handled

    replace(Batcher, "_handle", handling)


def _at_commits(reach: Reach) -> None:
    def trying(once: Any) -> Any:
        async def tried(self: Batcher, *args: Any, **named: Any) -> None:
            token = _handled.set([])
            await reach(BEFORE_BATCH)
            try:
                await once(self, *args, **named)
            finally:
                _handled.reset(token)

        return tried

    def flushing(flush: Callable[..., Awaitable[int]]) -> Callable[..., Awaitable[int]]:
        async def flushed(*args: Any, **named: Any) -> int:
            count = await flush(*args, **named)
            if _handled.get():
                await reach("after-effect-before-position")
            elif count and _committed.get() is not None:
                await reach(BEFORE_COMMIT)
            return count

        return flushed

    replace(Batcher, "_once", trying)
    replace(outbox, "flush", flushing)


def _in_the_loop(reach: Reach) -> None:
    def revoking(revoke: Any) -> Any:
        async def revoked(self: ConsumerLoop, partitions: Collection[Any]) -> None:
            if partitions:
                await reach("in-a-rebalance")
            await revoke(self, partitions)

        return revoked

    lagging: set[asyncio.Task[None]] = set()

    async def lag(kafka: AIOKafkaConsumer, late: Sequence[TopicPartition]) -> None:
        kafka.pause(*late)
        await reach(LAGGING_TOPIC)
        kafka.resume(*kafka.paused().intersection(late))

    def turning(turn: Any) -> Any:
        async def turned(self: ConsumerLoop) -> None:
            late = [partition for partition in self.kafka.assignment() if partition.topic == ReferralReceived.topic]
            if late and not self.kafka.paused():
                task = asyncio.create_task(lag(self.kafka, late))
                lagging.add(task)
                task.add_done_callback(lagging.discard)
                await asyncio.sleep(0)
            await turn(self)

        return turned

    replace(ConsumerLoop, "on_partitions_revoked", revoking)
    replace(ConsumerLoop, "_turn", turning)
