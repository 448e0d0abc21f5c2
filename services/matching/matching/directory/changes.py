"""Compares listings as they should be with what the directory has."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from matching.domain import Listing
from shared.contracts import Event, ServiceChanged, ServiceDelisted, ServiceListed


@dataclass(frozen=True, slots=True)
class Changes:
    """What becomes of listings; one that nothing is said about is in none of these and stays."""

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
            yield ServiceDelisted(**_about(listing, version), reason=listing.unlisted or listing.status)


def compare(listings: Iterable[Listing], held: Mapping[str, Listing]) -> Changes:
    """Say what is new, what changed and what is over."""
    listed, changed, delisted = [], [], []
    unchanged = not_listed = 0
    for after in listings:
        before = held.get(after.id)
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
