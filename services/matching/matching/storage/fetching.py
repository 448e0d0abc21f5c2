"""The statements on sources that are fetched, and on the pages of a fetch."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.messaging import Tx

KEPT_HOURS = 24
"""A fetch that was cut goes on where it was within these hours; pages of two days are not one directory."""


async def lock_fetching(connection: Any) -> bool:
    """Take, on a connection of its own, the right to fetch, which one replica has at a time; say whether it is ours."""
    taken: bool = await connection.fetchval(
        "SELECT pg_try_advisory_lock(current_schema()::regnamespace::oid::integer, 4)"
    )
    return taken


async def unlock_fetching(connection: Any) -> None:
    """Give the right to fetch back."""
    await connection.execute("SELECT pg_advisory_unlock(current_schema()::regnamespace::oid::integer, 4)")


async def find_due(tx: Tx, sources: Sequence[str]) -> set[str]:
    """Return which of these sources are to be fetched now; one that never was is."""
    rows = await tx.fetch(
        """
        SELECT given.name FROM unnest($1::text[]) AS given (name) LEFT JOIN source ON source.name = given.name
        WHERE source.due_at IS NULL OR source.due_at <= now()
        """,
        list(sources),
    )
    return {row["name"] for row in rows}


async def save_try(tx: Tx, source: str, due_at: datetime, trouble: str | None) -> None:
    """Keep that a source was tried, when it is due again, and what went wrong."""
    await tx.execute(
        """
        INSERT INTO source (name, due_at, tried_at, trouble) VALUES ($1, $2, now(), $3)
        ON CONFLICT (name) DO UPDATE SET due_at = $2, tried_at = now(), trouble = $3
        """,
        source,
        due_at,
        trouble,
    )


async def get_sources(tx: Tx) -> dict[str, Any]:
    """Return how each source stands, with how many records there are of it and how many it has lost."""
    rows = await tx.fetch(
        """
        SELECT source.*, count(record.record) AS records, count(record.missing_since) AS missing
        FROM source LEFT JOIN source_record AS record ON record.source = source.name
        GROUP BY source.name ORDER BY source.name
        """
    )
    return {row["name"]: row for row in rows}


async def begin_fetch(tx: Tx, source: str, fresh: UUID) -> tuple[UUID, int]:
    """Go on with the fetch of a source that was cut, else begin one; return its id and its pass."""
    await tx.execute(
        """
        WITH old AS (
            UPDATE source_fetch SET state = 'abandoned', ended_at = now()
            WHERE source = $1 AND state = 'running' AND started_at < now() - make_interval(hours => $2)
            RETURNING id
        )
        DELETE FROM fetch_page WHERE fetch_id IN (SELECT id FROM old)
        """,
        source,
        KEPT_HOURS,
    )
    await tx.execute(
        "INSERT INTO source_fetch (id, source) VALUES ($1, $2) ON CONFLICT (source) WHERE state = 'running' DO NOTHING",
        fresh,
        source,
    )
    row = await tx.fetchrow("SELECT id, pass FROM source_fetch WHERE source = $1 AND state = 'running'", source)
    assert row is not None, "it was just made"
    return row["id"], row["pass"]


async def begin_pass(tx: Tx, fetch: UUID, number: int) -> None:
    """Ask for every page anew."""
    await tx.execute("UPDATE source_fetch SET pass = $2 WHERE id = $1", fetch, number)


async def end_fetch(tx: Tx, fetch: UUID, state: str) -> None:
    """End a fetch: *applied* or *short*."""
    await tx.execute("UPDATE source_fetch SET state = $2, ended_at = now() WHERE id = $1", fetch, state)


async def drop_pages(tx: Tx, fetch: UUID) -> None:
    """Forget the pages of a fetch that has ended."""
    await tx.execute("DELETE FROM fetch_page WHERE fetch_id = $1", fetch)


async def drop_bodies(tx: Tx, fetch: UUID) -> None:
    """Forget the full records of a fetch that has ended."""
    await tx.execute("DELETE FROM fetch_service WHERE fetch_id = $1", fetch)


async def save_page(tx: Tx, fetch: UUID, number_of_pass: int, number: int, body: bytes) -> None:
    """Keep a page as it arrived."""
    await tx.execute(
        "INSERT INTO fetch_page (fetch_id, pass, number, body) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        fetch,
        number_of_pass,
        number,
        body,
    )


async def get_page_numbers(tx: Tx, fetch: UUID, number_of_pass: int) -> list[int]:
    """Return which pages of a pass have arrived, in order."""
    rows = await tx.fetch(
        "SELECT number FROM fetch_page WHERE fetch_id = $1 AND pass = $2 ORDER BY number", fetch, number_of_pass
    )
    return [row["number"] for row in rows]


async def get_page(tx: Tx, fetch: UUID, number_of_pass: int, number: int) -> bytes:
    """Return a page that has arrived."""
    body: bytes = await tx.fetchval(
        "SELECT body FROM fetch_page WHERE fetch_id = $1 AND pass = $2 AND number = $3", fetch, number_of_pass, number
    )
    return body


async def save_body(tx: Tx, fetch: UUID, source_id: str, body: bytes) -> None:
    """Keep the full record of a service as it arrived; empty where the source does not have it."""
    await tx.execute(
        "INSERT INTO fetch_service (fetch_id, source_id, body) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        fetch,
        source_id,
        body,
    )


async def get_body_ids(tx: Tx, fetch: UUID) -> set[str]:
    """Return of which services the full record has arrived, or is known not to be there."""
    rows = await tx.fetch("SELECT source_id FROM fetch_service WHERE fetch_id = $1", fetch)
    return {row["source_id"] for row in rows}


async def get_bodies(tx: Tx, fetch: UUID, after: str, limit: int) -> list[tuple[str, bytes]]:
    """Return full records that have arrived, by id after the one given."""
    rows = await tx.fetch(
        """
        SELECT source_id, body FROM fetch_service WHERE fetch_id = $1 AND source_id > $2
        ORDER BY source_id LIMIT $3
        """,
        fetch,
        after,
        limit,
    )
    return [(row["source_id"], row["body"]) for row in rows]


async def count_known(tx: Tx, source: str) -> int:
    """Return how many records of a source are not missing."""
    known: int = await tx.fetchval(
        "SELECT count(*) FROM source_record WHERE source = $1 AND missing_since IS NULL", source
    )
    return known
