"""What a match was made of and what it came to, so that it can be explained and made again months later."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from matching.domain.area import Home
from matching.domain.constraints import Wanted
from matching.domain.found import Found
from matching.domain.match import judge, match
from matching.domain.referral import Referral
from matching.domain.weights import Weights
from shared.contracts import MatchNotFound, MatchProposed, Place, Preferences

Answers = tuple[MatchProposed | MatchNotFound, ...]
"""What was published of one match: proposals, what was not found, or both."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """What decides a match beside the directory and the referral, each as a digest."""

    weights: str
    meaning: str
    """The model; empty where words alone served."""
    rules: str
    """The code of constraints, search and score, with the vocabularies and tables that it reads."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What was asked of the directory for a referral; it names nobody."""

    referral: UUID
    programme: str
    needs: tuple[str, ...]
    age: int | None
    place: Place
    preferences: Preferences
    today: date
    taken: Mapping[str, int]
    """Places that offers held at the candidates, where that was not none."""

    @property
    def wanted(self) -> Wanted:
        """It as the search takes it."""
        return Wanted(self.needs, self.age, Home.of(self.place), self.preferences, self.today)

    def answers(self, found: Found, weights: Weights, taken: Mapping[str, int] | None = None) -> Answers:
        """Match what was found, with the places that were taken then or, where given, are taken now."""
        outcomes = match(self.wanted, found, self.taken if taken is None else taken, weights=weights)
        return tuple(outcome.as_event(self.referral, self.programme) for outcome in outcomes)


@dataclass(frozen=True, slots=True)
class RuledOut:
    """A service that was found and may not be proposed, for which needs it was found, and every constraint's code."""

    service: str
    service_name: str
    needs: tuple[str, ...]
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MatchMade:
    """A match with all that it was made of."""

    inquiry: Inquiry
    made_at: datetime
    directory_version: int
    configuration: Configuration
    answers: Answers
    ruled_out: tuple[RuledOut, ...]


def make_match(
    referral: Referral,
    found: Found,
    taken: Mapping[str, int],
    *,
    weights: Weights,
    configuration: Configuration,
    now: datetime,
) -> MatchMade:
    """Match a referral with what was found for it."""
    inquiry = Inquiry(
        referral=referral.id,
        programme=referral.programme,
        needs=referral.needs,
        age=referral.age,
        place=referral.place,
        preferences=referral.preferences,
        today=now.date(),
        taken=taken,
    )
    answers = inquiry.answers(found, weights)
    return MatchMade(inquiry, now, found.version, configuration, answers, ruled_out(inquiry.wanted, found, taken))


def ruled_out(wanted: Wanted, found: Found, taken: Mapping[str, int]) -> tuple[RuledOut, ...]:
    """Return what was found and is ruled out, by id."""
    judged = (judge(candidate, wanted, taken) for candidate in found.candidates)
    return tuple(
        RuledOut(each.listing.id, each.listing.name, each.candidate.meets(wanted.needs), each.ruled_out_by)
        for each in judged
        if each.ruled_out_by
    )
