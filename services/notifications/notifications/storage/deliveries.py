"""Deliveries and their attempts: claimed in one transaction, sent outside of any, recorded in another."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from notifications.domain import Again, Delivery, Outcome, Progress, Recipient, Verdict
from shared.messaging import Tx


async def save_deliveries(tx: Tx, deliveries: Sequence[Delivery]) -> frozenset[UUID]:
    """Store deliveries and return the ids of the new ones: what is said once may have been said."""
    if not deliveries:
        return frozenset()
    # JSON does not know the driver's own kind of UUID.
    new = [{**asdict(each), "id": str(each.id), "referral": str(each.referral)} for each in deliveries]
    rows = await tx.fetch(_SAVE, new, tx.cause.correlation_id)
    return frozenset(row["id"] for row in rows)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that this worker attempts at the time `at`, with its recipient as they are now."""

    delivery: Delivery
    to: Recipient
    progress: Progress
    correlation: str
    thread: UUID | None
    created_at: datetime
    at: datetime


async def claim(tx: Tx, channel: str, *, per_recipient: int, lease_seconds: float) -> Claimed | None:
    """Take the next due delivery of a channel and begin its attempt; others pass over what one has taken.

    A delivery waits for earlier ones of its referral to the same recipient, unless it is urgent; no more than
    `per_recipient` are on their way to one recipient, so that a slow one cannot hold every worker.
    """
    row = await tx.fetchrow(_CLAIM, channel, per_recipient, lease_seconds)
    return _claimed(row, tx.now) if row else None


async def find_lost(tx: Tx) -> Claimed | None:
    """Lock and return a delivery whose worker is gone: nobody knows whether it was sent."""
    row = await tx.fetchrow(_LOST)
    return _claimed(row, tx.now) if row else None


async def save_attempt(tx: Tx, progress: Progress, outcome: Outcome) -> None:
    """Store how an attempt ended."""
    await tx.execute(
        "UPDATE attempt SET ended_at = now(), result = $3, reason = $4, code = $5 WHERE delivery = $1 AND number = $2",
        progress.delivery,
        progress.attempt,
        outcome.result.value,
        outcome.reason,
        outcome.code,
    )


async def save_verdict(tx: Tx, progress: Progress, outcome: Outcome, verdict: Verdict) -> bool:
    """Store what follows from an attempt; False where the delivery was taken from this worker meanwhile."""
    tag = await tx.execute(
        _SAVE_VERDICT,
        progress.delivery,
        progress.attempt,
        verdict.status.value,
        outcome.reason,
        verdict.at if isinstance(verdict, Again) else None,
        outcome.result.value,
    )
    return tag == "UPDATE 1"


async def supersede(tx: Tx, referral: UUID, offers: Sequence[UUID]) -> Sequence[Delivery]:
    """Stop offers that have not left yet from leaving, and return them."""
    rows = await tx.fetch(
        """
        UPDATE delivery SET
            status = 'permanent-failure', reason = 'superseded', settled_at = now(),
            taken_up_at = now(), taken_up_by = 'linkway', taken_up = 'superseded'
        WHERE referral = $1 AND template = 'offer' AND facts ->> 'offer' = ANY ($2::text[])
          AND settled_at IS NULL AND claimed_until IS NULL
        RETURNING *
        """,
        referral,
        [str(offer) for offer in offers],
    )
    return [_delivery(row) for row in rows]


def _claimed(row: asyncpg.Record, now: datetime) -> Claimed:
    return Claimed(
        delivery=_delivery(row),
        to=Recipient(
            row["recipient_kind"],
            row["recipient"],
            row["name"] or row["recipient"],
            row["mail"],
            endpoint=row["endpoint"],
            secret_from=row["secret_from"],
        ),
        progress=Progress(row["id"], row["attempts"], row["unknowns"]),
        correlation=row["correlation"],
        thread=row["thread"],
        created_at=row["created_at"],
        at=now,
    )


