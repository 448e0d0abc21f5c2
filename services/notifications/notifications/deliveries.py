"""Send what is due: claim and commit, send outside of any transaction, record with the next claim and commit."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
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
from notifications.storage import Claimed, Judged
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

RECORD_SECONDS = 2
"""How long it then tries to record what has ended."""


class Way(Protocol):
    """How a delivery leaves by one channel."""

    async def send(self, claimed: Claimed) -> Outcome:
        """Write a delivery, hand it over, and say what became of it."""
        ...

    async def aclose(self) -> None:
        """Hang up."""
        ...


@dataclass(frozen=True, slots=True)
class Attempted:
    """An attempt that has ended, and is not recorded yet."""

    claimed: Claimed
    outcome: Outcome


class Sender:
    """Sends the deliveries of one channel, several at a time; its worker is woken at commit and by each that ends.

    One transaction records what has ended and claims what there is room for: under load that is many of each.
    """

    def __init__(self, channel: str, way: Way, *, at_once: int, per_recipient: int, settings: Settings) -> None:
        self._channel, self._way, self._at_once, self._per_recipient = channel, way, at_once, per_recipient
        self._settings = settings
        self._in_hand: set[asyncio.Task[None]] = set()
        self._unrecorded: list[Attempted] = []
        self.worker = Worker(channel, self._turn, every_seconds=settings.delivery_poll_seconds, on_commit=True)

    async def close(self) -> None:
        """Hang up; the worker has ended."""
        await self._way.aclose()

    async def _turn(self, database: Database, _settings: Settings) -> int:
        """Record what ended, start what is due, then wait until something ends or comes; 0: nothing is in hand."""
        try:
            for claimed in await self._exchange(database, self._at_once - len(self._in_hand)):
                task = asyncio.create_task(self._send(claimed), name=f"deliver {claimed.delivery.id}")
                self._in_hand.add(task)
                task.add_done_callback(self._ended)
            if self._in_hand and not self._unrecorded:
                await self._until_woken()
        except asyncio.CancelledError:
            await self._drain(database)
            raise
        return len(self._in_hand) + len(self._unrecorded)

    async def _until_woken(self) -> None:
        try:
            async with asyncio.timeout(self._settings.delivery_poll_seconds):
                await self.worker.woken.wait()
        except TimeoutError:
            return

    async def _drain(self, database: Database) -> None:
        """Wait for what is on its way and record it; a stopping service claims no more."""
        if self._in_hand:
            await asyncio.wait(self._in_hand, timeout=DRAIN_SECONDS)
        with contextlib.suppress(TimeoutError):  # an outcome that nobody could be told is an unknown one
            async with asyncio.timeout(RECORD_SECONDS):
                while self._unrecorded:
                    await self._exchange(database, 0)

    async def _exchange(self, database: Database, room: int) -> list[Claimed]:
        """Record what has ended and claim as many as there is room for; what cannot be recorded yet stays to be."""
        ended = list(self._unrecorded)
        if not ended and not room:
            return []
        try:
            async with database.transaction(Cause.tick(self._channel, "exchange")) as tx:
                await record(tx, ended, self._settings)
                claimed = await self._claim(tx, room) if room else []
        except Exception as error:
            if not ended:
                raise
            if is_unavailable(error):
                log.warning("outcomes_wait_for_database", deliveries=[str(each.claimed.delivery.id) for each in ended])
                await asyncio.sleep(0.2)
            else:
                await self._one_by_one(database, ended)
            return []
        self._recorded(ended)
        return claimed

    async def _claim(self, tx: Tx, room: int) -> list[Claimed]:
        return await storage.claim(
            tx,
            self._channel,
            room=room,
            per_recipient=self._per_recipient,
            lease_seconds=self._settings.lease_seconds,
        )

    async def _one_by_one(self, database: Database, ended: Sequence[Attempted]) -> None:
        """Record outcomes by themselves, since one of them cannot be; that one's lease will run out."""
        for each in ended:
            try:
                async with database.transaction(Cause.tick(self._channel, "record")) as tx:
                    await record(tx, [each], self._settings)
            except Exception as error:  # noqa: BLE001 -- it is told, and its delivery is looked for as a lost one
                if is_unavailable(error):
                    return
                self._failed(error)
                self._unrecorded.remove(each)
            else:
                self._recorded([each])

    def _recorded(self, ended: Sequence[Attempted]) -> None:
        for each in ended:
            self._unrecorded.remove(each)
            _log_attempt(each)

    async def _send(self, claimed: Claimed) -> None:
        self._unrecorded.append(Attempted(claimed, await self._way.send(claimed)))

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._in_hand.discard(task)
        self.worker.wake()
        if not task.cancelled() and (error := task.exception()):
            self._failed(error)

    def _failed(self, error: BaseException) -> None:
        kind, at = describe(error)
        log.error("delivery_failed", channel=self._channel, error=kind, at=at)


async def record_lost(database: Database, settings: Settings) -> int:
    """Record the outcome of a delivery whose worker is gone as unknown; return how many there were."""
    async with database.transaction(Cause.tick("lost", "look")) as tx:
        claimed = await storage.find_lost(tx)
        if claimed is None:
            return 0
        lost = Attempted(claimed, Outcome(Result.UNKNOWN, "worker-lost"))
        await record(tx, [lost], settings)
    _log_attempt(lost)
    return 1


def _log_attempt(attempted: Attempted) -> None:
    delivery, outcome = attempted.claimed.delivery, attempted.outcome
    log.info(
        "delivery_attempted",
        delivery=str(delivery.id),
        channel=delivery.channel,
        attempt=attempted.claimed.progress.attempt,
        result=outcome.result.value,
        reason=outcome.reason,
    )


def _cause(claimed: Claimed) -> Cause:
    """Return the cause of what an attempt leads to: the same ids however often it is recorded."""
    key = f"{claimed.delivery.id}:{claimed.progress.attempt}"
    return replace(Cause.tick("deliveries", key), correlation_id=claimed.correlation)


def _judge(attempted: Attempted, now: datetime, settings: Settings) -> Judged:
    progress, outcome = attempted.claimed.progress, attempted.outcome
    return Judged(progress, outcome, judge(progress, outcome, now, settings.retry_seconds))


async def record(tx: Tx, ended: Sequence[Attempted], settings: Settings) -> None:
    """Store what came of attempts and what follows from it; nothing where another worker has the delivery by now."""
    if not ended:
        return
    await tx.lock_keys(str(each.claimed.delivery.referral) for each in ended)
    judged = [_judge(each, tx.now, settings) for each in ended]
    ours = await storage.save_judged(tx, judged)
    for each, found in zip(ended, judged, strict=True):
        if found.progress.delivery in ours:
            tx.begin_cause(_cause(each.claimed))
            _publish(tx, each.claimed, found.verdict)
            if isinstance(found.verdict, GivenUp):
                await _give_up(tx, each.claimed, each.outcome, found.verdict)
        else:
            log.warning("outcome_came_too_late", delivery=str(found.progress.delivery), attempt=found.progress.attempt)


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
