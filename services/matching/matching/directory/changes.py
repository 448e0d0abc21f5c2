"""Compares what a file says with what the directory has: only what the file says changes anything."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from matching.directory.record import Read
from matching.domain import Listing
from shared.contracts import Event, ServiceChanged, ServiceDelisted, ServiceListed


@dataclass(frozen=True, slots=True)
class Changes:
    """What a load does to the directory; a listing that the file does not have is in none of these and stays."""

    listed: tuple[Listing, ...]
    changed: tuple[Listing, ...]
    delisted: tuple[Listing, ...]
    unchanged: int
    not_listed: int
    """Services that are over and never were in the directory."""

    @property
    def touched(self) -> tuple[Listing, ...]:
        """Every listing that is to be saved, by id."""
        return tuple(sorted((*self.listed, *self.changed, *self.delisted), key=lambda listing: listing.id))

    def as_events(self, version: int) -> Iterator[Event]:
        """Yield the facts to publish."""
        for listing in self.listed:
            yield ServiceListed(**_about(listing, version), needs=listing.needs)
        for listing in self.changed:
            yield ServiceChanged(**_about(listing, version), needs=listing.needs)
        for listing in self.delisted:
            yield ServiceDelisted(**_about(listing, version), reason=listing.status)


def compare(reads: Iterable[Read], held: Mapping[str, Listing]) -> Changes:
    """Say what is new, what changed and what is over; a record leaves alone the fields that it does not speak of."""
    listed, changed, delisted = [], [], []
    unchanged = not_listed = 0
    for read in reads:
        before = held.get(read.listing.id)
        after = read.listing if before is None else _over(before, read)
        was_listed = before is not None and before.is_listed
        if not was_listed and not after.is_listed:
            not_listed += 1
        elif before == after:
            unchanged += 1
        elif not was_listed:
            listed.append(after)
        elif after.is_listed:
            changed.append(after)
        else:
            delisted.append(after)
    return Changes(tuple(listed), tuple(changed), tuple(delisted), unchanged, not_listed)


def _about(listing: Listing, version: int) -> dict[str, Any]:
    return {"service": listing.id, "organisation": listing.organisation, "directory_version": version}


def _over(before: Listing, read: Read) -> Listing:
    return replace(before, **{name: getattr(read.listing, name) for name in read.stated})
