"""What referral-intake says about a referral, on `linkway.referrals`."""

from typing import ClassVar

from shared.contracts.event import Event
from shared.contracts.words import (
    Age,
    Agreement,
    Code,
    Door,
    Instant,
    NeedRead,
    OrganisationId,
    Party,
    PersonId,
    Place,
    PracticeId,
    Preferences,
    ProgrammeId,
    ReferralId,
    RiskKind,
    Text,
    Urgency,
)


class ReferralEvent(Event):
    """A fact about one referral, told by referral-intake."""

    topic: ClassVar[str] = "linkway.referrals"
    referral: ReferralId
    programme: ProgrammeId
    practice: PracticeId


class ReferralReceived(ReferralEvent):
    """A practice's referral was stored and acknowledged."""

    type: ClassVar[str] = "linkway.referral.received.v1"
    person: PersonId
    door: Door
    received_at: Instant
    same_person_as: ReferralId | None = None
    """An open referral of the same person minutes before; a person decides whether they are one."""


class ReferralAccepted(ReferralEvent):
    """A referral passed triage and is ready for a link worker."""

    type: ClassVar[str] = "linkway.referral.accepted.v1"
    person: PersonId
    urgency: Urgency
    needs: tuple[NeedRead, ...]
    nothing_read: bool
    """The referral said nothing that triage could use, and the link worker is told so."""
    age: Age | None
    place: Place
    preferences: Preferences
    agreement: Agreement
    rules_version: Text


class ReferralNeedsInformation(ReferralEvent):
    """A referral waits for its practice, which was asked for what is missing."""

    type: ClassVar[str] = "linkway.referral.needs-information.v1"
    missing: tuple[Code, ...]
    answer_by: Instant


class ReferralReturnProposed(ReferralEvent):
    """Triage proposes to return a referral; a named person decides."""

    type: ClassVar[str] = "linkway.referral.return-proposed.v1"
    reason: Code
    decide_by: Instant


class ReferralReturned(ReferralEvent):
    """A named person confirmed that a referral goes back to its practice."""

    type: ClassVar[str] = "linkway.referral.returned.v1"
    reason: Code


class ReferralWithdrawn(ReferralEvent):
    """A referral was withdrawn; whatever is under way for it stops."""

    type: ClassVar[str] = "linkway.referral.withdrawn.v1"
    reason: Code
    by: Party


class ReferralClosed(ReferralEvent):
    """A referral's case ended and its practice can file the outcome."""

    type: ClassVar[str] = "linkway.referral.closed.v1"
    reason: Code


class RiskAlerted(ReferralEvent):
    """A current risk was read; practice and duty contact are told at once, and the referral goes on beside it."""

    type: ClassVar[str] = "linkway.referral.risk-alerted.v1"
    kinds: tuple[RiskKind, ...]


class AgreementChanged(ReferralEvent):
    """The person's agreement was recorded anew."""

    type: ClassVar[str] = "linkway.referral.agreement-changed.v1"
    agreement: Agreement


class AgreementRevoked(ReferralEvent):
    """The person took back their agreement to share with one organisation, or with all where none is named."""

    type: ClassVar[str] = "linkway.referral.agreement-revoked.v1"
    organisation: OrganisationId | None = None


class PersonErased(ReferralEvent):
    """A person's key was destroyed, and with it everything sealed under it."""

    type: ClassVar[str] = "linkway.referral.person-erased.v1"
    person: PersonId
