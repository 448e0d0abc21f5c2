"""Leads from people's own words to what directories call things, by the finer terms of `shared/needs`."""

import hashlib
import math
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matching.finding.meaning import DIMENSIONS, Meaning, stacked
from matching.finding.text import TextIndex, rarity
from matching.finding.words import words_of
from shared.needs.terms import Term

Floats = NDArray[np.float32]

MOST_TERMS = 5
LEAST_NEARNESS = 0.35
"""A term that is less near than this says nothing of what was asked."""
TEXT_SHARE = 0.5
"""How much the words that question and term share count beside the nearest phrases' cosine."""
NEAREST_PHRASES = 3
LEAST_PLAIN, PLAINLY_WITHIN = 0.45, 0.05
"""How near a listing's meaning must be to a term, and to its nearest one, to be plainly about it."""
SHARPNESS = 0.06
"""How much nearer a term must be to count e times as much."""


@dataclass(frozen=True, slots=True)
class Near:
    """A term that is near a question: how near, and how much it counts beside the others (together 1)."""

    term: Term
    nearness: float
    share: float


class Bridge:
    """The terms, with the words and the meaning of their phrases."""

    def __init__(self, terms: Mapping[str, Term], meaning: Meaning | None, kept: Path | None = None) -> None:
        """Lay the terms out; without the model, by their words alone.

        Encoding all phrases takes some ten seconds: `kept` is a folder where their vectors are kept from one start to
        the next.
        """
        self.terms: Sequence[Term] = tuple(terms.values())
        self.meaning = meaning
        self._number = {term.code: number for number, term in enumerate(self.terms)}
        self._grid = _grid([len(term.phrases) for term in self.terms])
        self._vectors: Floats | None = None
        self.centres = np.zeros((len(self.terms), DIMENSIONS), dtype=np.float32)
        if meaning:
            self._vectors = _encoded([phrase for term in self.terms for phrase in term.phrases], meaning, kept)
            called = (
                self._vectors[row[: 1 + len(term.also)]] for row, term in zip(self._grid, self.terms, strict=True)
            )
            self.centres = np.stack([_middle(vectors) for vectors in called])
        words = [Counter(word for phrase in term.phrases for word in set(words_of(phrase))) for term in self.terms]
        self._text = TextIndex.of([{word: float(times) for word, times in each.items()} for each in words])

    def centre(self, term: Term) -> Floats:
        """Return what a term means: the middle of its names, float32 [384]; zero without the model."""
        middle: Floats = self.centres[self._number[term.code]]
        return middle

    def needs_near(self, nearness: Floats) -> frozenset[str]:
        """Return the needs of the terms that something is plainly about, given how near each term's middle is to it."""
        nearest = float(nearness.max(initial=0))
        if nearest < LEAST_PLAIN:
            return frozenset()
        plain = np.flatnonzero(nearness >= max(LEAST_PLAIN, nearest - PLAINLY_WITHIN))
        return frozenset(self.terms[int(each)].need for each in plain)

    def nearness(self, text: str, vector: Floats | None) -> Floats:
        """Return how near each term is to a text, by its nearest phrases and by the rare words that both have."""
        near = np.float32(TEXT_SHARE) * self._by_words(text)
        if vector is None or self._vectors is None:
            return near / np.float32(TEXT_SHARE)
        return near + self._nearest(self._vectors @ vector)

    def near(self, text: str, vector: Floats | None) -> tuple[Near, ...]:
        """Return the terms that a text may be about, nearest first."""
        nearness = self.nearness(text, vector)
        order = np.argsort(-nearness, kind="stable")[:MOST_TERMS]
        kept = [int(each) for each in order if nearness[each] >= LEAST_NEARNESS]
        weights = [math.exp((nearness[each] - nearness[kept[0]]) / SHARPNESS) for each in kept]
        return tuple(
            Near(self.terms[each], float(nearness[each]), weight / sum(weights))
            for each, weight in zip(kept, weights, strict=True)
        )

    def _nearest(self, cosines: Floats) -> Floats:
        """Return each term's nearest phrase and the mean of its nearest three, halved: one chance likeness is less."""
        grid = np.append(cosines, np.float32(-1))[self._grid]
        nearest = -np.partition(-grid, NEAREST_PHRASES - 1, axis=1)[:, :NEAREST_PHRASES]
        halved: Floats = (nearest.max(axis=1) + nearest.mean(axis=1)) / 2
        return halved

    def _by_words(self, text: str) -> Floats:
        """Return each term's BM25 for a text's words, as a share of what all of them could weigh."""
        weights = {word: self._rarity(word) for word in dict.fromkeys(words_of(text))}
        scores = self._text.scores(weights)
        return scores / np.float32(sum(weights.values()) or 1.0)

    def _rarity(self, word: str) -> float:
        posting = self._text.postings.get(word)
        return rarity(self._text.size, len(posting.at) if posting else 0)


def _encoded(phrases: Sequence[str], meaning: Meaning, kept: Path | None) -> Floats:
    """Return the vectors of phrases, read from where they were kept, or made and kept there if it can be written to."""
    path = kept and kept / f"terms-{hashlib.sha256(chr(0).join(phrases).encode()).hexdigest()[:24]}.npy"
    if path and path.exists():
        vectors: Floats = np.load(path)
        return vectors
    vectors = stacked(meaning.encode, phrases)
    if path and os.access(path.parent, os.W_OK):
        written = path.with_suffix(f".{os.getpid()}.npy")
        np.save(written, vectors)
        written.rename(path)
    return vectors


def _grid(lengths: Sequence[int]) -> NDArray[np.int32]:
    """Return the numbers of each term's phrases, a row a term; what is missing points past the last phrase."""
    grid = np.full((len(lengths), max(NEAREST_PHRASES, *lengths)), sum(lengths), dtype=np.int32)
    start = 0
    for row, length in enumerate(lengths):
        grid[row, :length] = np.arange(start, start + length)
        start += length
    return grid


def _middle(vectors: Floats) -> Floats:
    middle: Floats = vectors.mean(axis=0)
    return middle / np.float32(np.linalg.norm(middle))
