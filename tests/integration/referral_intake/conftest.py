"""Referral-intake over a data database and a key database of this session, emptied before each test."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from referral_intake import handlers, programmes
from referral_intake.api import ROUTERS
from referral_intake.config import Settings
from referral_intake.domain import Caller
from referral_intake.keys import issue
from referral_intake.people import Vault
from referral_intake.receiving import Desk
from referral_intake.triage.rules import load_rules
from shared.messaging import Cause, Database
from shared.messaging.migrate import admin_dsn, migrate, targets
from shared.service.http import application
from tests.harness import bench, open_database
from tests.integration.referral_intake.intake_bench import (
    INTERNAL_KEY,
    PROGRAMME,
    SETTINGS,
    WRAPPING_KEY,
    Intake,
    without_user,
)


@pytest_asyncio.fixture(scope="session")
async def databases(postgres_server: str, template_database: str) -> AsyncIterator[tuple[str, str]]:
    """The administrator's DSNs of the data database and of the key database."""
    async with (
        _database(postgres_server, "intake_data", template_database) as data,
        _database(postgres_server, "intake_keys", "template1") as keys,
    ):
        await migrate(admin_dsn(keys, None), targets("key-migrations"))
        await _wait_longer_for_locks(data, "intake")
        yield data, keys


async def _wait_longer_for_locks(dsn: str, role: str) -> None:
    """Let who comes second wait for who came first, also where that takes a busy machine more than two seconds."""
    connection = await asyncpg.connect(dsn)
    await connection.execute(f"ALTER ROLE {role} IN DATABASE \"{dsn.rpartition('/')[2]}\" SET lock_timeout = '9s'")
    await connection.close()


@asynccontextmanager
async def _database(server: str, kind: str, template: str) -> AsyncIterator[str]:
    name = f"{kind}_{uuid.uuid4().hex}"
    connection = await asyncpg.connect(server)
    await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield server.rpartition("/")[0] + "/" + name
    finally:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await connection.close()


async def empty(dsn: str, schema: str) -> None:
    """Empty every table of a schema, but for what the migration job wrote."""
    connection = await asyncpg.connect(dsn)
    tables = await connection.fetch(
        """
        SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
        WHERE schemaname = $1 AND tablename <> 'migration' AND tablename !~ '_[0-9]{8}$'
        """,
        schema,
    )
    await connection.execute(f"TRUNCATE {', '.join(row['name'] for row in tables)} RESTART IDENTITY CASCADE")
    await connection.close()


@pytest_asyncio.fixture
async def intake(databases: tuple[str, str]) -> AsyncIterator[Intake]:
    """Referral-intake with a programme of two practices, each with its key."""
    await empty(databases[0], "intake")
    await empty(databases[1], "intake_keys")
    data_dsn, key_dsn = map(without_user, databases)
    async with (
        bench(data_dsn, "intake", handlers) as tables,
        open_database(key_dsn, "intake_keys") as key_database,
    ):
        desk = Desk(Vault(key_database, WRAPPING_KEY), load_rules(), timedelta(hours=24))
        await desk.vault.keyring.open()
        app = application("referral-intake", ROUTERS)
        app.state.database, app.state.internal_key = tables.database, INTERNAL_KEY
        app.state.desk, app.state.settings = desk, Settings.model_validate(SETTINGS)
        found = Intake(tables, desk, app, await _apply(tables.database), databases)
        yield found
        await found.http.aclose()
        await desk.vault.keyring.close()


async def _apply(database: Database) -> dict[str, str]:
    async with database.transaction(Cause.request("apply_programme", "test")) as tx:
        await programmes.apply(tx, programmes.read_programme(PROGRAMME), "digest")
        return {practice: await issue(tx, Caller("tayside", practice)) for practice in ("north", "south")}


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data that nobody in this project wrote; it is no part of the project."""
    folder = Path(__file__).parents[4] / "shared/data"
    if not folder.is_dir():
        pytest.skip("the folder of real data, ../shared/data, is not here")
    return folder
