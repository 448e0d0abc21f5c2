"""What a service must be for a person: each constraint says yes, no or unknown, why, and what to ask."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from matching.domain.area import Home
from matching.domain.listing import Listing
from shared.contracts import Preferences

TOP_AGE = 90
"""Ages travel top-coded: 90 is 90 or more, so a limit at or above it cannot be decided and is taken as none."""

REACH_KM = 30.0
"""How far a service with no stated area is still taken as near, for want of anything better."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a referral asks of the directory."""

    needs: tuple[str, ...]
    age: int | None
    home: Home
    preferences: Preferences
    today: date
    is_person: bool = True
    """Whether it is asked for a person: then an age or a home that is not known rules out where a limit is stated. A
    question without a person, as at a reception's desk, may leave them open, and gets them back as questions."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A constraint's answer; a *no* carries the code of what ruled the service out."""

    answer: Literal["yes", "no", "unknown"]
    code: str = ""
    question: str | None = None

    @property
    def excludes(self) -> bool:
        """Whether the service is ruled out."""
        return self.answer == "no"


YES = Verdict("yes")

Constraint = Callable[[Listing, Wanted, int], Verdict]
"""Judges a listing for a person; the number is of places that Linkway's own offers hold or use there."""


def status(listing: Listing, _wanted: Wanted, _taken: int) -> Verdict:
    """Rule out what is closed for now or gone."""
    if listing.status == "unknown":
        return Verdict("unknown", question="Is the service running at present?")
    return YES if listing.status == "active" else Verdict("no", "closed")


def age(listing: Listing, wanted: Wanted, _taken: int) -> Verdict:
    """Hold the person's age against the listing's limits; where there are limits, an age must be known."""
    low, high = listing.minimum_age, listing.maximum_age
    if low is None and high is None:
        return Verdict("unknown", question="Is there an age limit? The listing states none.")
    if wanted.age is None:
        no_limit = (low or 0) == 0 and (high is None or high >= TOP_AGE)
        return YES if no_limit else _not_known(wanted, "age-not-known", "How old is the person? There is an age limit.")
    if low is not None and wanted.age < min(low, TOP_AGE):
        return Verdict("no", "too-young")
    if high is not None and high < TOP_AGE and wanted.age > high:
        return Verdict("no", "too-old")
    return YES


def area(listing: Listing, wanted: Wanted, _taken: int) -> Verdict:
    """Hold the person's home against the areas that the listing states; where it states any, the home must be known."""
    stated = [part for part in listing.areas if part.kind != "words"]
    if not stated:
        return _near_enough(listing, wanted)
    answers = {part.covers(wanted.home) for part in stated}
    if True in answers:
        return YES
    if None in answers:
        return _not_known(wanted, "area-not-known", "Is it for people from the person's area?")
    return Verdict("no", "out-of-area")


def _near_enough(listing: Listing, wanted: Wanted) -> Verdict:
    """Judge a listing that states no area, or only in words, by how near it is.

    One that does not even say where it is can only be asked: whole directories of councils state neither, because they
    are of one place.
    """
    if not any(site.point for site in listing.sites):
        stated = listing.areas[0].name if listing.areas else ""
        said = f"It says: {stated}." if stated else "The listing states neither an area nor a place."
        return Verdict("unknown", question=f"Does it work where the person lives? {said}")
    km = distance_km(listing, wanted.home)
    if km is None:
        return _not_known(wanted, "area-not-known", "Is it for people from the person's area? The listing states none.")
    if km > REACH_KM:
        return Verdict("no", "too-far")
    return Verdict("unknown", question="Is it for people from the person's area? The listing states none.")


def _not_known(wanted: Wanted, code: str, question: str) -> Verdict:
    """Decide by what must be known and is not."""
    return Verdict("no", code) if wanted.is_person else Verdict("unknown", question=question)


def capacity(listing: Listing, _wanted: Wanted, taken: int) -> Verdict:
    """Rule out what has no place left, counting the places that offers hold."""
    if listing.availability.state == "paused":
        return Verdict("no", "paused")
    places = listing.capacity.places
    if places is not None:
        return YES if places > taken else Verdict("no", "full")
    if listing.availability.state == "waiting":
        weeks = listing.availability.waiting_weeks
        return Verdict("unknown", question=f"Can the person wait {'a while' if weeks is None else f'{weeks} weeks'}?")
    return Verdict("unknown", question="Is there a place at present? The listing does not say.")


def eligibility(listing: Listing, _wanted: Wanted, _taken: int) -> Verdict:
    """Ask about conditions that are only words; a reader of words is no judge of them."""
    if not listing.eligibility:
        return YES
    return Verdict("unknown", question=f"Does this fit the person? The listing says: {listing.eligibility}")


CONSTRAINTS: dict[str, Constraint] = {
    "status": status,
    "age": age,
    "area": area,
    "capacity": capacity,
    "eligibility": eligibility,
}
"""Every constraint by name, in the order in which a ruling-out is told."""


def distance_km(listing: Listing, home: Home) -> float | None:
    """Return the distance to the listing's nearest site in kilometres, or None where either end is unknown."""
    if home.point is None:
        return None
    return min((home.point.km_to(site.point) for site in listing.sites if site.point), default=None)
