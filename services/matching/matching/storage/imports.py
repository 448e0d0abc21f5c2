"""The statements on sources and their records, of which listings are composed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.messaging import Tx

ROWS_AT_ONCE = 1_000
"""A statement for each of so many rows stays well inside its time-out."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How a record stands, without what it says."""

    own: str
    service: str
    digest: str
    missed: int


@dataclass(frozen=True, slots=True)
class Counts:
    """What a report tells beside what changed."""

    joined: int
    doubts: int
    elsewhere: int
    """Listings in the directory of which the source has a record that it did not have in this load."""


async def allow_long(tx: Tx) -> None:
    """Give this transaction the minutes that a whole directory takes; a role's usual limits are seconds.

    PostgreSQL keeps a transaction's running clock when its limit is only raised, so it is stopped first.
    """
    await tx.execute(
        """
        SELECT set_config('transaction_timeout', '0', true), set_config('transaction_timeout', '600s', true),
            set_config('idle_in_transaction_session_timeout', '600s', true)
        """
    )


async def lock_source(tx: Tx, source: str, priority: int) -> bool:
    """Keep a source and say whether its priority is another than before."""
    before: int | None = await tx.fetchval("SELECT priority FROM source WHERE name = $1 FOR UPDATE", source)
    await tx.execute(
        """
        INSERT INTO source (name, priority) VALUES ($1, $2)
        ON CONFLICT (name) DO UPDATE SET priority = $2 WHERE source.priority <> $2
        """,
        source,
        priority,
    )
    return before not in (None, priority)


async def get_kept(tx: Tx, source: str) -> dict[str, Kept]:
    """Return how every record of a source stands."""
    rows = await tx.fetch("SELECT record, own, service, digest, missed FROM source_record WHERE source = $1", source)
    return {row["record"]: Kept(row["own"], row["service"], row["digest"], row["missed"]) for row in rows}


async def get_reads(tx: Tx, source: str, records: Collection[str]) -> dict[str, Any]:
    """Return what some of a source's records say, as it was written."""
    rows = await tx.fetch(
        "SELECT record, read FROM source_record WHERE source = $1 AND record = ANY ($2::text[])", source, list(records)
    )
    return {row["record"]: row["read"] for row in rows}


async def find_owned(tx: Tx, services: Collection[str]) -> set[str]:
    """Return which of these ids a record already has as its own."""
    rows = await tx.fetch("SELECT own FROM source_record WHERE own = ANY ($1::text[])", list(services))
    return {row["own"] for row in rows}


