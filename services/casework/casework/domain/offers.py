"""What a person chose, how an offer stands, and what an organisation's answer comes to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from casework.domain.case import Case, Refused, State, may_change
from shared.contracts import AttendanceRecorded, Choice, OfferAnswered, Proposal, ServicesChosen

Answer = Literal["accepted", "declined"]
Standing = Literal["open", "accepted", "declined", "expired", "late-accepted", "late-declined", "withdrawn", "ended"]

DECLINE_REASONS = ("full", "not-suitable", "out-of-area", "could-not-reach", "closed", "other")
MOST_CHOICES = 5


@dataclass(frozen=True)
class Pick:
    """One row of the form: a service, its rank (1 is best), the need it is for, and what may be shared."""

    service: str
    rank: int
    need: str
    share: tuple[str, ...]


@dataclass(frozen=True)
class Chosen:
    """The case after a choice, the choices, best first, and the proposals they were made from."""

    case: Case
    event: ServicesChosen
    proposals: tuple[Proposal, ...]


@dataclass(frozen=True)
class Offer:
    """One offer of one place, and what is known of its answer."""

    id: UUID
    referral: UUID
    service: str
    service_name: str
    organisation: str
    organisation_name: str
    need: str
    share: tuple[str, ...]
    choice: int
    respond_by: datetime
    made_at: datetime
    expired_at: datetime | None = None
    revoked_at: datetime | None = None
    answer: Answer | None = None
    reason: str | None = None
    late: bool = False
    answered_at: datetime | None = None


@dataclass(frozen=True)
class Answered:
    """An organisation's answer; a late one is published too, and the link worker sorts out what comes of it."""

    event: OfferAnswered
    late: bool


def choose_services(
    case: Case, proposals: Mapping[str, Proposal], picks: Iterable[Pick], version: int, *, agreed: bool
) -> Chosen | Refused:
    """Take the person's ranked choices among the services proposed.

    Refuses *not-open*, *stale*, *not-agreed*, *nothing-chosen*, *too-many*, *same-rank*, *not-proposed* (the
    proposals have changed meanwhile) and *wrong-need*.
    """
    if refused := may_change(case, version):
        return refused
    ranked = sorted(picks, key=lambda pick: pick.rank)
    faults = (
        ("nothing-chosen", not ranked),
        ("too-many", len(ranked) > MOST_CHOICES),
        ("same-rank", len({pick.rank for pick in ranked}) < len(ranked)),
        ("not-proposed", any(pick.service not in proposals for pick in ranked)),
        ("not-agreed", not agreed),
    )
    for reason, found in faults:
        if found:
            return Refused(reason)
    if any(pick.need not in proposals[pick.service].needs for pick in ranked):
        return Refused("wrong-need")
    return _chosen(case, tuple((pick, proposals[pick.service]) for pick in ranked))


def _chosen(case: Case, ranked: tuple[tuple[Pick, Proposal], ...]) -> Chosen:
    choices = tuple(
        Choice(service=pick.service, organisation=proposal.organisation, need=pick.need, share=pick.share)
        for pick, proposal in ranked
    )
    event = ServicesChosen(referral=case.referral, programme=case.programme, choices=choices)
    chosen = replace(case, version=case.version + 1, exhausted=(), exhausted_at=None)
    return Chosen(chosen, event, tuple(proposal for _, proposal in ranked))


def standing(offer: Offer, case_state: State) -> Standing:
    """Say how an offer stands: what the person took back counts before what an organisation answered."""
    if case_state in ("withdrawn", "erased") or offer.revoked_at is not None:
        return "withdrawn"
    if offer.answer == "accepted":
        return "late-accepted" if offer.late else "accepted"
    if offer.answer == "declined":
        return "late-declined" if offer.late else "declined"
    if offer.expired_at is not None:
        return "expired"
    return "ended" if case_state == "closed" else "open"


def answer(offer: Offer, case: Case, given: Answer, reason: str | None) -> Answered | Refused:
    """Take an organisation's answer, in time or late.

    Refuses *answered* (the first answer stands), *withdrawn*, *ended*, and *decline-reason* without a known reason.
    """
    if given == "declined" and reason not in DECLINE_REASONS:
        return Refused("decline-reason")
    stands = standing(offer, case.state)
    if stands in ("withdrawn", "ended"):
        return Refused(stands)
    if stands not in ("open", "expired"):
        return Refused("answered")
    event = OfferAnswered(
        referral=case.referral,
        programme=case.programme,
        offer=offer.id,
        organisation=offer.organisation,
        service=offer.service,
        answer=given,
        reason=reason if given == "declined" else None,
    )
    return Answered(event, late=stands == "expired")


def attend(offer: Offer, case: Case, *, attended: bool, now: datetime) -> AttendanceRecorded | Refused:
    """Record whether the person came to a service that took them. Refuses *not-accepted*."""
    if standing(offer, case.state) not in ("accepted", "late-accepted"):
        return Refused("not-accepted")
    return AttendanceRecorded(
        referral=case.referral,
        programme=case.programme,
        offer=offer.id,
        organisation=offer.organisation,
        attended=attended,
        at=now,
    )


def may_see_person(offer: Offer, case_state: State) -> tuple[str, ...]:
    """Return what this offer's organisation may see of the person: what was agreed, and only while it serves them."""
    if case_state != "open" or standing(offer, case_state) != "accepted":
        return ()
    return offer.share
