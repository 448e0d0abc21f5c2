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


@dataclass(frozen=True, slots=True)
class Judged:
    """An attempt that ended, how, and what follows from it."""

    progress: Progress
    outcome: Outcome
    verdict: Verdict


async def claim(
    tx: Tx, channel: str, *, room: int, per_recipient: int, lease_seconds: float
) -> tuple[list[Claimed], bool]:
    """Take at most `room` due deliveries of a channel and begin their attempts; others pass over what one has taken.

    Also says whether there may be more, because some of the first `room` that are due may not go yet.

    A delivery waits for earlier ones of its referral to the same recipient, unless it is urgent; no more than
    `per_recipient` are on their way to one recipient, so that a slow one cannot hold every worker.
    """
    rows = await tx.fetch(_CLAIM, channel, per_recipient, lease_seconds, room)
    return [_claimed(row, tx.now) for row in rows], bool(rows) and len(rows) < rows[0]["seen"] == room


async def find_lost(tx: Tx) -> Claimed | None:
    """Lock and return a delivery whose worker is gone: nobody knows whether it was sent."""
    row = await tx.fetchrow(_LOST)
    return _claimed(row, tx.now) if row else None


async def save_judged(tx: Tx, judged: Sequence[Judged]) -> frozenset[tuple[UUID, int]]:
    """Store how attempts ended and what follows; return those whose delivery no other worker has taken meanwhile."""
    if not judged:
        return frozenset()
    rows = await tx.fetch(
        _SAVE_JUDGED,
        [each.progress.delivery for each in judged],
        [each.progress.attempt for each in judged],
        [each.verdict.status.value for each in judged],
        [each.outcome.reason for each in judged],
        [each.verdict.at if isinstance(each.verdict, Again) else None for each in judged],
        [each.outcome.result.value for each in judged],
        [each.outcome.code for each in judged],
    )
    return frozenset((row["delivery"], row["number"]) for row in rows)


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
        SELECT id, recipient, urgent, due_at, seq FROM delivery AS next
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
        LIMIT $4
        FOR UPDATE SKIP LOCKED
    ), numbered AS (
        SELECT id, row_number() OVER (PARTITION BY recipient ORDER BY urgent DESC, due_at, seq)
            + (SELECT count(*) FROM delivery AS busy
               WHERE busy.channel = $1 AND busy.recipient = due.recipient AND busy.claimed_until IS NOT NULL) AS nth
        FROM due
    ), taken AS (
        UPDATE delivery SET
            status = 'sending', attempts = attempts + 1, claimed_until = now() + make_interval(secs => $3)
        FROM numbered WHERE delivery.id = numbered.id AND nth <= $2
        RETURNING delivery.*
    ), begun AS (
        INSERT INTO attempt (delivery, number) SELECT id, attempts FROM taken
    )
    SELECT taken.*, (SELECT count(*) FROM due) AS seen, to_whom.name, to_whom.mail, to_whom.secret_from,
        CASE WHEN to_whom.endpoint_gone_at IS NULL THEN to_whom.endpoint END AS endpoint
    FROM taken LEFT JOIN recipient AS to_whom
        ON (to_whom.programme, to_whom.kind, to_whom.id) = (taken.programme, taken.recipient_kind, taken.recipient)
    ORDER BY urgent DESC, due_at, seq
"""

_LOST = """
    SELECT lost.*, to_whom.name, to_whom.mail, to_whom.secret_from, to_whom.endpoint
    FROM delivery AS lost LEFT JOIN recipient AS to_whom
        ON (to_whom.programme, to_whom.kind, to_whom.id) = (lost.programme, lost.recipient_kind, lost.recipient)
    WHERE lost.claimed_until < now()
    ORDER BY lost.claimed_until LIMIT 1
    FOR UPDATE OF lost SKIP LOCKED
"""

_SAVE_JUDGED = """
    WITH judged AS (
        SELECT * FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::text[], $5::timestamptz[], $6::text[],
            $7::integer[]) AS judged (delivery, number, status, reason, again_at, result, code)
    ), kept AS (
        UPDATE delivery SET
            status = judged.status,
            reason = judged.reason,
            due_at = coalesce(judged.again_at, due_at),
            claimed_until = NULL,
            unknowns = unknowns + CASE judged.result WHEN 'unknown' THEN 1 ELSE 0 END,
            settled_at = CASE WHEN judged.again_at IS NULL THEN now() END
        FROM judged
        WHERE id = judged.delivery AND attempts = judged.number AND claimed_until IS NOT NULL
        RETURNING judged.*
    )
    UPDATE attempt SET ended_at = now(), result = kept.result, reason = kept.reason, code = kept.code
    FROM kept WHERE attempt.delivery = kept.delivery AND attempt.number = kept.number
    RETURNING attempt.delivery, attempt.number
"""
