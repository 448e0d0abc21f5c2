"""What the directory knows of a service, and the directory as one unchanging value that matches are made on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from matching.domain.area import Area, Point
from matching.domain.trust import NOBODY_KNOWS, UNCHECKED, Accuracy, Availability

Status = Literal["active", "temporarily-closed", "inactive", "defunct", "unknown"]

GONE: frozenset[Status] = frozenset({"inactive", "defunct"})
"""Statuses by which a listing leaves the directory."""


@dataclass(frozen=True, slots=True)
class Site:
    """A place where a service is given."""

    name: str = ""
    postcode: str | None = None
    point: Point | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a service is given, as its organisation says it; days are iCalendar's two letters, times HH:MM."""

    days: str | None = None
    opens_at: str | None = None
    closes_at: str | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many places an organisation said are free, and when it counted; None is *nobody knows*, not *none*."""

    places: int | None = None
    counted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """A term of any taxonomy that a directory files a service under, as it came; what it does not say is empty."""

    scheme: str = ""
    code: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A service as it stands in the directory; what is None or empty is unknown, which is not *no*."""

    id: str
    name: str
    organisation: str
    organisation_name: str
    status: Status = "unknown"
    alternate_name: str = ""
    description: str = ""
    organisation_description: str = ""
    keywords: str = ""
    interpretation_services: str = ""
    url: str | None = None
    email: str | None = None
    phone: str | None = None
    fees: str | None = None
    costs: str | None = None
    alert: str | None = None
    eligibility: str | None = None
    minimum_age: int | None = None
    maximum_age: int | None = None
    needs: tuple[str, ...] = ()
    needs_by_label: tuple[str, ...] = ()
    """Those of the needs that no code states, but a label that means just this need."""
    labels: tuple[Label, ...] = ()
    formats: tuple[str, ...] = ()
    access: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    areas: tuple[Area, ...] = ()
    sites: tuple[Site, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    capacity: Capacity = Capacity()
    checked_on: date | None = None
    licence: str | None = None
    attribution: str | None = None
    source_url: str | None = None
    """Where the directory that it came from shows it."""
    availability: Availability = NOBODY_KNOWS
    accuracy: Accuracy = UNCHECKED
    unlisted: Literal["missing", "joined"] | None = None
    """Why it left the directory whatever its status: its sources lost it, or it is one with another listing."""

    @property
    def is_listed(self) -> bool:
        """Whether the listing belongs in the directory at all."""
        return self.status not in GONE and self.unlisted is None

    @property
    def needs_no_travel(self) -> bool:
        """Whether the service comes to the person, or is given by telephone or online."""
        return not {"home-visit", "phone", "online"}.isdisjoint(self.formats)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The directory at one version."""

    version: int
    listings: Mapping[str, Listing]

    @classmethod
    def of(cls, version: int, listings: Iterable[Listing]) -> "Snapshot":
        """Make a snapshot of the listings that are in the directory."""
        return cls(version, {listing.id: listing for listing in listings if listing.is_listed})

    def changed(self, version: int, listings: Iterable[Listing]) -> "Snapshot":
        """Return the directory at a later version, given the listings that changed since."""
        return Snapshot.of(version, (dict(self.listings) | {listing.id: listing for listing in listings}).values())
