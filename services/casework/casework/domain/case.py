"""What may happen to a case, decided from values alone: who holds it, until when, and how it ends."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Generic, Literal, TypeVar
from uuid import UUID

from casework.domain.days import Due, ReviewRules, named_day
from shared.clocks import PLACE
from shared.contracts import (
    CaseClosed,
    CaseReopened,
    CaseReviewDue,
    ContactRecorded,
    Event,
    NeedRead,
    NeedsRevised,
    Outcome,
    OutcomeRecorded,
)

State = Literal["awaiting", "open", "closed", "withdrawn", "erased"]
Told = TypeVar("Told", bound=Event)

CLOSE_REASONS = ("completed", "no-contact", "declined-by-person", "moved-away", "died")
"""What a link worker may give; *withdrawn* and *erased* are said by intake."""
LONGEST_REVIEW = timedelta(days=730)


@dataclass(frozen=True)
class Case:
    """A case as decisions see it: open means that a link worker holds it until its review is due.

    `version` counts what somebody with the page open would have to know before they decide.
    """

    referral: UUID
    programme: str
    urgency: str
    needs: tuple[NeedRead, ...]
    state: State = "awaiting"
    version: int = 0
    accepted_at: datetime | None = None
    link_worker: str | None = None
    opened_at: datetime | None = None
    review: Due | None = None
    review_told_at: datetime | None = None
    exhausted: tuple[str, ...] = ()
    exhausted_at: datetime | None = None
    ended_at: datetime | None = None
    ended_reason: str | None = None


@dataclass(frozen=True)
class Refused:
    """A decision not to do what was asked: *not-open*, *stale*, and what each decision names besides."""

    reason: str


@dataclass(frozen=True)
class Step(Generic[Told]):
    """The case after a decision, and what is told of it."""

    case: Case
    event: Told


def accept(case: Case, now: datetime, rules: ReviewRules) -> Case | None:
    """Open a case that triage has accepted, if its link worker is known already."""
    return _opened(case, now, rules) if case.state == "awaiting" and case.link_worker else None


def assign(case: Case, link_worker: str, now: datetime, rules: ReviewRules) -> Case | None:
    """Give a case to a link worker, or to another; it opens as soon as triage has accepted it too."""
    if case.link_worker == link_worker:
        return None
    assigned = replace(case, link_worker=link_worker, version=case.version + 1)
    opens = case.state == "awaiting" and case.accepted_at is not None
    return _opened(assigned, now, rules) if opens else assigned


def withdraw(case: Case, reason: str, now: datetime) -> Case | None:
    """End a case that was withdrawn; what has ended before stays as it ended."""
    return _ended(case, "withdrawn", reason, now) if case.state in ("awaiting", "open") else None


def erase(case: Case, now: datetime) -> Case | None:
    """End a case whose person was erased, however it stood."""
    return None if case.state == "erased" else _ended(case, "erased", "erased", now)


def exhaust(case: Case, needs: tuple[str, ...], now: datetime) -> Case:
    """Note for which needs nobody is left to ask."""
    return replace(case, exhausted=tuple(dict.fromkeys(case.exhausted + needs)), exhausted_at=now)


def record_contact(
    case: Case, kind: str, *, reached: bool, review_on: date | None, now: datetime, rules: ReviewRules
) -> Step[ContactRecorded] | Refused:
    """Record a contact or a try, and set the next review: the day that was named, else by the rules.

    Refuses *not-open*, and *review-date* for a day that is not after today or more than two years away.
    """
    if case.state != "open" or case.link_worker is None:
        return Refused("not-open")
    review = rules.next_contact_by(now, reached=reached)
    if review_on is not None:
        today = now.astimezone(PLACE).date()
        if not today < review_on <= today + LONGEST_REVIEW:
            return Refused("review-date")
        review = named_day(review_on)
    event = ContactRecorded(
        referral=case.referral,
        programme=case.programme,
        link_worker=case.link_worker,
        kind=kind,
        reached=reached,
        at=now,
    )
    return Step(replace(case, review=review), event)


def revise_needs(case: Case, codes: tuple[str, ...], version: int) -> Step[NeedsRevised] | Refused | None:
    """Set the needs to these codes: kept ones keep where they were read, new ones are the link worker's.

    None: they are these already. Refuses *not-open*, *stale* and *no-needs*.
    """
    if refused := may_change(case, version):
        return refused
    if not codes:
        return Refused("no-needs")
    kept = tuple(need for need in case.needs if need.code in codes)
    known = {need.code for need in kept}
    new = (code for code in dict.fromkeys(codes) if code not in known)
    needs = kept + tuple(NeedRead(code=code, source="link-worker") for code in new)
    if needs == case.needs:
        return None
    event = NeedsRevised(referral=case.referral, programme=case.programme, needs=needs)
    return Step(replace(case, needs=needs, version=case.version + 1), event)


def record_outcomes(case: Case, outcomes: tuple[Outcome, ...], offer: UUID | None = None) -> OutcomeRecorded | Refused:
    """Record what came of it, while a case is open or after it closed: things go on for years.

    Refuses *not-open* and *no-outcomes*.
    """
    if case.state not in ("open", "closed"):
        return Refused("not-open")
    if not outcomes:
        return Refused("no-outcomes")
    return OutcomeRecorded(referral=case.referral, programme=case.programme, offer=offer, outcomes=outcomes)


def close(
    case: Case, reason: str, outcomes: tuple[Outcome, ...], version: int, now: datetime
) -> Step[CaseClosed] | Refused:
    """Close a case by its link worker's word. Refuses *not-open*, *stale* and *close-reason*."""
    if refused := may_change(case, version):
        return refused
    if reason not in CLOSE_REASONS or case.link_worker is None:
        return Refused("close-reason")
    event = CaseClosed(
        referral=case.referral,
        programme=case.programme,
        link_worker=case.link_worker,
        reason=reason,
        outcomes=outcomes,
    )
    return Step(_ended(case, "closed", reason, now), event)


