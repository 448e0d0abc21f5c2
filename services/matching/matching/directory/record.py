"""Reads one HSDS-UK 3.0 service as a tolerant reader: what cannot be used is left out and told, never guessed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from matching.directory import fields, places
from matching.directory.charity import charity_of
from matching.directory.ids import slug_of_name, written
from matching.directory.raw import Raw, UnusableRecordError, identifier
from matching.directory.text import plain, text_of
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
class Terms:
    """What holds for every record of a feed."""

    licence: str | None = None
    attribution: str | None = None
    stands_alone: bool = False
    """Whether a record of this format may be without an organisation; its own name then stands for one."""

    def stated(self) -> dict[str, Any]:
        """Return what a listing takes over."""
        told = {"licence": self.licence, "attribution": self.attribution}
        return {name: value for name, value in told.items() if value}


@dataclass(frozen=True, slots=True)
class Read:
    """A listing as a record states it.

    `stated` names the fields that the record spoke of: one that it leaves out stays as the directory has it, because
    feeds give the same service once in full and once in short. The source's ids are as the feed wrote them, and the
    organisation's is empty where it had none.
    """

    listing: Listing
    stated: frozenset[str]
    left_out: tuple[str, ...]
    source_id: str
    source_organisation_id: str
    charity: str = ""
    """The organisation's number in a register of charities, where the record gives it as such."""


def read_record(body: object, terms: Terms | None = None) -> Read:
    """Read a service.

    Raises:
        UnusableRecordError: it has no usable id, name or organisation.
    """
    if not isinstance(body, Mapping):
        raise UnusableRecordError("the record is no object")
    raw = Raw(body)
    terms = terms or Terms()
    ours, source_id = identifier(body.get("id"), "id")
    name = plain(text_of(body.get("name")), 400)
    if not name:
        raise UnusableRecordError("name is empty")
    organisation, source_organisation_id = _organisation(raw, name, terms)
    found = {name: value for reader in READERS for name, value in reader(raw).items()} | terms.stated() | organisation
    listing = Listing(id=ours, name=name, **found)
    stated = frozenset({"name", *found})
    return Read(listing, stated, tuple(raw.left_out), source_id, source_organisation_id, charity_of(body))


def _organisation(raw: Raw, service_name: str, terms: Terms) -> tuple[dict[str, Any], str]:
    """Read who gives the service; one without an id is known by its name."""
    told = raw.body.get("organization") or raw.body.get("organisation")
    if isinstance(told, str):
        told = {"name": told}
    elif not isinstance(told, Mapping):
        told = {"id": raw.body.get("organization_id"), "name": raw.body.get("organization_name")}
    source_id, name = written(told.get("id")), plain(text_of(told.get("name")), 400)
    if not name and source_id.strip():
        raise UnusableRecordError("organisation name is empty")
    if not name and not terms.stands_alone:
        raise UnusableRecordError("organisation is missing")
    if not name:
        raw.leave_out("organisation: none is told, and the service's own name stands for it")
        name = service_name
    ours = identifier(source_id, "organisation id")[0] if source_id.strip() else slug_of_name(name)
    found = {"organisation": ours, "organisation_name": name}
    if description := plain(told.get("description"), 1000):
        found["organisation_description"] = description
    return found, source_id
