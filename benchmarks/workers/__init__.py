"""Programs that rows run in processes of their own; each takes an order as JSON and answers with its figures."""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvloop

from shared.service import logs

Order = Mapping[str, Any]


class Watch:
    """Takes the wall-clock and the processor seconds of a block, of this process."""

    seconds: float = 0.0
    processor_seconds: float = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Time a block."""
        wall, processor = time.perf_counter(), time.process_time()
        yield
        self.seconds, self.processor_seconds = time.perf_counter() - wall, time.process_time() - processor

    def figures(self, items: int) -> dict[str, float]:
        """Return the figures of so many items."""
        return {"items": items, "seconds": self.seconds, "processor_seconds": self.processor_seconds}


def main(work: Callable[[Order], Awaitable[dict[str, float]]]) -> None:
    """Do one order, with the loop and the log of a service."""
    order: Order = json.load(sys.stdin)
    logs.configure("bench", as_json=True)
    figures = uvloop.run(_awaited(work, order))
    Path(sys.argv[1]).write_text(json.dumps(figures))


async def _awaited(work: Callable[[Order], Awaitable[dict[str, float]]], order: Order) -> dict[str, float]:
    return await work(order)


async def until(met: Callable[[], bool], within_seconds: float = 170) -> None:
    """Look each 5 ms whether something is so.

    Raises:
        TimeoutError: it does not become so in time.
    """
    async with asyncio.timeout(within_seconds):
        while not met():  # noqa: ASYNC110 -- what is looked at has no event to wait for
            await asyncio.sleep(0.005)
