"""What casework says about a referral, on `linkway.casework`."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from shared.contracts.event import Event, Fact
from shared.contracts.words import (
    Code,
    ContactKind,
    Instant,
    LinkWorkerId,
    NeedCode,
    NeedRead,
    OfferId,
    OrganisationId,
    OutcomeCode,
    ProgrammeId,
    ReferralId,
    ServiceId,
    SharedField,
)


class CaseworkEvent(Event):
    """A fact about one person's case, told by casework."""

    topic: ClassVar[str] = "linkway.casework"
    referral: ReferralId
    programme: ProgrammeId


class ContactRecorded(CaseworkEvent):
    """A link worker talked with the person, or tried to."""

    type: ClassVar[str] = "linkway.case.contact-recorded.v1"
    link_worker: LinkWorkerId
    kind: ContactKind
    reached: bool
    at: Instant


class NeedsRevised(CaseworkEvent):
    """The link worker corrected what the referral needs; matching runs again."""

    type: ClassVar[str] = "linkway.case.needs-revised.v1"
    needs: tuple[NeedRead, ...]


class Choice(Fact):
    """A service the person chose for a need, and what that organisation may see."""

    service: ServiceId
    organisation: OrganisationId
    need: NeedCode
    share: tuple[SharedField, ...]


class ServicesChosen(CaseworkEvent):
    """The person ranked what they want, best first, and agreed to each of the organisations named."""

    type: ClassVar[str] = "linkway.case.services-chosen.v1"
    choices: tuple[Choice, ...]


class OfferAnswered(CaseworkEvent):
    """An organisation accepted or declined; a reader who does not know the answer must not guess it."""

    type: ClassVar[str] = "linkway.offer.answered.v1"
    offer: OfferId
    organisation: OrganisationId
    service: ServiceId
    answer: Literal["accepted", "declined"]
    reason: Code | None = None
    """For *declined*: *full*, *not-suitable*, *out-of-area*, *could-not-reach*, *closed*, *other*."""


class AttendanceRecorded(CaseworkEvent):
    """An organisation or the link worker said whether the person came."""

    type: ClassVar[str] = "linkway.offer.attendance-recorded.v1"
    offer: OfferId
    organisation: OrganisationId
    attended: bool
    at: Instant


class Outcome(Fact):
    """A coded outcome; the amount is in pounds or a count, as its code says."""

    code: OutcomeCode
    amount: Annotated[float, Field(ge=0)] | None = None


class OutcomeRecorded(CaseworkEvent):
    """What came of it, in coded outcomes."""

    type: ClassVar[str] = "linkway.case.outcome-recorded.v1"
    offer: OfferId | None = None
    outcomes: tuple[Outcome, ...]


class CaseReviewDue(CaseworkEvent):
    """A case's review date passed without a contact."""

    type: ClassVar[str] = "linkway.case.review-due.v1"
    link_worker: LinkWorkerId
    due_at: Instant


class CaseClosed(CaseworkEvent):
    """A link worker closed the case; nothing closes by itself."""

    type: ClassVar[str] = "linkway.case.closed.v1"
    link_worker: LinkWorkerId
    reason: Code
    """*completed*, *no-contact*, *declined-by-person*, *moved-away*, *died*, *withdrawn*."""
    outcomes: tuple[Outcome, ...]


class CaseReopened(CaseworkEvent):
    """A person came back, to the same link worker."""

    type: ClassVar[str] = "linkway.case.reopened.v1"
    link_worker: LinkWorkerId
