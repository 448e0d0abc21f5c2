"""Finds phrases and patterns in the words of a clause; of those that share words the fullest one wins."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from referral_intake.triage.fitting import fitted, is_number
from referral_intake.triage.pattern_language import (
    NUMBER,
    Classes,
    Pattern,
    Steps,
    parsed,
    plain_steps,
    words_of,
    written_words,
)
from referral_intake.triage.tokens import Token, tokens_of

NOTHING = ""
"""What a phrase means that only looks like something."""

_NEAR = 9
"""How many words may stand between the parts of a pattern that come in any order."""


class Hit(NamedTuple):
    """A phrase found: the tokens from `first` to before `after`; `own` are the places of the words that are its own."""

    meaning: str
    first: int
    after: int
    own: frozenset[int]
    plain: bool


class _Words(NamedTuple):
    """The words of a clause, and the places of each."""

    words: Sequence[str]
    places: Mapping[str, Sequence[int]]


class Patterns:
    """Phrases and patterns with what each means."""

    def __init__(
        self, phrases: Mapping[str, str], patterns: Sequence[tuple[str, str]] = (), classes: Classes | None = None
    ) -> None:
        """Index phrases by their meaning, and (pattern, meaning) pairs; of two phrases alike the later one counts.

        Raises:
            ValueError: a pattern names a class that there is not, or begins with a gap or with what may be left out.
        """
        self._by_first: dict[str, list[Pattern]] = {}
        plain = {tuple(token.word for token in tokens_of(phrase)): meaning for phrase, meaning in phrases.items()}
        for words, meaning in plain.items():
            self._add(Pattern(meaning, tuple(plain_steps(words)), plain=True))
        for pattern, meaning in patterns:
            self._add(parsed(pattern, meaning, classes or {}))
        self.written = frozenset(written_words(phrases, [pattern for pattern, _ in patterns], classes or {}))

    def _add(self, pattern: Pattern) -> None:
        for word in pattern.first[0].begins:
            self._by_first.setdefault(word, []).append(pattern)

    @property
    def words(self) -> frozenset[str]:
        """Every word that stands in a phrase or pattern."""
        patterns = {pattern for patterns in self._by_first.values() for pattern in patterns}
        parts = [part for pattern in patterns for part in (pattern.first, *pattern.others)]
        return frozenset(word for part in parts for step in part for word in words_of(step))

    def find(self, tokens: Sequence[Token]) -> list[Hit]:
        """Give the phrases in `tokens` from left to right, without those whose words all belong to a fuller one."""
        places: dict[str, list[int]] = {}
        for place, token in enumerate(tokens):
            places.setdefault(token.word, []).append(place)
            if is_number(token.word):
                places.setdefault(NUMBER, []).append(place)
        clause = _Words([token.word for token in tokens], places)
        found = []
        for word, where in places.items():
            for pattern in self._by_first.get(word, ()):
                if all(not begins.isdisjoint(places) for begins in pattern.required):
                    found += [hit for at in where if (hit := _hit(pattern, clause, at))]
        return _fullest(found)


def _fullest(found: list[Hit]) -> list[Hit]:
    """Drop what belongs to a fuller phrase, and what shares a word with one that means nothing but does not hold it."""
    found.sort(key=lambda hit: (-len(hit.own), hit.meaning != NOTHING, not hit.plain, hit.after - hit.first, hit.first))
    kept: list[Hit] = []
    for hit in found:
        if not any(_belongs(hit, fuller) for fuller in kept):
            kept.append(hit)
    nothing = [hit.own for hit in kept if hit.meaning == NOTHING]
    meant = [hit for hit in kept if all(own.isdisjoint(hit.own) or own < hit.own for own in nothing)]
    return _joined(sorted(meant, key=lambda hit: hit.first))


def _joined(hits: Iterable[Hit]) -> list[Hit]:
    """Make one of the hits that share a word and mean the same."""
    joined: list[Hit] = []
    for hit in hits:
        same = next((each for each in joined if each.meaning == hit.meaning and each.own & hit.own), None)
        if same is None:
            joined.append(hit)
        else:
            after, own = max(same.after, hit.after), same.own | hit.own
            joined[joined.index(same)] = Hit(hit.meaning, same.first, after, own, same.plain and hit.plain)
    return joined


def _belongs(hit: Hit, fuller: Hit) -> bool:
    """Say whether a hit is but a part of a fuller one, as the walking of a walking stick that somebody needs."""
    if hit.own < fuller.own or (hit.own == fuller.own and fuller.meaning in {hit.meaning, NOTHING}):
        return True
    compound = fuller.plain and len(fuller.own) > 1 and not hit.plain and len(hit.own) == 2
    return compound and hit.meaning != fuller.meaning and hit.own != fuller.own and not hit.own.isdisjoint(fuller.own)


def _hit(pattern: Pattern, clause: _Words, at: int) -> Hit | None:
    own = fitted(pattern.first, 0, clause.words, at, first=True)
    if own is None:
        return None
    for part in pattern.others:
        near = _near(part, clause, own)
        if near is None:
            return None
        own += near
    return Hit(pattern.meaning, min(own), max(own) + 1, frozenset(own), pattern.plain)


def _near(part: Steps, clause: _Words, own: Sequence[int]) -> list[int] | None:
    """Return the places of a part that stands not far from the places found, None where there is none."""
    least, most = min(own) - _NEAR, max(own) + _NEAR
    for word, places in clause.places.items():
        for place in places if word in part[0].begins else ():
            if least <= place <= most and place not in own:
                found = fitted(part, 0, clause.words, place, first=True)
                if found is not None and not set(own) & set(found):
                    return found
    return None
