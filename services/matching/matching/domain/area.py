"""Where a person lives and where a service works, so that *is it for people from here?* has one answer."""

import math
from dataclasses import dataclass, replace
from typing import Literal

from shared.contracts import Place
from shared.places import (
    board_of,
    integration_authority_of,
    nation_of,
    nation_of_code,
    outward_centre,
    present_code,
    read_postcode,
)

EARTH_RADIUS_KM = 6371.0088

NATIONS = {
    "K02000001": "ENSW",
    "K03000001": "ESW",
    "K04000001": "EW",
    "E92000001": "E",
    "N92000002": "N",
    "S92000003": "S",
    "W92000004": "W",
}
"""GSS codes of nations and unions of them, with the first letters of the codes of the councils inside."""

LEVELS = (
    dict.fromkeys(("S12", "W06", "E06", "E07", "E08", "E09", "N09"), "council")
    | dict.fromkeys(("S13", "W05", "E05", "N08"), "ward")
    | dict.fromkeys(("S08", "W11", "E54"), "health_board")
    | {"S37": "integration_authority"}
)
"""What the first three characters of a GSS code say that it is the code of; E54 is England's integrated care boards."""


@dataclass(frozen=True, slots=True)
class Point:
    """A point in degrees north and east (WGS 84)."""

    latitude: float
    longitude: float

    def km_to(self, other: "Point") -> float:
        """Return the great-circle distance in kilometres (haversine)."""
        north, other_north = math.radians(self.latitude), math.radians(other.latitude)
        east = math.radians(other.longitude - self.longitude)
        chord = (
            math.sin((other_north - north) / 2) ** 2 + math.cos(north) * math.cos(other_north) * math.sin(east / 2) ** 2
        )
        return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, chord)))


@dataclass(frozen=True, slots=True)
class Home:
    """Where a person lives, as matching may know it: a deprivation quintile has no place here."""

    council: str | None = None
    ward: str | None = None
    outward: str | None = None
    point: Point | None = None
    exact: bool = False
    """Whether the point is the postcode's, to a kilometre, and not only the middle of its outward code."""
    health_board: str | None = None
    integration_authority: str | None = None

    @classmethod
    def of(cls, place: Place) -> "Home":
        """Take from an event's place what says where, and nothing that says how well off."""
        point = None
        if place.latitude is not None and place.longitude is not None:
            point = Point(place.latitude, place.longitude)
        home = cls(
            council=place.council,
            ward=place.ward,
            outward=place.outward,
            point=point,
            exact=place.precision in ("postcode", "approximate"),
            health_board=place.health_board,
            integration_authority=place.integration_authority,
        )
        return _by_present_codes(home)

    @classmethod
    def found(cls, typed: str) -> "Home | None":
        """Find a postcode of nobody in particular by its outward part, or None where none can be read."""
        postcode = read_postcode(typed)
        if postcode is None:
            return None
        centre = outward_centre(postcode.outward)
        if centre is None:
            return cls(outward=postcode.outward)
        point = Point(centre.latitude, centre.longitude)
        home = cls(council=centre.council, outward=postcode.outward, point=point, health_board=centre.health_board)
        return _by_present_codes(home)

    @property
    def nation(self) -> str | None:
        """The first letter of the GSS codes of the person's nation."""
        return nation_of_code(self.council or self.health_board) or nation_of(self.outward or "")


def _by_present_codes(home: Home) -> Home:
    """Write a home's areas by the codes of today; a Scottish council alone says the other two."""
    council = home.council and present_code(home.council)
    board = home.health_board or board_of(council)
    authority = home.integration_authority or integration_authority_of(council)
    return replace(
        home,
        council=council,
        health_board=board and present_code(board),
        integration_authority=authority and present_code(authority),
    )


@dataclass(frozen=True, slots=True)
class Area:
    """An area that a service works in: a GSS code, an outward code, a circle, or words that nobody can decide by."""

    kind: Literal["gss", "outward", "circle", "words"]
    code: str | None = None
    centre: Point | None = None
    radius_km: float | None = None
    name: str = ""

    def covers(self, home: Home) -> bool | None:
        """Say whether a home lies inside, or None where that cannot be known."""
        if self.kind == "gss" and self.code:
            return _code_covers(present_code(self.code), home)
        if self.kind == "outward":
            return home.outward == self.code if home.outward else None
        if self.kind == "circle" and self.centre and self.radius_km:
            return self._circle_covers(self.centre, self.radius_km, home)
        return None

    def _circle_covers(self, centre: Point, radius_km: float, home: Home) -> bool | None:
        """Decide by the point; of a postcode district's middle only that it lies inside says anything."""
        if home.point is None:
            return None
        inside = centre.km_to(home.point) <= radius_km
        return inside if inside or home.exact else None


def _code_covers(code: str, home: Home) -> bool | None:
    """Decide by the home's own code of the same level, else by what lies in another nation or health board."""
    if code == "K02000001":
        return True
    if code in NATIONS:
        return home.nation in NATIONS[code] if home.nation else None
    level = LEVELS.get(code[:3])
    if level and (own := getattr(home, level)):
        return bool(own == code)
    elsewhere = _differ(nation_of_code(code), home.nation) or _differ(board_of(code), home.health_board)
    return False if elsewhere else None


def _differ(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other
