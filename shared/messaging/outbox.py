"""Events on their way out: written with the effect that they tell of, sent by the relay, kept for 35 days."""

import orjson

from shared.messaging.tx import Outgoing, Tx


async def flush(tx: Tx, *, notify: bool) -> int:
    """Store the buffered events of a transaction under the locks of their keys and return how many there were.

    Locking first makes the row order of a key its commit order, which is the order that the relay sends in.
    With `notify` the relay of another process is woken at commit, once a transaction.
    """
    outgoing = tx.outgoing
    if not outgoing:
        return 0
    await tx.lock_keys(event.envelope.subject for event in outgoing)
    await tx.execute(_STORE, *_columns(outgoing), notify)
    tx.outgoing = []
    return len(outgoing)


def _columns(outgoing: list[Outgoing]) -> tuple[list[object], ...]:
    return (
        [event.envelope.id for event in outgoing],
        [event.topic for event in outgoing],
        [event.envelope.subject for event in outgoing],
        [event.envelope.type for event in outgoing],
        [_headers(event) for event in outgoing],
        [event.value for event in outgoing],
    )


def _headers(event: Outgoing) -> str:
    return orjson.dumps({name: value.decode() for name, value in event.envelope.to_headers()}).decode()


_STORE = """
    WITH event AS (
        SELECT event_id, topic, key, type, headers, value, n
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[])
            WITH ORDINALITY AS event (event_id, topic, key, type, headers, value, n)
    ), counted AS (
        UPDATE subject SET published = published + of_key.n
        FROM (SELECT key, count(*) AS n FROM event GROUP BY key) AS of_key
        WHERE subject.key = of_key.key
    ), stored AS (
        INSERT INTO outbox (event_id, topic, key, type, headers, value)
        SELECT event_id, topic, key, type, headers, value FROM event ORDER BY n
    )
    SELECT pg_notify('linkway_outbox_' || current_schema(), '') WHERE $7
"""
