"""Reads where a query asks from, in whichever way its author wrote it."""

import re
from collections.abc import Mapping

from matching.domain import Home, Point

_PAIR = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*")


def home_of(place: object) -> Home:
    """Return a home of a postcode, its first part, a pair of latitude and longitude, or an object with these names."""
    if isinstance(place, str) and place.strip():
        pair = _PAIR.fullmatch(place)
        return home_of([pair[1], pair[2]]) if pair else Home.found(place) or Home()
    if isinstance(place, list | tuple) and len(place) == 2:
        return home_of({"latitude": place[0], "longitude": place[1]})
    if not isinstance(place, Mapping):
        return Home()
    typed = place.get("postcode") or place.get("outward") or ""
    found = (Home.found(str(typed)) if typed else None) or Home()
    point = found.point
    if place.get("latitude") is not None and place.get("longitude") is not None:
        point = Point(float(place["latitude"]), float(place["longitude"]))
    council = place.get("council") or found.council
    return Home(council=council, ward=place.get("ward"), outward=found.outward, point=point, exact=point != found.point)
