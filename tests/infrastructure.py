"""Give tests a real PostgreSQL and a real Kafka: those of the environment, containers if asked for, else embedded."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest
import pytest_asyncio

from deploy.local.home import Home
from deploy.local.infrastructure import kafka_alone, postgres_alone


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the flag that asks for containers."""
    parser.addoption("--containers", action="store_true", help="run Kafka and PostgreSQL as containers")


@pytest.fixture(scope="session")
def linkway_home() -> Iterator[Home]:
    """A state folder for this session's embedded servers, removed at its end."""
    with Home.temporary() as home:
        yield home


@pytest_asyncio.fixture(scope="session")
async def postgres_server(request: pytest.FixtureRequest, linkway_home: Home) -> AsyncIterator[str]:
    """The superuser's address of a PostgreSQL 18, as `postgresql://postgres@HOST:PORT/postgres`."""
    if given := os.environ.get("LINKWAY_TEST_POSTGRES"):
        yield given
    elif request.config.getoption("--containers"):
        from deploy.local.containers import postgres_container  # noqa: PLC0415 - needs Docker's client only here

        with postgres_container("linkway") as address:
            yield f"postgresql://postgres@{address}/postgres"
    else:
        async with postgres_alone(linkway_home) as postgres:
            yield postgres.superuser


@pytest_asyncio.fixture(scope="session")
async def kafka_server(request: pytest.FixtureRequest, linkway_home: Home) -> AsyncIterator[str]:
    """The bootstrap address of a Kafka 4.2 that makes no topic by itself, as `HOST:PORT`."""
    if given := os.environ.get("LINKWAY_TEST_KAFKA"):
        yield given
    elif request.config.getoption("--containers"):
        from deploy.local.containers import kafka_container  # noqa: PLC0415 - needs Docker's client only here

        with kafka_container() as address:
            yield address
    else:
        async with kafka_alone(linkway_home) as kafka:
            yield kafka.bootstrap


async def eventually(true: Callable[[], Awaitable[bool]], *, within_seconds: float = 30.0) -> None:
    """Wait until something is true; fails when it is not in time, which is long because a busy machine is slow."""
    async with asyncio.timeout(within_seconds):
        while not await true():  # noqa: ASYNC110 - what is asked for lies in other processes
            await asyncio.sleep(0.05)
