"""Stand in for the infrastructure of `compose.yaml`: with real servers of our own, or with those that are given."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from deploy.local.addresses import Addresses
from deploy.local.compose import Kind
from deploy.local.guarded import Guarded, Launch
from deploy.local.home import Home
from deploy.local.jars import classpath
from deploy.local.kafka import Kafka
from deploy.local.mail import Mail
from deploy.local.ports import Ports, free_port
from deploy.local.postgres import Postgres

START_SECONDS = 60.0
# An address in one of these replaces the part.
GIVEN_BY: Mapping[Kind, str] = {
    "kafka": "LINKWAY_KAFKA",
    "postgres": "LINKWAY_POSTGRES",
    "keys": "LINKWAY_KEYS_POSTGRES",
    "mail": "LINKWAY_SMTP",
}
DATABASES: Mapping[Kind, str] = {"postgres": "linkway", "keys": "linkway_keys"}


class Part(Protocol):
    """A server, or several that are one, that stands in for a service of `compose.yaml`."""

    def prepare(self) -> None:
        """Create what the first start needs; may take seconds, and blocks."""

    def launches(self, log: Path) -> list[Launch]:
        """Say how each server starts, writing its log into a folder."""

    async def answers(self, number: int) -> bool:
        """Whether the server of this number, from 0, does its work."""


@dataclass(frozen=True)
class Embedded:
    """The servers of one stack; None where one is given from outside or not asked for."""

    kafka: Kafka | None = None
    postgres: Postgres | None = None
    keys: Postgres | None = None
    mail: Mail | None = None

    @classmethod
    def at(cls, home: Home, kinds: set[Kind], ports: Ports, *, ephemeral: bool, kafka_nodes: int) -> "Embedded":
        """Place servers of these kinds in a home, each with ports of its own; fetches Kafka where it is missing."""

        def cluster(kind: Kind) -> Postgres | None:
            if kind not in kinds:
                return None
            return Postgres.at(home, kind, port=ports.take(), database=DATABASES[kind], ephemeral=ephemeral)

        pairs = [(ports.take(), ports.take()) for _ in range(kafka_nodes)]
        return cls(
            Kafka.at(home.data / "kafka", classpath(home.cache), pairs) if "kafka" in kinds else None,
            cluster("postgres"),
            cluster("keys"),
            Mail(home.data / "mail", ports.take(), ports.take()) if "mail" in kinds else None,
        )

    def parts(self) -> dict[Kind, Part]:
        """Give those that are there."""
        every: dict[Kind, Part | None] = {
            "kafka": self.kafka,
            "postgres": self.postgres,
            "keys": self.keys,
            "mail": self.mail,
        }
        return {kind: part for kind, part in every.items() if part}

    def addresses(self, given: Mapping[str, str]) -> Addresses:
        """Give the addresses of all kinds, those given from outside too."""
        return Addresses(
            kafka=self.kafka.bootstrap if self.kafka else given.get("LINKWAY_KAFKA", ""),
            postgres=self.postgres.address if self.postgres else given.get("LINKWAY_POSTGRES", ""),
            keys=self.keys.address if self.keys else given.get("LINKWAY_KEYS_POSTGRES", ""),
            smtp=self.mail.smtp if self.mail else given.get("LINKWAY_SMTP", ""),
            mail=self.mail.pages if self.mail else "",
        )

    def table(self, names: Mapping[str, Kind]) -> dict[str, str]:
        """Say for each address that holds among containers which one holds here."""
        table = {}
        for name, kind in names.items():
            match self.parts().get(kind):
                case Kafka() as kafka:
                    table[f"{name}:9092"] = kafka.bootstrap
                case Postgres() as postgres:
                    table[f"{name}:5432"] = f"127.0.0.1:{postgres.port}"
                case Mail() as mail:
                    table |= {f"{name}:1025": mail.smtp, f"{name}:8025": f"127.0.0.1:{mail.http_port}"}
        return table


@contextlib.asynccontextmanager
async def running(part: Part, log: Path) -> AsyncIterator[None]:
    """Run one part, from its first answer until the block ends.

    Raises:
        RuntimeError: a server ended before it answered; its log says why.
    """
    await asyncio.to_thread(part.prepare)
    servers: list[Guarded] = []
    try:
        servers = [await Guarded.start(launch) for launch in part.launches(log)]
        async with asyncio.timeout(START_SECONDS):
            for number, server in enumerate(servers):
                while not await part.answers(number):
                    if not server.running:
                        raise RuntimeError(f"{server.name} ended with {await server.wait()}: see {log}")
                    await asyncio.sleep(0.05)
        yield
    finally:
        await asyncio.gather(*(server.stop() for server in servers))


@contextlib.asynccontextmanager
async def postgres_alone(home: Home) -> AsyncIterator[Postgres]:
    """Run a PostgreSQL for tests."""
    postgres = Postgres.at(home, "postgres", port=free_port(), database="linkway", ephemeral=True)
    async with running(postgres, home.log):
        yield postgres


@contextlib.asynccontextmanager
async def kafka_alone(home: Home, *, nodes: int = 1) -> AsyncIterator[Kafka]:
    """Run a Kafka for tests."""
    jars = await asyncio.to_thread(classpath, home.cache)
    ports = Ports()
    kafka = Kafka.at(home.data / "kafka", jars, [(ports.take(), ports.take()) for _ in range(nodes)])
    async with running(kafka, home.log):
        yield kafka
