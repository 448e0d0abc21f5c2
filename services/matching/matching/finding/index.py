"""The directory as it is searched: a large part made at leisure and a small one of what changed since."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.domain import Listing, Wanted
from matching.finding.bridge import Bridge
from matching.finding.part import Bytes, Part
from matching.finding.text import rarity

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

LEAST_LABEL = 0.5
"""A label less near than this is no reason."""
MOST_RECENT = 500
"""Listings in the small part before all is laid out anew; a change takes as long as the small part is large."""


@dataclass(frozen=True, slots=True)
class Index:
    """Listings of one version of the directory; its answers do not depend on how they are parted.

    Rows count through both parts: first the large one's, then the recent one's.
    """

    large: Part
    recent: Part
    alive: Mask
    """Which rows stand: not those that changed or left since the large part was made."""

    bridge: Bridge
    size: int
    """How many listings stand."""
    labelled: float
    """What share of them has a label of their directory's own."""
    labels: int
    """How many such labels there are."""

    @classmethod
    def of(cls, listings: Iterable[Listing], meanings: Mapping[str, Bytes], bridge: Bridge) -> "Index":
        """Lay a whole directory out."""
        large = Part.of((listing for listing in listings if listing.is_listed), meanings, bridge)
        return cls._made(large, Part.of((), {}, bridge), np.ones(len(large.listings), dtype=np.bool_), bridge)

    @classmethod
    def _made(cls, large: Part, recent: Part, alive: Mask, bridge: Bridge) -> "Index":
        size, having = int(alive.sum()), 0
        labels: set[str] = set()
        for part, stands in ((large, alive[: len(large.listings)]), (recent, alive[len(large.listings) :])):
            standing = stands[part.own_rows]
            having += len(np.unique(part.own_rows[standing]))
            labels |= {part.labels[each] for each in np.unique(part.own_ids[standing])}
        return cls(large, recent, alive, bridge, size, having / size if size else 0.0, len(labels))

    def changed(self, listings: Iterable[Listing], meanings: Mapping[str, Bytes]) -> "Index":
        """Return the index with these listings as they are now; `meanings` has the vectors of the recent ones too."""
        now = {listing.id: listing for listing in self.recent.listings} | {listing.id: listing for listing in listings}
        recent = Part.of((listing for listing in now.values() if listing.is_listed), meanings, self.bridge)
        alive = np.ones(len(self.large.listings) + len(recent.listings), dtype=np.bool_)
        alive[: len(self.large.listings)] = self.alive[: len(self.large.listings)]
        alive[[self.large.rows[each] for each in now if each in self.large.rows]] = False
        return self._made(self.large, recent, alive, self.bridge)

    @property
    def is_worn(self) -> bool:
        """Whether it is time to lay all out anew."""
        return len(self.recent.listings) > MOST_RECENT

    @property
    def is_worn_out(self) -> bool:
        """Whether it cannot wait until somebody lays it out beside the work."""
        return len(self.recent.listings) > MOST_RECENT * 10

    @property
    def parts(self) -> tuple[Part, Part]:
        """Both parts, in the order of their rows."""
        return self.large, self.recent

    def listing(self, row: int) -> Listing:
        """Return the listing of a row."""
        part, at = self._at(row)
        return part.listings[at]

    def details(self, row: int) -> Bytes:
        """Return the vectors of a row's name and pieces, in 127ths; none where they are not known yet."""
        part, at = self._at(row)
        return part.details[at]

    def whole(self, row: int) -> Floats:
        """Return the vector of a row as a whole."""
        part, at = self._at(row)
        whole: Floats = part.wholes[at]
        return whole

    def _at(self, row: int) -> tuple[Part, int]:
        size = len(self.large.listings)
        return (self.large, row) if row < size else (self.recent, row - size)

    def row(self, service: str) -> int | None:
        """Return the row of a service that stands, or None."""
        if service in self.recent.rows:
            return len(self.large.listings) + self.recent.rows[service]
        row = self.large.rows.get(service)
        return row if row is not None and self.alive[row] else None

    def may_fit(self, wanted: Wanted) -> tuple[Mask, Floats]:
        """Return the rows that stand and may fit, and how far away each row is in kilometres (infinite: not known)."""
        km = [part.fit.distances_km(wanted.home) for part in self.parts]
        fitting = [part.fit.may_fit(wanted, way) for part, way in zip(self.parts, km, strict=True)]
        return self.alive & np.concatenate(fitting), np.concatenate(km)

    def rarity(self, word: str) -> float:
        """Return how much a word tells among the listings that stand."""
        having = 0
        for part, offset in zip(self.parts, (0, len(self.large.listings)), strict=True):
            if posting := part.text.postings.get(word):
                having += int(self.alive[posting.at + offset].sum())
        return rarity(self.size, having)

    def weights(self, words: Mapping[str, float]) -> dict[str, float]:
        """Return words with their importance times their rarity, the heaviest first."""
        weighed = {word: importance * self.rarity(word) for word, importance in words.items()}
        return dict(sorted(weighed.items(), key=lambda each: (-each[1], each[0])))

    def text_scores(self, weights: Mapping[str, float]) -> Floats:
        """Return each row's BM25 for words with their weights, as a share of what all of them could weigh."""
        scores = np.concatenate([part.text.scores(weights) for part in self.parts])
        share: Floats = (scores / np.float32(sum(weights.values()) or 1.0)).astype(np.float32)
        return share

    def meaning_scores(self, vector: Floats) -> Floats:
        """Return how near each row's whole is to a vector: the cosine, 0 where a listing's meaning is not known."""
        return np.concatenate([part.wholes @ vector for part in self.parts])

    def label_scores(self, vector: Floats) -> Floats:
        """Return how near each row's nearest label is to a vector; 0 where none is near.

        Where few listings have labels, one says little, because what has none may be the same: it counts by the square
        of the share of those that have any.
        """
        best = np.concatenate([_best_label(part, vector) for part in self.parts])
        return best * np.float32(self.labelled**2)

    def labels_among(self, rows: Mask) -> Floats:
        """Return the vectors [labels, 384] of every label that one of these rows has."""
        size = len(self.large.listings)
        vectors = []
        for part, mask in zip(self.parts, (rows[:size], rows[size:]), strict=True):
            having = np.unique(part.label_ids[mask[part.label_rows]])
            vectors.append(part.label_vectors[having] if len(part.label_vectors) else part.label_vectors)
        return np.concatenate(vectors)

    def nearest_label(self, row: int, vector: Floats) -> tuple[str, float]:
        """Return the label of a row that is nearest to a vector, and how near: as `label_scores`, to the last digit."""
        part, at = self._at(row)
        start, end = np.searchsorted(part.label_rows, (at, at + 1))
        ids = part.label_ids[start:end]
        nearness = part.label_vectors[ids] @ vector
        return part.labels[int(ids[nearness.argmax()])], float(nearness.max()) * self.labelled**2

    def first_word(self, row: int, words: Iterable[str]) -> str:
        """Return the first of some words that a row has; LookupError where it has none."""
        part, at = self._at(row)
        for word in words:
            if part.text.has(at, word):
                return word
        raise LookupError("a row scores for words that it does not have")

    def is_for(self, row: int, need: str) -> bool:
        """Say whether a row's listing states a need, or states none and is plainly about it."""
        return bool(self.rows_for(need)[row])

    def rows_for(self, need: str) -> Mask:
        """Return the rows whose listing states a need, or states none and is plainly about it."""
        found = self.states(need) > 0
        for part, offset in zip(self.parts, (0, len(self.large.listings)), strict=True):
            found[part.by_read.get(need, np.zeros(0, dtype=np.int32)) + offset] = True
        return found

    def states_among(self, rows: Mask) -> frozenset[str]:
        """Return the needs that one of these rows states."""
        size = len(self.large.listings)
        masks = (rows[:size], rows[size:])
        return frozenset(
            need
            for part, mask in zip(self.parts, masks, strict=True)
            for need, at in part.by_need.items()
            if mask[at].any()
        )

    def states(self, need: str) -> Floats:
        """Return 1 for the rows whose listing states a need, else 0."""
        stating = np.zeros(len(self.alive), dtype=np.float32)
        for part, offset in zip(self.parts, (0, len(self.large.listings)), strict=True):
            stating[part.by_need.get(need, np.zeros(0, dtype=np.int32)) + offset] = 1
        return stating


def _best_label(part: Part, vector: Floats) -> Floats:
    best = np.zeros(len(part.listings), dtype=np.float32)
    if len(part.label_vectors):
        nearness = part.label_vectors @ vector
        np.maximum.at(best, part.label_rows, np.where(nearness < LEAST_LABEL, 0, nearness)[part.label_ids])
    return best
