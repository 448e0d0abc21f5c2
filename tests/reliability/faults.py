"""What goes wrong on purpose, and how long Linkway takes to be well again."""

import asyncio
import time
from dataclasses import dataclass

from deploy.local.replica import Replica
from deploy.local.stack import Stack

WELL_SECONDS = 180.0


@dataclass(frozen=True)
class Restart:
    """An orderly restart of one replica: seconds to its end and to its health, and its exit code."""

    name: str
    end_seconds: float
    well_seconds: float
    code: int | None


async def kill(stack: Stack, name: str) -> float:
    """Kill every replica of a service without a warning; return the seconds until the supervisor has all well again.

    Raises:
        TimeoutError: that took too long.
    """
    replicas = stack.replicas(name)
    before = {replica: replica.restarts for replica in replicas}
    began = time.monotonic()
    stack.kill(name)
    async with asyncio.timeout(WELL_SECONDS):
        await asyncio.gather(*(_well_again(replica, before[replica]) for replica in replicas))
    return time.monotonic() - began


async def _well_again(replica: Replica, restarts: int) -> None:
    while replica.restarts == restarts:  # noqa: ASYNC110 - the supervisor counts and tells nobody
        await asyncio.sleep(0.02)
    await replica.healthy.wait()


async def restart(stack: Stack, name: str) -> Restart:
    """End one replica by SIGTERM and start it again."""
    began = time.monotonic()
    await stack.stop(name)
    ended = time.monotonic()
    code = stack.replicas(name)[0].code
    await stack.start(name)
    return Restart(name, ended - began, time.monotonic() - ended, code)
