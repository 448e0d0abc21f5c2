"""The database's roles: every connection of a service is bounded, and nobody reads another's tables."""

import asyncio
import time
from pathlib import Path

import asyncpg
import pytest

from shared.messaging.migrate import ROLE_SETTINGS, SCHEMAS, MigrationError, Target, migrate, missing, targets
from tests.integration.messaging.toy import SCHEMA as TOY

ROLES = [*SCHEMAS.values()]


@pytest.fixture
def schemas() -> list[Target]:
    """Every service's schema, and the toy's."""
    return [*targets(), TOY]


@pytest.mark.parametrize("role", ROLES)
async def test_every_role_has_every_time_out(service_dsn: str, role: str) -> None:
    connection = await asyncpg.connect(service_dsn, user=role)
    rows = await connection.fetch(
        "SELECT name, setting, unit FROM pg_settings WHERE name = ANY ($1)", list(ROLE_SETTINGS)
    )
    await connection.close()
    expected = {
        "idle_in_transaction_session_timeout": "5000",
        "lock_timeout": "2000",
        "statement_timeout": "10000",
        "transaction_timeout": "15000",
        "tcp_keepalives_idle": "5",
        "tcp_keepalives_interval": "2",
        "tcp_keepalives_count": "3",
        "tcp_user_timeout": "10000",
    }
    assert {row["name"]: row["setting"] for row in rows} == expected


async def test_a_lock_is_waited_for_two_seconds(service_dsn: str, database_dsn: str) -> None:
    holder = await asyncpg.connect(database_dsn)  # whom nothing ends while it is idle
    waiter = await asyncpg.connect(service_dsn, user="toy")
    assert await waiter.fetchval("SHOW lock_timeout") == "2s"
    async with holder.transaction():
        await holder.execute("LOCK TABLE toy.effect")
        began = time.monotonic()
        with pytest.raises(asyncpg.LockNotAvailableError):
            await waiter.execute("BEGIN; LOCK TABLE toy.effect")
    assert time.monotonic() - began > 1.5
    await holder.close()
    await waiter.close()


async def test_an_idle_transaction_ends_after_five_seconds_a_statement_after_ten_a_transaction_after_fifteen(
    service_dsn: str,
) -> None:
    async def idle() -> float:
        connection = await asyncpg.connect(service_dsn, user="toy")
        return await _lost(connection)

    async def statement() -> float:
        connection = await asyncpg.connect(service_dsn, user="toy")
        began = time.monotonic()
        with pytest.raises(asyncpg.QueryCanceledError):
            await connection.execute("SELECT pg_sleep(30)")
        await connection.close()
        return time.monotonic() - began

    async def transaction() -> float:
        connection = await asyncpg.connect(service_dsn, user="toy")
        began = time.monotonic()
        await connection.execute("BEGIN; SELECT pg_sleep(7)")
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            await connection.execute("SELECT pg_sleep(9)")
        return time.monotonic() - began

    idled, stated, transacted = await asyncio.gather(idle(), statement(), transaction())
    assert 4.5 < idled < 14, "no other limit has ended it"
    assert stated > 9.5
    assert transacted > 14.5


async def _lost(connection: asyncpg.Connection) -> float:
    """Return after how many seconds the server ended a connection that does nothing in its transaction."""
    gone = asyncio.Event()
    connection.add_termination_listener(lambda _connection: gone.set())
    began = time.monotonic()
    await connection.execute("BEGIN")
    await asyncio.wait_for(gone.wait(), 60)
    return time.monotonic() - began


@pytest.mark.parametrize("role", ROLES)
async def test_no_service_reads_anothers_tables(service_dsn: str, role: str) -> None:
    connection = await asyncpg.connect(service_dsn, user=role)
    for other in set(ROLES) - {role}:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch(f"SELECT * FROM {other}.outbox")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(f"CREATE TABLE {role}.mine ()")
    await connection.close()


async def test_migrations_are_applied_once_even_by_two_jobs_at_the_same_time(database_dsn: str) -> None:
    fresh = Target("twice", TOY.files)
    counts = await asyncio.gather(migrate(database_dsn, [fresh]), migrate(database_dsn, [fresh]))
    assert sorted(counts) == [0, len(fresh.files)]


async def test_a_migration_that_changed_after_it_was_applied_is_refused(database_dsn: str, tmp_path: Path) -> None:
    file = TOY.files[-1]
    changed = tmp_path / file.name
    changed.write_text(file.read_text() + "-- changed\n")
    with pytest.raises(MigrationError):
        await migrate(database_dsn, [Target("toy", (*TOY.files[:-1], changed))])


async def test_a_schema_lacks_nothing_after_the_job(database_dsn: str) -> None:
    connection = await asyncpg.connect(database_dsn)
    assert [await missing(connection, target) for target in targets()] == [[] for _ in targets()]
    assert await missing(connection, Target("nowhere", TOY.files)) != []
    await connection.close()


async def test_partitions_past_their_time_are_dropped_but_never_with_an_unsent_event(database_dsn: str) -> None:
    connection = await asyncpg.connect(database_dsn)
    await connection.execute("SET ROLE toy_owner; SET search_path TO toy")
    for table in ("outbox", "inbox"):
        for day in ("20200101", "20200102"):
            await connection.execute(
                f"CREATE TABLE {table}_{day} PARTITION OF {table} FOR VALUES FROM ('{day}') TO ('{int(day) + 1}')"
            )
    row = "INSERT INTO outbox (day, event_id, topic, key, type, headers, value, sent_at) VALUES "
    await connection.execute("INSERT INTO subject (key, published) VALUES ('a', 1), ('b', 1)")
    await connection.execute(row + "('20200101', gen_random_uuid(), 't', 'a', 'x', '{}', '', now())")
    await connection.execute(row + "('20200102', gen_random_uuid(), 't', 'b', 'x', '{}', '', NULL)")
    assert await connection.fetchval("SELECT maintain_partitions(0, 35)") == 3
    assert await connection.fetchval("SELECT count(*) FROM outbox") == 1
    assert await connection.fetchval("SELECT array_agg(published ORDER BY key) FROM subject") == [0, 1]
    await connection.close()
