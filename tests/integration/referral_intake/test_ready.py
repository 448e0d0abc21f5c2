"""Readiness tells the truth about the key database: without it nothing can be taken in."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest_asyncio

from referral_intake.config import Settings
from tests.infrastructure import eventually
from tests.integration.referral_intake.intake_bench import SETTINGS, Intake, a_body, without_user

for name, value in SETTINGS.items():  # importing the service reads them
    os.environ.setdefault(f"LINKWAY_{name.upper()}", value)

from referral_intake.app import compose  # noqa: E402 - after what it reads


class Way:
    """The way to the key database, which can be cut, or left so that nothing comes through.

    It keeps its port while it is cut, which would otherwise be anybody's.
    """

    def __init__(self, host: str, port: int) -> None:
        self._to = host, port
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []
        self._free = asyncio.Event()
        self._free.set()
        self._is_cut = False
        self.port = 0

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        assert self._server
        self._server.close()
        self.clear()
        await self.cut()

    async def cut(self) -> None:
        """Drop who comes, and who is there."""
        self._is_cut = True
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.sleep(0)

    def mend(self) -> None:
        """Let who comes through again."""
        self._is_cut = False

    def jam(self) -> None:
        """Take everybody in and let nothing through."""
        self._free.clear()

    def clear(self) -> None:
        """Let through what waits."""
        self._free.set()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection(*self._to)
        self._writers += [writer, back]
        await asyncio.gather(self._pump(reader, back), self._pump(there, writer))

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65_536):
                await self._free.wait()
                sink.write(data)
        except OSError:
            pass  # who was dropped says nothing more
        sink.close()


@asynccontextmanager
async def _served(intake: Intake, keys: str) -> AsyncIterator[httpx.AsyncClient]:
    """The whole service over HTTP, with its key database at an address."""
    postgres = without_user(intake.data_dsn)
    service = compose(Settings.model_validate({**SETTINGS, "postgres": postgres, "keys_postgres": keys}))
    service.roles, service.started = frozenset({"http"}), True
    keyring = service.http.state.desk.vault.keyring
    await service.database.open()
    await keyring.open()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(service.http), base_url="http://intake") as client:
        yield client
    await keyring.close()
    await service.database.close()


@pytest_asyncio.fixture
async def way(intake: Intake) -> AsyncIterator[Way]:
    host, _, port = intake.key_dsn.rpartition("/")[0].rpartition("@")[2].partition(":")
    way = Way(host, int(port))
    await way.open()
    yield way
    await way.close()


async def ready(client: httpx.AsyncClient) -> tuple[int, Any]:
    answer = await client.get("/health/ready")
    return answer.status_code, answer.json()["parts"]


async def until_ready(client: httpx.AsyncClient, *, key_database: bool) -> None:
    """Wait until readiness says this of the key database, and that all else is well: each has a second to answer."""
    parts = {"started": True, "database": True, "key_database": key_database}

    async def told() -> bool:
        return await ready(client) == (200 if key_database else 503, parts)

    await eventually(told)


async def test_ready_is_what_posts_are_answered_by(intake: Intake, way: Way) -> None:
    async with _served(intake, f"postgresql://127.0.0.1:{way.port}/{intake.key_dsn.rpartition('/')[2]}") as client:

        async def post() -> int:
            headers = intake.headers("north", **{"X-Request-ID": str(uuid4())})
            return (await client.post("/referrals", json=a_body(), headers=headers)).status_code

        await until_ready(client, key_database=True)
        assert await post() == 201
        await way.cut()
        await until_ready(client, key_database=False)
        assert await post() == 503
        way.mend()
        await until_ready(client, key_database=True)
        assert await post() == 201


async def test_a_key_database_that_says_nothing_makes_nobody_wait(intake: Intake, way: Way) -> None:
    async with _served(intake, f"postgresql://127.0.0.1:{way.port}/{intake.key_dsn.rpartition('/')[2]}") as client:
        await until_ready(client, key_database=True)
        way.jam()
        async with asyncio.timeout(11):  # less than the twelve seconds after which any statement is given up
            assert (await ready(client))[1]["key_database"] is False
