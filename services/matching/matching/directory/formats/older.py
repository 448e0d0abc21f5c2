"""Translates HSDS 1 and 2, and Open Referral UK 1.0, whose words HSDS 3.0 renamed, into HSDS 3.0."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from matching.directory.formats.shapes import Object, coded, entries, first, label, words
from matching.directory.raw import number

_TERMS = (
    *("service_taxonomys", "service_taxonomies", "service_taxonomy", "services_taxonomy"),
    *("taxonomies", "taxonomy_terms", "taxonomy", "categories"),
)
"""Where feeds list the terms of a service; the later ones are no standard's, and occur."""
_ELIGIBILITY = ("eligibilitys", "eligibilities", "eligibility")
_SCHEDULES = ("regular_schedules", "regular_schedule")
_ADDRESSES = ("physical_addresses", "physical_address", "address")
_SITES = "service_at_locations"
_DELIVERY = ("attending_type", "deliverable_type")
OPEN_REFERRAL_UK = frozenset(
    {"service_taxonomys", "eligibilitys", "pc_targetAudience", "pc_metadata", "attending_access", *_DELIVERY}
)
"""Fields that only Open Referral UK 1.0 has; `pc_` ones are a vendor's."""
_OLD_PLACES = ("locations", "location")
_OLD = OPEN_REFERRAL_UK | {*_TERMS, *_ELIGIBILITY, *_SCHEDULES, *_ADDRESSES, *_OLD_PLACES, "phone"}
_OLD_PLACE = frozenset((*_SCHEDULES, *_ADDRESSES))

_FORMATS = (
    (re.compile(r"\bhome\b", re.IGNORECASE), "home-visit"),
    (re.compile(r"\b(tele)?phone\b", re.IGNORECASE), "phone"),
    (re.compile(r"\b(online|virtual|video|webchat)\b", re.IGNORECASE), "online"),
    (re.compile(r"\b(1|one)[ -]?(to|2|:)[ -]?(1|one)\b", re.IGNORECASE), "one-to-one"),
    (re.compile(r"\bgroup\b", re.IGNORECASE), "group"),
)
"""What people write under `attending_type` and `deliverable_type`, and the format that it states."""
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def is_older(record: Object) -> bool:
    """Say whether a record speaks in any of the older words."""
    if not _OLD.isdisjoint(record):
        return True
    sites = entries(record.get(_SITES))
    return any(not _OLD_PLACE.isdisjoint(part) for site in sites for part in (site, _place(site)))


def translate(record: Object) -> Object:
    """Return a record in the words of HSDS 3.0; where it has the newer field already, that stands."""
    new: dict[str, Any] = {}
    labels, places = list(_labels(record)), list(_places(record))
    if labels or not record.keys().isdisjoint((*_TERMS, *_DELIVERY, "pc_targetAudience")):
        new["attributes"] = [*entries(record.get("attributes")), *labels]
    if "service_at_locations" in record or places:
        new["service_at_locations"] = places
    for read in (_eligibility, _schedules, _phones, _dates):
        new |= read(record)
    kept = {name: value for name, value in record.items() if value not in (None, "", [])}
    return {**record, **new, **{name: kept[name] for name in kept.keys() & new.keys() - {"attributes", _SITES}}}


def _place(site: Object) -> Object:
    location = site.get("location")
    return location if isinstance(location, Mapping) else {}


def _labels(record: Object) -> Iterator[Object]:
    for entry in (each for name in _TERMS for each in entries(record.get(name))):
        told = first(entry, "taxonomy_term", "taxonomy", "taxonomy_detail")
        term = told if isinstance(told, Mapping) else entry if entry.get("name") else {"name": told}
        scheme = words(first(term, "taxonomy_detail", "vocabulary", "taxonomy") or entry.get("vocabulary"))
        code = first(term, "code") or first(entry, "taxonomy_id") or first(term, "id")
        yield label(scheme, code, term.get("name"))
    for audience in entries(record.get("pc_targetAudience")):
        yield label("pc_targetAudience", audience.get("id"), first(audience, "audienceType", "name"))
    for name in _DELIVERY:
        told = words(record.get(name))
        yield from (coded("format", code) for pattern, code in _FORMATS if pattern.search(told))


def _eligibility(record: Object) -> Object:
    """Read who it is for; ages are the widest of those that are told, and -1 is none."""
    if record.keys().isdisjoint(_ELIGIBILITY):
        return {}
    told = entries(first(record, *_ELIGIBILITY))
    text = "; ".join(filter(None, (words(first(each, "eligibility", "name", "description")) for each in told)))
    found: dict[str, Any] = {"eligibility_description": text}
    for name, widest in (("minimum_age", min), ("maximum_age", max)):
        ages = [age for each in told if (age := number(each.get(name))) is not None and age >= 0]
        found[name] = widest(ages) if ages else None
    return found


def _schedules(record: Object) -> Object:
    """Read when it is given, also where that stands with each place."""
    sites = entries(record.get(_SITES))
    listed = [each for holder in (record, *sites) for each in entries(first(holder, *_SCHEDULES))]
    if not listed and record.keys().isdisjoint(_SCHEDULES):
        return {}
    return {"schedules": [_schedule(each) for each in listed]}


def _schedule(entry: Object) -> Object:
    days = first(entry, "byday", "weekday")
    place = number(days)
    if place is not None:
        days = _WEEKDAYS[int(place) - 1] if 1 <= place <= 7 else None
    elif "byday" not in entry and isinstance(days, str):
        days = days[:2].upper()
    return {**entry, "byday": days}


def _places(record: Object) -> Iterator[Object]:
    sites = entries(record.get(_SITES)) or [{"location": each} for each in entries(first(record, *_OLD_PLACES))]
    if not sites and (address := first(record, *_ADDRESSES)):
        sites = [{"location": {"addresses": address}}]
    for site in sites:
        place = _place(site)
        addresses = first(place, "addresses", *_ADDRESSES) or first(site, *_ADDRESSES)
        yield {**site, "location": {**place, "addresses": entries(addresses)}}


def _phones(record: Object) -> Object:
    """Take numbers from where the older words have them, without the names that stand beside them."""
    if told := record.get("phone"):
        return {"phones": [{"number": words(told)}]}
    phones = [
        {"number": phone.get("number")}
        for contact in entries(record.get("contacts"))
        for phone in entries(contact.get("phones"))
    ]
    return {"phones": phones} if phones else {}


def _dates(record: Object) -> Object:
    changed = first(record.get("pc_metadata"), "date_modified")
    return {"last_modified": changed} if changed else {}
