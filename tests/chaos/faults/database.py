"""PostgreSQL in trouble: shut down at once, its sessions ended, rows locked by a stranger."""

import asyncio
import os
import signal

from shared.messaging.migrate import SCHEMAS
from tests.acceptance.books import looking
from tests.chaos.scene import NotInflicted, Scene
from tests.chaos.schedule import Planned

LOCKED_ROWS = 30


async def immediate(scene: Scene, _fault: Planned) -> None:
    """Have PostgreSQL end at once, without a checkpoint."""
    pid = scene.stack.pids().get("postgres-1")
    if pid is None:
        raise NotInflicted("it does not run")
    os.kill(pid, signal.SIGQUIT)


async def terminate(scene: Scene, _fault: Planned) -> None:
    """End every session of the services."""
    async with looking(scene.world) as database:
        await database.execute(_TERMINATE, list(SCHEMAS.values()))


async def lock(scene: Scene, fault: Planned) -> None:
    """Hold the rows of a service's newest referrals."""
    async with looking(scene.world) as database, database.transaction():
        await database.execute(_LOCK.format(schema=SCHEMAS[fault.target]), LOCKED_ROWS)
        await asyncio.sleep(fault.seconds)


_TERMINATE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ANY ($1::text[])"
_LOCK = "SELECT FROM {schema}.subject ORDER BY first_seen DESC LIMIT $1 FOR UPDATE"