async def save_records(tx: Tx, source: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Keep records that are new or changed: record, own, service, digest, read and traits each."""
    for start in range(0, len(rows), ROWS_AT_ONCE):
        await tx.executemany(
            """
            INSERT INTO source_record (source, record, own, service, digest, read, traits)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (source, record) DO UPDATE SET digest = $5, read = $6, traits = $7, changed_at = now()
            """,
            [(source, *row) for row in rows[start : start + ROWS_AT_ONCE]],
        )


async def see_records(tx: Tx, source: str, records: Collection[str]) -> None:
    """Note that a source has these records now."""
    await tx.execute(
        """
        UPDATE source_record SET last_seen = now(), missed = 0, missing_since = NULL
        WHERE source = $1 AND record = ANY ($2::text[])
        """,
        source,
        list(records),
    )


async def miss_records(tx: Tx, source: str, records: Collection[str]) -> None:
    """Count a complete snapshot in which a source had none but these records."""
    await tx.execute(
        """
        UPDATE source_record SET missed = missed + 1, missing_since = coalesce(missing_since, now())
        WHERE source = $1 AND NOT record = ANY ($2::text[])
        """,
        source,
        list(records),
    )


async def count_snapshot(tx: Tx, source: str) -> None:
    """Note that a complete snapshot of a source was applied."""
    await tx.execute(
        "UPDATE source SET snapshots = snapshots + 1, completed_at = now(), trouble = NULL WHERE name = $1", source
    )


async def find_source_organisations(tx: Tx, source: str) -> dict[str, str]:
    """Return which organisations of ours a source's ids mean."""
    rows = await tx.fetch("SELECT record, organisation FROM source_organisation WHERE source = $1", source)
    return {row["record"]: row["organisation"] for row in rows}


async def find_taken_organisations(tx: Tx, organisations: Collection[str]) -> dict[str, str]:
    """Return the names of those organisations that some source already means by these ids of ours."""
    rows = await tx.fetch(
        """
        SELECT id, name FROM organisation
        WHERE id = ANY ($1::text[]) AND id IN (SELECT organisation FROM source_organisation)
        """,
        list(organisations),
    )
    return {row["id"]: row["name"] for row in rows}


async def save_source_organisations(tx: Tx, source: str, organisations: Mapping[str, str]) -> None:
    """Keep what a source's ids of organisations mean."""
    await tx.execute(
        """
        INSERT INTO source_organisation (source, record, organisation)
        SELECT $1, record, organisation FROM unnest($2::text[], $3::text[]) AS given (record, organisation)
        """,
        source,
        list(organisations),
        list(organisations.values()),
    )


async def count_records(tx: Tx, source: str) -> Counts:
    """Count what a source shares, what is in doubt, and what of it this transaction did not see."""
    row = await tx.fetchrow(
        """
        SELECT
            (SELECT count(*) FROM source_record AS record WHERE source = $1 AND EXISTS (
                SELECT FROM source_record AS other WHERE other.service = record.service AND other.source <> $1
            )) AS joined,
            (SELECT count(*) FROM pairing WHERE state = 'doubt') AS doubts,
            (SELECT count(DISTINCT service.id) FROM source_record AS record JOIN service ON service.id = record.service
                WHERE record.source = $1 AND record.last_seen < now() AND service.unlisted IS NULL
                AND service.status NOT IN ('inactive', 'defunct')) AS elsewhere
        """,
        source,
    )
    assert row is not None, "a SELECT without FROM has one row"
    return Counts(**dict(row))


async def find_shared_services(tx: Tx, source: str) -> set[str]:
    """Return the services that a source shares with others."""
    rows = await tx.fetch(
        """
        SELECT DISTINCT service FROM source_record AS record
        WHERE source = $1 AND EXISTS (
            SELECT FROM source_record AS other WHERE other.service = record.service AND other.source <> $1
        )
        """,
        source,
    )
    return {row["service"] for row in rows}


async def get_source_records(tx: Tx, services: Collection[str]) -> list[Any]:
    """Return the records of which these services are made, with their sources' priorities."""
    return await tx.fetch(
        """
        SELECT record.service, record.source, record.own, record.read, record.changed_at, record.first_seen,
            record.missed, source.priority
        FROM source_record AS record JOIN source ON source.name = record.source
        WHERE record.service = ANY ($1::text[])
        ORDER BY record.source, record.record
        """,
        list(services),
    )


async def find_homes(tx: Tx, services: Collection[str]) -> dict[str, str]:
    """Return of which listings the records with these own ids are part now, where that is another."""
    rows = await tx.fetch(
        "SELECT own, service FROM source_record WHERE own = ANY ($1::text[]) AND service <> own", list(services)
    )
    return {row["own"]: row["service"] for row in rows}


async def save_unlisted(tx: Tx, reasons: Mapping[str, str | None], joined: Mapping[str, str]) -> None:
    """Keep why listings are not shown, or that they are; those that were joined with where they are now."""
    await tx.execute(
        """
        UPDATE service SET unlisted = given.unlisted, joined_into = given.joined_into
        FROM unnest($1::text[], $2::text[], $3::text[]) AS given (id, unlisted, joined_into)
        WHERE service.id = given.id
            AND (service.unlisted, service.joined_into) IS DISTINCT FROM (given.unlisted, given.joined_into)
        """,
        list(reasons),
        list(reasons.values()),
        [joined.get(service) for service in reasons],
    )
