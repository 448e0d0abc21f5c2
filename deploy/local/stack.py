"""Run everything that `compose.yaml` lists on this machine: for `make demo`, for tests, for whoever tries Linkway."""

import contextlib
from types import TracebackType
from typing import Self

from deploy.local.addresses import Addresses
from deploy.local.home import Home
from deploy.local.infrastructure import Embedded
from deploy.local.lock import Lock
from deploy.local.plan import Options, make_plan
from deploy.local.replica import Replica
from deploy.local.supervisor import Supervisor


class Stack:
    """A running Linkway: `async with Stack(home) as stack` yields when every service is well, and ends all of them."""

    addresses: Addresses
    embedded: Embedded

    def __init__(self, home: Home, options: Options | None = None) -> None:
        self.home = home
        self.options = options or Options()
        self._supervisor = Supervisor([])
        self._containers = contextlib.ExitStack()

    async def __aenter__(self) -> Self:
        self._lock = await Lock.take(self.home.lock)
        try:
            for log in self.home.log.glob("*.log"):
                log.unlink()
            plan = await make_plan(self.home, self.options, self._containers)
            self.addresses, self.embedded = plan.addresses, plan.embedded
            self._supervisor = Supervisor(plan.units, lock=self._lock.descriptor, changed=self._write_addresses)
            await self.up()
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._end()

    async def up(self) -> None:
        """Start what does not run, in order, jobs too; return when all is well.

        Raises:
            StartFailed: something did not come up.
        """
        await self._supervisor.up()

    async def down(self) -> None:
        """End all processes, infrastructure last; `up` starts them again at the same addresses."""
        await self._supervisor.down()

    async def start(self, name: str) -> None:
        """Start `matching`, `matching-2` or `kafka` again, and return when it is well."""
        await self._supervisor.start(name)

    async def stop(self, name: str) -> None:
        """End a service or a replica in the orderly way, and keep it ended."""
        await self._supervisor.stop(name)

    def kill(self, name: str) -> None:
        """Kill a service or a replica without a warning; it comes back as `compose.yaml` says."""
        self._supervisor.kill(name)

    def pids(self) -> dict[str, int]:
        """Give the processes that run now, by the names of their replicas."""
        return self._supervisor.pids()

    def replicas(self, name: str) -> list[Replica]:
        """Give what keeps each process of a service, or of one replica: its pid, its restarts, its health."""
        return self._supervisor.named(name)

    def _write_addresses(self) -> None:
        self.addresses.write(self.home.addresses, self.pids())

    async def _end(self) -> None:
        await self._supervisor.down()
        self._containers.close()
        self.home.addresses.unlink(missing_ok=True)
        self._lock.release()
