"""What an organisation's own topic and its webhooks carry: the same events, and nothing else."""

from datetime import datetime
from uuid import UUID

from notifications.domain.records import Delivery
from shared.contracts import PartnerOfferExpired, PartnerOfferMade, PartnerOfferWithdrawn


def partner_event(delivery: Delivery) -> PartnerOfferMade | PartnerOfferExpired | PartnerOfferWithdrawn:
    """Return what a delivery to an organisation says, as an event of its own topic."""
    facts = {name: str(fact) for name, fact in delivery.facts.items()}
    referral, offer, organisation, service = (
        delivery.referral,
        UUID(facts["offer"]),
        delivery.recipient,
        facts["service"],
    )
    if delivery.template == "offer":
        return PartnerOfferMade(
            referral=referral,
            offer=offer,
            organisation=organisation,
            service=service,
            service_name=facts["service_name"],
            need=facts["need"],
            respond_by=datetime.fromisoformat(facts["respond_by"]),
        )
    if delivery.template == "offer-expired":
        return PartnerOfferExpired(referral=referral, offer=offer, organisation=organisation, service=service)
    return PartnerOfferWithdrawn(
        referral=referral, offer=offer, organisation=organisation, service=service, reason=facts["reason"]
    )
