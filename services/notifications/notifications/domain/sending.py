"""Decide what an attempt's outcome means: delivered, to be tried again and when, or given up and told to a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import UUID


class Status(StrEnum):
    """A delivery's status, in GOV.UK Notify's words."""

    CREATED = "created"
    SENDING = "sending"
    DELIVERED = "delivered"
    PERMANENT_FAILURE = "permanent-failure"
    TEMPORARY_FAILURE = "temporary-failure"
    TECHNICAL_FAILURE = "technical-failure"


class Result(StrEnum):
    """What came of one attempt."""

    ACCEPTED = "accepted"
    """Somebody took it who passes it on."""
    DELIVERED = "delivered"
    """The recipient's own side took it."""
    REFUSED = "refused"
    """The other side said never: this address, or this message."""
    GONE = "gone"
    """The endpoint said that it is no more."""
    LATER = "later"
    """The other side said not now."""
    BROKEN = "broken"
    """Something between us and the other side is at fault, and nothing was handed over."""
    UNKNOWN = "unknown"
    """It may have been taken, and nobody can tell."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of an attempt, the other side's code and a reason in our words, never theirs: theirs quote input."""

    result: Result
    reason: str
    code: int | None = None
    retry_after_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a delivery has come; `attempt` counts from 1, `unknowns` the unknown outcomes before this one."""

    delivery: UUID
    attempt: int
    unknowns: int


@dataclass(frozen=True, slots=True)
class Handed:
    """The channel took it over: no more attempts, and *delivered* only where that is known."""

    status: Status


@dataclass(frozen=True, slots=True)
class Again:
    """Another attempt is made at this time."""

    status: Status
    at: datetime


@dataclass(frozen=True, slots=True)
class GivenUp:
    """No more attempts; a person is told."""

    reason: str
    status = Status.PERMANENT_FAILURE


Verdict = Handed | Again | GivenUp

JITTER = 0.2
"""A wait is this much longer or shorter, so that what failed together does not come back together."""


def judge(progress: Progress, outcome: Outcome, now: datetime, waits_seconds: Sequence[float]) -> Verdict:
    """Decide what comes after an attempt; `waits_seconds` are the waits after the first, second, … failed attempt."""
    if outcome.result in (Result.ACCEPTED, Result.DELIVERED):
        return Handed(Status.DELIVERED if outcome.result is Result.DELIVERED else Status.SENDING)
    if outcome.result in (Result.REFUSED, Result.GONE):
        return GivenUp(outcome.reason)
    if outcome.result is Result.UNKNOWN and progress.unknowns > 0:
        return GivenUp("unknown-outcome")
    if progress.attempt > len(waits_seconds):
        return GivenUp("too-many-attempts")
    wait_seconds = waits_seconds[progress.attempt - 1] * (1 + JITTER * _spread(progress))
    at = now + timedelta(seconds=max(wait_seconds, outcome.retry_after_seconds))
    return Again(Status.TEMPORARY_FAILURE if outcome.result is Result.LATER else Status.TECHNICAL_FAILURE, at)


def _spread(progress: Progress) -> float:
    """Return a number from -1 to 1 that is the same whenever the same attempt of the same delivery is judged."""
    digest = sha256(progress.delivery.bytes + progress.attempt.to_bytes(4, "big")).digest()
    return int.from_bytes(digest[:8], "big") / 2**63 - 1
