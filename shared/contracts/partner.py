"""What a partner organisation may see of the offers made to it, on `linkway.partner.<organisation>`."""

from typing import ClassVar

from shared.contracts.event import Event
from shared.contracts.words import Code, Instant, NeedCode, OfferId, OrganisationId, ReferralId, ServiceId, Text


class PartnerEvent(Event):
    """A fact about one offer, told to the organisation that it was made to; its topic is that organisation's own.

    Webhooks carry the same types. Nothing here names a person, and the need is the one that may leave Linkway.
    """

    topic: ClassVar[str] = "linkway.partner"
    referral: ReferralId
    offer: OfferId
    organisation: OrganisationId
    service: ServiceId

    @property
    def topic_name(self) -> str:
        """The organisation's own topic."""
        return f"{self.topic}.{self.organisation}"


class PartnerOfferMade(PartnerEvent):
    """A place is held at one of the organisation's services; it is asked to answer by `respond_by`."""

    type: ClassVar[str] = "linkway.partner.offer-made.v1"
    service_name: Text
    need: NeedCode
    respond_by: Instant


class PartnerOfferExpired(PartnerEvent):
    """The time to answer has passed, and the question is closed; nothing is wanted any more."""

    type: ClassVar[str] = "linkway.partner.offer-expired.v1"


class PartnerOfferWithdrawn(PartnerEvent):
    """The offer, answered or not, is taken back: the person is not to be contacted."""

    type: ClassVar[str] = "linkway.partner.offer-withdrawn.v1"
    reason: Code
