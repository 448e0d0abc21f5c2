"""Decide who is told of which event, so that no referral is told to nobody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from notifications.domain.records import Delivery, Facts, Notice, Offer, Recipient, Referral, Role
from shared.contracts import (
    AgreementRevoked,
    CaseClosed,
    CaseReopened,
    CaseReviewDue,
    ChoicesExhausted,
    Event,
    LinkWorkerAssigned,
    LinkWorkerAwaited,
    MatchNotFound,
    OfferAnswered,
    OfferExpired,
    OfferMade,
    ReferralAccepted,
    ReferralNeedsInformation,
    ReferralReturned,
    ReferralReturnProposed,
    ReferralWithdrawn,
    RiskAlerted,
)
from shared.contracts.words import UNRECOGNISED
from shared.needs import NEEDS, coarse


@dataclass(frozen=True, slots=True)
class Tell:
    """One line of the table: this template goes to this role, or to another where nobody has the role yet."""

    template: str
    role: Role
    otherwise: Role | None = None
    urgent: bool = False
    """Sent before everything that waits, and never behind an earlier message of its referral."""
    once: bool = False
    """Said once about a referral and its link worker, in whichever order and however often its events come."""


_ASSIGNED = (Tell("assigned", Role.LINK_WORKER, once=True), Tell("assigned", Role.PRACTICE, once=True))

WHOM_TO_TELL: Mapping[type[Event], tuple[Tell, ...]] = {
    RiskAlerted: (
        Tell("risk-alert", Role.PRACTICE, urgent=True),
        Tell("risk-alert", Role.DUTY_CONTACT, urgent=True),
        Tell("risk-alert", Role.LINK_WORKER, urgent=True),
    ),
    ReferralNeedsInformation: (Tell("information-needed", Role.PRACTICE),),
    ReferralReturnProposed: (Tell("return-proposed", Role.DUTY_CONTACT),),
    ReferralReturned: (Tell("returned", Role.PRACTICE),),
    ReferralWithdrawn: (
        Tell("withdrawn", Role.PRACTICE),
        Tell("withdrawn", Role.LINK_WORKER),
        Tell("offer-withdrawn", Role.ORGANISATION),
    ),
    AgreementRevoked: (
        Tell("agreement-revoked", Role.LINK_WORKER, otherwise=Role.DUTY_CONTACT),
        Tell("offer-withdrawn", Role.ORGANISATION),
    ),
    LinkWorkerAwaited: (Tell("link-worker-awaited", Role.DUTY_CONTACT, once=True),),
    # Told by whichever of the two comes last: they come from two topics.
    ReferralAccepted: _ASSIGNED,
    LinkWorkerAssigned: _ASSIGNED,
    # Without a link worker yet, the mail that tells them of the referral says it.
    MatchNotFound: (Tell("match-not-found", Role.LINK_WORKER),),
    OfferMade: (Tell("offer", Role.ORGANISATION),),
    OfferExpired: (Tell("offer-expired", Role.ORGANISATION),),
    OfferAnswered: (Tell("offer-answered", Role.LINK_WORKER, otherwise=Role.DUTY_CONTACT),),
    ChoicesExhausted: (Tell("choices-exhausted", Role.LINK_WORKER, otherwise=Role.DUTY_CONTACT),),
    CaseReviewDue: (Tell("review-due", Role.LINK_WORKER),),
    CaseReopened: (Tell("reopened", Role.LINK_WORKER),),
    CaseClosed: (Tell("closed", Role.PRACTICE), Tell("offer-withdrawn", Role.ORGANISATION)),
}


@dataclass(frozen=True, slots=True)
class Addressee:
    """A role, the id that fills it, and for an organisation the offer that it is about."""

    role: Role
    id: str
    offer: Offer | None = None


def whom_to_tell(event: Event, referral: Referral) -> tuple[Tell, ...]:
    """Return the table's lines for an event, now that this is known of its referral."""
    half_known = referral.needs is None or referral.link_worker is None
    if half_known and isinstance(event, ReferralAccepted | LinkWorkerAssigned):
        return ()
    return WHOM_TO_TELL[type(event)]


