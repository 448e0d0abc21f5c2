"""The network between the services and PostgreSQL: slow, cut, dead without a word, or swallowing everything."""

import asyncio

from shared.messaging.migrate import SCHEMAS
from tests.chaos.proxy import EVERYBODY, Trouble
from tests.chaos.scene import Scene
from tests.chaos.schedule import Planned


async def reset(scene: Scene, fault: Planned) -> None:
    """Cut every connection of a service, now and once more, whatever is on its way."""
    scene.network.reset(role_of(fault.target))
    await asyncio.sleep(fault.seconds)
    scene.network.reset(role_of(fault.target))


async def latency(scene: Scene, fault: Planned) -> None:
    """Have everything of a service come late."""
    await _trouble(scene, fault, "latency")


async def half_open(scene: Scene, fault: Planned) -> None:
    """Have the connections that a service has be dead, and nobody tells it."""
    await _trouble(scene, fault, "half-open")


async def black_hole(scene: Scene, fault: Planned) -> None:
    """Have nothing of a service come through, on old connections and on new ones."""
    await _trouble(scene, fault, "black-hole")


async def _trouble(scene: Scene, fault: Planned, trouble: Trouble) -> None:
    name = role_of(fault.target)
    await scene.network.begin(trouble, name)
    try:
        await asyncio.sleep(fault.seconds)
    finally:
        await scene.network.end(name)


def role_of(target: str) -> str:
    """Return the role as which a service connects; everybody, where all are meant."""
    return SCHEMAS.get(target, EVERYBODY)
