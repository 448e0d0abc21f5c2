"""Looks, while and after things break, whether Linkway is well again and has caught up, fault by fault."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from shared.messaging.migrate import SCHEMAS
from tests.acceptance import topics
from tests.acceptance.books import looking
from tests.acceptance.world import World
from tests.chaos.book import Fault
from tests.chaos.scene import Scene

LOOK_SECONDS = 0.5
AWAY = (OSError, TimeoutError, KafkaError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""What a look meets while what it looks at is broken."""

Ends = dict[TopicPartition, int]
Positions = dict[str, Ends]


@dataclass
class Mark:
    """What had been written when a fault was mended: each consumer must come so far."""

    ends: Ends
    positions: Positions
    at: Any
    """The database's time."""

    def is_reached(self, unsent_since: Any, positions: Positions) -> bool:
        """Whether nothing of it is unsent, and each consumer has read all of it."""
        sent = unsent_since is None or unsent_since > self.at
        return sent and all(
            here.get(partition, 0) >= self.ends.get(partition, 0)
            for consumer, before in self.positions.items()
            for here in [positions.get(consumer, {})]
            for partition in before
        )


@dataclass
class Watch:
    """Goes round for as long as a fault's end is not known."""

    scene: Scene
    _marks: dict[int, Mark] = field(default_factory=dict)

    async def go_round(self) -> None:
        """Look, until cancelled; while there is nothing to find out, nobody is asked."""
        async with httpx.AsyncClient(timeout=3, trust_env=False) as client:
            while True:
                unwell = [fault for fault in self.scene.book.faults if fault.well_again is None]
                if unwell and await self.is_well(client):
                    for fault in unwell:
                        fault.well_again = time.time()
                behind = [fault for fault in self.scene.book.faults if fault.caught_up is None]
                if behind:
                    await self._look_behind(behind)
                await asyncio.sleep(LOOK_SECONDS)

    async def is_well(self, client: httpx.AsyncClient) -> bool:
        """Whether each process that shall run does, and each service says that it is ready."""
        names = [name for service in self.scene.profile.replicas for name in self.scene.running(service)]
        replicas = [replica for name in (*names, *SERVERS) for replica in self.scene.stack.replicas(name)]
        if not all(replica.healthy.is_set() for replica in replicas):
            return False
        doors = self.scene.stack.addresses.services.items()
        asked = [door for service, every in doors for door in every[: self.scene.profile.replicas[service]]]
        return all(await asyncio.gather(*(_is_ready(client, door) for door in asked)))

    async def _look_behind(self, behind: list[Fault]) -> None:
        try:
            async with asyncio.timeout(10):
                unsent_since, positions, now = await _read(self.scene.world)
                unmarked = [fault for fault in behind if id(fault) not in self._marks]
                if unmarked:
                    mark = Mark(await topics.ends(self.scene.stack.addresses.kafka), positions, now)
                    self._marks |= {id(fault): mark for fault in unmarked}
        except AWAY:  # still broken, or again
            return
        for fault in behind:
            if self._marks[id(fault)].is_reached(unsent_since, positions):
                fault.caught_up = time.time()
                took = max(fault.well_again or fault.caught_up, fault.caught_up) - fault.healed
                self.scene.say(f"{fault.kind} {fault.target}: caught up {took:.1f} s after it was mended")


SERVERS = ("postgres", "keys", "mail", "kafka")


async def _is_ready(client: httpx.AsyncClient, door: str) -> bool:
    try:
        return (await client.get(f"{door}/health/ready")).is_success
    except httpx.HTTPError:
        return False


async def _read(world: World) -> tuple[Any, Positions, Any]:
    """Return since when the oldest unsent event waits, each consumer's positions, and the database's time."""
    async with looking(world) as database:
        unsent_since, now = await database.fetchrow(_UNSENT)
        rows = await database.fetch(_POSITIONS)
    positions: Positions = {}
    for consumer, topic, partition, offset in rows:
        positions.setdefault(consumer, {})[TopicPartition(topic, partition)] = offset
    return unsent_since, positions, now


UNSENT = "sent_at IS NULL AND refused IS NULL"
_UNSENT = f"""
    SELECT min(created_at), now() FROM (
        {" UNION ALL ".join(f"SELECT created_at FROM {schema}.outbox WHERE {UNSENT}" for schema in SCHEMAS.values())}
    ) AS waiting
"""
_POSITIONS = " UNION ALL ".join(
    f"SELECT consumer, topic, partition, next_offset FROM {schema}.position" for schema in SCHEMAS.values()
)


@asynccontextmanager
async def watching(scene: Scene) -> AsyncIterator[Watch]:
    """Watch for as long as the block lasts."""
    watch = Watch(scene)
    task = asyncio.create_task(watch.go_round())
    try:
        yield watch
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
