"""Start processes in the order in which they need each other, and end them in the reverse of it."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import TopologicalSorter

from deploy.local.compose import Condition
from deploy.local.guarded import Launch
from deploy.local.replica import Health, Replica, StartFailed


@dataclass(frozen=True)
class Unit:
    """One service of `compose.yaml` as it runs here; one that is provided from outside has no launches."""

    name: str
    launches: Sequence[Launch] = ()
    healths: Sequence[Health] = ()
    after: Mapping[str, Condition] = field(default_factory=dict)
    restart: str = "no"

    def replicas(self, lock: int | None, changed: Callable[[], None]) -> list[Replica]:
        """Make what keeps each of its processes."""
        healths: Sequence[Health | None] = self.healths or [None] * len(self.launches)
        pairs = zip(self.launches, healths, strict=True)
        return [Replica(launch, self.restart, health, lock=lock, changed=changed) for launch, health in pairs]


class Supervisor:
    """All processes of one stack."""

    def __init__(
        self, units: Sequence[Unit], *, lock: int | None = None, changed: Callable[[], None] = lambda: None
    ) -> None:
        self._units = {unit.name: unit for unit in units}
        self._replicas = {unit.name: unit.replicas(lock, changed) for unit in units}

    def pids(self) -> dict[str, int]:
        """Give the processes that run now, by the names of their replicas."""
        every = (replica for replicas in self._replicas.values() for replica in replicas)
        return {replica.launch.name: replica.pid for replica in every if replica.pid}

    def named(self, name: str) -> list[Replica]:
        """Find the replicas of a service, or one replica by its own name, as `matching-2`.

        Raises:
            KeyError: nothing has this name.
        """
        if name in self._replicas:
            return self._replicas[name]
        found = [replica for replicas in self._replicas.values() for replica in replicas if replica.launch.name == name]
        if not found:
            raise KeyError(name)
        return found

    async def up(self) -> None:
        """Start every unit as soon as what it waits for is there, and return when all are well.

        Raises:
            StartFailed: the first unit that did not come up; the others are left as they are, for `down`.
        """
        started = {name: asyncio.Event() for name in self._units}
        try:
            async with asyncio.TaskGroup() as group:
                for unit in self._units.values():
                    group.create_task(self._bring_up(unit, started))
        except ExceptionGroup as failures:  # what `except*` raises is wrapped again before Python 3.11.4
            first = failures.exceptions[0]
            if isinstance(first, StartFailed):
                raise StartFailed(str(first)) from None
            raise

    async def down(self) -> None:
        """End every process, those first that others do not wait for."""
        for batch in reversed(list(self._batches())):
            await asyncio.gather(*(replica.stop() for name in batch for replica in self._replicas[name]))

    async def start(self, name: str) -> None:
        """Start a service or a replica again, and return when it is well."""
        await asyncio.gather(*(replica.start() for replica in self.named(name)))
        await asyncio.gather(*(replica.settled() for replica in self.named(name)))

    async def stop(self, name: str) -> None:
        """End a service or a replica, and keep it ended."""
        await asyncio.gather(*(replica.stop() for replica in self.named(name)))

    def kill(self, name: str) -> None:
        """Kill a service or a replica without a warning."""
        for replica in self.named(name):
            replica.kill()

    async def _bring_up(self, unit: Unit, started: Mapping[str, asyncio.Event]) -> None:
        for name, condition in unit.after.items():
            await started[name].wait()
            await self._reached(name, condition)
        await asyncio.gather(*(replica.start() for replica in self._replicas[unit.name]))
        started[unit.name].set()
        await self._reached(unit.name, "service_healthy")

    async def _reached(self, name: str, condition: Condition) -> None:
        for replica in self._replicas[name]:
            if condition == "service_healthy":
                await replica.settled()
            elif condition == "service_completed_successfully":
                await replica.done()

    def _batches(self) -> Iterator[tuple[str, ...]]:
        sorter = TopologicalSorter({unit.name: unit.after for unit in self._units.values()})
        sorter.prepare()
        while sorter.is_active():
            batch = sorter.get_ready()
            sorter.done(*batch)
            yield batch
