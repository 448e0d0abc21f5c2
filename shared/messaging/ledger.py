"""What the machinery's own tables can say about each key: the books that operations compares."""

from datetime import datetime
from typing import Any
from uuid import UUID

from shared.messaging.tx import Tx

Sent = tuple[UUID, str, int, int]
"""An event's id with the topic, partition and offset that the broker gave it."""


async def subjects(tx: Tx, since: datetime, until: datetime) -> list[str]:
    """Return the referrals first seen in a window, sorted; keys that are no UUID are no referrals."""
    rows = await tx.fetch(_SUBJECTS, since, until)
    return sorted(row["key"] for row in rows)


async def books(tx: Tx, keys: list[str]) -> dict[str, dict[str, Any]]:
    """Return for each key that was seen: counted and stored events, counted and stored parked messages.

    `published` and `parked` are the second book, kept on the key's own row; where they differ from the rows of
    outbox and parked, a row is gone that nothing should have removed.
    """
    return {row["key"]: dict(row) for row in await tx.fetch(_BOOKS, keys)}


async def claimed(tx: Tx, consumer: str, events: list[Sent]) -> tuple[set[UUID], dict[UUID, str]]:
    """Return which events this consumer has claimed or parked, and the kinds of those parked without a key.

    What was parked as unreadable is known by its coordinates only.
    """
    columns = [list(column) for column in zip(*events, strict=True)] or [[], [], [], []]
    rows = await tx.fetch(_CLAIMED, consumer, *columns)
    return {row["event"] for row in rows}, {row["event"]: row["unreadable"] for row in rows if row["unreadable"]}


async def unsettled(tx: Tx, limit: int) -> list[str]:
    """Return referrals with an event that has not left or a message that is parked: they are looked at first."""
    return [row["key"] for row in await tx.fetch(_UNSETTLED, limit)]


async def positions(tx: Tx) -> dict[str, dict[int, int]]:
    """Return the next offset of each topic and partition."""
    found: dict[str, dict[int, int]] = {}
    for row in await tx.fetch('SELECT topic, "partition", next_offset FROM position'):
        found.setdefault(row["topic"], {})[row["partition"]] = row["next_offset"]
    return found


async def counts(tx: Tx) -> dict[str, Any]:
    """Return unsent events with the age of the oldest, refused ones, parked messages, and when the first key came.

    Nothing here grows with what is done.
    """
    row = await tx.fetchrow(_COUNTS)
    assert row is not None, "an aggregate has a row"
    return dict(row)


async def parked(tx: Tx, limit: int) -> list[dict[str, Any]]:
    """Return parked messages that are not settled, oldest first, without their bytes."""
    return [dict(row) for row in await tx.fetch(_PARKED, limit)]


_SUBJECTS = """
    SELECT key FROM subject
    WHERE first_seen >= $1 AND first_seen < $2 AND length(key) = 36 AND pg_input_is_valid(key, 'uuid')
"""

# A key's events are of its first day at the earliest, and not of days to come (one of them counts, for a clock that was
# set back): this spares the look into all other days.
_BOOKS = """
    SELECT subject.key, subject.first_seen, subject.published, subject.parked,
        coalesce(events.stored, 0) AS outbox_rows,
        coalesce(events.unsent, '[]'::jsonb) AS unsent,
        coalesce(events.sent, '[]'::jsonb) AS sent,
        coalesce(aside.stored, 0) AS parked_rows,
        coalesce(aside.messages, '[]'::jsonb) AS parked_messages
    FROM subject
    LEFT JOIN LATERAL (
        SELECT count(*) AS stored,
            jsonb_agg(jsonb_build_object('event', event_id, 'type', type, 'topic', topic, 'refused', refused,
                'age_seconds', round(extract(epoch FROM now() - created_at), 1)))
                FILTER (WHERE sent_at IS NULL) AS unsent,
            jsonb_agg(jsonb_build_object('event', event_id, 'type', type, 'topic', topic, 'partition', "partition",
                'offset', "offset", 'age_seconds', round(extract(epoch FROM now() - created_at), 1)))
                FILTER (WHERE sent_at IS NOT NULL) AS sent
        FROM outbox
        WHERE outbox.key = subject.key
            AND outbox.day BETWEEN (subject.first_seen AT TIME ZONE 'UTC')::date
                AND (now() AT TIME ZONE 'UTC')::date + 1
    ) AS events ON true
    LEFT JOIN LATERAL (
        SELECT count(*) AS stored,
            jsonb_agg(jsonb_build_object('id', id, 'kind', kind, 'state', state, 'type', type)) AS messages
        FROM parked WHERE parked.key = subject.key AND settled_at IS NULL
    ) AS aside ON true
    WHERE subject.key = ANY ($1::text[])
"""

_COUNTS = """
    SELECT
        (SELECT count(*) FROM outbox WHERE sent_at IS NULL) AS unsent,
        (SELECT coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 FROM outbox
            WHERE sent_at IS NULL AND refused IS NULL) AS oldest_unsent_seconds,
        (SELECT count(*) FROM outbox WHERE refused IS NOT NULL) AS refused,
        (SELECT count(*) FROM parked WHERE state = 'waiting') AS parked_waiting,
        (SELECT count(*) FROM parked WHERE state = 'held') AS parked_held,
        (SELECT min(first_seen) FROM subject) AS first_subject
"""

_PARKED = """
    SELECT id, consumer, topic, "partition", "offset", key, type, kind, detail, blocks, state, attempts,
        next_attempt_at, digest, parked_at
    FROM parked WHERE settled_at IS NULL ORDER BY seq LIMIT $1
"""

_CLAIMED = """
    SELECT asked.event, parked.kind AS unreadable
    FROM unnest($2::uuid[], $3::text[], $4::integer[], $5::bigint[]) AS asked (event, topic, number, at)
    LEFT JOIN parked ON parked.consumer = $1 AND parked.topic = asked.topic AND parked."partition" = asked.number
        AND parked."offset" = asked.at AND parked.key IS NULL AND parked.settled_at IS NULL
    WHERE EXISTS (
            SELECT FROM inbox
            WHERE inbox.event_id = asked.event AND inbox.consumer = $1
                AND inbox.day <= (now() AT TIME ZONE 'UTC')::date + 1
        )
        OR EXISTS (
            SELECT FROM parked AS aside
            WHERE aside.consumer = $1 AND aside.topic = asked.topic AND aside."partition" = asked.number
                AND aside."offset" = asked.at
        )
"""

_UNSETTLED = """
    SELECT DISTINCT key FROM (
        SELECT key FROM outbox WHERE sent_at IS NULL
        UNION ALL
        SELECT key FROM parked WHERE settled_at IS NULL AND key IS NOT NULL
    ) AS stirring
    WHERE length(key) = 36 AND pg_input_is_valid(key, 'uuid')
    LIMIT $1
"""
