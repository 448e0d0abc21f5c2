"""Finds services for a person's needs: pure, the same for the same directory, and its reasons are its arithmetic."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from matching.domain.constraints import CONSTRAINTS, Verdict, Wanted, distance_km
from matching.domain.listing import Listing, Snapshot
from matching.domain.score import Points, points_of, questions_about
from shared.contracts import MatchNotFound, MatchProposed, Miss, Proposal, ScorePart

MOST_PROPOSALS = 5
MOST_MISSES = 5


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

    listing: Listing
    verdicts: tuple[Verdict, ...]
    km: float | None

    @property
    def ruled_out_by(self) -> tuple[str, ...]:
        """Codes of the constraints that said no, in their order."""
        return tuple(verdict.code for verdict in self.verdicts if verdict.excludes)


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate that fits, with the needs that it meets and the points of its score."""

    candidate: Judged
    needs: tuple[str, ...]
    points: tuple[Points, ...]
    score: float

    @property
    def service(self) -> str:
        """The service's id."""
        return self.candidate.listing.id


def match(wanted: Wanted, directory: Snapshot, taken: Mapping[str, int]) -> tuple[Proposed | NotFound, ...]:
    """Propose services for the needs that the directory covers, and say *not found* for those that it does not.

    `taken` says how many places Linkway's own offers hold or use at a service. A need is met when some service that
    says it helps with it passes every constraint: coverage decides, never a threshold on a score.
    """
    judged = {listing.id: _judge(listing, wanted, taken) for listing in candidates(wanted, directory)}
    fitting = {service: candidate for service, candidate in judged.items() if not candidate.ruled_out_by}
    unmet = tuple(need for need in wanted.needs if fitting.keys().isdisjoint(directory.by_need.get(need, ())))
    outcomes: list[Proposed | NotFound] = []
    if fitting:
        best = _ranked([_score(candidate, wanted, taken) for candidate in fitting.values()], wanted.needs)
        proposals = tuple(_proposal(scored, wanted) for scored in best)
        outcomes.append(Proposed(proposals, unmet, directory.version))
    if unmet or not wanted.needs:
        outcomes.append(_not_found(unmet, judged, directory, wanted))
    return tuple(outcomes)


def candidates(wanted: Wanted, directory: Snapshot) -> Iterator[Listing]:
    """Yield every listing that says it helps with one of the needs, by id."""
    services = {service for need in wanted.needs for service in directory.by_need.get(need, ())}
    yield from (directory.listings[service] for service in sorted(services))


def _judge(listing: Listing, wanted: Wanted, taken: Mapping[str, int]) -> Judged:
    held = taken.get(listing.id, 0)
    verdicts = tuple(constraint(listing, wanted, held) for constraint in CONSTRAINTS.values())
    return Judged(listing, verdicts, distance_km(listing, wanted.home))


def _score(candidate: Judged, wanted: Wanted, taken: Mapping[str, int]) -> Scored:
    listing = candidate.listing
    points = points_of(listing, wanted, taken.get(listing.id, 0))
    needs = tuple(need for need in wanted.needs if need in listing.needs)
    return Scored(candidate, needs, points, round(sum(value for _, value, _ in points), 3))


def _proposal(scored: Scored, wanted: Wanted) -> Proposal:
    candidate = scored.candidate
    listing = candidate.listing
    asked = tuple(verdict.question for verdict in candidate.verdicts if verdict.question)
    return Proposal(
        service=listing.id,
        service_name=listing.name,
        organisation=listing.organisation,
        organisation_name=listing.organisation_name,
        needs=scored.needs,
        score=scored.score,
        parts=tuple(ScorePart(name=name, value=value, reason=reason) for name, value, reason in scored.points),
        questions=asked + questions_about(listing, wanted),
        distance_km=None if candidate.km is None else round(candidate.km, 1),
    )


def _ranked(scored: list[Scored], needs: tuple[str, ...]) -> tuple[Scored, ...]:
    """Keep five (or one a need, where the needs are more), best first; each need has its best before any has two."""
    best_first = sorted(scored, key=lambda each: (-each.score, each.service))
    queues = {need: [each for each in best_first if need in each.needs] for need in needs}
    most = max(MOST_PROPOSALS, sum(bool(queue) for queue in queues.values()))
    kept: dict[str, Scored] = {}
    for turn in range(len(best_first)):
        for queue in queues.values():
            if turn < len(queue) and len(kept) < most:
                kept[queue[turn].service] = queue[turn]
    return tuple(each for each in best_first if each.service in kept)


def _not_found(unmet: tuple[str, ...], judged: Mapping[str, Judged], directory: Snapshot, wanted: Wanted) -> NotFound:
    """Explain the unmet needs by what ruled their candidates out, fewest objections and shortest way first."""
    if not wanted.needs:
        return NotFound((), ("no-needs-known",), (), directory.version)
    misses = [(need, judged[service]) for need in unmet for service in directory.by_need.get(need, ())]
    codes = {code for _, candidate in misses for code in candidate.ruled_out_by}
    if any(need not in directory.by_need for need in unmet):
        codes.add("no-listing")
    misses.sort(key=lambda miss: _how_near(*miss))
    nearest = tuple(
        Miss(
            service=candidate.listing.id,
            service_name=candidate.listing.name,
            need=need,
            ruled_out_by=candidate.ruled_out_by[0],
        )
        for need, candidate in misses[:MOST_MISSES]
    )
    return NotFound(unmet, tuple(sorted(codes)), nearest, directory.version)


def _how_near(need: str, candidate: Judged) -> tuple[int, float, str, str]:
    km = float("inf") if candidate.km is None else candidate.km
    return len(candidate.ruled_out_by), km, candidate.listing.id, need
