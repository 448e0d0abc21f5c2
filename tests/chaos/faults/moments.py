"""Bad moments: a process dies at a named point, or a consumer meets what comes about only if all comes at once."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from functools import partial

from shared.contracts import ReferralReceived
from tests.chaos import failpoints
from tests.chaos.failpoints import BEFORE_BATCH, HANDLING, LAGGING_TOPIC
from tests.chaos.faults.processes import go_on, restart
from tests.chaos.scene import NotInflicted, Scene
from tests.chaos.schedule import Planned

LOOK_SECONDS = 0.05
COMES_BY_SECONDS = 40.0
"""How long after it was armed a point is passed, or it counts as not inflicted."""
LEAST_FAILURES = 8
"""Of a handler: some of the referrals that it fails on have no later event that would have to wait."""
BATCH_SECONDS = 4.0


async def point(scene: Scene, fault: Planned) -> None:
    """Have a process kill itself at a named point, the next time that one passes it."""
    service, _, name = fault.target.partition(".")
    # A rebalance comes about when a member leaves and joins.
    provoke = partial(restart, scene, scene.running(service)[-1]) if name == "in-a-rebalance" else None
    await _meets(scene, service, name, "kill", within_seconds=fault.seconds, provoke=provoke)


async def stall(scene: Scene, fault: Planned) -> None:
    """Stop a worker with records in hand until others have its partitions, and let it go on with what it has."""
    pid = await _meets(scene, fault.target, BEFORE_BATCH, "stop")
    try:
        await asyncio.sleep(fault.seconds)
    finally:
        go_on(pid)


async def slow_batch(scene: Scene, fault: Planned) -> None:
    """Have a worker take long for a batch, while another one of its group goes and comes back."""
    pid = await _meets(scene, fault.target, "after-effect-before-position", "wait", BATCH_SECONDS)
    pids = scene.stack.pids()
    other = next((name for name in scene.running(fault.target) if pids.get(name) not in (pid, None)), None)
    if other is None:
        raise NotInflicted("nobody else runs")
    await restart(scene, other)


async def handler_error(scene: Scene, fault: Planned) -> None:
    """Have a handler fail, again and again, on an event that later ones about the same referral follow."""
    began, failed = time.monotonic(), 0
    while time.monotonic() < began + (fault.seconds if failed >= LEAST_FAILURES else COMES_BY_SECONDS):
        with contextlib.suppress(NotInflicted):  # told below, if none came about
            await _meets(scene, fault.target, f"{HANDLING}{ReferralReceived.type}", "raise")
            failed += 1
    if not failed:
        raise NotInflicted("nothing came to be handled")


async def lagging_topic(scene: Scene, fault: Planned) -> None:
    """Have the referrals' topic come later to a worker than the topics whose events follow from it."""
    await _meets(scene, fault.target, LAGGING_TOPIC, "wait", fault.seconds)
    await asyncio.sleep(fault.seconds)


async def _meets(
    scene: Scene,
    service: str,
    point: str,
    act: str,
    seconds: float = 0.0,
    *,
    within_seconds: float = COMES_BY_SECONDS,
    provoke: Callable[[], Awaitable[None]] | None = None,
) -> int:
    """Arm a point, do what leads to it, and return the process that passed it; raises NotInflicted when none did."""
    failpoints.arm(scene.folder, service, point, act, seconds)
    until = time.monotonic() + within_seconds
    try:
        if provoke is not None:
            await provoke()
        while not failpoints.fired(scene.folder, service, point) and time.monotonic() < until:  # noqa: ASYNC110 - a file
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        if failpoints.disarm(scene.folder, service, point):
            raise NotInflicted("nobody passed it")
    while (pid := failpoints.fired_by(scene.folder, service, point)) is None:  # noqa: ASYNC110 - it is being written
        await asyncio.sleep(LOOK_SECONDS)
    return pid
