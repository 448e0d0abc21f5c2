"""The archive: every event of every service, once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from operations.domain import REFERRAL_TOPICS, Archived
from shared.contracts import Envelope, Event
from shared.messaging import Tx


def save_event(tx: Tx, envelope: Envelope, event: Event) -> None:
    """Keep an event; one whose id is there already, however long ago, stays as it is."""
    tx.write(
        """
        INSERT INTO event (id, topic, key, type, source, time, correlation_id, causation_id, traceparent, data)
        SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10
        WHERE NOT EXISTS (SELECT FROM event WHERE id = $1)
        """,
        envelope.id,
        event.topic_name,
        envelope.subject,
        envelope.type,
        envelope.source,
        envelope.time,
        envelope.correlation_id,
        envelope.causation_id,
        envelope.traceparent,
        event.model_dump(mode="json"),
    )


async def get_events(tx: Tx, referral: UUID) -> list[Archived]:
    """Return what was published about a referral."""
    rows = await tx.fetch(
        """
        SELECT seq, id, type, source, time, causation_id, correlation_id, data
        FROM event WHERE key = $1 ORDER BY seq
        """,
        str(referral),
    )
    return [Archived(**dict(row)) for row in rows]


async def find_on_kafka(tx: Tx, referrals: Sequence[UUID]) -> frozenset[UUID]:
    """Return those keys that are referrals by the topics which their events came on."""
    rows = await tx.fetch(
        "SELECT DISTINCT key FROM event WHERE key = ANY ($1::text[]) AND topic = ANY ($2::text[])",
        [str(referral) for referral in referrals],
        sorted(REFERRAL_TOPICS),
    )
    return frozenset(UUID(row["key"]) for row in rows)


async def find_heard_of(tx: Tx, since: datetime) -> list[UUID]:
    """Return the referrals that something was heard of since then."""
    rows = await tx.fetch(
        "SELECT DISTINCT key FROM event WHERE recorded_at >= $1 AND topic = ANY ($2::text[])",
        since,
        sorted(REFERRAL_TOPICS),
    )
    return [UUID(row["key"]) for row in rows]


async def maintain(tx: Tx, months_kept: int) -> None:
    """Make the coming months' partitions and drop those past their time."""
    await tx.fetchval("SELECT maintain_archive(3, $1)", months_kept)
