"""Compares the form of corrections with the listing as it stands: only what is different is corrected."""

import hashlib
from typing import Any

from matching.curation import words
from matching.curation.forms import CorrectForm
from matching.curation.typed import Faults, check_note, read_where
from matching.directory.imports.correcting import checked
from matching.domain import Listing, Point, Schedule, Site
from matching.signposting import words as signposting
from shared.places import outward_centre


def shown_as(listing: Listing) -> str:
    """Return what stands for everything that the form of corrections shows, so that nobody undoes what they missed."""
    values = [getattr(listing, field) for field in sorted(words.FIELDS)]
    return hashlib.sha256(repr(values).encode()).hexdigest()[:24]


def filled_in(listing: Listing) -> dict[str, Any]:
    """Return a listing as the form of corrections shows it."""
    texts = ("name", "description", "phone", "email", "url", "fees", "eligibility", "alert")
    ages = ("minimum_age", "maximum_age")
    return {
        **{field: getattr(listing, field) or "" for field in texts},
        **{field: "" if getattr(listing, field) is None else str(getattr(listing, field)) for field in ages},
        "where": words.where(listing),
        "when": "\n".join(signposting.times(listing)),
        "status": "active" if listing.status == "unknown" else listing.status,
        "need": list(listing.needs),
    }


CANNOT_BE = {
    "name": "A group has a name.",
    "email": "This is no mail address.",
    "url": "This is no address of a website.",
    "minimum_age": "An age in whole years.",
    "maximum_age": "An age in whole years.",
    "where": "Give a postcode or its first part, for example DD5.",
    "need": "Choose from the list.",
}


def read_correct(form: CorrectForm, listing: Listing) -> tuple[dict[str, Any], Faults]:
    """Return the fields that are different from what the listing says, as corrections, with what is wrong."""
    was, fields, faults = filled_in(listing), {}, Faults()
    for field in was:
        typed = getattr(form, field)
        if typed is None or field in form.back or _same(typed, was[field]):
            continue
        try:
            name, value = _as_correction(field, typed)
            fields[name] = checked(name, value)
        except ValueError:
            faults[field] = CANNOT_BE.get(field, "This cannot be kept as it is.")
    low = fields.get("minimum_age", listing.minimum_age)
    high = fields.get("maximum_age", listing.maximum_age)
    if low is not None and high is not None and low > high:
        faults["minimum_age"] = "The lower limit is above the upper one."
    check_note(form.note, faults, listing.name, listing.organisation_name)
    return fields, faults


def _same(typed: Any, was: Any) -> bool:
    if isinstance(typed, list):
        return set(typed) == set(was)
    return bool(typed.split() == was.split())


def _as_correction(field: str, typed: Any) -> tuple[str, Any]:
    """Return a field's name in a listing and its value.

    Raises:
        ValueError: it is not of its kind.
    """
    if field == "where":
        return "sites", _sites(typed)
    if field == "when":
        lines = [" ".join(line.split())[:300] for line in typed.splitlines()]
        return "schedules", tuple(Schedule(description=line) for line in lines if line)
    if field == "need":
        return "needs", tuple(typed)
    if field == "name" and not typed:
        raise ValueError(field)
    if field.endswith("_age"):
        return field, int(typed) if typed else None
    return field, typed or None


def _sites(typed: str) -> tuple[Site, ...]:
    if not typed:
        return ()
    where = read_where(typed)
    if where.postcode is None:
        raise ValueError("where")
    centre = outward_centre(where.postcode.outward)
    point = Point(centre.latitude, centre.longitude) if centre else None
    return (Site(where.rest[:200], where.postcode.full or where.postcode.outward, point),)
