"""Work that no message and no request starts: clocks, deliveries, maintenance."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import structlog

from shared.messaging import Database
from shared.messaging.catching_up import CatchingUp
from shared.messaging.errors import describe, is_unavailable

log = structlog.get_logger()


@dataclass
class Worker:
    """A function that is called again and again, at once as long as it says that it did something.

    `work` takes the workers' pool and the service's settings and returns how many rows it did. With `on_commit` the
    worker is also called when a request or an event of this process that published has committed. With
    `after_catching_up` it rests until the service has heard what was said before: a clock decides by what is known.
    """

    name: str
    work: Callable[[Database, Any], Awaitable[int]]
    every_seconds: float
    on_commit: bool = False
    after_catching_up: bool = False
    catching_up: CatchingUp | None = None
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    _task: asyncio.Task[None] | None = None

    def start(self, database: Database, settings: Any) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(database, settings), name=f"worker {self.name}")

    async def stop(self) -> None:
        """End; a transaction in hand is rolled back."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def wake(self) -> None:
        """Say that there may be something to do."""
        self.woken.set()

    async def _run(self, database: Database, settings: Any) -> None:
        while True:
            self.woken.clear()
            done = await self._once(database, settings)
            if not done:
                with contextlib.suppress(TimeoutError):  # its hour has come
                    async with asyncio.timeout(self.every_seconds):  # wait_for could swallow the stop
                        await self.woken.wait()

    async def _once(self, database: Database, settings: Any) -> int:
        try:
            if self.after_catching_up and self.catching_up and not await self.catching_up.reached(database):
                return 0
            return await self.work(database, settings)
        except Exception as error:  # noqa: BLE001 -- the next round tries again; it is told
            kind, at = describe(error)
            if is_unavailable(error):
                if self.catching_up:
                    self.catching_up.begin_again()
                log.warning("worker_waiting", worker=self.name, error=kind)
            else:
                log.error("worker_failed", worker=self.name, error=kind, at=at)
            return 0
