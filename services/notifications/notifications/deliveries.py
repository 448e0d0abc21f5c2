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

AGAIN_SECONDS = 0.2
"""How long an outcome that could not be recorded waits before the next try."""


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
        step = asyncio.create_task(self._step(database), name=f"{self._channel} step")
        try:
            await asyncio.shield(step)  # who stops in its middle would not know what it has claimed
            if self._unrecorded:
                await self._until_woken(AGAIN_SECONDS)
            elif self._in_hand:
                await self._until_woken(self._settings.delivery_poll_seconds)
        except asyncio.CancelledError:
            await self._drain(database, step)
            raise
        return len(self._in_hand) + len(self._unrecorded)

    async def _step(self, database: Database) -> None:
        for claimed in await self._exchange(database, self._at_once - len(self._in_hand)):
            task = asyncio.create_task(self._send(claimed), name=f"deliver {claimed.delivery.id}")
            self._in_hand.add(task)
            task.add_done_callback(self._ended)

    async def _until_woken(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self.worker.woken.wait()
        except TimeoutError:
            return

    async def _drain(self, database: Database, step: asyncio.Task[None]) -> None:
        """Record what is on its way as it ends, for so long; a stopping service claims no more."""
        with contextlib.suppress(TimeoutError):  # an outcome that nobody could be told is an unknown one
            async with asyncio.timeout(DRAIN_SECONDS):
                await asyncio.wait({step})
                while self._in_hand or self._unrecorded:
                    if self._in_hand:
                        await asyncio.wait(self._in_hand, return_when=asyncio.FIRST_COMPLETED)
                    await self._exchange(database, 0)
                    if self._unrecorded:
                        await asyncio.sleep(AGAIN_SECONDS)

    async def _exchange(self, database: Database, room: int) -> list[Claimed]:
        """Record what has ended and claim as many as there is room for; what cannot be recorded yet stays to be."""
        ended = list(self._unrecorded)
        if not ended and not room:
            return []
        try:
            async with database.transaction(Cause.tick(self._channel, "exchange")) as tx:
                recorded = await record(tx, ended, self._settings)
                claimed = await self._claim(tx, room)
        except Exception as error:
            if is_unavailable(error) and (ended or self._in_hand):
                self._wait_for_database(ended)
            elif ended:
                await self._one_by_one(database, ended)
            else:
                raise
            return []
        self._recorded(recorded)
        self._wait_for_database([each for each in ended if each not in recorded])
        return claimed

    async def _claim(self, tx: Tx, room: int) -> list[Claimed]:
        """Claim so many; where one recipient's fill the room and may not all go, those of others after them."""
        found: list[Claimed] = []
        more = room > 0
        while more:
            claimed, more = await storage.claim(
                tx,
                self._channel,
                room=room - len(found),
                per_recipient=self._per_recipient,
                lease_seconds=self._settings.lease_seconds,
            )
            found += claimed
        return found

    async def _one_by_one(self, database: Database, ended: Sequence[Attempted]) -> None:
        """Record outcomes by themselves, since one of them cannot be; that one's lease will run out."""
        for each in ended:
            try:
                async with database.transaction(Cause.tick(self._channel, "record")) as tx:
                    recorded = await record(tx, [each], self._settings)
            except Exception as error:  # noqa: BLE001 -- it is told, and its delivery is looked for as a lost one
                if not is_unavailable(error):
                    self._failed(error)
                    self._unrecorded.remove(each)
            else:
                self._recorded(recorded)

    def _wait_for_database(self, waiting: Sequence[Attempted]) -> None:
        if waiting:
            log.warning("outcomes_wait_for_database", deliveries=[str(each.claimed.delivery.id) for each in waiting])

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
        recorded = await record(tx, [lost], settings)
    for each in recorded:
        _log_attempt(each)
    return len(recorded)


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


async def record(tx: Tx, ended: Sequence[Attempted], settings: Settings) -> list[Attempted]:
    """Store what came of attempts and what follows from it, and return those of which that is done.

    An attempt whose referral is locked elsewhere is left for later, so that it holds up no other. Where another worker
    has the delivery by now there is nothing left to do.
    """
    free = await tx.lock_free_keys([str(each.claimed.delivery.referral) for each in ended])
    # In the order of recipients, whose rows a failure may change.
    now = sorted((each for each in ended if str(each.claimed.delivery.referral) in free), key=_recipient)
    judged = [_judge(each, tx.now, settings) for each in now]
    ours = await storage.save_judged(tx, judged)
    for each, found in zip(now, judged, strict=True):
        if (found.progress.delivery, found.progress.attempt) in ours:
            tx.begin_cause(_cause(each.claimed))
            _publish(tx, each.claimed, found.verdict)
            if isinstance(found.verdict, GivenUp):
                await _give_up(tx, each.claimed, each.outcome, found.verdict)
        else:
            log.warning("outcome_came_too_late", delivery=str(found.progress.delivery), attempt=found.progress.attempt)
    return now


def _recipient(attempted: Attempted) -> tuple[str, str, str]:
    delivery = attempted.claimed.delivery
    return delivery.programme, delivery.recipient_kind, delivery.recipient


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
