"""Writes a record that was read as JSON, to be kept beside the listing that is made of it, and reads it again."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import orjson
from pydantic import TypeAdapter

from matching.directory.imports.traits import Traits
from matching.directory.record import Read
from matching.domain import Listing

_LISTING: TypeAdapter[Listing] = TypeAdapter(Listing)
_TRAITS: TypeAdapter[Traits] = TypeAdapter(Traits)


def read_as_json(read: Read) -> dict[str, Any]:
    """Return a record as JSON has it; what it left out is counted in the report and not kept."""
    return {
        "listing": _LISTING.dump_python(read.listing, mode="json", exclude_defaults=True),
        "stated": sorted(read.stated),
        "source_id": read.source_id,
        "source_organisation_id": read.source_organisation_id,
        "charity": read.charity,
    }


def read_of(body: Mapping[str, Any]) -> Read:
    """Read a record again; what an earlier release wrote lacks the fields that are new since."""
    return Read(
        listing=_LISTING.validate_python(body["listing"]),
        stated=frozenset(body["stated"]),
        left_out=(),
        source_id=body["source_id"],
        source_organisation_id=body["source_organisation_id"],
        charity=body.get("charity", ""),
    )


def digest_of(read: Read) -> str:
    """Return what tells two records of a service apart: alike for the same content."""
    return hashlib.sha256(orjson.dumps(read_as_json(read), option=orjson.OPT_SORT_KEYS)).hexdigest()


def over(before: Read, read: Read) -> Read:
    """Lay a record over the earlier one of its source: feeds give a service once in full and once in short."""
    stated = {name: getattr(read.listing, name) for name in read.stated}
    listing = replace(before.listing, **stated)
    charity = read.charity or before.charity
    return replace(read, listing=listing, stated=before.stated | read.stated, charity=charity)


def traits_as_json(traits: Traits) -> dict[str, Any]:
    """Return traits as JSON has them, without what is empty."""
    return {name: value for name, value in asdict(traits).items() if value}


def traits_from(body: Mapping[str, Any]) -> Traits:
    """Read traits again."""
    return _TRAITS.validate_python(body)
