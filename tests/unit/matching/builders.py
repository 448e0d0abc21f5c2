"""Builders with defaults: a test names only what it is about."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from matching.domain import (
    Area,
    Candidate,
    Capacity,
    Found,
    Home,
    Listing,
    Offer,
    Point,
    Referral,
    Site,
    Snapshot,
    Standing,
    Wanted,
    stated,
)
from shared.contracts import Choice, Place, Preferences

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
DUNDEE, ANGUS = "S12000042", "S12000041"
CITY = Point(56.46, -2.97)
PROGRAMME = "dundee-sources-of-support"


def a_listing(service: str = "debt-clinic", **changed: Any) -> Listing:
    """A service in Dundee that helps adults with debt and has three places."""
    facts: dict[str, Any] = {
        "id": service,
        "name": service.replace("-", " ").title(),
        "organisation": f"{service}-org",
        "organisation_name": "Tayside Help",
        "status": "active",
        "needs": ("debt-advice",),
        "minimum_age": 16,
        "areas": (Area("gss", DUNDEE, name="Dundee City"),),
        "sites": (Site("Hall", "DD1 1AA", CITY),),
        "capacity": Capacity(3),
        "checked_on": date(2026, 9, 1),
    }
    return Listing(**facts | changed)


def a_directory(*listings: Listing, version: int = 7) -> Snapshot:
    return Snapshot.of(version, listings)


def by_need(wants: Wanted, directory: Snapshot) -> Found:
    """Find every listing that says it helps with one of the needs: what there is to go by without words."""
    stating = [
        (listing, [code for code in wants.needs if code in listing.needs]) for listing in directory.listings.values()
    ]
    candidates = (Candidate(listing, {code: (stated(code),) for code in codes}) for listing, codes in stating if codes)
    return Found(directory.version, tuple(sorted(candidates, key=lambda each: each.listing.id)))


def a_home(**changed: Any) -> Home:
    facts: dict[str, Any] = {"council": DUNDEE, "outward": "DD1", "point": CITY, "exact": True}
    return Home(**facts | changed)


def wanted(*needs: str, age: int | None = 40, home: Home | None = None, **preferences: Any) -> Wanted:
    return Wanted(needs or ("debt-advice",), age, home or a_home(), Preferences(**preferences), TODAY)


def a_referral(**changed: Any) -> Referral:
    facts: dict[str, Any] = {
        "id": uuid4(),
        "programme": PROGRAMME,
        "practice": "heddle-street",
        "person": uuid4(),
        "needs": ("debt-advice",),
        "age": 40,
        "place": Place(council=DUNDEE, outward="DD1", latitude=56.46, longitude=-2.97, precision="postcode"),
        "preferences": Preferences(),
        "state": "assigned",
        "turn_at": NOW,
    }
    return Referral(**facts | changed)


def a_choice(service: str, need: str = "debt-advice") -> Choice:
    return Choice(service=service, organisation=f"{service}-org", need=need, share=("name", "phone"))


def an_offer(service: str = "debt-clinic", offer: UUID | None = None, **changed: Any) -> Offer:
    facts: dict[str, Any] = {
        "id": offer or uuid4(),
        "referral": UUID(int=1),
        "programme": PROGRAMME,
        "need": "debt-advice",
        "rank": 1,
        "service": service,
        "organisation": f"{service}-org",
        "share": ("name",),
        "ranking": 1,
    }
    return Offer(**facts | changed)


def a_standing(service: str = "debt-clinic", **changed: Any) -> Standing:
    facts: dict[str, Any] = {
        "service": service,
        "service_name": service,
        "organisation": f"{service}-org",
        "organisation_name": "Tayside Help",
        "status": "active",
        "places": 1,
        "taken": 0,
    }
    return Standing(**facts | changed)
