"""The named parts of a proposal's score: the explanation is the score, so each part has its sentence."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from matching.domain.constraints import REACH_KM, Wanted, distance_km
from matching.domain.found import Candidate, Channel, Evidence
from matching.domain.listing import Listing
from matching.domain.weights import AS_TUNED, Weights
from shared.needs import NEEDS

STALE_AFTER_DAYS = 730
"""A check this old says nothing any more."""

Told = tuple[float, str] | tuple[float, str, str]
"""Points, their reason, and the field that they rest on where it is another than the part's own."""

Part = Callable[[Listing, Wanted, int, Weights], Told | None]
"""Gives points and their reason, or None where the part has nothing to say; the number is of places that are taken."""


@dataclass(frozen=True, slots=True)
class Points:
    """A part of a score: its points to three decimals, the sentence, and the field of the listing that it rests on."""

    name: str
    value: float
    reason: str
    field: str
    cited: str | None = None


def need(candidate: Candidate, asked: tuple[str, ...], weights: Weights) -> Points | None:
    """Count the needs that the listing says it helps with; every need counts the same."""
    met = [code for code in asked if any(each.channel == "need" for each in candidate.found.get(code, ()))]
    if not met:
        return None
    return Points("need", weights.need * len(met), f"Helps with {_joined(needs_named(met))}.", "needs", ", ".join(met))


def label(candidate: Candidate, asked: tuple[str, ...], weights: Weights) -> Points | None:
    """Credit what the directory files it under."""
    return _found(candidate, asked, "label", weights.label, "Its directory files it under “{}”.")


def text(candidate: Candidate, asked: tuple[str, ...], weights: Weights) -> Points | None:
    """Credit the words that were asked for, the rarer the more."""
    return _found(candidate, asked, "text", weights.text, "It says “{}”.")


def meaning(candidate: Candidate, asked: tuple[str, ...], weights: Weights) -> Points | None:
    """Credit what comes near in meaning, whatever its words."""
    return _found(candidate, asked, "meaning", weights.meaning, "It is about this: “{}”")


def _found(
    candidate: Candidate, asked: tuple[str, ...], channel: Channel, points: float, sentence: str
) -> Points | None:
    """Add up a channel over all that is asked, and cite what is strongest."""
    found = [each for code in asked for each in candidate.found.get(code, ()) if each.channel == channel]
    if not found:
        return None
    best: Evidence = max(found, key=lambda each: each.strength)
    reason = sentence.format(best.cited)
    ended = reason if reason.endswith((".", "”")) else f"{reason}."
    return Points(channel, round(points * sum(each.strength for each in found), 3), ended, best.field, best.cited)


FOUND = (need, label, text, meaning)
"""The parts that say how well it meets what is asked."""


def distance(listing: Listing, wanted: Wanted, _taken: int, weights: Weights) -> Told | None:
    """Prefer what is near, down to nothing at 30 km; what comes to the person or is given by phone needs no travel."""
    km = distance_km(listing, wanted.home)
    near = 0.0 if km is None else weights.distance * max(0.0, 1 - km / REACH_KM)
    if listing.needs_no_travel and near < weights.no_travel:
        return weights.no_travel, "Needs no travel: it comes to the person, or is given by phone or online.", "formats"
    if km is None:
        return 0.0, "How far away it is, is not known."
    about = "Under 1 km" if km < 1 else f"About {km:.0f} km"
    return near, f"{about} away{'' if wanted.home.exact else ', reckoned from the middle of the postcode district'}."


def age(listing: Listing, wanted: Wanted, _taken: int, weights: Weights) -> Told | None:
    """Credit an age range that is stated and fits."""
    if listing.minimum_age is None and listing.maximum_age is None:
        return 0.0, "For whom by age is not stated."
    if wanted.age is None:
        return 0.0, f"It is for {_age_range(listing)}."
    return weights.age, f"For {_age_range(listing)}."


def eligibility(listing: Listing, _wanted: Wanted, _taken: int, weights: Weights) -> Told | None:
    """Prefer a listing whose conditions leave nothing to ask."""
    return (-weights.eligibility, "It has conditions that only a person can judge.") if listing.eligibility else None


def access(listing: Listing, wanted: Wanted, _taken: int, weights: Weights) -> Told | None:
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
    return weights.access * len(met), f"Access: {_joined(met)}."


def company(listing: Listing, wanted: Wanted, _taken: int, weights: Weights) -> Told | None:
    """Credit the kind of company the person would like, where the listing says how it works."""
    like = {"groups": "group", "one-to-one": "one-to-one"}.get(wanted.preferences.company or "")
    if like is None or not listing.formats:
        return None
    if like in listing.formats:
        return weights.company, f"Works {'in a group' if like == 'group' else 'one to one'}, as the person would like."
    return 0.0, f"Works {'one to one' if like == 'group' else 'in a group'}, which is not what the person would like."


def freshness(listing: Listing, wanted: Wanted, _taken: int, weights: Weights) -> Told | None:
    """Prefer what was checked lately, down to nothing at two years."""
    if listing.checked_on is None:
        return 0.0, "When the listing was last checked is not known."
    days = max(0, (wanted.today - listing.checked_on).days)
    return weights.freshness * max(0.0, 1 - days / STALE_AFTER_DAYS), f"Last checked on {listing.checked_on:%-d %B %Y}."


def capacity(listing: Listing, _wanted: Wanted, taken: int, weights: Weights) -> Told | None:
    """Credit a place that is known to be free; how many there are beyond the first is no merit."""
    places = listing.capacity.places
    if listing.availability.state == "waiting" and places is None:
        return 0.0, f"There is a wait{weeks_of(listing)}."
    if places is None:
        return 0.0, "Whether there is a place is not known."
    free = places - taken
    return weights.capacity, f"{free} place{'' if free == 1 else 's'} free."


def accuracy(listing: Listing, _wanted: Wanted, _taken: int, weights: Weights) -> Told | None:
    """Lower what is in doubt once its organisation was asked and stayed silent; nothing lifts above fit."""
    if not listing.accuracy.lowered:
        return None
    return -weights.doubt, f"Its details are in doubt ({_joined(list(map(in_words, listing.accuracy.reasons)))})."


PARTS: dict[str, tuple[Part, str]] = {
    "distance": (distance, "sites"),
    "age": (age, "minimum_age"),
    "eligibility": (eligibility, "eligibility"),
    "access": (access, "access"),
    "company": (company, "formats"),
    "freshness": (freshness, "checked_on"),
    "capacity": (capacity, "capacity"),
    "accuracy": (accuracy, "accuracy"),
}
"""The parts that say how well it suits the person, by name, each with the field that it rests on."""


def points_of(candidate: Candidate, wanted: Wanted, taken: int, weights: Weights = AS_TUNED) -> tuple[Points, ...]:
    """Return the parts of a candidate's score for a person; the score is their sum and nothing else."""
    found = (part(candidate, wanted.needs, weights) for part in FOUND)
    suits = ((name, part(candidate.listing, wanted, taken, weights), field) for name, (part, field) in PARTS.items())
    return (
        *(points for points in found if points is not None),
        *(Points(name, round(told[0], 3), told[1], *(told[2:] or (field,))) for name, told, field in suits if told),
    )


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


def weeks_of(listing: Listing) -> str:
    """Return how long one waits for a service, to stand behind the word *wait*; nothing where nobody knows."""
    weeks = listing.availability.waiting_weeks
    return "" if weeks is None else f" of about {weeks} week{'' if weeks == 1 else 's'}"


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
