"""Corrections of people here: which fields, what they may say, and how they lie over what the sources say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from matching.directory.ids import SLUG
from matching.directory.text import link, mail, plain
from matching.domain import Listing
from shared.needs import NEEDS

TEXTS = {"name": 400, "description": 4000, "fees": 300, "eligibility": 300, "alert": 400, "phone": 40}
"""Fields of plain words, and how long each may be."""

_CODES = frozenset({"needs", "formats", "access", "languages"})
_LISTS = _CODES | {"areas", "sites", "schedules"}
CORRECTABLE = frozenset({*TEXTS, *_LISTS, "url", "email", "status", "minimum_age", "maximum_age"})

_HINTS = get_type_hints(Listing)
_TYPES: Mapping[str, TypeAdapter[Any]] = {name: TypeAdapter(_HINTS[name]) for name in CORRECTABLE}


@dataclass(frozen=True, slots=True)
class Correction:
    """A field as a person here knows it."""

    service: str
    field: str
    value: Any
    by: str
    """Who says so, as an opaque name."""
    at: datetime
    note: str = ""
    taken_over: bool = False
    """Whether a source says the same by now: then the source's word counts again."""

    @property
    def value_as_json(self) -> Any:
        """The value as JSON has it."""
        return _TYPES[self.field].dump_python(self.value, mode="json")


def checked(field: str, value: object) -> Any:
    """Return a value as a listing holds it; nothing takes back what the listing says, except its name.

    Raises:
        ValueError: the field cannot be corrected, or the value is none of its kind; says which, without the value.
    """
    if field not in CORRECTABLE:
        raise ValueError(f"{field} cannot be corrected")
    empty = value in (None, "")
    if empty:
        value = "" if field == "description" else [] if field in _LISTS else None
    try:
        found = _cleaned(field, _TYPES[field].validate_python(value))
    except ValidationError:
        raise ValueError(f"{field} is not of its kind") from None
    if not empty and found in (None, ""):
        raise ValueError(f"{field} is not of its kind")
    return found


def _cleaned(field: str, value: Any) -> Any:
    """Put a value of the right type into the form in which records are read; None where it has none."""
    if field in TEXTS:
        return value and plain(value, TEXTS[field])
    if field in ("url", "email"):
        return (link if field == "url" else mail)(value)
    if field in ("minimum_age", "maximum_age"):
        return value if value is None or 0 <= value <= 150 else None
    if field in _CODES:
        known = NEEDS.keys() if field == "needs" else value
        return tuple(sorted({*value})) if set(value) <= set(known) and all(map(SLUG.fullmatch, value)) else None
    hollow = field in ("sites", "schedules") and any(each == type(each)() for each in value)
    return None if hollow else value


def lay_over(listing: Listing, corrections: Iterable[Correction]) -> Listing:
    """Return a listing as people here know it; of two corrections of one field the later stands."""
    standing = sorted((each for each in corrections if not each.taken_over), key=lambda each: each.at)
    values = {each.field: each.value for each in standing}
    if "needs" in values:
        values["needs_by_label"] = tuple(need for need in listing.needs_by_label if need in values["needs"])
    return replace(listing, **values)


def taken_over(composed: Listing, corrections: Iterable[Correction]) -> list[Correction]:
    """Return the corrections that the sources say themselves by now."""
    return [each for each in corrections if not each.taken_over and getattr(composed, each.field) == each.value]


def correction_of(row: Mapping[str, Any]) -> Correction:
    """Read a correction as it was kept."""
    value = _TYPES[row["field"]].validate_python(row["value"])
    return Correction(
        row["service"], row["field"], value, row["by"], row["at"], row["note"], row["taken_over_at"] is not None
    )
