"""Finds services for a person's needs: pure, the same for the same directory, and its reasons are its arithmetic."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from matching.domain.constraints import CONSTRAINTS, Verdict, Wanted, distance_km
from matching.domain.found import Candidate, Found
from matching.domain.listing import Listing
from matching.domain.score import Points, points_of, questions_about
from matching.domain.weights import AS_TUNED, Weights
from shared.contracts import MatchNotFound, MatchProposed, Miss, Proposal, ScorePart

MOST_PROPOSALS = 5
MOST_MISSES = 5
MOST_BRANCHES = 2


@dataclass(frozen=True, slots=True)
class Proposed:
    """Services that fit, best first, and the needs that none of the directory's covers."""

    proposals: tuple[Proposal, ...]
    unmet: tuple[str, ...]
    directory_version: int

    def as_event(self, referral: UUID, programme: str) -> MatchProposed:
        """Return the fact to publish."""
        return MatchProposed(
            referral=referral,
            programme=programme,
            proposals=self.proposals,
            unmet=self.unmet,
            directory_version=self.directory_version,
        )


@dataclass(frozen=True, slots=True)
class NotFound:
    """Needs that no service covers, why, and what came nearest."""

    needs: tuple[str, ...]
    reasons: tuple[str, ...]
    nearest: tuple[Miss, ...]
    directory_version: int

    def as_event(self, referral: UUID, programme: str) -> MatchNotFound:
        """Return the fact to publish."""
        return MatchNotFound(
            referral=referral,
            programme=programme,
            needs=self.needs,
            reasons=self.reasons,
            nearest=self.nearest,
            directory_version=self.directory_version,
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate with every constraint's verdict."""

    candidate: Candidate
    verdicts: tuple[Verdict, ...]
    km: float | None

    @property
    def listing(self) -> Listing:
        """The listing that was judged."""
        return self.candidate.listing

    @property
    def ruled_out_by(self) -> tuple[str, ...]:
        """Codes of the constraints that said no, in their order."""
        return tuple(verdict.code for verdict in self.verdicts if verdict.excludes)


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate that fits, with the needs that it meets and the points of its score."""

    judged: Judged
    needs: tuple[str, ...]
    points: tuple[Points, ...]
    score: float

    @property
    def service(self) -> str:
        """The service's id."""
        return self.judged.listing.id


def match(
    wanted: Wanted,
    found: Found,
    taken: Mapping[str, int],
    most: int = MOST_PROPOSALS,
    weights: Weights = AS_TUNED,
) -> tuple[Proposed | NotFound, ...]:
    """Propose services for the needs that the directory covers, and say *not found* for those that it does not.

    `taken` says how many places Linkway's own offers hold or use at a service. A need is met when some candidate that
    was found for it passes every constraint: coverage decides, never a threshold on a score.
    """
    judged = [judge(candidate, wanted, taken) for candidate in found.candidates]
    fitting = [each for each in judged if not each.ruled_out_by]
    unmet = tuple(need for need in wanted.needs if not any(need in each.candidate.found for each in fitting))
    outcomes: list[Proposed | NotFound] = []
    if fitting:
        best = _ranked([score(each, wanted, taken, weights) for each in fitting], wanted.needs, most, taken)
        outcomes.append(Proposed(tuple(_proposal(scored, wanted) for scored in best), unmet, found.version))
    if unmet or not wanted.needs:
        outcomes.append(_not_found(unmet, judged, found.version, wanted))
    return tuple(outcomes)


def judge(candidate: Candidate, wanted: Wanted, taken: Mapping[str, int]) -> Judged:
    """Hold a candidate against every constraint."""
    listing = candidate.listing
    verdicts = tuple(constraint(listing, wanted, taken.get(listing.id, 0)) for constraint in CONSTRAINTS.values())
    return Judged(candidate, verdicts, distance_km(listing, wanted.home))


def score(judged: Judged, wanted: Wanted, taken: Mapping[str, int], weights: Weights = AS_TUNED) -> Scored:
    """Give a candidate its points."""
    points = points_of(judged.candidate, wanted, taken.get(judged.listing.id, 0), weights)
    return Scored(judged, judged.candidate.meets(wanted.needs), points, round(sum(each.value for each in points), 3))


def _proposal(scored: Scored, wanted: Wanted) -> Proposal:
    listing = scored.judged.listing
    asked = tuple(verdict.question for verdict in scored.judged.verdicts if verdict.question)
    return Proposal(
        service=listing.id,
        service_name=listing.name,
        organisation=listing.organisation,
        organisation_name=listing.organisation_name,
        needs=scored.needs,
        score=scored.score,
        parts=tuple(
            ScorePart(
                name=each.name,
                value=each.value,
                reason=each.reason,
                field=each.field.replace("_", "-"),
                cited=each.cited,
            )
            for each in scored.points
        ),
        questions=asked + questions_about(listing, wanted),
        distance_km=None if scored.judged.km is None else round(scored.judged.km, 1),
    )


def _ranked(scored: list[Scored], needs: tuple[str, ...], most: int, taken: Mapping[str, int]) -> tuple[Scored, ...]:
    """Keep so many (or one a need, where the needs are more), best first; each need has its best before any has two.

    Of branches of one thing no more than two are kept: five doors of one organisation are no choice.
    """
    best_first = few_branches(in_order(scored, taken))
    queues = {need: [each for each in best_first if need in each.needs] for need in needs}
    most = max(most, sum(bool(queue) for queue in queues.values()))
    kept: dict[str, Scored] = {}
    for turn in range(len(best_first)):
        for queue in queues.values():
            if turn < len(queue) and len(kept) < most:
                kept[queue[turn].service] = queue[turn]
    return tuple(each for each in best_first if each.service in kept)


def in_order(scored: Iterable[Scored], taken: Mapping[str, int]) -> list[Scored]:
    """Return the best first; of equals, the one with fewer people from here: a fair share."""
    return sorted(scored, key=lambda each: (-each.score, taken.get(each.service, 0), each.service))


def few_branches(best_first: list[Scored]) -> list[Scored]:
    """Leave out the third and later branches of one thing."""
    seen: Counter[tuple[str, str]] = Counter()
    kept = []
    for each in best_first:
        thing = thing_of(each.judged.listing)
        seen[thing] += 1
        if seen[thing] <= MOST_BRANCHES:
            kept.append(each)
    return kept


_BRANCH = re.compile(r"\s+[-\u2013\u2014]\s+.*|\s*[(,:@|].*|\b(?:at|in)\b.*|[^a-z ]+")


def thing_of(listing: Listing) -> tuple[str, str]:
    """Return what a listing is a branch of: its organisation, and its name without the place that it names."""
    return listing.organisation, " ".join(_BRANCH.sub("", listing.name.lower()).split())


def _not_found(unmet: tuple[str, ...], judged: list[Judged], version: int, wanted: Wanted) -> NotFound:
    """Explain the unmet needs by what ruled their candidates out, fewest objections and shortest way first."""
    if not wanted.needs:
        return NotFound((), ("no-needs-known",), (), version)
    misses = [(need, each) for need in unmet for each in judged if need in each.candidate.found]
    codes = {code for _, each in misses for code in each.ruled_out_by}
    if any(all(need != missed for missed, _ in misses) for need in unmet):
        codes.add("no-listing")
    misses.sort(key=lambda miss: _how_near(*miss))
    nearest = tuple(
        Miss(
            service=each.listing.id,
            service_name=each.listing.name,
            need=need,
            ruled_out_by=each.ruled_out_by[0],
        )
        for need, each in misses[:MOST_MISSES]
    )
    return NotFound(unmet, tuple(sorted(codes)), nearest, version)


def _how_near(need: str, each: Judged) -> tuple[int, float, str, str]:
    km = float("inf") if each.km is None else each.km
    return len(each.ruled_out_by), km, each.listing.id, need
