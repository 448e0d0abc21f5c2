"""Reads what the databases hold."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import orjson

from shared.messaging.migrate import SCHEMAS
from shared.messaging.parking import _open
from shared.messaging.reading import Record
from shared.sealing import SealError
from tests.acceptance.books import looking
from tests.acceptance.world import World
from tests.chaos.snapshot.found import Aside, Choice, Delivery, Reads, Row, Stored


async def read_tables(world: World, parking_key: bytes) -> dict[str, Any]:
    """Return what a snapshot has of tables."""
    async with looking(world) as database:
        own: dict[str, Any] = {"rows": [], "claims": Counter(), "asides": [], "positions": {}}
        for service, schema in SCHEMAS.items():
            own["rows"] += [_row(service, row) for row in await database.fetch(_OUTBOX.format(schema=schema))]
            for consumer, event, times in await database.fetch(_INBOX.format(schema=schema)):
                own["claims"][consumer, event] = times
            for row in await database.fetch(f"SELECT * FROM {schema}.parked ORDER BY seq"):
                own["asides"].append(_aside(row, parking_key))
            for consumer, topic, number, offset in await database.fetch(_POSITIONS.format(schema=schema)):
                own["positions"][consumer, topic, number] = offset
        return {
            **own,
            "archived": dict(await database.fetch("SELECT id::text, count(*) FROM operations.event GROUP BY 1")),
            "intake": dict(await database.fetch("SELECT id::text, state FROM intake.referral")),
            "requests": [Stored(*row) for row in await database.fetch(_REQUESTS)],
            "matching": _held(await database.fetch("SELECT id::text, state, link_worker FROM matching.referral")),
            "casework": _held(await database.fetch("SELECT referral::text, state, link_worker FROM casework.cases")),
            "choices": [Choice(*row) for row in await database.fetch(_CHOICES)],
            "deliveries": [Delivery(*row) for row in await database.fetch(_DELIVERIES)],
        }


async def read_reads(world: World) -> dict[str, Reads]:
    """Ask every service what it consumes."""
    told = {service: await world.internal("GET", service, "/internal/operations/counts") for service in SCHEMAS}
    return {name: Reads(frozenset(each["consumes"]), frozenset(each["types"])) for name, each in told.items()}


def _row(service: str, row: Any) -> Row:
    id_, event, topic, key, type_, headers, value, *rest = row
    return Row(service, id_, event, topic, key, type_, orjson.loads(headers), value, *rest)


def _aside(row: Any, parking_key: bytes) -> Aside:
    return Aside(
        service=row["consumer"],
        place=(row["topic"], row["partition"], row["offset"]),
        key=row["key"],
        type=row["type"],
        event=str(row["event_id"]) if row["event_id"] else None,
        kind=row["kind"],
        state=row["state"],
        blocks=row["blocks"],
        parked_at=row["parked_at"].timestamp(),
        settled_at=row["settled_at"].timestamp() if row["settled_at"] else None,
        record=_opened(row, parking_key),
    )


def _opened(row: Any, parking_key: bytes) -> Record | None:
    try:
        return _open(row, parking_key)
    except (SealError, json.JSONDecodeError, ValueError):  # bytes that are not what was sealed
        return None


def _held(rows: Any) -> Mapping[str, tuple[str, str | None]]:
    return {referral: (state, link_worker) for referral, state, link_worker in rows}


_OUTBOX = """
    SELECT id, event_id::text, topic, key, type, headers, value, extract(epoch FROM created_at)::float8,
        extract(epoch FROM sent_at)::float8, "partition", "offset", refused
    FROM {schema}.outbox ORDER BY id
"""
_INBOX = "SELECT consumer, event_id::text, count(*) FROM {schema}.inbox GROUP BY 1, 2"
_POSITIONS = 'SELECT consumer, topic, "partition", next_offset FROM {schema}.position'
# A FHIR message is known by two ids, of which the first is the request's.
_REQUESTS = "SELECT practice, split_part(key, '/', 1), referral::text FROM intake.request WHERE key NOT LIKE '%/%/%'"
_CHOICES = "SELECT id::text, referral::text, need, state FROM matching.offer"
_DELIVERIES = """
    SELECT id::text, referral::text, template, channel, recipient, coalesce(facts ->> 'offer', ''),
        settled_at IS NOT NULL
    FROM notifications.delivery ORDER BY seq
"""
