"""An administrator's look into both databases: what they hold, and whether everything has come to rest."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from aiokafka import TopicPartition

from tests.acceptance import topics
from tests.acceptance.world import World

REST_SECONDS = 180.0

Table = tuple[str, str, str]
"""A database, a schema and a table."""

Ends = Mapping[TopicPartition, int]
"""The end of each partition of each topic."""


@asynccontextmanager
async def looking(world: World, database: str = "data") -> AsyncIterator[Any]:
    """Connect to a database as its administrator."""
    connection = await asyncpg.connect(world.databases[database])
    try:
        yield connection
    finally:
        await connection.close()


async def tables(connection: Any) -> list[tuple[str, str]]:
    """Return schema and name of every table that is no part of another."""
    rows = await connection.fetch(
        """
        SELECT nspname, relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE relkind IN ('r', 'p') AND NOT relispartition
            AND nspname NOT IN ('pg_catalog', 'information_schema') AND nspname NOT LIKE 'pg_toast%'
        ORDER BY 1, 2
        """
    )
    return [(row["nspname"], row["relname"]) for row in rows]


async def row_counts(world: World, but: frozenset[str] = frozenset()) -> dict[Table, int]:
    """Count the rows of every table in both databases, but for some schemas."""
    found: dict[Table, int] = {}
    for database in world.databases:
        async with looking(world, database) as connection:
            named = [(schema, name) for schema, name in await tables(connection) if schema not in but]
            counts = [f"SELECT '{schema}', '{name}', (SELECT count(*) FROM {schema}.{name})" for schema, name in named]
            for schema, name, rows in await connection.fetch(" UNION ALL ".join(counts)):
                found[database, schema, name] = rows
    return found


async def at_rest(world: World) -> None:
    """Wait until every event has left, every consumer has read to the end, and every delivery is settled.

    One look is not enough: an event may leave an outbox after the topics' ends were read and before the outbox is. So
    two looks must find nothing under way, and the topics of the second must end where those of the first did.

    Raises:
        AssertionError: it does not come to rest; says what still moves.
    """
    moving: list[str] = ["nobody has looked yet"]
    before: Ends | None = None
    try:
        async with asyncio.timeout(REST_SECONDS):
            while True:
                ends = await topics.ends(world.stack.addresses.kafka)
                moving = await _moving(world, ends)
                if not moving and ends == before:
                    return
                before = None if moving else ends
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise AssertionError(f"no rest within {REST_SECONDS:.0f} s: {moving or 'events keep coming'}") from None


async def _moving(world: World, ends: Ends) -> list[str]:
    """Say what is under way, by these ends of the topics."""
    moving = []
    async with looking(world) as connection:
        schemas = [schema for schema, name in await tables(connection) if name == "outbox"]
        for schema in schemas:
            unsent = await connection.fetchval(f"SELECT count(*) FROM {schema}.outbox WHERE sent_at IS NULL")
            due = await connection.fetchval(
                f"SELECT count(*) FROM {schema}.parked "
                "WHERE settled_at IS NULL AND state = 'waiting' AND kind IN ('not-yet', 'behind')"
            )
            behind = [
                f"{row['topic']}/{row['partition']}"
                for row in await connection.fetch(f"SELECT * FROM {schema}.position")
                if ends.get(TopicPartition(row["topic"], row["partition"]), 0) > row["next_offset"]
            ]
            if unsent or due or behind:
                moving.append(f"{schema}: {unsent} unsent, {due} parked for now, behind on {behind}")
        unsettled = await connection.fetchval("SELECT count(*) FROM notifications.delivery WHERE settled_at IS NULL")
    return [*moving, *([f"{unsettled} deliveries"] if unsettled else [])]
