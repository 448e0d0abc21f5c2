"""Keep one process running: ask whether it is well, and start it again when it dies, as its policy says."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from deploy.local.guarded import Guarded, Launch

FIRST_DELAY_SECONDS = 0.1
LONGEST_DELAY_SECONDS = 10.0
# A process that ran this long had started well: the next delay is the first again.
STEADY_SECONDS = 10.0
# Ends without ever having been well, after which whoever waits for its health is told.
HOPELESS_ENDS = 5


class StartFailed(RuntimeError):
    """A process did not come up: its name, how it ended, and its log."""


@dataclass(frozen=True)
class Health:
    """How to ask a process whether it is well, how often, and for how long to wait for the first yes."""

    ask: Callable[[], Awaitable[bool]]
    every_seconds: float
    patience_seconds: float


def restarts(policy: str, code: int, count: int) -> bool:
    """Decide whether a process that ended is started again, after `count` restarts."""
    if policy.startswith("on-failure"):
        limit = policy.partition(":")[2]
        return code != 0 and (not limit or count < int(limit))
    return policy in {"always", "unless-stopped"}


def delay_seconds(previous: float | None, ran_seconds: float) -> float:
    """Decide how long to wait before a restart: twice as long each time, until one run was steady."""
    if previous is None or ran_seconds >= STEADY_SECONDS:
        return FIRST_DELAY_SECONDS
    return min(2 * previous, LONGEST_DELAY_SECONDS)


class Replica:
    """One process that is kept running until it is told to stop."""

    def __init__(
        self,
        launch: Launch,
        policy: str = "no",
        health: Health | None = None,
        *,
        lock: int | None = None,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self.launch = launch
        self.healthy = asyncio.Event()
        self.restarts = 0
        self.code: int | None = None
        self._policy = policy
        self._health = health
        self._lock = lock
        self._changed = changed
        self._guarded: Guarded | None = None
        self._stopping = asyncio.Event()
        self._hopeless = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The process, while one runs."""
        return self._guarded.pid if self._guarded and self._guarded.running else None

    async def start(self) -> None:
        """Start the process unless it runs, and keep it from now on."""
        if self._keeper is None or self._keeper.done():
            self._stopping.clear()
            self._hopeless.clear()
            self.code = None
            self._keeper = asyncio.create_task(self._keep(await self._begin()))

    async def stop(self) -> None:
        """End the process, and do not start it again."""
        self._stopping.set()
        if self._guarded:
            await self._guarded.stop()
        if self._keeper:
            await self._keeper

    def kill(self) -> None:
        """Kill the process without a warning; whether it starts again is the policy's."""
        if self._guarded:
            self._guarded.kill()

    async def settled(self) -> None:
        """Wait until the process is well, or has done its work where it is a job.

        Raises:
            StartFailed: it ended, or was never well for as long as its health check allows.
        """
        if self._health:
            await self._well(self._health.patience_seconds)
        elif not restarts(self._policy, 0, 0):
            await self.done()

    async def done(self) -> None:
        """Wait until the process has ended for good.

        Raises:
            StartFailed: it did not end well.
        """
        if self._keeper:
            await asyncio.shield(self._keeper)
        if self.code != 0:
            raise StartFailed(f"{self.launch.name} ended with {self.code}: see {self.launch.log}")

    async def _well(self, patience_seconds: float) -> None:
        events = [asyncio.create_task(event.wait()) for event in (self.healthy, self._hopeless)]
        ended = [self._keeper] if self._keeper else []
        await asyncio.wait([*events, *ended], timeout=patience_seconds, return_when=asyncio.FIRST_COMPLETED)
        for waiting in events:
            waiting.cancel()
        if not self.healthy.is_set():
            how = "is not healthy" if self.pid and self.code is None else f"ended with {self.code}"
            raise StartFailed(f"{self.launch.name} {how}: see {self.launch.log}")

    async def _begin(self) -> Guarded:
        self._guarded = await Guarded.start(self.launch, lock=self._lock)
        self._changed()
        return self._guarded

    async def _keep(self, guarded: Guarded) -> None:
        delay, ends = None, 0
        while True:
            began = asyncio.get_running_loop().time()
            asking = asyncio.create_task(self._ask())
            if self._stopping.is_set():  # told to stop while it was being started again
                await guarded.stop()
            self.code = await guarded.wait()
            asking.cancel()
            ends = 0 if self.healthy.is_set() else ends + 1
            if ends == HOPELESS_ENDS:
                self._hopeless.set()
            self.healthy.clear()
            self._changed()
            if self._stopping.is_set() or not restarts(self._policy, self.code, self.restarts):
                return
            delay = delay_seconds(delay, asyncio.get_running_loop().time() - began)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), delay)
                return
            self.restarts += 1
            guarded = await self._begin()

    async def _ask(self) -> None:
        while self._health and not self.healthy.is_set():
            if await self._health.ask():
                self.healthy.set()
            else:
                await asyncio.sleep(self._health.every_seconds)
