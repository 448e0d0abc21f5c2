"""Each event is claimed once per consumer, with its effect."""

from collections.abc import Sequence
from uuid import UUID

from shared.messaging.tx import Tx


async def claim(tx: Tx, consumer: str, event_ids: list[UUID]) -> set[UUID]:
    """Claim events and return those that nobody had claimed; all live days are looked through."""
    if not event_ids:
        return set()
    return {row["event_id"] for row in await tx.fetch(_CLAIM, consumer, event_ids)}


async def claim_unless_parked(tx: Tx, consumer: str, event_ids: list[UUID], keys: Sequence[str]) -> set[UUID] | None:
    """Claim events likewise, but none of them, and return None, when one of these keys has a parked message."""
    if not event_ids:
        return set()
    rows = await tx.fetch(_CLAIM_UNLESS_PARKED, consumer, event_ids, keys)
    return None if any(row["blocked"] for row in rows) else {row["event_id"] for row in rows}


_NEW = """
    SELECT DISTINCT $1, wanted.id FROM unnest($2::uuid[]) AS wanted (id)
    WHERE NOT EXISTS (
        SELECT FROM inbox
        WHERE inbox.event_id = wanted.id AND inbox.consumer = $1
            -- Spares the look into days to come; one of them counts, for a clock that was set back.
            AND inbox.day <= (now() AT TIME ZONE 'UTC')::date + 1
    )
"""

_CLAIM = f"""
    INSERT INTO inbox (consumer, event_id)
    {_NEW}
    ON CONFLICT DO NOTHING
    RETURNING event_id
"""

_CLAIM_UNLESS_PARKED = f"""
    WITH blocked AS (
        SELECT FROM parked WHERE consumer = $1 AND key = ANY ($3::text[]) AND blocks AND settled_at IS NULL LIMIT 1
    ), claimed AS (
        INSERT INTO inbox (consumer, event_id)
        {_NEW} AND NOT EXISTS (SELECT FROM blocked)
        ON CONFLICT DO NOTHING
        RETURNING event_id
    )
    SELECT event_id, false AS blocked FROM claimed UNION ALL SELECT NULL, true FROM blocked
"""  # noqa: S608 -- constants of this package
