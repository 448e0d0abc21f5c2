"""Mends common slips of the pen in longer words: two letters swapped, one left out, one too many, or a wrong vowel."""

from collections.abc import Iterable, Iterator, Sequence

from referral_intake.triage.tokens import Token
from referral_intake.triage.words import WORDS

SHORTEST = 6
"""Shorter words are too near to other words to be mended."""

LONGEST = 20
"""Longer ones are no words, and would cost time by the square of their length."""

_VOWELS = frozenset("aeiouy")


class Speller:
    """Known words, and the ones that only look like a slip of them."""

    def __init__(self, targets: Iterable[str], known: Iterable[str]) -> None:
        """Mend towards `targets`; a word of `known` is right as it is."""
        self._right = frozenset(known) | WORDS.lists["no_slips"]
        self._near: dict[str, list[str]] = {}
        for word in sorted(targets):
            if len(word) >= SHORTEST and word.isalpha():
                for key in (word, *_shortened(word)):
                    self._near.setdefault(key, []).append(word)

    def mend(self, text: str, tokens: Sequence[Token]) -> list[Token]:
        """Give the tokens of a text with each unknown word replaced by the one known word that it is a slip of.

        Names stay: words with one capital letter that do not come first.
        """
        return [
            token if place and text[token.start : token.end].istitle() else self._mended(token)
            for place, token in enumerate(tokens)
        ]

    def _mended(self, token: Token) -> Token:
        word = token.word
        if not SHORTEST <= len(word) + 1 <= LONGEST or not word.isalpha():
            return token
        if word.endswith("in") and f"{word}g" in self._right:  # Scots leaves out the last letter of “sleeping”
            return token._replace(word=f"{word}g")
        if word in self._right:
            return token
        near = {each for key in (word, *_shortened(word)) for each in self._near.get(key, ()) if is_slip(word, each)}
        return token._replace(word=near.pop()) if len(near) == 1 else token


def is_slip(word: str, meant: str) -> bool:
    """Say whether a word is another with one slip after its first letter; endings are no slips."""
    if word[0] != meant[0] or word in {f"{meant}s", f"{meant}d"} or meant in {f"{word}s", f"{word}d"}:
        return False
    if len(word) == len(meant):
        places = [place for place, pair in enumerate(zip(word, meant, strict=True)) if pair[0] != pair[1]]
        if len(places) == 2:
            first, second = places
            return second == first + 1 and word[first] == meant[second] and word[second] == meant[first]
        return len(places) == 1 and len(word) > SHORTEST and {word[places[0]], meant[places[0]]} <= _VOWELS
    shorter, longer = sorted((word, meant), key=len)
    return len(longer) - len(shorter) == 1 and shorter in set(_shortened(longer))


def _shortened(word: str) -> Iterator[str]:
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]
