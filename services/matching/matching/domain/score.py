"""The named parts of a proposal's score: the explanation is the score, so each part has its sentence."""

from collections.abc import Callable, Iterable

from matching.domain.constraints import REACH_KM, Wanted, distance_km
from matching.domain.listing import Listing
from shared.needs import NEEDS

NEED_POINTS = 10.0
DISTANCE_POINTS = 3.0
NO_TRAVEL_POINTS = 2.0
AGE_POINTS = 0.5
ELIGIBILITY_POINTS = 0.5
ACCESS_POINTS = 0.5
COMPANY_POINTS = 1.0
FRESHNESS_POINTS = 1.0
CAPACITY_POINTS = 1.0

STALE_AFTER_DAYS = 730
"""A check this old says nothing any more."""

Part = Callable[[Listing, Wanted, int], tuple[float, str] | None]
"""Gives points and their reason, or None where the part has nothing to say."""


def need(listing: Listing, wanted: Wanted, _taken: int) -> tuple[float, str] | None:
    """Count the needs that the listing says it helps with; every need counts the same."""
    met = [code for code in wanted.needs if code in listing.needs]
    return NEED_POINTS * len(met), f"Helps with {_joined(needs_named(met))}."


def distance(listing: Listing, wanted: Wanted, _taken: int) -> tuple[float, str] | None:
    """Prefer what is near, down to nothing at 30 km; what comes to the person or is given by phone needs no travel."""
    km = distance_km(listing, wanted.home)
    near = 0.0 if km is None else DISTANCE_POINTS * max(0.0, 1 - km / REACH_KM)
    if listing.needs_no_travel and near < NO_TRAVEL_POINTS:
        return NO_TRAVEL_POINTS, "Needs no travel: it comes to the person, or is given by phone or online."
    if km is None:
        return 0.0, "How far away it is, is not known."
    about = "Under 1 km" if km < 1 else f"About {km:.0f} km"
    return near, f"{about} away{'' if wanted.home.exact else ', reckoned from the middle of the postcode district'}."


def age(listing: Listing, wanted: Wanted, _taken: int) -> tuple[float, str] | None:
    """Credit an age range that is stated and fits."""
    if (listing.minimum_age is None and listing.maximum_age is None) or wanted.age is None:
        return 0.0, "For whom by age is not stated."
    return AGE_POINTS, f"For {_age_range(listing)}."


def eligibility(listing: Listing, _wanted: Wanted, _taken: int) -> tuple[float, str] | None:
    """Credit a listing whose conditions leave nothing to ask."""
    if listing.eligibility:
        return 0.0, "It has conditions that only a person can judge."
    return ELIGIBILITY_POINTS, "It states no further conditions."


def access(listing: Listing, wanted: Wanted, _taken: int) -> tuple[float, str] | None:
    """Credit each access need, and a language other than English, that the listing says it meets."""
    asked = wanted.preferences.access
    foreign = wanted.preferences.language != "en"
    if not asked and not foreign:
        return None
    met = [in_words(code) for code in asked if code in listing.access]
    if foreign and wanted.preferences.language in listing.languages:
        met.append(f"speaks the person's language ({wanted.preferences.language})")
    if not met:
        return 0.0, "The listing does not say that it meets the person's access needs."
    return ACCESS_POINTS * len(met), f"Access: {_joined(met)}."


def company(listing: Listing, wanted: Wanted, _taken: int) -> tuple[float, str] | None:
    """Credit the kind of company the person would like, where the listing says how it works."""
    like = {"groups": "group", "one-to-one": "one-to-one"}.get(wanted.preferences.company or "")
    if like is None or not listing.formats:
        return None
    if like in listing.formats:
        return COMPANY_POINTS, f"Works {'in a group' if like == 'group' else 'one to one'}, as the person would like."
    return 0.0, f"Works {'one to one' if like == 'group' else 'in a group'}, which is not what the person would like."


def freshness(listing: Listing, wanted: Wanted, _taken: int) -> tuple[float, str] | None:
    """Prefer what was checked lately, down to nothing at two years."""
    if listing.checked_on is None:
        return 0.0, "When the listing was last checked is not known."
    days = max(0, (wanted.today - listing.checked_on).days)
    return FRESHNESS_POINTS * max(0.0, 1 - days / STALE_AFTER_DAYS), f"Last checked on {listing.checked_on:%-d %B %Y}."


def capacity(listing: Listing, _wanted: Wanted, taken: int) -> tuple[float, str] | None:
    """Credit a place that is known to be free; how many there are beyond the first is no merit."""
    places = listing.capacity.places
    if places is None:
        return 0.0, "Whether there is a place is not known."
    free = places - taken
    return CAPACITY_POINTS, f"{free} place{'' if free == 1 else 's'} free."


PARTS: dict[str, Part] = {
    "need": need,
    "distance": distance,
    "age": age,
    "eligibility": eligibility,
    "access": access,
    "company": company,
    "freshness": freshness,
    "capacity": capacity,
}
"""Every part by name; a score is their sum and nothing else."""


Points = tuple[str, float, str]
"""A part's name, its points and their reason."""


def points_of(listing: Listing, wanted: Wanted, taken: int) -> tuple[Points, ...]:
    """Return the parts of a listing's score for a person, to three decimals."""
    judged = ((name, part(listing, wanted, taken)) for name, part in PARTS.items())
    return tuple((name, round(found[0], 3), found[1]) for name, found in judged if found is not None)


def questions_about(listing: Listing, wanted: Wanted) -> tuple[str, ...]:
    """Return what to ask about access, since a listing that is silent is not a listing that says no."""
    missing = [in_words(code) for code in wanted.preferences.access if code not in listing.access]
    asked = [f"Can it offer {_joined(missing)}? The listing does not say."] if missing else []
    if wanted.preferences.language not in {"en", *listing.languages}:
        asked.append(f"Can it help in the person's language ({wanted.preferences.language})?")
    return tuple(asked)


def needs_named(codes: Iterable[str]) -> list[str]:
    """Return needs as people say them; a code that the vocabulary does not know stays a code."""
    return [NEEDS[code].name.lower() if code in NEEDS else in_words(code) for code in codes]


def in_words(code: str) -> str:
    """Return a kebab-case code as words."""
    return code.replace("-", " ")


def _joined(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _age_range(listing: Listing) -> str:
    low, high = listing.minimum_age, listing.maximum_age
    if low and high is not None:
        return f"people aged {low} to {high}"
    if low:
        return f"people aged {low} and over"
    return f"people up to {high}" if high is not None else "all ages"
