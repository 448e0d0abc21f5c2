"""Which of a spreadsheet's columns holds what: by a mapping that somebody wrote, or by what headers usually say."""

import re
from collections.abc import Iterable, Mapping, Sequence

import yaml

from matching.directory.formats.shapes import words
from matching.directory.raw import FeedError

USUAL: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "service id", "listing id", "ref", "reference", "unique id"),
    "name": ("name", "service name", "service", "group name", "group", "activity", "title", "activity name", "project"),
    "alternate_name": ("alternate name", "also known as", "other name", "short name"),
    "description": (
        "description",
        "details",
        "about",
        "summary",
        "what",
        "what they do",
        "what we do",
        "service description",
    ),
    "organisation": (
        "organisation",
        "organization",
        "organisation name",
        "organization name",
        "provider",
        "run by",
        "charity",
    ),
    "organisation_id": ("organisation id", "organization id", "provider id"),
    "organisation_description": ("organisation description", "organization description", "about the organisation"),
    "charity_number": ("charity number", "charity no", "registered charity number"),
    "url": ("url", "website", "web", "web site", "web address", "link"),
    "email": ("email", "e mail", "email address", "contact email"),
    "phone": ("phone", "telephone", "tel", "phone number", "telephone number", "contact number", "contact phone"),
    "venue": ("venue", "location", "where", "place", "venue name", "location name"),
    "address": ("address", "street address", "venue address", "address 1", "address line 1", "street"),
    "town": ("town", "city", "locality"),
    "postcode": ("postcode", "post code", "postal code", "venue postcode", "zip"),
    "latitude": ("latitude", "lat"),
    "longitude": ("longitude", "long", "lng", "lon"),
    "area": ("area", "areas", "area covered", "areas covered", "service area", "coverage", "council", "catchment"),
    "categories": ("category", "categories", "type", "tags", "theme", "themes", "topic", "topics"),
    "needs": ("need", "needs", "need codes"),
    "keywords": ("keywords", "key words"),
    "eligibility": (
        "eligibility",
        "who",
        "who for",
        "who is it for",
        "target group",
        "audience",
        "for whom",
        "suitable for",
    ),
    "ages": ("age", "ages", "age range", "age group"),
    "minimum_age": ("minimum age", "min age", "age from", "lowest age"),
    "maximum_age": ("maximum age", "max age", "age to", "highest age"),
    "when": ("when", "opening times", "opening hours", "times", "hours", "day and time", "days and times", "schedule"),
    "cost": ("cost", "costs", "price", "fee", "fees", "charge"),
    "places": ("free places", "places", "places free", "spaces"),
    "languages": ("language", "languages"),
    "interpretation": ("interpretation", "interpretation services", "interpreter"),
    "format": ("format", "formats", "delivery"),
    "access": ("access", "accessibility"),
    "alert": ("alert", "notice"),
    "status": ("status",),
    "checked": ("last checked", "checked", "date checked", "last verified", "verified", "assured date"),
    "changed": ("last updated", "updated", "last modified", "modified", "date updated"),
    "source_url": ("source", "source url", "listing url", "page"),
}
"""Our fields, and the headers by which people call them; the first that a table has is taken."""
NOT_FOUND = "it is not JSON, and no table with a column for the name of each service"


def read_columns(text: str) -> Mapping[str, str]:
    """Read a mapping of our fields to a spreadsheet's columns, as YAML or JSON.

    Raises:
        FeedError: it is no mapping, speaks of a field that we do not have, or leaves out the name.
    """
    try:
        told = yaml.safe_load(text)
    except yaml.YAMLError:
        raise FeedError("the column mapping is neither YAML nor JSON") from None
    if not isinstance(told, Mapping):
        raise FeedError("the column mapping is no list of fields, each with its column")
    columns = {str(field): words(column) for field, column in told.items()}
    if unknown := sorted(columns.keys() - USUAL.keys()):
        raise FeedError(f"the column mapping speaks of {', '.join(unknown)}; it may have {', '.join(USUAL)}")
    if not columns.get("name"):
        raise FeedError("the column mapping does not say where the name is")
    return columns


def found_in(header: Sequence[object], columns: Mapping[str, str] | None) -> Mapping[str, int]:
    """Return the place of each field's column in a row that may be the header; without a name it is none.

    Raises:
        FeedError: the row is the header of a given mapping, and lacks a column of it.
    """
    places: dict[str, int] = {}
    for place, cell in enumerate(header):
        if heading := _folded(words(cell)):
            places.setdefault(heading, place)
    wanted: Mapping[str, Iterable[str]] = (
        USUAL if columns is None else {field: (name,) for field, name in columns.items()}
    )
    found: dict[str, int] = {}
    for field, names in wanted.items():
        here = [places[heading] for heading in map(_folded, names) if heading in places]
        if here:
            found[field] = here[0]
    if "name" not in found:
        return {}
    if columns is not None and (missing := [name for field, name in columns.items() if field not in found]):
        raise FeedError(f"the table has no column {', '.join(missing)}")
    return found


def _folded(heading: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", heading.casefold()))
