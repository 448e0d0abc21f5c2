"""Says of every listing at once whether it may fit a person, so that the exact rules look at few.

It decides nothing: what is left out here is ruled out by `domain.constraints` too, which a test holds it to; what is
kept is judged there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.domain import Area, Home, Listing, Point, Wanted
from matching.domain.area import EARTH_RADIUS_KM
from matching.domain.constraints import REACH_KM, TOP_AGE

Mask = NDArray[np.bool_]
Floats = NDArray[np.float32]

NO_LIMIT = 999
SLACK_KM = 0.05
"""Single precision and the sphere's chord may err by metres; the exact rule decides."""


@dataclass(frozen=True, slots=True)
class Fit:
    """What decides whether a listing may fit, a row each."""

    open: Mask
    low: NDArray[np.int16]
    high: NDArray[np.int16]
    states_age: Mask
    areas: tuple[tuple[Area, NDArray[np.int32]], ...]
    """Every area that is stated, other than by an outward code, and the rows that state it."""
    outwards: dict[str, NDArray[np.int32]]
    outward_rows: NDArray[np.int32]
    states_area: Mask
    sites: Floats
    """Points on the unit sphere [sites, 3], in the order of their rows."""
    site_rows: NDArray[np.int32]
    """The rows that have a site, in order."""
    site_starts: NDArray[np.int32]
    """Where each of those rows' sites begin."""

    @classmethod
    def of(cls, listings: Sequence[Listing]) -> "Fit":
        """Lay listings out, a row each."""
        rows_of: dict[Area, list[int]] = {}
        points: list[tuple[float, float, float]] = []
        rows: list[int] = []
        starts: list[int] = []
        for row, listing in enumerate(listings):
            for area in dict.fromkeys(_decidable(listing)):
                rows_of.setdefault(area, []).append(row)
            here = [_on_sphere(site.point) for site in listing.sites if site.point]
            if here:
                rows.append(row)
                starts.append(len(points))
                points.extend(here)
        outwards: dict[str, list[int]] = {}
        for area, at in rows_of.items():
            if area.kind == "outward":
                outwards.setdefault(area.code or "", []).extend(at)
        return cls(
            open=np.array([listing.status in ("active", "unknown") for listing in listings], dtype=np.bool_),
            low=np.array([min(listing.minimum_age or 0, TOP_AGE) for listing in listings], dtype=np.int16),
            high=np.array([_highest(listing) for listing in listings], dtype=np.int16),
            states_age=np.array([_states_age(listing) for listing in listings], dtype=np.bool_),
            areas=tuple((area, _rows(at)) for area, at in rows_of.items() if area.kind != "outward"),
            outwards={code: _rows(at) for code, at in outwards.items()},
            outward_rows=_rows(sorted({row for at in outwards.values() for row in at})),
            states_area=np.array([bool(_decidable(listing)) for listing in listings], dtype=np.bool_),
            sites=np.array(points, dtype=np.float32).reshape(-1, 3),
            site_rows=_rows(rows),
            site_starts=_rows(starts),
        )

    def may_fit(self, wanted: Wanted, km: Floats) -> Mask:
        """Return the rows that no rule on status, age or area rules out for certain, given how far away each is."""
        return self.open & self._age(wanted) & self._area(wanted, km)

    def distances_km(self, home: Home) -> Floats:
        """Return the way to each row's nearest site in kilometres; infinite where either end is unknown."""
        km = np.full(len(self.open), np.inf, dtype=np.float32)
        if home.point is not None and len(self.sites):
            # The difference, for in single precision the product of two near points says nothing below 2 km.
            x, y, z = (self.sites - np.array(_on_sphere(home.point), np.float32)).T
            chord = np.sqrt(np.minimum.reduceat(x * x + y * y + z * z, self.site_starts))
            km[self.site_rows] = 2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(chord / 2, 1))
        return km

    def _age(self, wanted: Wanted) -> Mask:
        if wanted.age is None:
            return ~self.states_age if wanted.is_person else np.ones(len(self.open), dtype=np.bool_)
        return (self.low <= wanted.age) & (self.high >= wanted.age)

    def _area(self, wanted: Wanted, km: Floats) -> Mask:
        home = wanted.home
        kept = {True} if wanted.is_person else {True, None}
        inside = np.zeros(len(self.open), dtype=np.bool_)
        for area, rows in self.areas:
            if area.covers(home) in kept:
                inside[rows] = True
        if home.outward:
            inside[self.outwards.get(home.outward, _rows(()))] = True
        elif not wanted.is_person:
            inside[self.outward_rows] = True
        near = np.ones(len(self.open), dtype=np.bool_)
        if home.point is not None:
            near[self.site_rows] = km[self.site_rows] <= REACH_KM + SLACK_KM
        return np.where(self.states_area, inside, near)


def _on_sphere(point: Point) -> tuple[float, float, float]:
    north, east = np.radians(point.latitude), np.radians(point.longitude)
    return (float(np.cos(north) * np.cos(east)), float(np.cos(north) * np.sin(east)), float(np.sin(north)))


def _highest(listing: Listing) -> int:
    return NO_LIMIT if listing.maximum_age is None or listing.maximum_age >= TOP_AGE else listing.maximum_age


def _decidable(listing: Listing) -> tuple[Area, ...]:
    return tuple(area for area in listing.areas if area.kind != "words")


def _states_age(listing: Listing) -> bool:
    return bool(listing.minimum_age) or _highest(listing) != NO_LIMIT


def _rows(found: Sequence[int]) -> NDArray[np.int32]:
    return np.array(found, dtype=np.int32)
