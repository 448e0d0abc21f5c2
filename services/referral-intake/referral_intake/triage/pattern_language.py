"""The language of patterns, in which files say how something is told.

A pattern is a line of words. `post|mail` is a choice, `passed_away` one of several words, `<relative>` a class that
the file defines, `#` a number, `the?` may be left out, `..` stands for up to three words and `....` for up to six.
Words are found in all their forms (open, opens, opened, opening) unless `=` stands before them. Between the words of
any phrase small words like “the”, “her” or “really” may stand. Parts with `&` between them stand near each other.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from types import MappingProxyType
from typing import NamedTuple

from referral_intake.triage.tokens import tokens_of
from referral_intake.triage.word_forms import forms, plurals
from referral_intake.triage.words import WORDS

NUMBER = "#"
DETERMINERS = WORDS.lists["determiners"]
_GAPS = {"..": 3, "....": 6}

Classes = Mapping[str, Sequence[str]]


class Step(NamedTuple):
    """What comes next in a pattern: one of some words, one of some runs of words, or a gap of up to `gap` words.

    `runs` are what may follow a first word, the longest first; `begins` are all words that the step may begin with.
    """

    begins: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    runs: Mapping[str, Sequence[tuple[frozenset[str], ...]]] = MappingProxyType({})
    optional: bool = False
    gap: int = 0


Steps = tuple[Step, ...]
"""Words that stand in this order."""


@dataclass(frozen=True, eq=False)
class Pattern:
    """What to find; `plain` says that it is a phrase of the vocabulary."""

    meaning: str
    first: Steps
    others: tuple[Steps, ...] = ()
    plain: bool = False

    @cached_property
    def required(self) -> tuple[frozenset[str], ...]:
        """For each further step that must be there, the words of which a clause must have one."""
        steps = (*self.first[1:], *(step for part in self.others for step in part))
        return tuple(sorted((step.begins for step in steps if step.begins and not step.optional), key=len))


def written_words(phrases: Iterable[str], patterns: Iterable[str], classes: Classes) -> Iterator[str]:
    """Give the words as the files have them, without their other forms."""
    for text in (*phrases, *patterns, *(word for words in classes.values() for word in words)):
        yield from (token.word for token in tokens_of(re.sub(r"[|_&=<>]", " ", text)))


def parsed(pattern: str, meaning: str, classes: Classes) -> Pattern:
    """Read a pattern; raise ValueError with what is wrong with it."""
    first, *others = (_part(tuple(_steps_of(part, classes))) for part in pattern.split(" & "))
    return Pattern(meaning, first, tuple(others))


def _part(steps: Steps) -> Steps:
    if not steps or steps[0].gap or steps[0].optional:
        raise ValueError("a pattern begins with a word that must be there")
    return steps


def words_of(step: Step) -> Iterator[str]:
    """Give every word that a step may be found by."""
    yield from step.begins
    yield from (word for runs in step.runs.values() for run in runs for words in run for word in words)


def _steps_of(part: str, classes: Classes) -> Iterator[Step]:
    for piece in part.split():
        if piece in _GAPS:
            yield Step(gap=_GAPS[piece])
        else:
            optional = piece.endswith("?") and piece != "?"
            yield _choice(piece.removesuffix("?") if optional else piece, classes, optional=optional)


def _choice(piece: str, classes: Classes, *, optional: bool) -> Step:
    words: set[str] = set()
    runs: dict[str, list[tuple[frozenset[str], ...]]] = {}
    for alternative in _alternatives(piece, classes):
        first, *rest = (each for word in alternative.split("_") for each in _forms_of(word))
        if not rest:
            words |= first
        for word in first if rest else ():
            runs.setdefault(word, []).append(tuple(rest))
    for following in runs.values():
        following.sort(key=len, reverse=True)
    return Step(frozenset(words) | runs.keys(), frozenset(words), runs, optional)


def _alternatives(piece: str, classes: Classes) -> Iterator[str]:
    for alternative in piece.split("|"):
        if not alternative.startswith("<"):
            yield alternative
            continue
        name = alternative.strip("<>")
        if name not in classes:
            raise ValueError(f"there is no class <{name}>")
        for each in classes[name]:
            yield from _alternatives(each.replace(" ", "_"), classes)


@cache
def _forms_of(written: str) -> tuple[frozenset[str], ...]:
    """Return for each word of what is written (“it's” has two) the words that it may be found as."""
    if written == NUMBER:
        return (frozenset({NUMBER}),)
    words = [token.word for token in tokens_of(written.removeprefix("="))]
    if not words:
        raise ValueError(f"“{written}” is no word")
    return tuple(frozenset({word}) if written.startswith("=") else forms(word) for word in words)


def plain_steps(words: Sequence[str]) -> Iterator[Step]:
    """Give the steps of a phrase without a language: its words, the last of them in the plural too."""
    inner = [word for place, word in enumerate(words) if place in {0, len(words) - 1} or word not in DETERMINERS]
    for place, word in enumerate(inner):
        found_as = plurals(word) if place == len(inner) - 1 else frozenset({word})
        yield Step(found_as, found_as)
