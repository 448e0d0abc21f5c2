"""Sends what the outbox holds: one leader a service, in row order, marked only on the broker's word."""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import structlog
from aiokafka.errors import KafkaError
from aiokafka.structs import RecordMetadata

from shared.messaging import metrics
from shared.messaging.errors import DATABASE_ERRORS, Unavailable, describe, is_unavailable
from shared.messaging.sending import REFUSED_FOR_GOOD, Sender

log = structlog.get_logger()

_LEVELS = {"warning": logging.WARNING, "error": logging.ERROR}


@dataclass(frozen=True)
class RelaySettings:
    """The relay's clocks and sizes."""

    batch_rows: int = 500
    poll_seconds: float = 1
    ping_seconds: float = 1
    stand_by_seconds: float = 1
    longest_wait_seconds: float = 2
    request_timeout_ms: int = 10_000
    metadata_max_age_ms: int = 10_000
    topics_seconds: float = 5


@dataclass
class Relay:
    """One service's relay: leads while it holds the advisory lock on a connection of its own, else stands by.

    `direct_dsn` goes past any pooler, because the lock belongs to the connection.
    """

    direct_dsn: str
    user: str
    password: str | None
    schema: str
    bootstrap: str
    settings: RelaySettings = field(default_factory=RelaySettings)
    is_leader: bool = False
    sent_at: float = 0.0
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _task: asyncio.Task[None] | None = None
    _connection: Any = None
    _missing: set[str] = field(default_factory=set)
    _looked_at: float = -1e9
    _sender: Sender = field(init=False)

    def __post_init__(self) -> None:
        """Make the sender; it connects when there is something to send."""
        self._sender = Sender(
            self.bootstrap,
            f"linkway-relay-{self.schema}",
            self.settings.request_timeout_ms,
            self.settings.metadata_max_age_ms,
        )

    def start(self) -> None:
        """Begin to stand for leadership."""
        self._task = asyncio.create_task(self._run(), name=f"relay {self.schema}")

    async def stop(self) -> None:
        """Give leadership up; what was sent but not marked is sent again by the next leader, under the same id."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._let_go()

    def wake(self) -> None:
        """Say that something was committed."""
        self._woken.set()

    async def _run(self) -> None:
        wait = 0.1
        while True:
            try:
                await self._lead()
                wait = 0.1
            except (Unavailable, KafkaError, OSError, *DATABASE_ERRORS) as error:
                level = "warning" if isinstance(error, KafkaError) or is_unavailable(error) else "error"
                log.log(_LEVELS[level], "relay_waiting", schema=self.schema, error=describe(error)[0], seconds=wait)
            except Exception as error:  # noqa: BLE001 -- a bug of ours must not end the relay; it is told
                kind, at = describe(error)
                log.error("relay_fault", schema=self.schema, error=kind, at=at)
            await self._let_go()
            await asyncio.sleep(wait)
            wait = min(wait * 2, self.settings.longest_wait_seconds)

    async def _lead(self) -> None:
        """Stand by for the lock; then send until something breaks."""
        self._connection = await self._connect()
        while not await self._connection.fetchval(_LOCK):  # noqa: ASYNC110 -- another process holds it
            await asyncio.sleep(self.settings.stand_by_seconds)
        await self._connection.add_listener(f"linkway_outbox_{self.schema}", lambda *_: self.wake())
        self.is_leader = True
        metrics.RELAY_LEADER.set(1)
        log.info("relay_leads", schema=self.schema)
        while True:
            self._woken.clear()
            while await self._send_some():
                pass
            await self._rest()

    async def _rest(self) -> None:
        """Wait for a commit, and show each second that the lock's connection lives."""
        until = time.monotonic() + self.settings.ping_seconds
        while time.monotonic() < until:
            try:
                async with asyncio.timeout(self.settings.poll_seconds):  # wait_for could swallow the stop
                    await self._woken.wait()
            except TimeoutError:
                break
            else:
                return
        await self._connection.fetchval("SELECT 1", timeout=self.settings.ping_seconds * 2)

    async def _send_some(self) -> bool:
        """Send a batch of unsent rows in order and mark those that the broker has; True when there may be more."""
        if time.monotonic() > self._looked_at + self.settings.topics_seconds:
            self._missing = set()
        rows = await self._connection.fetch(_UNSENT, self.settings.batch_rows, list(self._missing))
        if not rows:
            return False
        rows = await self._without_missing_topics(rows)
        results = await self._sender.send(rows)
        broken = await self._mark(rows, results)
        self.sent_at = time.monotonic()
        if broken is not None:
            raise broken
        return len(rows) == self.settings.batch_rows

    async def _without_missing_topics(self, rows: list[asyncpg.Record]) -> list[asyncpg.Record]:
        """Leave out rows for topics that the broker lacks: they wait, and are asked for again, while others flow."""
        lacking = await self._sender.lacks({row["topic"] for row in rows})
        if lacking:
            self._missing, self._looked_at = lacking, time.monotonic()
            log.critical("topics_missing", schema=self.schema, topics=sorted(lacking))
        return [row for row in rows if row["topic"] not in lacking]

    async def _mark(self, rows: Sequence[asyncpg.Record], results: Sequence[Any]) -> KafkaError | None:
        """Mark what arrived and what is refused for good; return the error that asks for a new producer, if any."""
        sent = [(row, at) for row, at in zip(rows, results, strict=True) if isinstance(at, RecordMetadata)]
        if sent:
            await self._connection.execute(
                _MARK_SENT,
                [row["day"] for row, _ in sent],
                [row["id"] for row, _ in sent],
                [at.partition for _, at in sent],
                [at.offset for _, at in sent],
                min(row["day"] for row, _ in sent),
                max(row["day"] for row, _ in sent),
            )
            metrics.SENT.inc(len(sent))
        broken: KafkaError | None = None
        for row, result in zip(rows, results, strict=True):
            if isinstance(result, REFUSED_FOR_GOOD):
                await self._refuse(row, result)
            elif isinstance(result, KafkaError):
                broken = result
            elif isinstance(result, BaseException):
                raise result
        return broken

    async def _refuse(self, row: asyncpg.Record, error: Exception) -> None:
        """Set a row and its key aside, and raise the alarm; every other key flows."""
        await self._connection.execute(_MARK_REFUSED, row["day"], row["id"], type(error).__name__)
        metrics.REFUSED.inc()
        log.critical("event_refused", schema=self.schema, event_id=str(row["event_id"]), error=type(error).__name__)

    async def _connect(self) -> Any:
        return await asyncpg.connect(
            self.direct_dsn,
            user=self.user,
            password=self.password,
            timeout=5,
            command_timeout=12,
            server_settings={"search_path": self.schema, "application_name": f"linkway relay {self.schema}"},
        )

    async def _let_go(self) -> None:
        """Drop the producer first, then the lock: another leader must not send before this one has stopped."""
        self.is_leader = False
        metrics.RELAY_LEADER.set(0)
        await self._sender.close()
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.terminate()


