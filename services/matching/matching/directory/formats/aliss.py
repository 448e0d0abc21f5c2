"""Translates ALISS's API, versions 3 to 5; hours, cost and capacity are unknown there, which is not *no*."""

import re
from typing import Any

from matching.directory.formats.shapes import Object, entries, first, label, words

_GSS = re.compile(r"[EKNSW][0-9]{8}")
_COPIED = ("id", "name", "description", "url", "email", "keywords", "alert")
_TERMS = {"categories": "aliss", "community_groups": "community-groups", "accessibility_features": "accessibility"}
"""The lists of terms that a service has, and the scheme that their labels name."""


def is_aliss(record: Object) -> bool:
    """Say whether a record is one of ALISS's: it spells *organisation* so, and files under categories."""
    return "aliss_url" in record or {"organisation", "categories"} <= record.keys()


def translate(record: Object) -> Object:
    """Return a record in the words of HSDS 3.0; what is published there is active."""
    found: dict[str, Any] = {name: record[name] for name in _COPIED if name in record}
    found |= {
        "status": "active",
        "organization": record.get("organisation"),
        "source_url": first(record, "permalink", "aliss_url"),
        "assured_date": first(record, "last_reviewed"),
        "last_modified": first(record, "last_edited", "last_updated"),
        "attributes": [
            label(scheme, first(each, "slug", "id"), each.get("name"))
            for name, scheme in _TERMS.items()
            for each in entries(record.get(name))
        ],
    }
    if "description" not in record and (summary := first(record, "summary")):
        found["description"] = summary
    if "phone" in record:
        found["phones"] = [{"number": words(record["phone"])}]
    if "locations" in record:
        found["service_at_locations"] = [{"location": _place(each)} for each in entries(record["locations"])]
    if "service_areas" in record:
        found["service_areas"] = [_area(each) for each in entries(record["service_areas"])]
    return found


def _place(location: Object) -> Object:
    address = {
        "address_1": location.get("street_address"),
        "city": location.get("locality"),
        "region": location.get("region"),
        "postal_code": location.get("postal_code"),
        "country": location.get("country"),
    }
    return {**location, "addresses": [address]}


def _area(area: Object) -> Object:
    """Write an area as HSDS does: ALISS's own codes for nations (XS, XB) say nothing that their names do not."""
    code = words(area.get("code"))
    extent = {"extent": code} if _GSS.fullmatch(code) else {}
    return {"name": area.get("name"), "extent_type": words(area.get("type")).lower(), **extent}
