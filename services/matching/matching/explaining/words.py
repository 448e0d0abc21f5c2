"""How explanations and trials are said on a terminal: plain sentences, a line each."""

from collections.abc import Iterator, Sequence

from matching.domain import Inquiry, MatchMade, RuledOut
from matching.domain.score import in_words, needs_named
from matching.explaining.comparing import Difference, Move, not_found_of, proposals_of
from matching.explaining.explanation import Again, Explanation
from matching.explaining.trial import Changed, Trial
from matching.signposting.words import RULED_OUT, written
from shared.contracts import MatchNotFound, Proposal

CONFIGURED = {"weights": "other weights", "meaning": "another model of meaning, or none", "rules": "another release"}
SHOWN = 40
"""Referrals of a trial that are shown; `--json` has all."""


def explained(explanation: Explanation) -> Iterator[str]:
    """Tell a match, and what came of making it again."""
    made = explanation.made
    yield f"Referral {made.inquiry.referral} of {made.inquiry.programme}"
    at = f"{written(made.made_at.date())} at {made.made_at:%H:%M} UTC"
    yield f"Matched on {at}, on version {made.directory_version} of the directory."
    if explanation.kept > 1:
        yield f"It was matched {explanation.kept} times; this is the last."
    yield _wanted(made.inquiry)
    yield from _answered(made)
    yield from again(made, explanation.again)


def again(made: MatchMade, found: Again) -> Iterator[str]:
    """Tell what came of making a match again."""
    yield ""
    yield "Made again"
    if found.directory_version != made.directory_version:
        changed = _count(found.listings_changed, "listing")
        yield f"  The directory is at version {found.directory_version}; {changed} changed since."
    elif not found.configuration_changed:
        yield "  The directory and the configuration are the same."
    if found.configuration_changed:
        yield f"  It is decided now by {_listed([CONFIGURED[each] for each in found.configuration_changed])}."
    if found.verdict == "the same":
        yield "  The answer is the same."
        return
    yield "  The answer differs." if found.verdict == "differs" else "  THE ANSWER DIFFERS THOUGH NOTHING ELSE DOES."
    yield from (f"  {line}" for line in differing(found.difference))
    for service in found.concerned:
        yield f"  {service} changed since."


def differing(difference: Difference) -> Iterator[str]:
    """Tell what differs between two answers."""
    yield from map(_moved, difference.moves)
    for service in difference.retold:
        yield f"{service} stays where it is, with other points or reasons."
    if difference.now_unmet:
        yield f"Nothing is found any more for {_needs(difference.now_unmet)}."
    if difference.now_met:
        yield f"Something is found now for {_needs(difference.now_met)}."
    if difference.missed_otherwise and not (difference.now_unmet or difference.now_met):
        yield "What was not found has other reasons or nearest misses."


def tried(trial: Trial) -> Iterator[str]:
    """Tell what other weights would have changed."""
    for name, (now, then) in trial.weights.items():
        yield f"{in_words(name.replace('_', '-'))}: {now:g} → {then:g}"
    if not trial.weights:
        yield "The weights are the same as now."
    limited = ", the latest of more" if trial.has_more else ""
    yield f"{_count(trial.tried, 'referral')} tried on version {trial.directory_version} of the directory{limited}."
    unmet = _count(trial.now_unmet, "need")
    yield f"{_count(len(trial.changed), 'answer')} would differ."
    yield f"{unmet} would find nothing any more, and {trial.now_met} that find nothing now would find something."
    for changed in trial.changed[:SHOWN]:
        yield from _tried(changed)
    if len(trial.changed) > SHOWN:
        yield f"… and {len(trial.changed) - SHOWN} more: --json has them all."


def _tried(changed: Changed) -> Iterator[str]:
    yield f"{changed.referral}, {_needs(changed.needs)}:"
    yield from (f"  {line}" for line in differing(changed.difference))


def _wanted(inquiry: Inquiry) -> str:
    person = "a person whose age is not known" if inquiry.age is None else f"a person aged {inquiry.age}"
    place = inquiry.place.outward or inquiry.place.council or "a place that is not known"
    wishes = [in_words(code) for code in inquiry.preferences.access]
    wishes += [f"prefers {in_words(inquiry.preferences.company)}"] if inquiry.preferences.company else []
    wishes += [f"language {inquiry.preferences.language}"] if inquiry.preferences.language != "en" else []
    asked = _needs(inquiry.needs) if inquiry.needs else "no need that is known"
    return f"Wanted: {asked}, for {person} in {place}{''.join(f'; {wish}' for wish in wishes)}."


def _answered(made: MatchMade) -> Iterator[str]:
    proposals, not_found = proposals_of(made.answers), not_found_of(made.answers)
    yield ""
    yield "Proposed" if proposals else "Nothing was proposed."
    for rank, proposal in enumerate(proposals, 1):
        yield from _proposed(rank, proposal)
    if not_found:
        yield from _missed(not_found)
    if made.ruled_out:
        yield ""
        yield "Ruled out"
        yield from map(_ruled_out, made.ruled_out)


def _proposed(rank: int, proposal: Proposal) -> Iterator[str]:
    way = "" if proposal.distance_km is None else f", {proposal.distance_km:g} km away"
    yield f"{rank}. {proposal.service_name} ({proposal.service}) of {proposal.organisation_name}"
    yield f"   for {_needs(proposal.needs)}{way}: {proposal.score:g} points"
    for part in proposal.parts:
        yield f"   {part.value:+8.3f}  {part.name}: {part.reason}"
    for question in proposal.questions:
        yield f"   To ask: {question}"


def _missed(told: MatchNotFound) -> Iterator[str]:
    yield ""
    because = _listed([in_words(each) for each in told.reasons])
    yield f"Not found: {_needs(told.needs) if told.needs else 'anything'} ({because})"
    for miss in told.nearest:
        yield f"  Nearest for {_needs((miss.need,))}: {miss.service_name} ({miss.service}). {ruled(miss.ruled_out_by)}"


def _ruled_out(each: RuledOut) -> str:
    return f"  {each.service_name} ({each.service}): {' '.join(map(ruled, each.by))}"


def ruled(code: str) -> str:
    """Say what a code of a constraint means."""
    return RULED_OUT.get(code, f"{in_words(code).capitalize()}.")


def _moved(move: Move) -> str:
    named = f"{move.service_name} ({move.service})"
    if move.before is None:
        return f"{named} comes in, at place {move.after}."
    return (
        f"{named} goes out; it was at place {move.before}."
        if move.after is None
        else (f"{named} goes from place {move.before} to {move.after}.")
    )


def _needs(codes: Sequence[str]) -> str:
    return _listed(needs_named(codes))


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _count(number: int, of: str) -> str:
    return f"{number} {of}{'' if number == 1 else 's'}"
