"""Reads one HSDS-UK 3.0 service as a tolerant reader: what cannot be used is left out and told, never guessed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from matching.directory import fields, places
from matching.directory.raw import Raw, UnusableRecordError, identifier
from matching.directory.text import plain
from matching.domain import Listing

READERS = (
    fields.status,
    fields.texts,
    fields.contact,
    fields.fees,
    fields.ages,
    fields.terms,
    fields.languages,
    fields.schedules,
    fields.capacity,
    fields.checked,
    places.areas,
    places.sites,
)


@dataclass(frozen=True, slots=True)
class Read:
    """A listing as a record states it.

    `stated` names the fields that the record spoke of: one that it leaves out stays as the directory has it, because
    feeds give the same service once in full and once in short.
    """

    listing: Listing
    stated: frozenset[str]
    left_out: tuple[str, ...]


def read_record(body: object) -> Read:
    """Read a service.

    Raises:
        UnusableRecordError: it has no usable id, name or organisation.
    """
    if not isinstance(body, Mapping):
        raise UnusableRecordError("the record is no object")
    raw = Raw(body)
    found = {name: value for reader in READERS for name, value in reader(raw).items()}
    listing = Listing(**_identity(body), **found)
    return Read(listing, frozenset({"name", "organisation_name", "organisation", *found}), tuple(raw.left_out))


def _identity(body: Mapping[str, Any]) -> dict[str, Any]:
    """Read what a listing cannot be without."""
    organisation = body.get("organization")
    if not isinstance(organisation, Mapping):
        raise UnusableRecordError("organisation is missing")
    identity = {
        "id": identifier(body.get("id"), "id"),
        "name": plain(body.get("name"), 400),
        "organisation": identifier(organisation.get("id"), "organisation id"),
        "organisation_name": plain(organisation.get("name"), 400),
    }
    for what in ("name", "organisation_name"):
        if not identity[what]:
            raise UnusableRecordError(f"{what.replace('_', ' ')} is empty")
    return identity
