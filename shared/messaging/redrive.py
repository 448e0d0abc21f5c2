"""Parked messages tried again, the first of each key first."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import structlog

from shared.messaging import inbox, metrics, parking
from shared.messaging.batch import Consumer
from shared.messaging.database import Database
from shared.messaging.errors import RejectedMessage, Unavailable, is_unavailable
from shared.messaging.handlers import Handler
from shared.messaging.parking import Due
from shared.messaging.reading import Broken, Handled, sort
from shared.messaging.tx import Cause, Tx

log = structlog.get_logger()

INBOX_DAYS = 35
"""How long an event's claim is kept; an older event could be handled twice and is refused."""


class _StillFailing(Exception):
    """A parked message failed again; carries which one and why."""

    def __init__(self, due: Due, error: Exception) -> None:
        super().__init__(due.kind)
        self.due = due
        self.error = error


@dataclass
class Redrive:
    """Hands parked messages to their handlers again: those that are due, or one that a person names."""

    database: Database
    consumer: Consumer
    handlers: Mapping[str, Handler]
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    async def due(self) -> int:
        """Handle every parked message that is due and return how many left; mostly none is, and that is asked first."""
        settled = 0
        async with self.database.connection() as connection:
            if not await connection.fetchval(_IS_ANY_DUE, self.consumer.name):
                return settled
        while (left := await self._next(None, "schedule")) is not None:
            settled += left
        return settled

    async def one(self, parked: UUID, by: str) -> bool:
        """Handle one parked message now, for a person; False when it failed again or others are before it."""
        return bool(await self._next(parked, by))

    async def _next(self, parked: UUID | None, by: str) -> bool | None:
        """Try one parked message: True when it is settled, False when it failed again, None when none is due."""
        try:
            async with self.database.transaction(Cause.tick("redrive", by)) as tx:
                due = await parking.lock_due(tx, self.consumer.name, self.consumer.parking_key, parked)
                if due is None:
                    return None
                await self._handle(tx, due)
                await parking.redriven(tx, due.id, by)
        except _StillFailing as failure:
            if is_unavailable(failure.error) and not await self.database.answers():
                raise Unavailable("the database went away under a redrive") from failure.error
            await self._failed(failure)
            metrics.REDRIVES.labels(self.consumer.name, "failed").inc()
            return False
        metrics.REDRIVES.labels(self.consumer.name, "settled").inc()
        log.info("message_handled", outcome="redriven", parked=str(due.id), attempt=due.attempts + 1)
        return True

    async def _handle(self, tx: Tx, due: Due) -> None:
        match sort(due.record, self.handlers):
            case Broken(kind=kind, retry_after_upgrade=later):
                raise _StillFailing(due, parking.StillUnknown() if later else RejectedMessage(kind))
            case Handled() as item:
                if item.envelope.time < tx.now - timedelta(days=INBOX_DAYS):
                    raise _StillFailing(due, RejectedMessage("older than the inbox"))
                await tx.lock_keys([item.key])
                if await inbox.claim(tx, self.consumer.name, [item.envelope.id]):
                    await self._run(tx, item, due)

    async def _run(self, tx: Tx, item: Handled, due: Due) -> None:
        tx.begin_cause(Cause.event(item.handler.name, item.envelope), item.envelope)
        try:
            await item.handler.handle(item.event, tx)
        except Exception as error:
            raise _StillFailing(due, error) from error

    async def _failed(self, failure: _StillFailing) -> None:
        async with self.database.transaction(Cause.tick("redrive", "failed")) as tx:
            held = await parking.failed_again(tx, failure.due, failure.error, self.consumer.schedule)
        if held:
            log.error("parked_message_held", parked=str(failure.due.id), consumer=self.consumer.name)


_IS_ANY_DUE = """
    SELECT EXISTS (
        SELECT FROM parked
        WHERE consumer = $1 AND settled_at IS NULL AND state = 'waiting' AND next_attempt_at <= now()
    )
"""
