"""Breaks what the schedule says when it says so, and writes it into the book."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

from tests.chaos.book import Fault
from tests.chaos.faults import brokers, database, disks, moments, network, outside, processes
from tests.chaos.scene import NotInflicted, Scene
from tests.chaos.schedule import Planned
from tests.chaos.watch import AWAY

FAULTS: Mapping[str, Callable[[Scene, Planned], Awaitable[None]]] = {
    "kill": processes.kill,
    "point": moments.point,
    "freeze": processes.freeze,
    "freeze-all": processes.freeze_all,
    "stall": moments.stall,
    "slow-batch": moments.slow_batch,
    "handler-error": moments.handler_error,
    "lagging-topic": moments.lagging_topic,
    "rolling": processes.rolling,
    "scale": processes.scale,
    "clock": processes.clock,
    "broker-leader": brokers.leader,
    "controller": brokers.controller,
    "two-brokers": brokers.two,
    "all-brokers": brokers.every,
    "leader-move": brokers.move,
    "disk-full-data": disks.full,
    "disk-full-log": disks.full,
    "pg-immediate": database.immediate,
    "pg-terminate": database.terminate,
    "pg-lock": database.lock,
    "net-latency": network.latency,
    "net-reset": network.reset,
    "net-half-open": network.half_open,
    "net-black-hole": network.black_hole,
    "smtp-4xx": outside.smtp_4xx,
    "smtp-hang": outside.smtp_hang,
    "smtp-reset": outside.smtp_reset,
    "webhook-500": outside.webhook_500,
    "webhook-hang": outside.webhook_hang,
}


async def inflict(scene: Scene, planned: Sequence[Planned]) -> None:
    """Inflict every fault at its time, and return when the last is mended.

    Raises:
        ExceptionGroup: one could not be inflicted; all others are mended first.
    """
    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for fault in planned:
            await asyncio.sleep(began + fault.at_seconds - time.monotonic())
            if fault.kind not in scene.book.skipped:
                group.create_task(_inflict(scene, fault))


async def _inflict(scene: Scene, planned: Planned) -> None:
    scene.say(f"{planned.kind} {planned.target} for {planned.seconds:.0f} s")
    began = time.time()
    try:
        await FAULTS[planned.kind](scene, planned)
    except (NotInflicted, *AWAY) as why:  # another fault was before it; this one does not count
        scene.book.unfired.append(planned.target if planned.kind == "point" else f"{planned.kind} {planned.target}")
        scene.say(f"{planned.kind} {planned.target} did not come about: {type(why).__name__} {why}")
    else:
        scene.book.faults.append(Fault(planned.kind, planned.target, began, healed=time.time()))