def addressees(tell: Tell, referral: Referral, offers: Sequence[Offer] = ()) -> tuple[Addressee, ...]:
    """Return who fills a line of the table for this referral: one, several organisations, or nobody."""
    if tell.role is Role.ORGANISATION:
        return tuple(Addressee(tell.role, offer.organisation, offer) for offer in offers)
    for role in (tell.role, tell.otherwise):
        holder = _holder(role, referral)
        if role is not None and holder is not None:
            return (Addressee(role, holder),)
    return ()


def _holder(role: Role | None, referral: Referral) -> str | None:
    """Return who has a role for this referral; a duty contact goes by the programme's id."""
    match role:
        case Role.LINK_WORKER:
            return referral.link_worker
        case Role.PRACTICE:
            return referral.practice
        case Role.DUTY_CONTACT:
            return referral.programme
        case _:
            return None


SAYABLE = frozenset(
    (
        "answer",
        "answer_by",
        "by",
        "decide_by",
        "due_at",
        "kinds",
        "missing",
        "need",
        "organisation",
        "outcomes",
        "reason",
    )
) | {"reasons", "tried", "try_again_at"}
"""Fields of events that messages may say inside Linkway; what is not named here is not kept."""


def facts_of(event: Event) -> Facts:
    """Return what messages may say of an event, as JSON values."""
    return event.model_dump(mode="json", include=set(SAYABLE))


def shareable(need: str) -> str:
    """Return the need that may leave Linkway for this one; one that our vocabulary lacks may be sensitive."""
    return coarse(need) if need in NEEDS else UNRECOGNISED


def offer_facts(offer: Offer) -> Facts:
    """Return what the organisation that an offer was made to may be told of it, whatever the event says beyond."""
    return {
        "offer": str(offer.id),
        "organisation": offer.organisation,
        "service": offer.service,
        "service_name": offer.service_name,
        "need": shareable(offer.need),
    }


def referral_facts(referral: Referral) -> Facts:
    """Return what is known of a referral for those inside Linkway."""
    return {
        "urgency": referral.urgency,
        "needs": list(referral.needs or ()),
        "unmet": list(referral.unmet),
        "alerted": referral.alerted,
        "withdrawn": referral.withdrawn,
    }


def address(tell: Tell, to: Recipient, duty_contact: Recipient, facts: Facts) -> tuple[Notice, ...]:
    """Return a notice for each of the recipient's channels; where they have none, the duty contact has to be told.

    *Do not contact* and *no address* are the same here: the message has to reach somebody.
    """
    if to.channels:
        return tuple(Notice(tell.template, to, channel, facts, tell.urgent, tell.once) for channel in to.channels)
    about = _unreached(tell.template, to.kind, to.name, "no-channel")
    return tuple(
        Notice("undeliverable", duty_contact, channel, {**facts, **about}, tell.urgent, tell.once)
        for channel in duty_contact.channels
    )


def undelivered_facts(delivery: Delivery, name: str, reason: str) -> Facts:
    """Return what a person is told about a message that did not get through, or about one that told of such a one."""
    if delivery.template == "undeliverable":
        return {**delivery.facts, "also_unreached": name}
    return _unreached(delivery.template, delivery.recipient_kind, name, reason)


def _unreached(template: str, kind: str, name: str, reason: str) -> Facts:
    return {"template": template, "recipient_kind": kind, "name": name, "reason": reason, "also_unreached": None}


def pass_on(kind: str, template: str) -> Tell | None:
    """Return who is told that a message to `kind` could not be delivered; None: nobody is left, operations sees it.

    Each step leads towards the duty contact, so a chain of failures ends.
    """
    if kind == Role.DUTY_CONTACT:
        return None if template == "undeliverable" else Tell("undeliverable", Role.PRACTICE)
    if kind == Role.ORGANISATION:
        return Tell("undeliverable", Role.LINK_WORKER, otherwise=Role.DUTY_CONTACT)
    return Tell("undeliverable", Role.DUTY_CONTACT)
