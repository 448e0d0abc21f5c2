"""How far a listing can be trusted, and whether its service has room: two things that never touch each other."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, get_args

AvailabilityState = Literal["open", "waiting", "full", "paused", "unknown"]
AccuracyLevel = Literal["checked", "unchecked", "doubtful", "wrong"]
FindingKind = Literal["mail-bounced", "details-wrong", "reported-closed", "age-not-verified", "funding-ended"]
"""What may speak against a listing. *Full* and *did not attend* are honest answers and are none."""

FINDING_KINDS: tuple[FindingKind, ...] = get_args(FindingKind)

AVAILABILITY_DAYS = 28
"""For how long a word on availability holds where nobody says."""

CHECKED_DAYS = 365
"""For how long a confirmation holds."""

ANSWER_DAYS = 14
"""How long an organisation has to answer before an open finding lowers its listing."""


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a service takes people, as its organisation said; how many places are free is in `Capacity`."""

    state: AvailabilityState = "unknown"
    waiting_weeks: int | None = None
    stated_at: datetime | None = None
    valid_until: datetime | None = None
    """From then on nobody knows; a clock takes the word back, so a match need not look at the time."""


NOBODY_KNOWS = Availability()


@dataclass(frozen=True, slots=True)
class Stated:
    """An availability with the places that go with it."""

    availability: Availability
    places: int | None


def state_availability(
    state: AvailabilityState,
    now: datetime,
    *,
    places: int | None = None,
    waiting_weeks: int | None = None,
    days: int = AVAILABILITY_DAYS,
) -> Stated:
    """Say what an organisation's word means: full and paused have no place, and only a list has weeks.

    Raises:
        ValueError: a count is negative, or open is said without any place.
    """
    if days < 1 or (places is not None and places < 0) or (waiting_weeks is not None and waiting_weeks < 0):
        raise ValueError("places and weeks are not negative, and a word holds for a day at least")
    if state == "open" and places == 0:
        raise ValueError("open without a place is full")
    weeks = waiting_weeks if state == "waiting" else None
    free = {"open": places, "full": 0, "paused": 0}.get(state)
    known = state != "unknown"
    until = now + timedelta(days=days) if known else None
    return Stated(Availability(state, weeks, now if known else None, until), free)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that speaks against a listing, and whether its organisation was asked about it."""

    kind: FindingKind
    found_at: datetime
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How far a listing can be trusted, with the kinds of finding that are open as reasons."""

    level: AccuracyLevel = "unchecked"
    reasons: tuple[str, ...] = ()
    confirmed_on: date | None = None
    lowered: bool = False
    """Whether it may stand lower: its organisation was asked, and had its time to answer."""


UNCHECKED = Accuracy()


@dataclass(frozen=True, slots=True)
class Judged:
    """An accuracy, and when time alone will change it."""

    accuracy: Accuracy
    due_at: datetime | None


def judge(findings: Iterable[Finding], confirmed_on: date | None, now: datetime) -> Judged:
    """Judge a listing by its open findings and its last confirmation.

    An organisation's silence counts only once it was asked and `ANSWER_DAYS` have passed: then *reported-closed* is
    wrong and everything else stays doubtful, and the listing is lowered.
    """
    stand = sorted(findings, key=lambda finding: (finding.kind, finding.found_at))
    silent = [each for each in stand if each.asked_at and each.asked_at + timedelta(days=ANSWER_DAYS) <= now]
    reasons = tuple(dict.fromkeys(each.kind for each in stand))
    waits = [each.asked_at + timedelta(days=ANSWER_DAYS) for each in stand if each.asked_at and each not in silent]
    if stand:
        wrong = any(each.kind == "reported-closed" for each in silent)
        accuracy = Accuracy("wrong" if wrong else "doubtful", reasons, confirmed_on, bool(silent))
        return Judged(accuracy, min(waits, default=None))
    if confirmed_on is None or (now.date() - confirmed_on).days >= CHECKED_DAYS:
        return Judged(Accuracy(confirmed_on=confirmed_on), None)
    ends = datetime.combine(confirmed_on + timedelta(days=CHECKED_DAYS), datetime.min.time(), now.tzinfo)
    return Judged(Accuracy("checked", (), confirmed_on), ends)
