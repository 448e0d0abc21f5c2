"""Fits the steps of a pattern to the words of a clause."""

from collections.abc import Iterator, Sequence

from referral_intake.triage.pattern_language import DETERMINERS, NUMBER, Step, Steps
from referral_intake.triage.words import WORDS

_SMALL = WORDS.lists["small"]
_NEVER_IN_A_GAP = frozenset((*",:(/-", "no", "not", "never", "without", "cannot", "denies", "denied", "but", "nor"))
_LONGEST_RUN_OF_SMALL = 2


def fitted(steps: Steps, step: int, words: Sequence[str], at: int, *, first: bool = False) -> list[int] | None:
    """Return the places of a pattern's own words from `step` on, None where it does not fit at `at`."""
    if step == len(steps):
        return []
    here = steps[step]
    if here.gap:
        return _after_gap(steps, step, words, at)
    place = at
    for _ in range(1 if first else _LONGEST_RUN_OF_SMALL + 1):
        for length in _lengths(here, words, place):
            rest = fitted(steps, step + 1, words, place + length)
            if rest is not None:
                return [*range(place, place + length), *rest]
        if place >= len(words) or words[place] not in _SMALL:
            break
        place += 1
    return fitted(steps, step + 1, words, at) if here.optional else None


def _lengths(step: Step, words: Sequence[str], at: int) -> Iterator[int]:
    if at >= len(words):
        return
    for word in (NUMBER, words[at]) if is_number(words[at]) else (words[at],):
        for run in step.runs.get(word, ()):
            if length := _run_length(run, words, at + 1):
                yield 1 + length
        if word in step.words:
            yield 1


def _run_length(run: Sequence[frozenset[str]], words: Sequence[str], at: int) -> int:
    """Return how many words a run takes with the determiners between its own, 0 where it does not fit."""
    place = at
    for allowed in run:
        if place < len(words) and words[place] in DETERMINERS and not _fits(allowed, words[place]):
            place += 1
        if place >= len(words) or not _fits(allowed, words[place]):
            return 0
        place += 1
    return place - at


def _fits(allowed: frozenset[str], word: str) -> bool:
    return word in allowed or (NUMBER in allowed and is_number(word))


def is_number(word: str) -> bool:
    """Say whether a word is a number, maybe with a unit: 20, 70u, 3am."""
    return word[0].isdigit() and len(word) <= 6


def _after_gap(steps: Steps, step: int, words: Sequence[str], at: int) -> list[int] | None:
    for skipped in range(steps[step].gap + 1):
        rest = fitted(steps, step + 1, words, at + skipped)
        if rest is not None:
            return rest
        if at + skipped >= len(words) or words[at + skipped] in _NEVER_IN_A_GAP:
            return None
    return None
