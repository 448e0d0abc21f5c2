"""Composes a listing of what its sources say: a field is the first's that states it, in the order of their priority."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any

from matching.directory.record import Read
from matching.domain import Area, Capacity, Listing

MISSED_SNAPSHOTS = 3
"""After how many complete snapshots without a record its source counts as having lost it."""

TOGETHER = frozenset({"labels", "needs", "needs_by_label", "formats", "access", "languages"})
"""Fields in which every source's word counts."""

SHOWN_TOGETHER = frozenset({"licence", "attribution"})
"""Fields that bind whoever shows the listing, so that all of them are shown."""

AGES = ("minimum_age", "maximum_age")
ORGANISATION = ("organisation", "organisation_name", "organisation_description")
"""Fields that say something only with each other, so that they are never of two sources."""

OURS = frozenset({"id", "capacity", "availability", "accuracy", "unlisted"})
"""Fields that are not taken from the first that states them: what one of them counted last stands, or they are ours."""


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """What one source says of a service, with how it stands there."""

    source: str
    own: str
    read: Read
    priority: int = 0
    changed_at: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    first_seen: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    missed: int = 0

    @property
    def is_lost(self) -> bool:
        """Whether its source has not had it for long enough."""
        return self.missed >= MISSED_SNAPSHOTS


def compose(service: str, records: Iterable[SourceRecord]) -> Listing:
    """Make the listing of one service; what a source lost says nothing while another has it.

    Whose service it is, is the eldest record's word, so that an organisation's visits, limits and offers stay its own.
    """
    ranked = sorted(records, key=_rank)
    alive = [record for record in ranked if not record.is_lost]
    reads = [record.read for record in (alive or ranked)]
    found: dict[str, Any] = {}
    for field in fields(Listing):
        if field.name in OURS:
            continue
        if field.name in TOGETHER:
            found[field.name] = _together(field.name, reads)
        elif field.name in SHOWN_TOGETHER:
            told = dict.fromkeys(filter(None, (getattr(read.listing, field.name) for read in reads)))
            found[field.name] = "; ".join(told) or None
        else:
            found[field.name] = _first(field.name, reads)
    eldest = min(alive or ranked, key=lambda record: (record.first_seen, record.own)).read
    found |= {**_in_one(AGES, reads), **_in_one(ORGANISATION, [eldest])}
    found["needs_by_label"] = tuple(sorted(set(found["needs"]) & set(found["needs_by_label"]) - _coded(reads)))
    listing = Listing(id=service, **found, capacity=_last_counted(reads))
    return listing if alive else replace(listing, unlisted="missing")


def _rank(record: SourceRecord) -> tuple[object, ...]:
    """Order by priority, then by who changed last, then by name."""
    return -record.priority, -record.changed_at.timestamp(), record.source, record.own


def _first(name: str, reads: Sequence[Read]) -> Any:
    """Return what the first says that says something; *unknown* is a status that says nothing."""
    told = (getattr(read.listing, name) for read in reads if name in read.stated)
    default = getattr(reads[0].listing, name)
    return next((value for value in told if value not in (None, "", (), "unknown")), default)


def _together(name: str, reads: Sequence[Read]) -> tuple[Any, ...]:
    """Return all values; one source's stay in their order."""
    if len(reads) == 1:
        return tuple(getattr(reads[0].listing, name))
    return tuple(sorted({value for read in reads for value in getattr(read.listing, name)}, key=repr))


def _coded(reads: Sequence[Read]) -> set[str]:
    return {need for read in reads for need in read.listing.needs if need not in read.listing.needs_by_label}


def _in_one(group: tuple[str, ...], reads: Sequence[Read]) -> Mapping[str, Any]:
    """Return several fields as the first has them that has any."""
    told = (each for each in reads if any(getattr(each.listing, name) not in (None, "") for name in group))
    first = next(told, reads[0])
    return {name: getattr(first.listing, name) for name in group}


def _last_counted(reads: Sequence[Read]) -> Capacity:
    """Return the places that were counted last; a count without its time is older than any with one."""
    known = [read.listing.capacity for read in reads if read.listing.capacity.places is not None]
    never = datetime.min.replace(tzinfo=UTC)
    best = max(known, key=lambda capacity: capacity.counted_at or never, default=None)
    return best or reads[0].listing.capacity


def with_defaults(
    read: Read, *, area: tuple[Area, ...] = (), licence: str | None = None, attribution: str | None = None
) -> Read:
    """Give a record what its source says of all of them, where it states none itself."""
    wanted: dict[str, Any] = {"areas": area, "licence": licence, "attribution": attribution}
    given = {name: value for name, value in wanted.items() if value and not getattr(read.listing, name)}
    if not given:
        return read
    return replace(read, listing=replace(read.listing, **given), stated=read.stated | given.keys())