_LOCK = "SELECT pg_try_advisory_lock(current_schema()::regnamespace::oid::integer, 0)"

_UNSENT = """
    SELECT day, id, event_id, topic, key, headers, value
    FROM outbox
    WHERE sent_at IS NULL AND refused IS NULL AND topic <> ALL ($2::text[])
        -- Spares the look into days to come; one of them counts, for a clock that was set back.
        AND day <= (now() AT TIME ZONE 'UTC')::date + 1
        AND NOT EXISTS (
            SELECT FROM outbox AS earlier
            WHERE earlier.sent_at IS NULL AND earlier.refused IS NOT NULL
                AND earlier.topic = outbox.topic AND earlier.key = outbox.key AND earlier.id < outbox.id
                AND earlier.day <= (now() AT TIME ZONE 'UTC')::date + 1
        )
    ORDER BY id
    LIMIT $1
"""

_MARK_SENT = """
    UPDATE outbox SET sent_at = now(), "partition" = sent.number, "offset" = sent.log_offset
    FROM unnest($1::date[], $2::bigint[], $3::integer[], $4::bigint[]) AS sent (day, id, number, log_offset)
    WHERE outbox.day = sent.day AND outbox.id = sent.id AND outbox.day BETWEEN $5 AND $6
"""

_MARK_REFUSED = "UPDATE outbox SET refused = $3 WHERE day = $1 AND id = $2"
