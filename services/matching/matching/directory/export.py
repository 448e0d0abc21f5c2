"""Writes the directory, and what people here corrected of it, for others: HSDS-UK 3.0 JSON, or CSV."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from matching.directory.imports.correcting import Correction
from matching.domain import Area, Listing, Site

COLUMNS = ("source", "source_id", "service", "name", "field", "value", "corrected_on", "note")


@dataclass(frozen=True, slots=True)
class Corrected:
    """A listing with what was corrected of it, and what its sources call it."""

    listing: Listing
    corrections: Sequence[Correction]
    records: Sequence[tuple[str, str]]
    """Sources and their own ids, as they wrote them."""


def corrections_as_hsds(corrected: Iterable[Corrected]) -> bytes:
    """Write for each source's record the fields that were corrected, and nothing else but its id and name."""
    return _envelope([body for each in corrected for body in _corrected(each)])


def corrections_as_csv(corrected: Iterable[Corrected]) -> bytes:
    """Write a line for each source's record and field; who corrected it stays here."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for each in corrected:
        for source, source_id in each.records:
            for correction in each.corrections:
                value = correction.value_as_json
                written = value if isinstance(value, str) else orjson.dumps(value).decode()
                row = (source, source_id, each.listing.id, each.listing.name, correction.field, written)
                writer.writerow([*map(_inert, row), correction.at.date().isoformat(), _inert(correction.note)])
    return text.getvalue().encode()


def directory_as_hsds(listings: Iterable[Listing]) -> bytes:
    """Write listings as an Open Referral UK API would."""
    return _envelope([as_hsds(listing) for listing in listings])


def as_hsds(listing: Listing) -> dict[str, Any]:
    """Write a listing as an HSDS-UK 3.0 service, from which it can be read again."""
    found: dict[str, Any] = {
        "id": listing.id,
        "name": listing.name,
        "alternate_name": listing.alternate_name,
        "description": listing.description,
        "url": listing.url,
        "email": listing.email,
        "status": listing.status.replace("-", " "),
        "interpretation_services": listing.interpretation_services,
        "fees_description": listing.fees,
        "eligibility_description": listing.eligibility,
        "alert": listing.alert,
        "minimum_age": listing.minimum_age,
        "maximum_age": listing.maximum_age,
        "assured_date": listing.checked_on and listing.checked_on.isoformat(),
        "keywords": listing.keywords,
        "source_url": listing.source_url,
        "organization": {
            "id": listing.organisation,
            "name": listing.organisation_name,
            "description": listing.organisation_description,
        },
        "phones": [{"number": listing.phone}] if listing.phone else [],
        "cost_options": [{"amount_description": part} for part in (listing.costs or "").split("; ") if part],
        "languages": [{"code": language} for language in listing.languages],
        "attributes": _attributes(listing),
        "schedules": [
            {
                "byday": each.days,
                "opens_at": each.opens_at,
                "closes_at": each.closes_at,
                "description": each.description,
            }
            for each in listing.schedules
        ],
        "service_areas": [_area(area) for area in listing.areas],
        "service_at_locations": [{"location": _location(site)} for site in listing.sites],
        "licence": listing.licence,
        "attribution": listing.attribution,
    }
    if listing.capacity.places is not None:
        counted = listing.capacity.counted_at
        found["capacities"] = [{"available": listing.capacity.places, "updated": counted and counted.isoformat()}]
    return {name: value for name, value in found.items() if value not in (None, "", [])}


_WRITTEN_AS: Mapping[str, tuple[str, ...]] = {
    "fees": ("fees_description",),
    "eligibility": ("eligibility_description",),
    "phone": ("phones",),
    "needs": ("attributes",),
    "formats": ("attributes",),
    "access": ("attributes",),
    "areas": ("service_areas",),
    "sites": ("service_at_locations",),
}
"""Under which names of HSDS fields of ours are written, where that is another."""


def _corrected(corrected: Corrected) -> Iterable[dict[str, Any]]:
    whole = as_hsds(corrected.listing)
    names = {name for each in corrected.corrections for name in _WRITTEN_AS.get(each.field, (each.field,))}
    for source, source_id in corrected.records:
        fields = {name: whole.get(name) for name in sorted(names)}
        yield {"id": source_id, "name": corrected.listing.name, "source": source, **fields}


def _attributes(listing: Listing) -> list[dict[str, Any]]:
    stated = [need for need in listing.needs if need not in listing.needs_by_label]
    codes = (("need", stated), ("format", listing.formats), ("access", listing.access))
    coded = [{"link_type": kind, "value": code} for kind, each in codes for code in each]
    labels = [
        {"taxonomy_term": {"code": label.code, "name": label.name, "taxonomy": label.scheme}}
        for label in listing.labels
    ]
    return coded + labels


def _area(area: Area) -> dict[str, Any]:
    if area.kind == "gss":
        return {"name": area.name, "extent": area.code}
    if area.kind == "outward":
        return {"name": area.name, "extent": area.code, "extent_type": "postcode"}
    if area.kind == "circle" and area.centre and area.radius_km:
        feature = {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [area.centre.longitude, area.centre.latitude]},
            "properties": {"radius_m": area.radius_km * 1000},
        }
        return {"name": area.name, "extent": orjson.dumps(feature).decode(), "extent_type": "geojson"}
    return {"name": area.name}


def _location(site: Site) -> dict[str, Any]:
    found: dict[str, Any] = {"name": site.name, "location_type": "physical"}
    if site.point:
        found |= {"latitude": site.point.latitude, "longitude": site.point.longitude}
    if site.postcode:
        found["addresses"] = [{"postal_code": site.postcode, "country": "GB"}]
    return found


def _envelope(services: Sequence[Mapping[str, Any]]) -> bytes:
    body = {
        "total_items": len(services),
        "total_pages": 1,
        "page_number": 1,
        "size": len(services),
        "contents": services,
    }
    return orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _inert(text: str) -> str:
    """Keep a spreadsheet from running a text as a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
