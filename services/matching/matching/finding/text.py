"""Finds listings by their words: BM25 over weighted fields, in arrays, so that 50,000 listings take a millisecond.

BM25 as Robertson and Zaragoza give it (2009), with the field weights inside the term frequency (BM25F) and one length
norm. The mean length is a constant and not the collection's: so a listing's own weights never change because another
listing did, and a part of the index can be made anew without the rest.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

K1 = 1.2
B = 0.6
MEAN_LENGTH = 60.0
"""Words of a usual listing, its fields' weights included."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Postings:
    """Which listings have a word, and how much it counts there: the word's saturated frequency, without its rarity."""

    at: NDArray[np.int32]
    weights: Floats


@dataclass(frozen=True, slots=True)
class TextIndex:
    """The words of a fixed list of documents, by their number in it."""

    size: int
    postings: Mapping[str, Postings]

    @classmethod
    def of(cls, documents: Sequence[Mapping[str, float]]) -> "TextIndex":
        """Index documents, each given as its words with their weighted frequencies."""
        found: dict[str, tuple[list[int], list[float]]] = {}
        for number, words in enumerate(documents):
            norm = K1 * (1 - B + B * sum(words.values()) / MEAN_LENGTH)
            for word, frequency in words.items():
                at, weights = found.setdefault(word, ([], []))
                at.append(number)
                weights.append(frequency * (K1 + 1) / (frequency + norm))
        return cls(
            len(documents),
            {
                word: Postings(np.array(at, dtype=np.int32), np.array(weights, dtype=np.float32))
                for word, (at, weights) in found.items()
            },
        )

    def has(self, number: int, word: str) -> bool:
        """Say whether a document has a word."""
        posting = self.postings.get(word)
        if posting is None:
            return False
        at = int(np.searchsorted(posting.at, number))
        return at < len(posting.at) and int(posting.at[at]) == number

    def scores(self, words: Mapping[str, float]) -> Floats:
        """Return each document's score for words with their weights (rarity times importance)."""
        total = np.zeros(self.size, dtype=np.float32)
        for word in sorted(words):
            if posting := self.postings.get(word):
                total[posting.at] += np.float32(words[word]) * posting.weights
        return total


def rarity(size: int, having: int) -> float:
    """Return how much a word tells that so many of so many documents have: BM25's rarity, never below nothing."""
    return math.log(1 + (size - having + 0.5) / (having + 0.5))


def frequencies(fields: Mapping[str, Sequence[str]], weights: Mapping[str, float]) -> dict[str, float]:
    """Count the words of a document's fields, each as often as its field weighs."""
    counted: dict[str, float] = {}
    for name, words in fields.items():
        for word, times in Counter(words).items():
            counted[word] = counted.get(word, 0.0) + weights[name] * times
    return counted
