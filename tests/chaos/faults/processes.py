"""Processes that die, stand still, come and go, or live by another clock."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Sequence

from tests.chaos import failpoints
from tests.chaos.scene import NotInflicted, Scene
from tests.chaos.schedule import Planned, service_of

LOOK_SECONDS = 0.05
RESTARTED_SECONDS = 30.0
MINUTES_OFF = 5


async def kill(scene: Scene, fault: Planned) -> None:
    """Kill a process without a warning; its supervisor starts it again."""
    if not any(replica.pid for replica in scene.stack.replicas(fault.target)):
        raise NotInflicted("it does not run")
    scene.stack.kill(fault.target)


async def freeze(scene: Scene, fault: Planned) -> None:
    """Have a process stand still for longer than its partners wait for it, and then go on as if nothing had been."""
    await _stand_still(scene, [fault.target], fault.seconds)


async def freeze_all(scene: Scene, fault: Planned) -> None:
    """Have all processes of a service stand still, so that nobody answers in its name."""
    await _stand_still(scene, scene.running(fault.target), fault.seconds)


async def _stand_still(scene: Scene, names: Sequence[str], seconds: float) -> None:
    stopped = {name: pid for name, pid in scene.stack.pids().items() if name in names}
    if not stopped:
        raise NotInflicted("it does not run")
    for pid in stopped.values():
        os.kill(pid, signal.SIGSTOP)
    try:
        await asyncio.sleep(seconds)
    finally:
        for name, pid in stopped.items():
            if scene.stack.pids().get(name) == pid:
                go_on(pid)


def go_on(pid: int) -> None:
    """Let a stopped process go on, if it was not killed meanwhile."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


async def rolling(scene: Scene, fault: Planned) -> None:
    """End each replica of a service by SIGTERM and start it again, one after the other."""
    for name in scene.running(fault.target):
        await restart(scene, name)


async def scale(scene: Scene, fault: Planned) -> None:
    """Have one replica of a service, then all that were planned, then one."""
    every = [f"{fault.target}-{n}" for n in range(1, scene.profile.planned_replicas[fault.target] + 1)]
    try:
        await asyncio.gather(*(scene.stack.stop(name) for name in every[1:]))
        await asyncio.gather(*(scene.bring(name) for name in every))
        await asyncio.sleep(fault.seconds)
        await asyncio.gather(*(scene.stack.stop(name) for name in every[1:]))
    finally:
        await asyncio.gather(*(scene.stack.stop(name) for name in every if name not in scene.running(fault.target)))
        await scene.bring(*scene.running(fault.target))


async def clock(scene: Scene, fault: Planned) -> None:
    """Have one process live five minutes in the past or in the future."""
    service, off = service_of(fault.target), 60 * MINUTES_OFF * (1 if int(fault.at_seconds) % 2 else -1)
    failpoints.set_clock(scene.folder, service, off)
    try:
        await reborn(scene, fault.target)
    finally:
        failpoints.set_clock(scene.folder, service, 0)
    await asyncio.sleep(fault.seconds)
    scene.stack.kill(fault.target)


async def reborn(scene: Scene, name: str) -> None:
    """Kill a process, and wait until another one is well in its place, if that comes about in time."""
    (replica,) = scene.stack.replicas(name)
    restarts = replica.restarts
    scene.stack.kill(name)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(RESTARTED_SECONDS):
            while replica.restarts == restarts:  # noqa: ASYNC110 - the supervisor counts and tells nobody
                await asyncio.sleep(LOOK_SECONDS)
            await replica.healthy.wait()


async def restart(scene: Scene, name: str) -> None:
    """End a process in the orderly way and start it again."""
    try:
        await scene.stack.stop(name)
    finally:
        await scene.bring(name)
