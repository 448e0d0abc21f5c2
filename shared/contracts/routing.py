"""What matching says about a referral, on `linkway.routing`."""

from typing import Annotated, ClassVar

from pydantic import Field

from shared.contracts.event import Event, Fact
from shared.contracts.words import (
    Code,
    Instant,
    LinkWorkerId,
    NeedCode,
    OfferId,
    OrganisationId,
    PracticeId,
    ProgrammeId,
    ReferralId,
    ServiceId,
    SharedField,
    Text,
)


class RoutingEvent(Event):
    """A fact about where one referral goes, told by matching."""

    topic: ClassVar[str] = "linkway.routing"
    referral: ReferralId
    programme: ProgrammeId


class LinkWorkerAssigned(RoutingEvent):
    """A link worker has the referral."""

    type: ClassVar[str] = "linkway.referral.link-worker-assigned.v1"
    link_worker: LinkWorkerId
    practice: PracticeId
    reasons: tuple[Code, ...]
    """Of *handed-over*, *knows-person*, *serves-practice*, *serves-area*, *speaks-language*, *language-not-met*,
    *has-skills*, *skills-not-met*, *smallest-caseload*, *given-by-hand*."""
    attempt: Annotated[int, Field(ge=1)] | None = None
    """The how-manieth decision about this referral it is: a later one takes the place of an earlier one."""


class LinkWorkerAwaited(RoutingEvent):
    """No link worker has room; the referral waits in matching's queue and is tried again."""

    type: ClassVar[str] = "linkway.referral.link-worker-awaited.v1"
    practice: PracticeId
    reasons: tuple[Code, ...]
    try_again_at: Instant


class ScorePart(Fact):
    """One named part of a proposal's score; the parts add up to the score."""

    name: Code
    value: float
    reason: Text
    """A sentence that one can read, made of the listing's own facts and vocabulary names."""
    field: Code | None = None
    """The field of the listing that it rests on; without it there, this part would be another."""
    cited: Text | None = None
    """What of that field it cites."""


class Proposal(Fact):
    """A community service that fits, with the reasons for it and the questions to ask about it."""

    service: ServiceId
    service_name: Text
    organisation: OrganisationId
    organisation_name: Text
    needs: tuple[NeedCode, ...]
    score: float
    parts: tuple[ScorePart, ...]
    questions: tuple[Text, ...] = ()
    distance_km: Annotated[float, Field(ge=0)] | None = None


class Miss(Fact):
    """A service that came near and was ruled out, and by what."""

    service: ServiceId
    service_name: Text
    need: NeedCode
    ruled_out_by: Code


class MatchProposed(RoutingEvent):
    """Services that fit the referral's needs, best first; the person and the link worker choose."""

    type: ClassVar[str] = "linkway.referral.match-proposed.v1"
    proposals: tuple[Proposal, ...]
    unmet: tuple[NeedCode, ...] = ()
    directory_version: Annotated[int, Field(ge=0)]


class MatchNotFound(RoutingEvent):
    """No service covers these needs: an unmet need, with what came nearest."""

    type: ClassVar[str] = "linkway.referral.match-not-found.v1"
    needs: tuple[NeedCode, ...]
    reasons: tuple[Code, ...]
    nearest: tuple[Miss, ...] = ()
    directory_version: Annotated[int, Field(ge=0)]


class OfferEvent(RoutingEvent):
    """A fact about one offer of one place to one organisation."""

    offer: OfferId
    service: ServiceId
    organisation: OrganisationId
    need: NeedCode


class OfferMade(OfferEvent):
    """A place is held and the organisation is asked; it answers by `respond_by`."""

    type: ClassVar[str] = "linkway.offer.made.v1"
    service_name: Text
    organisation_name: Text
    respond_by: Instant
    share: tuple[SharedField, ...]
    """What the person agreed that this organisation may see."""
    choice: Annotated[int, Field(ge=1)]


class OfferRefused(OfferEvent):
    """An offer was not made: no place, not agreed, or the listing ended."""

    type: ClassVar[str] = "linkway.offer.refused.v1"
    reason: Code


class OfferExpired(OfferEvent):
    """An organisation was silent past its clock; the place is free again."""

    type: ClassVar[str] = "linkway.offer.expired.v1"


class ChoicesExhausted(RoutingEvent):
    """No choice is left; the link worker has the referral back as a task."""

    type: ClassVar[str] = "linkway.referral.choices-exhausted.v1"
    tried: Annotated[int, Field(ge=0)]
    need: NeedCode | None = None
    """The need whose choices ran out; choices for other needs run beside it."""
