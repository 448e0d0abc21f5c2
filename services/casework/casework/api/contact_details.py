"""`/organisation/offers/{id}`: how to reach a person, for the organisation that accepted them and has signed in."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from casework import domain
from casework.api.desk import Visit
from casework.gateway import PeopleAwayError
from casework.storage import offers, reading, staff
from shared.messaging import Cause
from shared.web.pages import PageRoute
from shared.web.refusals import NotFound, Refusal, SignInFirst

router = APIRouter(route_class=PageRoute, include_in_schema=False)

RELEASED = ("name", "phone", "email", "address", "age")
"""Fields that intake holds; the others that a person may agree to are casework's own coded words."""


@router.get("/organisation/offers/{offer_id}")
async def show_contact_details(visit: Annotated[Visit, Depends()], offer_id: UUID) -> Response:
    """Show what the person agreed that this organisation may see, as long as it serves them."""
    async with visit.database.transaction(Cause.request("show_contact_details", "read")) as tx:
        try:
            session = await visit.desk.sign_in.require(tx, visit.request, staff.ORGANISATION)
        except SignInFirst:
            raise Refusal(403, "Please sign in again", "Open the link in the offer's mail and ask there.") from None
        offer = await offers.find_offer(tx, offer_id)
        if offer is None or offer.organisation != session.identity.subject:
            raise NotFound
        facts = await reading.find_facts(tx, offer.referral)
    assert facts is not None, "an offer has a case"
    shared = domain.may_see_person(offer, facts.state)
    if not shared:
        raise Refusal(410, "There is nothing to show any more", "This has ended, or the person took it back.")
    person = await _release(visit, offer, shared)
    return visit.desk.pages.render(
        "contact_details.html", csrf=session.form_token, offer=offer, shared=shared, person=person, facts=facts
    )


async def _release(visit: Visit, offer: domain.Offer, shared: tuple[str, ...]) -> Mapping[str, Any]:
    fields = [field for field in shared if field in RELEASED]
    if not fields:
        return {}
    try:
        return await visit.desk.people.release(offer.referral, "offer", fields, by=offer.organisation)
    except PeopleAwayError:
        raise Refusal(503, "The details cannot be shown just now", "Please load this page again in a minute.") from None
