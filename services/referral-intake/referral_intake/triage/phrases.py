"""Finds the phrases of the vocabulary and of the risk signs in text, by words and the longest first."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

Meaning = TypeVar("Meaning")

_TOKEN = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*|[,:()/]|(?<=\s)[-\u2013\u2014](?=\s)")
_ALIKE = {
    **dict.fromkeys((")",), ","),
    **dict.fromkeys(("\u2013", "\u2014"), "-"),
    **dict.fromkeys(("he", "she", "they", "i"), "they"),
    **dict.fromkeys(("his", "her", "their", "my", "him", "them", "me"), "their"),
    **dict.fromkeys(("himself", "herself", "themselves", "themself", "myself", "himsel", "hersel"), "themselves"),
}
"""Words that are compared as if they were one, so that a phrase about her is also one about him."""


class Token(NamedTuple):
    """A word as it is compared, or a mark of punctuation, and where it stands in the text."""

    word: str
    start: int
    end: int


@dataclass(frozen=True)
class Hit(Generic[Meaning]):
    """A phrase found: the tokens from `first` to before `after`."""

    meaning: Meaning
    first: int
    after: int


def tokens_of(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """Split text[start:end] into small words without apostrophes and marks; a hyphen inside a word is a space."""
    matches = _TOKEN.finditer(text, start, len(text) if end is None else end)
    return [Token(_compared(match.group()), match.start(), match.end()) for match in matches]


def _compared(word: str) -> str:
    word = word.lower().replace("'", "").replace("\u2019", "")
    return _ALIKE.get(word, word)


class Phrases(Generic[Meaning]):
    """Phrases and what each means."""

    def __init__(self, phrases: Mapping[str, Meaning]) -> None:
        """Index `phrases`; of two with the same words the later one counts."""
        self._meanings = {tuple(token.word for token in tokens_of(phrase)): phrases[phrase] for phrase in phrases}
        self._firsts = {words[0] for words in self._meanings}
        self._longest = max(map(len, self._meanings), default=0)

    def find(self, tokens: Sequence[Token]) -> list[Hit[Meaning]]:
        """Give the phrases in `tokens` from left to right, the longest where several begin; none overlaps another."""
        words = [token.word for token in tokens]
        hits: list[Hit[Meaning]] = []
        free = 0
        for at, word in enumerate(words):
            if at >= free and self._may_begin(word) and (hit := self._longest_at(words, at)):
                hits.append(hit)
                free = hit.after
        return hits

    def _may_begin(self, word: str) -> bool:
        return word in self._firsts or (word[-1:] == "s" and not self._firsts.isdisjoint(_singulars(word)))

    def _longest_at(self, words: list[str], at: int) -> Hit[Meaning] | None:
        for after in range(min(at + self._longest, len(words)), at, -1):
            for last in _singulars(words[after - 1]):
                candidate = (*words[at : after - 1], last)
                if candidate in self._meanings:
                    return Hit(self._meanings[candidate], at, after)
        return None


def _singulars(word: str) -> list[str]:
    """Give a word and what it may be the plural of."""
    if len(word) < 4 or not word.endswith("s"):
        return [word]
    return [word, word[:-1], word[:-2]] if word.endswith("es") else [word, word[:-1]]
