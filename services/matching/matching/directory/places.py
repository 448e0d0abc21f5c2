"""Reads where an HSDS-UK service works and where one goes for it, which feeds say in half a dozen ways."""

import json
import re
from collections.abc import Mapping
from typing import Any

from matching.directory.raw import Raw
from matching.directory.text import plain
from matching.domain import Area, Point, Site
from shared.places import present_code

_GSS = re.compile(r"[EKNSW][0-9]{8}")
_OUTWARD = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?")

NATIONS = {
    "united kingdom": "K02000001",
    "uk": "K02000001",
    "nationwide": "K02000001",
    "national": "K02000001",
    "great britain": "K03000001",
    "england": "E92000001",
    "northern ireland": "N92000002",
    "scotland": "S92000003",
    "wales": "W92000004",
}
"""Names of nations and unions of them as feeds write them, and their GSS codes."""


def areas(raw: Raw) -> dict[str, Any]:
    """Read where the service works."""
    if "service_areas" not in raw.body:
        return {}
    found = [area for entry in raw.entries("service_areas") for area in areas_of(entry)]
    if any(area.kind == "words" for area in found):
        raw.leave_out("service_areas: an area in words, which nobody can be held against")
    return {"areas": tuple(found)}


def sites(raw: Raw) -> dict[str, Any]:
    """Read the places where one goes; virtual and postal ones are none."""
    if "service_at_locations" not in raw.body:
        return {}
    found = []
    for entry in raw.entries("service_at_locations"):
        location = entry.get("location")
        if not isinstance(location, Mapping) or location.get("location_type") in ("virtual", "postal"):
            continue
        point = point_of(location.get("latitude"), location.get("longitude"))
        if point is None and location.get("latitude") is not None:
            raw.leave_out("service_at_locations: a point that is not on the globe")
        found.append(Site(plain(location.get("name"), 200), _postcode(location), point))
    return {"sites": tuple(found)}


def _postcode(location: Mapping[str, Any]) -> str | None:
    addresses = location.get("addresses")
    for address in addresses if isinstance(addresses, list) else ():
        if isinstance(address, Mapping) and plain(address.get("postal_code"), 10):
            return plain(address["postal_code"], 10).upper()
    return None


def _extent(value: object) -> object:
    """Return an extent as text; some feeds write GeoJSON as JSON."""
    try:
        return json.dumps(value) if isinstance(value, Mapping) else value
    except (ValueError, RecursionError):
        return None


def areas_of(entry: Mapping[str, Any]) -> list[Area]:
    """Read one entry of `service_areas`: a GSS code, outward codes, a point with a radius in metres, or only words."""
    name = plain(entry.get("name") or entry.get("service_area"), 200)
    extent = plain(_extent(entry.get("extent")), 100_000)
    code = _GSS.fullmatch(extent) or _GSS.search(plain(entry.get("uri"), 500))
    if code:
        return [Area("gss", present_code(code[0]), name=name)]
    for words in (extent, plain(entry.get("service_area"), 200), name):
        if words.lower() in NATIONS:
            return [Area("gss", NATIONS[words.lower()], name=name)]
    kind = plain(entry.get("extent_type"), 64).lower()
    parts = [part.strip().upper() for part in extent.split(",")]
    if "postcode" in kind and all(_OUTWARD.fullmatch(part) for part in parts):
        return [Area("outward", part, name=name) for part in parts]
    circle = _circle(extent) if "geojson" in kind else None
    return [Area("circle", centre=circle[0], radius_km=circle[1], name=name) if circle else Area("words", name=name)]


def point_of(latitude: object, longitude: object) -> Point | None:
    """Return a point on the globe, or None; vendors put at 0, 0 what they do not know."""
    try:
        north, east = float(latitude), float(longitude)  # type: ignore[arg-type]  # what is no number raises
    except (TypeError, ValueError, OverflowError):
        return None
    on_globe = -90 <= north <= 90 and -180 <= east <= 180
    return Point(north, east) if on_globe and (north, east) != (0, 0) else None


def _circle(extent: str) -> tuple[Point, float] | None:
    """Read a GeoJSON feature that is a point with `radius_m` among its properties."""
    try:
        feature = json.loads(extent)
        east, north = feature["geometry"]["coordinates"][:2]
        radius_km = float(feature["properties"]["radius_m"]) / 1000
    except (ValueError, TypeError, LookupError, OverflowError, RecursionError):
        return None
    point = point_of(north, east)
    return (point, radius_km) if point and 0 < radius_km < float("inf") else None
