"""Signposting's decisions: what was asked, what came nearest, what is open and rarely used, which counts may show."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from matching.domain.area import Home
from matching.domain.constraints import Wanted, area, distance_km, status
from matching.domain.found import Candidate, Found
from matching.domain.listing import Listing
from matching.domain.match import NotFound, Proposed, judge, match
from matching.domain.weights import AS_TUNED, Weights
from shared.contracts import Miss, Preferences, Proposal
from shared.places import read_postcode

ASKED = "asked"
"""What stands for the words of a question where a need's code would stand."""

OLDEST = 90
"""Ages are top-coded, as everywhere in matching."""

MISSES_JUDGED = 8
RARELY = 3
"""At most so many offers in `RARELY_DAYS` days is rarely used."""
RARELY_DAYS = 90
MOST_OPEN = 10
OPEN_WITHIN_KM = 30.0
LEAST_SHOWN = 5
"""A count below it could be somebody whom a reader knows."""

PlaceRead = Literal["absent", "read", "repaired", "unknown", "unreadable"]

_WHOLE_POSTCODE = re.compile(r"\b[A-Z]{1,2}[0-9][A-Z0-9]?\s*[0-9][A-Z]{2}\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, repr=False)
class Question:
    """A need in somebody's own words, where, and how old; its words may tell about a person, so it prints nothing."""

    words: str
    home: Home
    place: PlaceRead
    """Whether a place was told, could be read, had a slip mended, or is an outward code that nobody knows."""
    age: int | None

    def wanted(self, today: date) -> Wanted:
        """Return it as something to match: nobody's, so what is left open comes back as a question."""
        age = None if self.age is None else min(self.age, OLDEST)
        return Wanted((ASKED,), age, self.home, Preferences(), today, is_person=False)


@dataclass(frozen=True, slots=True)
class Signpost:
    """A service that answers a question."""

    listing: Listing
    proposal: Proposal
    taken: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What there is for a question; where it is nothing, what came nearest."""

    signposts: tuple[Signpost, ...]
    misses: tuple[Miss, ...]
    version: int
    other_words: tuple[str, ...] = ()
    """What kinds of help that are near the question are called, to ask again where there is nothing for it."""


def read_question(words: str, place: str = "", age: int | None = None) -> Question:
    """Read what was typed; a whole postcode among the words is the place, where no other is told."""
    if not place.strip() and (typed := _WHOLE_POSTCODE.search(words)) and read_postcode(typed[0]):
        place = typed[0]
        words = words.replace(place, " ")
    home, read = read_place(place)
    return Question(" ".join(words.split()).strip(" ,;"), home, read, age)


def read_place(typed: str) -> tuple[Home, PlaceRead]:
    """Find a place by what was typed of its postcode, and say how well that went."""
    if not typed.strip():
        return Home(), "absent"
    postcode, home = read_postcode(typed), Home.found(typed)
    if postcode is None or home is None:
        return Home(), "unreadable"
    if home.point is None:
        return home, "unknown"
    return home, "repaired" if postcode.repaired else "read"


def fits_any(found: Found, wanted: Wanted) -> bool:
    """Say whether anything that was found fits, apart from places that offers hold."""
    return any(not judge(candidate, wanted, {}).ruled_out_by for candidate in _spoken_for(found).candidates)


def anywhere(wanted: Wanted) -> Wanted:
    """Ask the same for every place and age, to see what came nearest where nothing fits."""
    return replace(wanted, home=Home(), age=None)


def answer(
    wanted: Wanted, found: Found, beyond: Found | None, taken: Mapping[str, int], weights: Weights = AS_TUNED
) -> Answer:
    """Return at most five services; where nothing fits, the nearest of those that were found here and `beyond`."""
    found = _spoken_for(found)
    listings = {candidate.listing.id: candidate.listing for candidate in found.candidates}
    for outcome in match(wanted, found, taken, weights=weights):
        if isinstance(outcome, Proposed):
            signposts = (
                Signpost(listings[each.service], each, taken.get(each.service, 0)) for each in outcome.proposals
            )
            return Answer(tuple(signposts), (), found.version)
    return Answer((), _nearest(wanted, _spoken_for(beyond) if beyond else found, taken), found.version)


def _spoken_for(found: Found) -> Found:
    """Leave out what only lies near: what nothing in it speaks for is no answer to words."""
    return Found(found.version, tuple(each for each in found.candidates if each.found.get(ASKED)))


def _nearest(wanted: Wanted, found: Found, taken: Mapping[str, int]) -> tuple[Miss, ...]:
    """Of what answers the question best but is ruled out, return the nearest, each with what rules it out."""
    out = [candidate for candidate in found.candidates if judge(candidate, wanted, taken).ruled_out_by]
    best = tuple(sorted(out, key=lambda each: (-_strength(each), each.listing.id))[:MISSES_JUDGED])
    told = match(wanted, Found(found.version, best), taken)
    return next((outcome.nearest for outcome in told if isinstance(outcome, NotFound)), ())


def _strength(candidate: Candidate) -> float:
    return sum(evidence.strength for evidence in candidate.found.get(ASKED, ()))


@dataclass(frozen=True, slots=True)
class OpenNearby:
    """A service that has a place, with its distance."""

    listing: Listing
    km: float
    taken: int


def open_nearby(
    listings: Iterable[Listing], home: Home, today: date, offers: Mapping[str, int], taken: Mapping[str, int]
) -> tuple[OpenNearby, ...]:
    """Choose, of services that have a place, those near by that few were offered to: the least used first.

    What is stated to be for other areas is left out, and so is what says nothing of where it is.
    """
    wanted = Wanted((), None, home, Preferences(), today, is_person=False)
    near = []
    for listing in listings:
        km, held = distance_km(listing, home), taken.get(listing.id, 0)
        rarely = offers.get(listing.id, 0) <= RARELY
        if km is None or km > OPEN_WITHIN_KM or not rarely or not has_place(listing, held) or not listing.is_listed:
            continue
        if status(listing, wanted, 0).answer == "yes" and not area(listing, wanted, 0).excludes:
            near.append(OpenNearby(listing, round(km, 1), held))
    near.sort(key=lambda each: (offers.get(each.listing.id, 0), each.km, each.listing.id))
    return tuple(near[:MOST_OPEN])


def has_place(listing: Listing, taken: int) -> bool:
    """Say whether a place is known to be free."""
    places = listing.capacity.places
    return listing.availability.state == "open" if places is None else places > taken


@dataclass(frozen=True, slots=True)
class Count:
    """How often a need was asked for in a month from an outward code, and how often nothing was found."""

    month: date
    outward: str
    need: str
    asked: int
    unanswered: int


@dataclass(frozen=True, slots=True)
class ShownCount:
    """A count that may be shown; `need` is None for several small ones together, `unanswered` where it is too small."""

    month: date
    outward: str
    need: str | None
    asked: int
    unanswered: int | None


def shown(counts: Iterable[Count]) -> tuple[ShownCount, ...]:
    """Return what may be shown: each count of five and more, smaller ones of one place and month together or not.

    No sum is shown in which a suppressed count is the only unknown.
    """
    large: list[ShownCount] = []
    small: dict[tuple[date, str], list[Count]] = defaultdict(list)
    for each in counts:
        if each.asked >= LEAST_SHOWN:
            large.append(ShownCount(each.month, each.outward, each.need, each.asked, _some(each)))
        else:
            small[each.month, each.outward].append(each)
    for (month, outward), several in small.items():
        asked = sum(each.asked for each in several)
        if asked >= LEAST_SHOWN:
            large.append(ShownCount(month, outward, None, asked, None))
    return tuple(sorted(large, key=lambda each: (-each.month.toordinal(), each.outward, -each.asked, each.need or "~")))


def _some(count: Count) -> int | None:
    """Show how many found nothing only where neither they nor the others are few."""
    others = count.asked - count.unanswered
    return count.unanswered if min(count.unanswered, others) >= LEAST_SHOWN or count.unanswered == 0 else None
