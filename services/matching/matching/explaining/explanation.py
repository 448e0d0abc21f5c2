"""Puts together why a match came out as it did: what was kept of it, and the same made again."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Literal

from matching.domain import Answers, Configuration, MatchMade, RuledOut
from matching.domain.made import ruled_out
from matching.explaining.comparing import Difference, difference
from matching.explaining.why_not import WhyNot, why_not
from matching.finding.finder import Finder

Verdict = Literal["the same", "differs", "differs without a cause"]


@dataclass(frozen=True, slots=True)
class Again:
    """A match made again, with the same needs, day, person and places, on the directory and configuration of now."""

    directory_version: int
    configuration_changed: tuple[str, ...]
    """What decides otherwise than then: *weights*, *meaning*, *rules*."""
    answers: Answers
    ruled_out: tuple[RuledOut, ...]
    difference: Difference
    listings_changed: int
    """How many listings changed since, those included that came and left."""
    concerned: tuple[str, ...]
    """Those of them that are proposed otherwise than then."""
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Explanation:
    """A match, how many are kept of its referral, the same made again, and why a service is not proposed."""

    made: MatchMade
    kept: int
    again: Again
    why_not: WhyNot | None


def explain(
    made: MatchMade,
    kept: int,
    finder: Finder,
    *,
    configuration: Configuration,
    changed: Collection[str],
    service: str | None,
) -> Explanation:
    """Make a match again and compare; `changed` are listings that changed since, `service` one that is asked about."""
    found = finder.find(made.inquiry.wanted)
    answers = made.inquiry.answers(found, finder.weights)
    differs = difference(made.answers, answers)
    otherwise = _changed(made.configuration, configuration)
    is_as_then = finder.version == made.directory_version and not otherwise
    again = Again(
        directory_version=finder.version,
        configuration_changed=otherwise,
        answers=answers,
        ruled_out=ruled_out(made.inquiry.wanted, found, made.inquiry.taken),
        difference=differs,
        listings_changed=len(changed),
        concerned=tuple(each for each in differs.services if each in changed),
        verdict="the same" if differs.is_none else "differs without a cause" if is_as_then else "differs",
    )
    return Explanation(made, kept, again, why_not(made.inquiry, finder, service) if service else None)


def _changed(then: Configuration, now: Configuration) -> tuple[str, ...]:
    before, after = asdict(then), asdict(now)
    return tuple(name for name in before if before[name] != after[name])
