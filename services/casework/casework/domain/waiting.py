"""Who waits for a link worker, why, and in which order: nobody is to be found by scrolling."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

URGENCY = {"urgent": 0, "soon": 1, "routine": 2}
TASKS = ("risk", "new", "exhausted", "late-answer", "accepted", "review-due")
"""Reasons to wait, the weightiest first."""


@dataclass(frozen=True)
class Standing:
    """What is known of one open case that decides whether it waits."""

    referral: UUID
    urgency: str
    outward: str | None
    age: int | None
    practice: str
    needs: tuple[str, ...]
    since: datetime
    review_at: datetime
    risk_at: datetime | None
    last_contact_at: datetime | None
    last_reached_at: datetime | None
    exhausted_at: datetime | None
    accepted_at: datetime | None
    late_accepted_at: datetime | None


def tasks(case: Standing, now: datetime) -> tuple[str, ...]:
    """Return why a case waits for its link worker, the weightiest first; nothing when it is under way.

    A risk waits until the person was reached; answers and exhausted choices wait for a contact about them.
    """
    waits = {
        "risk": _after(case.risk_at, case.last_reached_at),
        "new": case.last_contact_at is None,
        "exhausted": _after(case.exhausted_at, case.last_contact_at),
        "late-answer": _after(case.late_accepted_at, case.last_contact_at),
        "accepted": _after(case.accepted_at, case.last_contact_at),
        "review-due": case.review_at <= now,
    }
    return tuple(task for task in TASKS if waits[task])


def in_order(cases: Iterable[Standing], now: datetime) -> tuple[tuple[Standing, tuple[str, ...]], ...]:
    """Return the cases that wait, a risk first, then by urgency, then whoever has waited longest."""
    waiting = [(case, why) for case in cases if (why := tasks(case, now))]
    return tuple(sorted(waiting, key=lambda row: ("risk" not in row[1], URGENCY.get(row[0].urgency, 0), row[0].since)))


def _after(moment: datetime | None, other: datetime | None) -> bool:
    return moment is not None and (other is None or other < moment)
