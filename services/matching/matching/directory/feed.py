"""Reads a file of services in any format that we know into listings, each record by itself."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from matching.directory.formats import open_document
from matching.directory.raw import FeedError, UnusableRecordError
from matching.directory.record import Read, read_record

__all__ = ["Feed", "FeedError", "read_feed"]


@dataclass(frozen=True, slots=True)
class Feed:
    """What a file holds."""

    digest: str
    format: str
    reads: tuple[Read, ...]
    quarantined: Mapping[str, str]
    """Reasons by the record's number in the file, from 1."""
    repeated: int
    """How many records say again what another says, as pages that were fetched twice do."""
    left_out: Mapping[str, int]
    """How often something had to be left out of a listing that was taken."""
    announced: int | None
    """How many services the file says there are, where it says so."""

    @property
    def read(self) -> int:
        """How many records the file holds."""
        return len(self.reads) + len(self.quarantined) + self.repeated


def read_feed(content: bytes, name: str = "", columns: Mapping[str, str] | None = None) -> Feed:
    """Read a file's bytes, whose format is found out by what they are; `columns` is for a spreadsheet.

    Of records with one id that differ the last stands, because directories append what is new; what only the earlier
    one speaks of stays, as if they had come in two files, and the earlier is quarantined.

    Raises:
        FeedError: they are no format that we know, are cut, or hold no service.
    """
    document = open_document(content, name, columns)
    reads: dict[str, tuple[int, Read]] = {}
    quarantined: dict[str, str] = {}
    repeated = 0
    for number, body in enumerate(document.services, start=1):
        try:
            if isinstance(body, UnusableRecordError):
                raise body
            read = read_record(body, document.terms)
        except UnusableRecordError as error:
            quarantined[f"record {number}"] = str(error)
            continue
        before = reads.get(read.listing.id)
        if before and _says_nothing_new(before[1], read):
            repeated += 1
            continue
        if before:
            quarantined[f"record {before[0]}"] = f"a later record with the id {read.listing.id} says otherwise"
            read = _over(before[1], read)
        reads[read.listing.id] = number, read
    if not reads and not quarantined:
        raise FeedError("it holds no service")
    found = tuple(read for _, read in reads.values())
    left_out = Counter(what for read in found for what in read.left_out)
    return Feed(
        digest=hashlib.sha256(content).hexdigest(),
        format=document.format,
        reads=_one_organisation_each(found),
        quarantined=quarantined,
        repeated=repeated,
        left_out=dict(left_out.most_common()),
        announced=document.announced,
    )


def _over(before: Read, read: Read) -> Read:
    """Put what a later record states over an earlier one."""
    listing = replace(before.listing, **{name: getattr(read.listing, name) for name in read.stated})
    return replace(read, listing=listing, stated=before.stated | read.stated)


def _says_nothing_new(before: Read, read: Read) -> bool:
    return _over(before, read).listing == before.listing


def _one_organisation_each(reads: tuple[Read, ...]) -> tuple[Read, ...]:
    """Give each organisation one name and description, the first that the file has, so that a second load is the same.

    A description that one record states is so stated by all of that organisation's.
    """
    names: dict[str, str] = {}
    descriptions: dict[str, str] = {}
    for read in reads:
        listing = read.listing
        names.setdefault(listing.organisation, listing.organisation_name)
        if listing.organisation_description:
            descriptions.setdefault(listing.organisation, listing.organisation_description)
    return tuple(_with_organisation(read, names, descriptions) for read in reads)


def _with_organisation(read: Read, names: Mapping[str, str], descriptions: Mapping[str, str]) -> Read:
    listing, organisation = read.listing, read.listing.organisation
    facts: dict[str, Any] = {"organisation_name": names[organisation]}
    if organisation in descriptions:
        facts["organisation_description"] = descriptions[organisation]
    if all(getattr(listing, name) == value for name, value in facts.items()):
        return read
    return replace(read, listing=replace(listing, **facts), stated=read.stated | facts.keys())
