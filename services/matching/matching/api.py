"""The directory as anyone may read it; a listing is public and says nothing about a person."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path

from matching import storage
from matching.domain import Listing
from shared.messaging import Cause
from shared.service import Problem, RequestDatabase

router = APIRouter(tags=["directory"])


@router.get("/services/{service_id}")
async def get_service(
    service_id: Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")], database: RequestDatabase
) -> dict[str, Any]:
    """Return a listing, with the places that are free beside those that Linkway's own offers hold."""
    async with database.transaction(Cause.request("get_service", service_id)) as tx:
        listing = await storage.find_listing(tx, service_id)
        taken = await storage.get_taken(tx, [service_id])
    if listing is None:
        raise Problem(404, "Not in the directory", "No service has this id.")
    return _body(listing, taken.get(service_id, 0))


def _body(listing: Listing, taken: int) -> dict[str, Any]:
    """Write a listing as JSON, in the words of the directory."""
    places = listing.capacity.places
    return {
        "id": listing.id,
        "name": listing.name,
        "alternate_name": listing.alternate_name,
        "organisation": {
            "id": listing.organisation,
            "name": listing.organisation_name,
            "description": listing.organisation_description,
        },
        "status": listing.status,
        "description": listing.description,
        "url": listing.url,
        "email": listing.email,
        "phone": listing.phone,
        "fees": listing.fees,
        "costs": listing.costs,
        "alert": listing.alert,
        "eligibility": listing.eligibility,
        "minimum_age": listing.minimum_age,
        "maximum_age": listing.maximum_age,
        "needs": listing.needs,
        "labels": [asdict(label) for label in listing.labels],
        "formats": listing.formats,
        "access": listing.access,
        "languages": listing.languages,
        "interpretation_services": listing.interpretation_services,
        "areas": [area.name or area.code for area in listing.areas],
        "sites": [{"name": site.name, "postcode": site.postcode} for site in listing.sites],
        "schedules": [
            {
                "days": schedule.days,
                "opens_at": schedule.opens_at,
                "closes_at": schedule.closes_at,
                "description": schedule.description,
            }
            for schedule in listing.schedules
        ],
        "free_places": None if places is None else max(0, places - taken),
        "availability": {
            "state": listing.availability.state,
            "waiting_weeks": listing.availability.waiting_weeks,
            "valid_until": listing.availability.valid_until,
        },
        "accuracy": {
            "level": listing.accuracy.level,
            "reasons": listing.accuracy.reasons,
            "confirmed_on": listing.accuracy.confirmed_on,
        },
        "checked_on": listing.checked_on,
        "licence": listing.licence,
        "attribution": listing.attribution,
        "source_url": listing.source_url,
    }
