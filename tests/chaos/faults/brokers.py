"""Brokers that die at the worst moment: the leader, the controller, most of them, all of them."""

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient

from tests.chaos.scene import Scene
from tests.chaos.schedule import Planned

TOPIC = "linkway.referrals"


async def leader(scene: Scene, fault: Planned) -> None:
    """Kill the leader of a partition that everybody reads, and keep it away."""
    await _away(scene, fault, [await _leader(scene, fault)])


async def controller(scene: Scene, fault: Planned) -> None:
    """Kill the active controller, and keep it away."""
    await _away(scene, fault, [_controller(scene)])


async def two(scene: Scene, fault: Planned) -> None:
    """Kill two brokers of three, the controller among them: nothing can be written and nobody can be elected."""
    first = _controller(scene)
    await _away(scene, fault, [first, next(name for name in _nodes(scene) if name != first)])


async def every(scene: Scene, fault: Planned) -> None:
    """Kill all brokers at once."""
    await _away(scene, fault, _nodes(scene))


async def move(scene: Scene, fault: Planned) -> None:
    """Have the leader of a partition hand over in the orderly way: it is ended by SIGTERM, and started again."""
    name = await _leader(scene, fault)
    try:
        await scene.stack.stop(name)
    finally:
        await scene.bring(name)


async def _away(scene: Scene, fault: Planned, names: Iterable[str]) -> None:
    names = list(names)
    for name in names:
        scene.stack.kill(name)
    try:
        await asyncio.gather(*(scene.stack.stop(name) for name in names))  # so that nobody starts them yet
        await asyncio.sleep(fault.seconds)
    finally:
        await asyncio.gather(*(scene.bring(name) for name in names))


async def _leader(scene: Scene, fault: Planned) -> str:
    admin = AIOKafkaAdminClient(bootstrap_servers=scene.stack.addresses.kafka)
    await admin.start()
    try:
        (topic,) = await admin.describe_topics([TOPIC])
    finally:
        await admin.close()
    partitions = sorted(topic["partitions"], key=lambda each: int(each["partition"]))
    return f"kafka-{partitions[int(fault.at_seconds) % len(partitions)]['leader']}"


def _controller(scene: Scene) -> str:
    """Return the node that leads the quorum, as the nodes have it on disk; clients are told of any broker instead."""
    kafka = scene.stack.embedded.kafka
    assert kafka is not None, "brokers of our own are what is broken"
    told = [_quorum(node.folder / "data/__cluster_metadata-0/quorum-state") for node in kafka.nodes]
    _, number = max(told)
    return f"kafka-{number}" if number > 0 else _nodes(scene)[0]


def _quorum(path: Path) -> tuple[int, int]:
    said = json.loads(path.read_text())
    return int(said["leaderEpoch"]), int(said["leaderId"])


def _nodes(scene: Scene) -> list[str]:
    return [replica.launch.name for replica in scene.stack.replicas("kafka")]