def _delivery(row: asyncpg.Record) -> Delivery:
    return Delivery(
        id=row["id"],
        referral=row["referral"],
        programme=row["programme"],
        template=row["template"],
        channel=row["channel"],
        recipient_kind=row["recipient_kind"],
        recipient=row["recipient"],
        urgent=row["urgent"],
        facts=row["facts"],
    )


# The partner topic's delivery is the outbox row beside it: nothing is left to attempt.
_SAVE = """
    INSERT INTO delivery (id, referral, programme, template, channel, recipient_kind, recipient, urgent, facts,
        correlation, thread, status, settled_at)
    SELECT id, referral, programme, template, channel, recipient_kind, recipient, urgent, facts,
        $2, (SELECT first.id FROM delivery AS first
         WHERE first.referral = new.referral AND first.channel = 'mail'
           AND first.recipient_kind = new.recipient_kind AND first.recipient = new.recipient
         ORDER BY first.seq LIMIT 1),
        CASE channel WHEN 'partner-topic' THEN 'sending' ELSE 'created' END,
        CASE channel WHEN 'partner-topic' THEN now() END
    FROM jsonb_to_recordset($1::jsonb) AS new (id uuid, referral uuid, programme text, template text, channel text,
        recipient_kind text, recipient text, urgent boolean, facts jsonb)
    ON CONFLICT (id) DO NOTHING
    RETURNING id
"""

_CLAIM = """
    WITH due AS (
        SELECT id FROM delivery AS next
        WHERE channel = $1 AND settled_at IS NULL AND claimed_until IS NULL AND due_at <= now()
          AND (urgent OR NOT EXISTS (
              SELECT FROM delivery AS earlier
              WHERE earlier.referral = next.referral AND earlier.channel = next.channel
                AND earlier.recipient_kind = next.recipient_kind AND earlier.recipient = next.recipient
                AND earlier.seq < next.seq AND earlier.settled_at IS NULL))
          AND (SELECT count(*) FROM delivery AS busy
               WHERE busy.channel = next.channel AND busy.recipient = next.recipient
                 AND busy.claimed_until IS NOT NULL) < $2
        ORDER BY urgent DESC, due_at, seq
        LIMIT 1
        FOR UPDATE SKIP LOCKED
    ), taken AS (
        UPDATE delivery SET
            status = 'sending', attempts = attempts + 1, claimed_until = now() + make_interval(secs => $3)
        FROM due WHERE delivery.id = due.id
        RETURNING delivery.*
    ), begun AS (
        INSERT INTO attempt (delivery, number) SELECT id, attempts FROM taken
    )
    SELECT taken.*, to_whom.name, to_whom.mail, to_whom.secret_from,
        CASE WHEN to_whom.endpoint_gone_at IS NULL THEN to_whom.endpoint END AS endpoint
    FROM taken LEFT JOIN recipient AS to_whom
        ON (to_whom.programme, to_whom.kind, to_whom.id) = (taken.programme, taken.recipient_kind, taken.recipient)
"""

_LOST = """
    SELECT lost.*, to_whom.name, to_whom.mail, to_whom.secret_from, to_whom.endpoint
    FROM delivery AS lost LEFT JOIN recipient AS to_whom
        ON (to_whom.programme, to_whom.kind, to_whom.id) = (lost.programme, lost.recipient_kind, lost.recipient)
    WHERE lost.claimed_until < now()
    ORDER BY lost.claimed_until LIMIT 1
    FOR UPDATE OF lost SKIP LOCKED
"""

_SAVE_VERDICT = """
    UPDATE delivery SET
        status = $3,
        reason = $4,
        due_at = coalesce($5, due_at),
        claimed_until = NULL,
        unknowns = unknowns + CASE $6 WHEN 'unknown' THEN 1 ELSE 0 END,
        settled_at = CASE WHEN $5::timestamptz IS NULL THEN now() END
    WHERE id = $1 AND attempts = $2 AND claimed_until IS NOT NULL
"""
