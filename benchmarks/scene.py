"""What rows are measured on: servers alone, or a whole Linkway, each in a home that is removed afterwards."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg

from benchmarks.mailbox import Mailbox
from benchmarks.programme import write_programme
from deploy.local.home import PROJECT, Home
from deploy.local.plan import Options
from deploy.local.secrets import read_variables
from deploy.local.stack import Stack
from shared.messaging.migrate import Target, admin_dsn, migrate


@dataclass
class Scene:
    """A running stack and what measuring it needs."""

    home: Home
    stack: Stack

    @property
    def kafka(self) -> str:
        """The broker's address."""
        return self.stack.addresses.kafka

    @property
    def postgres(self) -> str:
        """The data database, without a user."""
        return self.stack.addresses.postgres

    @property
    def admin(self) -> str:
        """The data database, with all rights."""
        return admin_dsn(self.postgres, read_variables(self.home.secrets)["LINKWAY_DB_PASSWORD"])

    def door(self, service: str) -> str:
        """The first address of a service."""
        return self.stack.addresses.services[service][0]

    def infrastructure(self) -> dict[str, int]:
        """Give the processes of broker and databases."""
        return {name: pid for name, pid in self.stack.pids().items() if name in {"kafka-1", "postgres-1", "keys-1"}}

    async def sql(self, statement: str, *arguments: object) -> list[asyncpg.Record]:
        """Run a statement with all rights."""
        connection = await asyncpg.connect(self.admin)
        try:
            rows: list[asyncpg.Record] = await connection.fetch(statement, *arguments)
            return rows
        finally:
            await connection.close()

    async def work(self, program: str, order: Mapping[str, Any]) -> dict[str, float]:
        """Run one of our programs in a process of its own and return the figures that it took of itself."""
        answer = self.home.run / f"{uuid4().hex}.json"
        with (self.home.log / f"{program}.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", f"benchmarks.workers.{program}", str(answer)),
                cwd=PROJECT,
                stdin=asyncio.subprocess.PIPE,
                stdout=log,
                stderr=log,
            )
            await process.communicate(json.dumps(order).encode())
        if process.returncode:
            raise RuntimeError(
                f"{program} ended with {process.returncode}: {(self.home.log / f'{program}.log').read_text()[-2000:]}"
            )
        figures: dict[str, float] = json.loads(await asyncio.to_thread(answer.read_text))
        return figures


@asynccontextmanager
async def servers(targets: Sequence[Target]) -> AsyncIterator[Scene]:
    """Run a broker and databases with these schemas, durable as they are anywhere."""
    with Home.temporary() as home:
        async with Stack(home, Options(only_infrastructure=True)) as stack:
            scene = Scene(home, stack)
            await migrate(scene.admin, list(targets))
            yield scene


@dataclass
class Linkway(Scene):
    """A whole Linkway with a large programme; mails come to the driver."""

    mailbox: Mailbox
    keys: Mapping[str, str]


@asynccontextmanager
async def linkway(replicas: int = 1, settings: Mapping[str, str] | None = None) -> AsyncIterator[Linkway]:
    """Run every service over a durable broker and database."""
    with Home.temporary() as home:
        programme, keys = home.root / "programme.yaml", home.root / "keys.json"
        write_programme(programme)
        async with Mailbox.listening() as mailbox:
            variables = {
                "LINKWAY_SMTP": mailbox.address,
                "LINKWAY_PROGRAMME_FILE": str(programme),
                "LINKWAY_PRACTICE_KEYS_FILE": str(keys),
            }
            async with Stack(home, Options(replicas=replicas, variables=variables, settings=settings or {})) as stack:
                yield Linkway(home, stack, mailbox, json.loads(await asyncio.to_thread(Path(keys).read_text)))
