"""Messages set aside: their bytes sealed, their key's order kept, tried again on a schedule or by a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

import asyncpg
import orjson

from shared.contracts import MessageDiscarded, MessageParked, MessageRedriven
from shared.messaging.errors import NotYet, RejectedMessage, describe
from shared.messaging.reading import Broken, Handled, Item, Record
from shared.messaging.tx import LINKWAY, Cause, Tx
from shared.sealing import open_sealed, seal


@dataclass(frozen=True)
class Schedule:
    """How long a parked message waits before each next attempt; when it runs out, a person has it."""

    fault_seconds: tuple[float, ...] = (1, 5, 30, 120, 600)
    not_yet_first_seconds: float = 0.1
    not_yet_longest_seconds: float = 60
    not_yet_attempts: int = 200
    upgrade_seconds: float = 3600

    def next_delay(self, kind: str, attempts: int) -> float | None:
        """Return the seconds until the next attempt after so many, or None when a person has to look."""
        if kind == _NOT_YET:
            if attempts >= self.not_yet_attempts:
                return None
            return min(self.not_yet_first_seconds * 2.0 ** min(attempts, 30), self.not_yet_longest_seconds)
        return self.fault_seconds[attempts] if attempts < len(self.fault_seconds) else None


@dataclass(frozen=True, slots=True)
class Parking:
    """Why and how one item is parked."""

    item: Item
    kind: str
    detail: str
    blocks: bool
    delay_seconds: float | None
    """Until the next attempt; None: held for a person."""


class StillUnknown(Exception):
    """A parked message is still of a type or version that this consumer does not know."""


_NOT_YET = "not-yet"


def broken(item: Broken, schedule: Schedule) -> Parking:
    """Park what cannot be read: it blocks nobody, and an unknown type is tried again after an upgrade."""
    delay = schedule.upgrade_seconds if item.retry_after_upgrade else None
    return Parking(item, item.kind, item.detail, False, delay)


def behind(item: Handled) -> Parking:
    """Park a message behind an earlier one of its key; it is due as soon as it is first."""
    return Parking(item, "behind", "an earlier message of this key is parked", True, 0)


def failed(item: Item, error: BaseException, schedule: Schedule) -> Parking:
    """Park a message whose handling raised."""
    kind, detail = _fault(error)
    held = isinstance(error, RejectedMessage)
    return Parking(item, kind, detail, isinstance(item, Handled), None if held else schedule.next_delay(kind, 0))


def killed(item: Item, times: int) -> Parking:
    """Park a message whose worker died while it was being handled, once too often."""
    return Parking(item, "killed-worker", f"{times} workers died while handling it", isinstance(item, Handled), None)


async def park(tx: Tx, consumer: str, cluster: str, key: bytes, parkings: Sequence[Parking]) -> None:
    """Store parked messages with their bytes sealed, and count and publish those that are new."""
    for parking in parkings:
        record = parking.item.record
        coordinates = f"{consumer}:{cluster}:{record.topic}:{record.number}:{record.offset}"
        parked = uuid5(LINKWAY, coordinates)
        subject = parking.item.key if isinstance(parking.item, Handled) else None
        stored = await tx.fetchval(
            _PARK,
            parked,
            consumer,
            cluster,
            record.topic,
            record.number,
            record.offset,
            subject,
            _type(parking.item),
            parking.item.envelope.id if isinstance(parking.item, Handled) else None,
            parking.kind,
            parking.detail,
            parking.blocks,
            parking.delay_seconds,
            seal(key, _pack(record), coordinates.encode()),
            record.digest,
        )
        if stored and subject is not None:
            await tx.execute("UPDATE subject SET parked = parked + 1 WHERE key = $1", subject)
        if stored and parking.kind not in {"behind", _NOT_YET}:
            tx.begin_cause(Cause(parked, "park", str(parked)))
            tx.publish(
                MessageParked(
                    consumer=consumer,
                    parked=parked,
                    source_topic=record.topic,
                    partition=record.number,
                    offset=record.offset,
                    digest=record.digest,
                    error_kind=parking.kind,
                    message_type=_type(parking.item),
                )
            )


async def blocked(tx: Tx, consumer: str, keys: list[str]) -> set[tuple[str, str]]:
    """Return the topics and keys that have a parked message which later ones wait behind.

    Order holds per key and topic; a key's other topics go on, for one of them may carry the fact that is waited for.
    """
    return {(row["topic"], row["key"]) for row in await tx.fetch(_BLOCKED, consumer, keys)}


@dataclass(frozen=True, slots=True)
class Due:
    """A parked message that is first of its key and due, locked for this transaction."""

    id: UUID
    record: Record
    kind: str
    attempts: int


async def lock_due(tx: Tx, consumer: str, key: bytes, parked: UUID | None = None) -> Due | None:
    """Lock the next parked message that is due and first of its key; with `parked`, that one even if held."""
    row = await tx.fetchrow(_LOCK_DUE, consumer, parked)
    if row is None:
        return None
    return Due(row["id"], _open(row, key), row["kind"], row["attempts"])


async def view(tx: Tx, key: bytes, parked: UUID, viewer: str, purpose: str) -> Record | None:
    """Open a parked message's bytes for a person, and write down who looked and why."""
    row = await tx.fetchrow("SELECT * FROM parked WHERE id = $1", parked)
    if row is None:
        return None
    await tx.execute(
        "INSERT INTO parked_view (parked, viewed_by, purpose) VALUES ($1, $2, $3)", parked, viewer, purpose
    )
    return _open(row, key)


async def redriven(tx: Tx, parked: UUID, by: str) -> None:
    """Settle a parked message that was handled after all, and let the next of its key go on."""
    row = await tx.fetchrow(_SETTLE, parked, "redriven", by, None)
    if row and row["kind"] not in {"behind", _NOT_YET}:
        tx.publish(MessageRedriven(**_settling(tx, row), attempts=row["attempts"] + 1))


