"""Where a person lives and where a service works, so that *is it for people from here?* has one answer."""

import math
import re
from dataclasses import dataclass
from typing import Literal

from shared.contracts import Place

EARTH_RADIUS_KM = 6371.0088

COUNCIL_ALIASES = {
    "S12000015": "S12000047",  # Fife, 2018
    "S12000024": "S12000048",  # Perth and Kinross, 2018
    "S12000043": "S12000049",  # Glasgow City, 2011 and 2019
    "S12000046": "S12000049",
    "S12000025": "S12000050",  # North Lanarkshire, 2011 and 2019
    "S12000044": "S12000050",
}
"""GSS codes of councils that were replaced, and what by; feeds keep the old ones for years."""

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

LEVELS = dict.fromkeys(("S12", "W06", "E06", "E07", "E08", "E09", "N09"), "council") | dict.fromkeys(
    ("S13", "W05", "E05", "N08"), "ward"
)
"""What the first three characters of a GSS code say that it is the code of."""

SCOTTISH_POSTCODE_AREAS = frozenset(
    ("AB", "DD", "DG", "EH", "FK", "G", "HS", "IV", "KA", "KW", "KY", "ML", "PA", "PH", "ZE")
)
"""Postcode areas that lie wholly in Scotland; TD does not."""


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

    @classmethod
    def of(cls, place: Place) -> "Home":
        """Take from an event's place what says where, and nothing that says how well off."""
        point = None
        if place.latitude is not None and place.longitude is not None:
            point = Point(place.latitude, place.longitude)
        return cls(
            council=COUNCIL_ALIASES.get(place.council, place.council) if place.council else None,
            ward=place.ward,
            outward=place.outward,
            point=point,
            exact=place.precision == "postcode",
        )

    @property
    def nation(self) -> str | None:
        """The first letter of the GSS codes of the person's nation."""
        if self.council:
            return self.council[0]
        area = re.match("[A-Z]+", self.outward or "")
        return "S" if area and area[0] in SCOTTISH_POSTCODE_AREAS else None


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
            return self._code_covers(self.code, home)
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

    def _code_covers(self, code: str, home: Home) -> bool | None:
        if code == "K02000001":
            return True
        if code in NATIONS:
            return home.nation in NATIONS[code] if home.nation else None
        if code in {home.council, home.ward}:
            return True
        known = {"council": home.council, "ward": home.ward}.get(LEVELS.get(code[:3], ""))
        return False if known else None