def reopen(case: Case, version: int, now: datetime, rules: ReviewRules) -> Step[CaseReopened] | Refused:
    """Open a closed case again, with the link worker it has. Refuses *not-closed* and *stale*."""
    if case.state != "closed" or case.link_worker is None:
        return Refused("not-closed")
    if case.version != version:
        return Refused("stale")
    event = CaseReopened(referral=case.referral, programme=case.programme, link_worker=case.link_worker)
    return Step(_opened(case, now, rules), event)


def review(case: Case, now: datetime) -> Step[CaseReviewDue] | None:
    """Say once for each review date that it has passed."""
    if case.state != "open" or case.link_worker is None or case.review is None:
        return None
    if case.review.at > now or case.review_told_at == case.review.at:
        return None
    event = CaseReviewDue(
        referral=case.referral, programme=case.programme, link_worker=case.link_worker, due_at=case.review.at
    )
    return Step(replace(case, review_told_at=case.review.at), event)


def may_change(case: Case, version: int) -> Refused | None:
    """Refuse a change of a case that is *not-open*, or one by somebody who saw an older version: *stale*."""
    if case.state != "open":
        return Refused("not-open")
    return None if case.version == version else Refused("stale")


def _opened(case: Case, now: datetime, rules: ReviewRules) -> Case:
    return replace(
        case,
        state="open",
        version=case.version + 1,
        opened_at=now,
        review=rules.first_contact_by(now, case.urgency),
        exhausted=(),
        exhausted_at=None,
        ended_at=None,
        ended_reason=None,
    )


def _ended(case: Case, state: State, reason: str, now: datetime) -> Case:
    return replace(case, state=state, version=case.version + 1, review=None, ended_at=now, ended_reason=reason)
