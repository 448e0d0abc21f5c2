"""Says why a service is not among the proposals, by doing for it alone what the search does for all."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from matching.domain import Candidate, Found, Inquiry, Wanted
from matching.domain.constraints import REACH_KM, distance_km
from matching.domain.match import MOST_BRANCHES, Scored, few_branches, in_order, judge, score, thing_of
from matching.explaining.comparing import proposals_of
from matching.finding.finder import Finder

Why = Literal["proposed", "not-listed", "ruled-out", "harmful", "not-found", "third-branch", "ranked-below"]
Standing = Literal["found", "harmful", "not-about-it", "outscored", "about-it"]
"""How a service stands to a need: found for it; harmful to who has it; about other things; behind as many as are kept;
about it, and not looked at further because it is ruled out."""


@dataclass(frozen=True, slots=True)
class ForNeed:
    """How a service stands to one need: its points in the search, way included, and those of the last that was kept."""

    need: str
    standing: Standing
    points: float
    last_kept: float | None
    rank: int | None
    """Its place among what was found for the need and fits."""
    of: int


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a service's score beside the same part of the last proposal's."""

    name: str
    points: float
    beside: float
    reason: str


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why a service is not proposed: every reason that holds, the first decides."""

    service: str
    service_name: str
    why: tuple[Why, ...]
    ruled_out_by: tuple[str, ...] = ()
    needs: tuple[ForNeed, ...] = ()
    rank: int | None = None
    """Its place among all that fit."""
    of: int = 0
    parts: tuple[Part, ...] = ()
    beside: str | None = None
    """The last that is proposed."""
    branches: tuple[str, ...] = ()
    """Services that come before it and are branches of the same thing."""


@dataclass(frozen=True, slots=True)
class _Match:
    """A match with every step of it at hand."""

    finder: Finder
    wanted: Wanted
    taken: Mapping[str, int]
    found: Found
    best_first: tuple[Scored, ...]
    """All that fit."""
    proposed: tuple[str, ...]

    @classmethod
    def of(cls, inquiry: Inquiry, finder: Finder) -> "_Match":
        wanted, taken = inquiry.wanted, inquiry.taken
        found = finder.find(wanted)
        judged = (judge(candidate, wanted, taken) for candidate in found.candidates)
        fitting = [score(each, wanted, taken, finder.weights) for each in judged if not each.ruled_out_by]
        proposals = proposals_of(inquiry.answers(found, finder.weights))
        best_first = tuple(in_order(fitting, taken))
        return cls(finder, wanted, taken, found, best_first, tuple(each.service for each in proposals))


def why_not(inquiry: Inquiry, finder: Finder, service: str) -> WhyNot:
    """Say why a service is not proposed for an inquiry, or that it is, and at which place."""
    row = finder.index.row(service)
    if row is None:
        return WhyNot(service, "", ("not-listed",))
    match = _Match.of(inquiry, finder)
    listing = finder.index.listing(row)
    out = judge(Candidate(listing, {}), match.wanted, match.taken).ruled_out_by
    needs = tuple(_for_need(match, row, need, is_out=bool(out)) for need in match.wanted.needs)
    scored = _scored(match, row, needs)
    rank = _rank(match.best_first, service)
    last = next((each for each in match.best_first if match.proposed and each.service == match.proposed[-1]), None)
    branches = _branches_before(match, scored) if rank else ()
    return WhyNot(
        service=service,
        service_name=listing.name,
        why=_reasons(service in match.proposed, out, needs, len(branches)),
        ruled_out_by=out,
        needs=needs,
        rank=match.proposed.index(service) + 1 if service in match.proposed else rank,
        of=len(match.best_first),
        parts=_parts(scored, last),
        beside=last.service if last else None,
        branches=branches,
    )


def _reasons(proposed: bool, out: tuple[str, ...], needs: tuple[ForNeed, ...], branches: int) -> tuple[Why, ...]:
    if proposed:
        return ("proposed",)
    standings = {each.standing for each in needs}
    why: list[Why] = ["ruled-out"] if out else []
    if "found" not in standings:
        why += ["harmful"] if "harmful" in standings else []
        why += ["not-found"] if "about-it" not in standings and standings != {"harmful"} else []
    elif not out:
        why.append("third-branch" if branches >= MOST_BRANCHES else "ranked-below")
    return tuple(why)


def _for_need(match: _Match, row: int, need: str, *, is_out: bool) -> ForNeed:
    finder, search = match.finder, match.finder.search(need)
    service = finder.index.listing(row).id
    found = {each.listing.id for each in match.found.candidates if need in each.found}
    fitting = [each.service for each in match.best_first if each.service in found]
    if service in found:
        standing: Standing = "found"
    elif not finder.index.is_for(row, need):
        standing = "not-about-it"
    elif search.is_harmful(row):
        standing = "harmful"
    else:
        standing = "about-it" if is_out else "outscored"
    kept = [finder.index.row(each) for each in fitting]
    return ForNeed(
        need=need,
        standing=standing,
        points=_search_points(match, row, need),
        last_kept=min((_search_points(match, each, need) for each in kept if each is not None), default=None),
        rank=fitting.index(service) + 1 if service in fitting else None,
        of=len(fitting),
    )


def _search_points(match: _Match, row: int, need: str) -> float:
    """Return a row's points by which candidates are chosen: what it says of the need, and its way."""
    km = distance_km(match.finder.index.listing(row), match.wanted.home)
    way = 0.0 if km is None else match.finder.weights.distance * max(0.0, 1 - km / REACH_KM)
    return round(match.finder.search(need).points_closely(row) + way, 3)


def _scored(match: _Match, row: int, needs: tuple[ForNeed, ...]) -> Scored:
    """Score a service for what it was found for; where that is nothing, as if it had been found for all."""
    found = [each.need for each in needs if each.standing == "found"] or [each.need for each in needs]
    evidence = {need: match.finder.search(need).evidence(row) for need in found}
    judged = judge(Candidate(match.finder.index.listing(row), evidence), match.wanted, match.taken)
    return score(judged, match.wanted, match.taken, match.finder.weights)


def _rank(best_first: tuple[Scored, ...], service: str) -> int | None:
    return next((rank for rank, each in enumerate(best_first, 1) if each.service == service), None)


def _branches_before(match: _Match, scored: Scored) -> tuple[str, ...]:
    """Return the branches of the same thing that keep a service from being proposed; none where it is kept."""
    if scored.service in {each.service for each in few_branches(list(match.best_first))}:
        return ()
    thing = thing_of(scored.judged.listing)
    same = [each.service for each in match.best_first if thing_of(each.judged.listing) == thing]
    return tuple(same[: min(MOST_BRANCHES, same.index(scored.service))])


def _parts(scored: Scored, last: Scored | None) -> tuple[Part, ...]:
    """Set the parts of two scores side by side; a part that one of them lacks counts nothing there."""
    own = {each.name: each for each in scored.points}
    beside = {each.name: each for each in last.points} if last else {}
    return tuple(
        Part(
            name,
            own[name].value if name in own else 0.0,
            beside[name].value if name in beside else 0.0,
            own[name].reason if name in own else "",
        )
        for name in dict.fromkeys((*own, *beside))
    )
