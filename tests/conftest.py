"""Fixtures that every test can use: a database of its own, cloned from a template that was migrated once."""

import os
import uuid
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings

from shared.messaging.migrate import SCHEMAS, Target, admin_dsn, migrate, targets

pytest_plugins = ["tests.infrastructure"]

# How long an example takes is the machine's affair: on a busy one the usual 200 ms say nothing about the code.
settings.register_profile("linkway", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("linkway")


def _named(dsn: str, name: str) -> str:
    return dsn.rpartition("/")[0] + "/" + name


class Templates:
    """Databases migrated once a session and cloned for each test; a clone costs by the table, so each holds few."""

    def __init__(self, server: str) -> None:
        self.server = server
        self._made: dict[tuple[Target, ...], str] = {}

    async def of(self, wanted: list[Target]) -> str:
        """Return the name of the template that holds these schemas, made of these files."""
        made_of = tuple(wanted)
        if made_of not in self._made:
            name = f"template_{os.getpid()}_{len(self._made)}"
            dsn = admin_dsn(_named(self.server, name), None)
            await migrate(dsn, wanted)
            await _thin_out(dsn)
            self._made[made_of] = name
        return self._made[made_of]

    async def drop(self) -> None:
        """Remove them all."""
        connection = await asyncpg.connect(self.server)
        for name in self._made.values():
            await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await connection.close()


@pytest_asyncio.fixture(scope="session")
async def templates(postgres_server: str) -> AsyncIterator[Templates]:
    """The session's templates."""
    made = Templates(postgres_server)
    yield made
    await made.drop()


@pytest_asyncio.fixture(scope="session")
async def template_database(templates: Templates) -> str:
    """The name of the template with every service's schema, for fixtures that clone it themselves."""
    return await templates.of(targets())


@pytest.fixture
def schemas(request: pytest.FixtureRequest) -> list[Target]:
    """The schemas that a test's database has: the service's whose folder it is in, else all; override it at will."""
    schema = SCHEMAS.get(request.path.parent.name.replace("_", "-"))
    return [target for target in targets() if schema in (None, target.schema)]


async def _thin_out(dsn: str) -> None:
    """Keep the partitions of today and tomorrow: a clone costs by the file, and no test lasts longer."""
    connection = await asyncpg.connect(dsn)
    for row in await connection.fetch(
        """
        SELECT inhrelid::regclass AS name FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
        WHERE relkind = 'r' AND relname ~ '_[0-9]{8}$' AND to_date(right(relname, 8), 'YYYYMMDD') > now()::date + 2
        """
    ):
        await connection.execute(f"DROP TABLE {row['name']}")
    await connection.close()


@pytest_asyncio.fixture
async def database_dsn(templates: Templates, schemas: list[Target]) -> AsyncIterator[str]:
    """The administrator's DSN of a fresh database; services connect to it as their own roles."""
    name, template = f"test_{uuid.uuid4().hex}", await templates.of(schemas)
    connection = await asyncpg.connect(templates.server)
    await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield _named(templates.server, name)
    await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    await connection.close()


@pytest.fixture
def service_dsn(database_dsn: str) -> str:
    """The same database without a user: a service adds its role."""
    return "postgresql://" + database_dsn.rpartition("@")[2]