async def discard(tx: Tx, parked: UUID, by: str, reason: str) -> bool:
    """Settle a parked message by a person's decision to give it up; `reason` is a code."""
    row = await tx.fetchrow(_SETTLE, parked, "discarded", by, reason)
    if row:
        tx.publish(MessageDiscarded(**_settling(tx, row), reason=reason))
    return row is not None


async def failed_again(tx: Tx, due: Due, error: BaseException, schedule: Schedule) -> bool:
    """Count a failed attempt and say whether the message is now held for a person; one settled meanwhile stays so."""
    delay: float | None
    if isinstance(error, StillUnknown):
        kind, detail, attempts, delay = due.kind, "still not known", due.attempts + 1, schedule.upgrade_seconds
    else:
        kind, detail = _fault(error)
        attempts = due.attempts + 1 if kind == due.kind else 1
        delay = None if isinstance(error, RejectedMessage) else schedule.next_delay(kind, attempts)
    at = None if delay is None else tx.now + timedelta(seconds=delay)
    held = await tx.fetchval(
        "UPDATE parked SET kind = $2, detail = $3, attempts = $4, next_attempt_at = $5, "
        "state = CASE WHEN $5::timestamptz IS NULL THEN 'held' ELSE 'waiting' END "
        "WHERE id = $1 AND settled_at IS NULL RETURNING state = 'held'",
        due.id,
        kind,
        detail,
        attempts,
        at,
    )
    return bool(held)


async def forget_settled(tx: Tx, days: int) -> None:
    """Delete parked messages that were settled so many days ago, and who had looked into them."""
    await tx.execute(_FORGET_VIEWS, days)
    await tx.execute("DELETE FROM parked WHERE settled_at < now() - $1::integer * interval '1 day'", days)


def _fault(error: BaseException) -> tuple[str, str]:
    return (_NOT_YET, str(error)) if isinstance(error, NotYet) else describe(error)


def _type(item: Item) -> str | None:
    return item.envelope.type if isinstance(item, Handled) else item.type


def _settling(tx: Tx, row: asyncpg.Record) -> dict[str, Any]:
    """Turn the transaction to the settling of this row and return what its event says of it."""
    tx.begin_cause(Cause(row["id"], "settle", str(row["id"])))
    return {
        "consumer": row["consumer"],
        "parked": row["id"],
        "source_topic": row["topic"],
        "partition": row["partition"],
        "offset": row["offset"],
        "digest": row["digest"],
    }


def _pack(record: Record) -> bytes:
    """Pack a record's bytes and headers, whatever they are, so that they come back to the bit."""
    headers = [[name, None if value is None else value.hex()] for name, value in record.headers]
    head = orjson.dumps(
        {
            "key": None if record.key is None else record.key.hex(),
            "null": record.value is None,
            "headers": headers,
        }
    )
    return len(head).to_bytes(4, "big") + head + (record.value or b"")


def _open(row: asyncpg.Record, key: bytes) -> Record:
    """Unseal a row of `parked` into the record as it came."""
    topic, number, offset = row["topic"], row["partition"], row["offset"]
    context = f"{row['consumer']}:{row['cluster']}:{topic}:{number}:{offset}"
    packed = open_sealed(key, row["sealed"], context.encode())
    length = int.from_bytes(packed[:4], "big")
    head = orjson.loads(packed[4 : 4 + length])
    return Record(
        topic,
        number,
        offset,
        None if head["key"] is None else bytes.fromhex(head["key"]),
        None if head["null"] else packed[4 + length :],
        tuple((name, None if value is None else bytes.fromhex(value)) for name, value in head["headers"]),
    )


_FORGET_VIEWS = """
    DELETE FROM parked_view USING parked
    WHERE parked_view.parked = parked.id AND parked.settled_at < now() - $1::integer * interval '1 day'
"""

_PARK = """
    INSERT INTO parked (id, consumer, cluster, topic, "partition", "offset", key, type, event_id, kind, detail, blocks,
                        state, next_attempt_at, sealed, digest)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
            CASE WHEN $13::float8 IS NULL THEN 'held' ELSE 'waiting' END,
            now() + $13::float8 * interval '1 second', $14, $15)
    ON CONFLICT (consumer, cluster, topic, "partition", "offset") DO NOTHING
    RETURNING true
"""

_BLOCKED = """
    SELECT DISTINCT topic, key FROM parked
    WHERE consumer = $1 AND key = ANY ($2::text[]) AND blocks AND settled_at IS NULL
"""

_LOCK_DUE = """
    SELECT * FROM parked
    WHERE consumer = $1 AND settled_at IS NULL
        AND CASE WHEN $2::uuid IS NULL THEN state = 'waiting' AND next_attempt_at <= now() ELSE id = $2 END
        AND NOT (blocks AND EXISTS (
            SELECT FROM parked AS earlier
            WHERE earlier.consumer = parked.consumer AND earlier.topic = parked.topic AND earlier.key = parked.key
                AND earlier.seq < parked.seq AND earlier.blocks AND earlier.settled_at IS NULL
        ))
    ORDER BY next_attempt_at
    LIMIT 1
    FOR UPDATE SKIP LOCKED
"""

_SETTLE = """
    WITH settled AS (
        UPDATE parked SET state = $2, settled_at = now(), settled_by = $3, reason = $4, next_attempt_at = NULL
        WHERE id = $1 AND settled_at IS NULL
        RETURNING *
    ), counted AS (
        UPDATE subject SET parked = subject.parked - 1 FROM settled WHERE subject.key = settled.key
    )
    SELECT * FROM settled
"""
