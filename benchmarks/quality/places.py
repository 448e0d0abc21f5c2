"""Reads where a query asks from, in whichever way its author wrote it."""

from collections.abc import Mapping

from matching.domain import Home, Point


def home_of(place: object) -> Home:
    """Return a home of a postcode, an outward code, or an object with latitude and longitude, council or postcode."""
    if isinstance(place, str) and place.strip():
        return Home.found(place) or Home()
    if not isinstance(place, Mapping):
        return Home()
    typed = place.get("postcode") or place.get("outward") or ""
    found = (Home.found(str(typed)) if typed else None) or Home()
    point = found.point
    if place.get("latitude") is not None and place.get("longitude") is not None:
        point = Point(float(place["latitude"]), float(place["longitude"]))
    council = place.get("council") or found.council
    return Home(council=council, ward=place.get("ward"), outward=found.outward, point=point, exact=point != found.point)
