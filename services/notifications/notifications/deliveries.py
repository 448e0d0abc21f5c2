"""Send what is due: claim and commit, send outside of any transaction, record and commit."""

import asyncio
from dataclasses import replace
from typing import Protocol

import structlog

from notifications import storage
from notifications.config import Settings
from notifications.domain import (
    Again,
    GivenUp,
    Handed,
    Outcome,
    Result,
    Status,
    Verdict,
    judge,
    pass_on,
    undelivered_facts,
)
from notifications.notices import about, tell_of_failure
from notifications.storage import Claimed
from shared.contracts import (
    NotificationDelivered,
    NotificationFailed,
    NotificationSent,
    NotificationUndeliverable,
)
from shared.messaging import Cause, Database, Tx
from shared.messaging.errors import describe, is_unavailable
from shared.service import Worker

log = structlog.get_logger()

DRAIN_SECONDS = 5
"""How long a stopping service waits for what is on its way; what takes longer becomes an unknown outcome."""


class Way(Protocol):
    """How a delivery leaves by one channel."""

    async def send(self, claimed: Claimed) -> Outcome:
        """Write a delivery, hand it over, and say what became of it."""
        ...

    async def aclose(self) -> None:
        """Hang up."""
        ...


class Sender:
    """Sends the deliveries of one channel, several at a time; its worker is woken at commit and by each that ends."""

    def __init__(self, channel: str, way: Way, *, at_once: int, per_recipient: int, settings: Settings) -> None:
        self._channel, self._way, self._at_once, self._per_recipient = channel, way, at_once, per_recipient
        self._settings = settings
        self._in_hand: set[asyncio.Task[None]] = set()
        self.worker = Worker(channel, self._turn, every_seconds=settings.delivery_poll_seconds, on_commit=True)

    async def close(self) -> None:
        """Hang up; the worker has ended."""
        await self._way.aclose()

    async def _turn(self, database: Database, _settings: Settings) -> int:
        """Start what is due and there is room for, then wait until something ends or comes; 0: nothing is in hand."""
        try:
            for claimed in await self._claim(database):
                task = asyncio.create_task(self._deliver(database, claimed), name=f"deliver {claimed.delivery.id}")
                self._in_hand.add(task)
                task.add_done_callback(self._ended)
            if self._in_hand:
                await self._until_woken()
        except asyncio.CancelledError:
            if self._in_hand:
                await asyncio.wait(self._in_hand, timeout=DRAIN_SECONDS)
            raise
        return len(self._in_hand)

    async def _until_woken(self) -> None:
        try:
            async with asyncio.timeout(self._settings.delivery_poll_seconds):
                await self.worker.woken.wait()
        except TimeoutError:
            return

    async def _claim(self, database: Database) -> list[Claimed]:
        """Claim as many due deliveries as there is room for."""
        found: list[Claimed] = []
        room = self._at_once - len(self._in_hand)
        if not room:
            return found
        async with database.transaction(Cause.tick(self._channel, "claim")) as tx:
            while len(found) < room and (claimed := await self._claim_one(tx)):
                found.append(claimed)
        return found

    async def _claim_one(self, tx: Tx) -> Claimed | None:
        lease_seconds = self._settings.lease_seconds
        return await storage.claim(tx, self._channel, per_recipient=self._per_recipient, lease_seconds=lease_seconds)

    async def _deliver(self, database: Database, claimed: Claimed) -> None:
        """Send one delivery and record what came of it, however long the database is away."""
        outcome = await self._way.send(claimed)
        while True:
            try:
                async with database.transaction(_cause(claimed)) as tx:
                    await record(tx, claimed, outcome, self._settings)
            except Exception as error:
                if not is_unavailable(error):
                    raise
                log.warning("outcome_waits_for_database", delivery=str(claimed.delivery.id))
                await asyncio.sleep(0.2)
            else:
                break
        log.info(
            "delivery_attempted",
            delivery=str(claimed.delivery.id),
            channel=self._channel,
            attempt=claimed.progress.attempt,
            result=outcome.result.value,
            reason=outcome.reason,
        )

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._in_hand.discard(task)
        self.worker.wake()
        if not task.cancelled() and (error := task.exception()):
            kind, at = describe(error)
            log.error("delivery_failed", channel=self._channel, error=kind, at=at)


async def record_lost(database: Database, settings: Settings) -> int:
    """Record the outcome of a delivery whose worker is gone as unknown; return how many there were."""
    async with database.transaction(Cause.tick("lost", "look")) as tx:
        claimed = await storage.find_lost(tx)
        if claimed is None:
            return 0
        tx.begin_cause(_cause(claimed))
        await record(tx, claimed, Outcome(Result.UNKNOWN, "worker-lost"), settings)
    return 1


def _cause(claimed: Claimed) -> Cause:
    """Return the cause of what an attempt leads to: the same ids however often it is recorded."""
    key = f"{claimed.delivery.id}:{claimed.progress.attempt}"
    return replace(Cause.tick("deliveries", key), correlation_id=claimed.correlation)


async def record(tx: Tx, claimed: Claimed, outcome: Outcome, settings: Settings) -> None:
    """Store what came of an attempt and what follows from it; nothing where another worker has the delivery by now."""
    delivery, progress = claimed.delivery, claimed.progress
    await tx.lock_keys([str(delivery.referral)])
    verdict = judge(progress, outcome, tx.now, settings.retry_seconds)
    if not await storage.save_verdict(tx, progress, outcome, verdict):
        log.warning("outcome_came_too_late", delivery=str(delivery.id), attempt=progress.attempt)
        return
    await storage.save_attempt(tx, progress, outcome)
    _publish(tx, claimed, verdict)
    if isinstance(verdict, GivenUp):
        await _give_up(tx, claimed, outcome, verdict)


def _publish(tx: Tx, claimed: Claimed, verdict: Verdict) -> None:
    said, attempt = about(claimed.delivery), claimed.progress.attempt
    match verdict:
        case Handed(status=status):
            tx.publish(NotificationSent(**said, attempt=attempt))
            if status is Status.DELIVERED:
                tx.publish(NotificationDelivered(**said))
        case Again(status=status):
            tx.publish(NotificationFailed(**said, attempt=attempt, status=status.value))
        case GivenUp(reason=reason):
            tx.publish(NotificationUndeliverable(**said, reason=reason))


async def _give_up(tx: Tx, claimed: Claimed, outcome: Outcome, verdict: GivenUp) -> None:
    """Hand a message that did not get through to a person."""
    delivery, to = claimed.delivery, claimed.to
    if outcome.result is Result.GONE and to.endpoint:
        await storage.end_endpoint(tx, delivery.programme, to.id, to.endpoint)
    line = pass_on(delivery.recipient_kind, delivery.template)
    if line is not None:
        referral = await storage.learn(tx, delivery.referral, delivery.programme)
        await tell_of_failure(tx, referral, line, undelivered_facts(delivery, to.name, verdict.reason))
