"""Turn the services of `compose.yaml` into processes on this machine, as they are written."""

import asyncio
import contextlib
import functools
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.addresses import replace_addresses
from deploy.local.compose import Compose, ComposeError, Healthcheck, Service, parse
from deploy.local.guarded import Launch
from deploy.local.home import PROJECT, Home
from deploy.local.ports import Ports
from deploy.local.replica import Health
from deploy.local.supervisor import Unit


@dataclass(frozen=True)
class Place:
    """Where one replica of a service listens; None where it has no door."""

    service: str
    number: int
    port: int | None

    @property
    def name(self) -> str:
        """The replica's name, as Compose would end a container's."""
        return f"{self.service}-{self.number}"

    @property
    def address(self) -> str | None:
        """Where its pages and its interface are."""
        return f"http://127.0.0.1:{self.port}" if self.port else None


def counts_of(compose: Compose, replicas: int | Mapping[str, int] | None, *, published: bool) -> dict[str, int]:
    """Say how many of each service run: as many as are asked for, else as the file says; a job runs once.

    Raises:
        ComposeError: fewer than one is asked for, or more than the file publishes ports for where they are needed.
    """
    counts = {}
    for name, service in compose.services.items():
        if not service.infrastructure:
            asked = replicas.get(name) if isinstance(replicas, Mapping) else replicas
            counts[name] = 1 if service.is_job else service.deploy.replicas if asked is None else asked
            if fault := count_fault(service, counts[name], published=published):
                raise ComposeError(f"{name}: {fault}")
    return counts


def count_fault(service: Service, count: int, *, published: bool) -> str | None:
    """Say why a service cannot run so often, if it cannot."""
    if count < 1:
        return f"{count} replicas are asked for, and at least one must run"
    for ports in service.ports[:1] if published else ():
        enough = len(ports.published_range)
        if count > enough:
            return f"{count} replicas are asked for, and the published ports {ports.published} are enough for {enough}"
    return None


def places_of(compose: Compose, counts: Mapping[str, int], ports: Ports, *, published: bool) -> dict[str, list[Place]]:
    """Give each replica its own port: with `published` the one that Compose would publish, if it is free."""
    return {
        name: [
            Place(name, number, port_of(compose.services[name], number, ports, published=published))
            for number in range(1, count + 1)
        ]
        for name, count in counts.items()
    }


def port_of(service: Service, number: int, ports: Ports, *, published: bool) -> int | None:
    """Choose the port of a service's n-th replica; None where it publishes none."""
    for door in service.ports[:1]:
        return ports.take(door.published_range.start + number - 1 if published else None)
    return None


def address_table(compose: Compose, places: Mapping[str, Sequence[Place]]) -> dict[str, str]:
    """Say for each address that holds among containers which one holds here; a service's is its first replica's."""
    table = {}
    for name, replicas in places.items():
        for ports in compose.services[name].ports[:1]:
            table[f"{name}:{ports.target}"] = f"127.0.0.1:{replicas[0].port}"
            # Without the published ports there may be more replicas than these, which nobody calls by such an address.
            for published, replica in zip(ports.published_range, replicas, strict=False):
                table[f"127.0.0.1:{published}"] = f"127.0.0.1:{replica.port}"
    return table


@dataclass(frozen=True)
class Builder:
    """What all processes of one stack are made from."""

    document: Mapping[str, Any]
    variables: Mapping[str, str]
    settings: Mapping[str, str]
    profiles: frozenset[str]
    table: Mapping[str, str]
    home: Home

    def unit(self, name: str, places: Sequence[Place]) -> Unit:
        """Make a service's processes."""
        services = [self._service(place) for place in places]
        launches = [self._launch(service, place) for service, place in zip(services, places, strict=True)]
        checks = [(launch, service.healthcheck) for launch, service in zip(launches, services, strict=True)]
        healths = [health_of(launch, check) for launch, check in checks if check]
        after = {other: dependency.condition for other, dependency in services[0].depends_on.items()}
        return Unit(name, launches, healths, after, services[0].restart)

    def _service(self, place: Place) -> Service:
        """Read the file once more with this replica's own port, so that `${LINKWAY_PORT:-8000}` is it."""
        own = {"LINKWAY_HOST": "127.0.0.1"} | ({"LINKWAY_PORT": str(place.port)} if place.port else {})
        return parse(self.document, {**self.variables, **own}, self.profiles).services[place.service]

    def _launch(self, service: Service, place: Place) -> Launch:
        here = {name: replace_addresses(value, self.table) for name, value in service.environment.items()}
        log = self.home.log / f"{place.name}.log"
        env = {**surroundings(self.home), **here, **self.settings}
        return Launch(place.name, service.command, env, PROJECT, log)


def surroundings(home: Home) -> dict[str, str]:
    """Give a process what an image would: this Python's programs, and nothing of the caller's environment."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.defpath])
    return {"PATH": path, "HOME": str(home.run), "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"}


def health_of(launch: Launch, check: Healthcheck) -> Health:
    """Ask for a process's health by the command that its container would run."""
    patience = check.start_period + check.retries * check.interval
    every = min(check.start_interval, check.interval)
    return Health(functools.partial(succeeds, launch, check.test[1:], check.timeout), every, patience)


async def succeeds(launch: Launch, command: Sequence[str], timeout_seconds: float) -> bool:
    """Whether a command ends well and in time."""
    called = await asyncio.create_subprocess_exec(
        *command,
        env=launch.env,
        cwd=launch.cwd,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        return await asyncio.wait_for(called.wait(), timeout_seconds) == 0
    except TimeoutError:
        return False
    finally:
        if called.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(called.pid, signal.SIGKILL)  # its own `kill` may reap it before asyncio does
            await called.wait()
