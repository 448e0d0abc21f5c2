"""Let a link worker do one thing at a time, and bring to an end what is under way before beginning anew."""

import asyncio
import contextlib
import heapq
import itertools
from collections.abc import AsyncIterator
from enum import IntEnum


class Task(IntEnum):
    """What waits at a desk, the most pressing first."""

    END = 0
    CHOICE = 1
    CONVERSATION = 2


class Desk:
    """One turn at a time, in the order of tasks, and among equals in the order in which they came."""

    def __init__(self) -> None:
        self._taken = False
        self._numbers = itertools.count()
        self._waiting: list[tuple[Task, int, asyncio.Future[None]]] = []

    @contextlib.asynccontextmanager
    async def turn(self, task: Task) -> AsyncIterator[None]:
        """Wait for a turn, and have the desk for the length of a block."""
        if self._taken:
            called = asyncio.get_running_loop().create_future()
            heapq.heappush(self._waiting, (task, next(self._numbers), called))
            try:
                await called
            except asyncio.CancelledError:
                if called.done() and not called.cancelled():
                    self._call_next()
                raise
        self._taken = True
        try:
            yield
        finally:
            self._call_next()

    def _call_next(self) -> None:
        """Give the desk to who comes next; it stays taken, so that nobody steps in between."""
        while self._waiting:
            called = heapq.heappop(self._waiting)[2]
            if not called.done():
                called.set_result(None)
                return
        self._taken = False
