"""Replicas of matching alone over a scene's broker and database: started, killed, and started again."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from benchmarks.scene import Scene
from deploy.local.home import PROJECT
from deploy.local.ports import Ports


class Fleet:
    """The processes, by number."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._running: dict[int, asyncio.subprocess.Process] = {}
        self._ports = Ports()

    @property
    def pids(self) -> dict[str, int]:
        """Each replica's process."""
        return {f"matching-{number}": process.pid for number, process in self._running.items()}

    async def start(self, number: int) -> None:
        """Start a replica, with every role."""
        environment = {
            **os.environ,
            "LINKWAY_KAFKA": self.scene.kafka,
            "LINKWAY_POSTGRES": self.scene.postgres,
            "LINKWAY_SERVICE_KEY": "A" * 43 + "=",
            "LINKWAY_INTERNAL_KEY": "bench",
        }
        with (self.scene.home.log / f"matching-{number}.log").open("ab") as log:
            self._running[number] = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "faststream", "run", "matching.app:app"),
                *("--host", "127.0.0.1", "--port", str(self._ports.take())),
                cwd=PROJECT,
                env=environment,
                stdout=log,
                stderr=log,
            )

    async def kill(self, number: int) -> None:
        """Kill a replica without a warning: what it had in hand is rolled back."""
        process = self._running.pop(number)
        process.kill()
        await process.wait()

    async def end(self) -> None:
        """End every replica in order."""
        running, self._running = list(self._running.values()), {}
        for process in running:
            process.terminate()
        await asyncio.gather(*(process.wait() for process in running))


@asynccontextmanager
async def fleet(scene: Scene, size: int) -> AsyncIterator[Fleet]:
    """Run so many replicas."""
    made = Fleet(scene)
    try:
        await asyncio.gather(*(made.start(number) for number in range(1, size + 1)))
        yield made
    finally:
        await made.end()
