"""The driver's own book: what it was told, what it did, and when something was broken; Linkway never sees it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

Door = Literal["json", "fhir-json", "fhir-xml"]
Intent = Literal["new", "repeat", "invalid"]
Deed = Literal["withdraw", "revoke", "accept", "decline", "contact", "choose", "close"]

ACKNOWLEDGED = range(200, 300)


@dataclass
class Answer:
    """What a door said to one sending of a request; `at` is `time.time()`, `referral` where it named one."""

    at: float
    status: int
    referral: str | None = None


@dataclass
class Request:
    """One request as its practice knows it, however often it was sent; `digest` is of the body."""

    door: Door
    practice: str
    request_id: str
    digest: str
    intent: Intent
    sent_at: float
    answers: list[Answer] = field(default_factory=list)

    @property
    def acknowledged(self) -> Answer | None:
        """The first answer that said that it was stored."""
        return next((answer for answer in self.answers if answer.status in ACKNOWLEDGED and answer.referral), None)

    @property
    def referral(self) -> str | None:
        """The referral that it was told of."""
        return self.acknowledged.referral if self.acknowledged else None

    @property
    def waited_seconds(self) -> float:
        """How long after the intended sending it was acknowledged; endless where it was not."""
        return self.acknowledged.at - self.sent_at if self.acknowledged else math.inf


@dataclass
class Act:
    """Something done about a referral after it was acknowledged; whether Linkway said that it took it."""

    referral: str
    what: Deed
    at: float
    acknowledged: bool


@dataclass
class Poisoned:
    """A record that a stranger put on a topic: where it lies, and its bytes."""

    topic: str
    partition: int
    offset: int
    value: bytes | None
    kind: str
    at: float


@dataclass
class Fault:
    """Something broken on purpose: from when, until it was mended, and since when all is well again; `time.time()`."""

    kind: str
    target: str
    began: float
    healed: float
    well_again: float | None = None
    """Every process was up and every service ready."""
    caught_up: float | None = None
    """Nothing was unsent or unread any more that was so because of it."""


@dataclass
class Book:
    """All of it, in the order in which it was written."""

    seed: int = 0
    began: float = 0.0
    """When load began; like all moments here `time.time()`, and 0.0 for what has not come."""
    calm_until: float = 0.0
    """Before it there was poison and no fault."""
    load_ended: float = 0.0
    quiet: float = 0.0
    """When nothing was on its way any more."""
    surprises: list[str] = field(default_factory=list)
    """What the driver itself did not expect: what it then left undone was not tried."""
    skipped: dict[str, str] = field(default_factory=dict)
    """Kinds of fault that could not be had here, and why."""
    unfired: list[str] = field(default_factory=list)
    """Fail-points that were armed and that no process passed in time."""
    requests: list[Request] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    poisoned: list[Poisoned] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def acknowledged(self) -> dict[str, Request]:
        """Every request that was acknowledged, by its referral; the first where several were."""
        found: dict[str, Request] = {}
        for request in self.requests:
            if request.referral:
                found.setdefault(request.referral, request)
        return found

    def latency(self, share: float) -> float | None:
        """Return the seconds within which this share of the acknowledgements came; None where there are none."""
        waited = [request.waited_seconds for request in self.requests if request.acknowledged]
        return percentile(waited, share)


def last(*moments: float | None) -> float:
    """Return the last of some moments, endless where one never came."""
    return max(math.inf if moment is None else moment for moment in moments)


def percentile(values: Iterable[float], share: float) -> float | None:
    """Return the smallest value that this share of the values does not exceed; None of no values."""
    ordered: Sequence[float] = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None
