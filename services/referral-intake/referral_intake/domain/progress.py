"""What the practice that referred is told about the way of its referral, as coded facts."""

from dataclasses import dataclass
from typing import Any

from shared.contracts import (
    AgreementChanged,
    AgreementRevoked,
    AttendanceRecorded,
    CaseClosed,
    CaseReopened,
    CaseReviewDue,
    ChoicesExhausted,
    ContactRecorded,
    Event,
    LinkWorkerAssigned,
    LinkWorkerAwaited,
    MatchNotFound,
    MatchProposed,
    NeedsRevised,
    OfferAnswered,
    OfferExpired,
    OfferMade,
    OfferRefused,
    OutcomeRecorded,
    PersonErased,
    ReferralAccepted,
    ReferralClosed,
    ReferralNeedsInformation,
    ReferralReceived,
    ReferralReturned,
    ReferralReturnProposed,
    ReferralWithdrawn,
    RiskAlerted,
    ServicesChosen,
)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a referral's timeline: what happened, and the facts that a practice may know of it."""

    what: str
    facts: dict[str, Any]


TOLD: dict[type[Event], Any] = {
    ReferralReceived: {"door", "same_person_as"},
    ReferralAccepted: {"urgency", "needs", "nothing_read"},
    ReferralNeedsInformation: {"missing", "answer_by"},
    ReferralReturnProposed: {"reason", "decide_by"},
    ReferralReturned: {"reason"},
    ReferralWithdrawn: {"reason", "by"},
    ReferralClosed: {"reason"},
    RiskAlerted: {"kinds"},
    AgreementChanged: {"agreement": {"share_with_organisations"}},
    AgreementRevoked: set(),
    PersonErased: set(),
    LinkWorkerAssigned: {"link_worker"},
    LinkWorkerAwaited: {"reasons", "try_again_at"},
    MatchProposed: {"unmet"},
    MatchNotFound: {"needs", "reasons"},
    ContactRecorded: {"kind", "reached", "at"},
    NeedsRevised: {"needs"},
    ServicesChosen: {"choices": {"__all__": {"need"}}},
    OfferMade: {"need"},
    OfferRefused: {"need", "reason"},
    OfferExpired: {"need"},
    OfferAnswered: {"answer", "reason"},
    ChoicesExhausted: {"tried"},
    AttendanceRecorded: {"attended", "at"},
    OutcomeRecorded: {"outcomes"},
    CaseReviewDue: {"due_at"},
    CaseClosed: {"reason", "outcomes"},
    CaseReopened: {"link_worker"},
}
"""Which fields of each event are told: no organisation and no service, which are the person's to tell."""

STAGES = {
    "link-worker-assigned": "with-link-worker",
    "case-contact-recorded": "in-contact",
    "case-services-chosen": "services-chosen",
    "offer-made": "offered",
    "offer-answered": "answered",
}
"""The stages of an accepted referral, least advanced first, and the step that reaches each."""


def step_of(event: Event) -> Step:
    """Return the timeline's line for an event."""
    _, family, name, _ = event.type.split(".")
    facts = event.model_dump(mode="json", include=TOLD[type(event)], exclude_none=True)
    return Step(name if family == "referral" else f"{family}-{name}", facts)


def stage_of(steps: list[str]) -> str:
    """Return how far an accepted referral has come: the furthest stage, whatever order its steps arrived in."""
    reached = [stage for step, stage in STAGES.items() if step in steps]
    return reached[-1] if reached else "accepted"
