"""A fixed set of listings laid out in arrays: their words, their meaning, their labels, and whom they may fit."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.domain import Listing
from matching.finding.bridge import Bridge
from matching.finding.described import FIELD_WEIGHTS, fields_of, labels_of
from matching.finding.fit import Fit
from matching.finding.meaning import DIMENSIONS, stacked
from matching.finding.text import TextIndex, frequencies
from matching.finding.words import words_of

Floats = NDArray[np.float32]
Bytes = NDArray[np.int8]

SCALE = 127.0
ROWS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Part:
    """Listings with a row each, in the order of their ids."""

    listings: tuple[Listing, ...]
    rows: Mapping[str, int]
    text: TextIndex
    fit: Fit
    wholes: Floats
    """The meaning of each listing as a whole [listings, 384]; zero where it is not known yet."""
    details: tuple[Bytes, ...]
    """The meaning of each listing's name and of the pieces of its description [1 + pieces, 384], in 127ths."""
    labels: tuple[str, ...]
    """Every label that one of them has."""
    label_vectors: Floats
    """What the labels mean [labels, 384]; none without the model."""
    label_rows: NDArray[np.int32]
    label_ids: NDArray[np.int32]
    """Which row has which label, pair by pair in the order of rows."""
    own_rows: NDArray[np.int32]
    own_ids: NDArray[np.int32]
    """The same of those labels that are a directory's own, and no need of our vocabulary alone."""
    by_need: Mapping[str, NDArray[np.int32]]
    """The rows whose listing states a need."""
    by_read: Mapping[str, NDArray[np.int32]]
    """The rows whose listing states no need and is plainly about one, by what it means."""

    @classmethod
    def of(cls, listings: Iterable[Listing], meanings: Mapping[str, Bytes], bridge: Bridge) -> "Part":
        """Lay listings out, with the vectors that are known of them."""
        ordered = tuple(sorted(listings, key=lambda listing: listing.id))
        none = np.zeros((1, DIMENSIONS), dtype=np.int8)
        vectors = [meanings.get(listing.id, none) for listing in ordered]
        wholes = _wholes(vectors)
        labels: dict[str, int] = {}
        pairs = [
            (row, labels.setdefault(label, len(labels)))
            for row, listing in enumerate(ordered)
            for label in labels_of(listing)
        ]
        own = [
            (row, labels[label.name]) for row, listing in enumerate(ordered) for label in listing.labels if label.name
        ]
        return cls(
            listings=ordered,
            rows={listing.id: row for row, listing in enumerate(ordered)},
            text=TextIndex.of([_words(listing) for listing in ordered]),
            fit=Fit.of(ordered),
            wholes=wholes,
            details=tuple(each[1:] for each in vectors),
            labels=tuple(labels),
            label_vectors=_encoded(labels, bridge),
            label_rows=np.array([row for row, _ in pairs], dtype=np.int32),
            label_ids=np.array([label for _, label in pairs], dtype=np.int32),
            own_rows=np.array([row for row, _ in own], dtype=np.int32),
            own_ids=np.array([label for _, label in own], dtype=np.int32),
            by_need=_by_need(listing.needs for listing in ordered),
            by_read=_by_need(_read(ordered, wholes, bridge)),
        )


def _by_need(needs: Iterable[Collection[str]]) -> dict[str, NDArray[np.int32]]:
    rows: dict[str, list[int]] = {}
    for row, theirs in enumerate(needs):
        for need in theirs:
            rows.setdefault(need, []).append(row)
    return {need: np.array(at, dtype=np.int32) for need, at in rows.items()}


def _read(listings: Sequence[Listing], wholes: Floats, bridge: Bridge) -> Iterator[Collection[str]]:
    """Read needs from what listings mean, where they state none: those of the terms that are nearest by far."""
    for start in range(0, len(listings), ROWS_AT_ONCE):
        near = wholes[start : start + ROWS_AT_ONCE] @ bridge.centres.T
        for listing, row in zip(listings[start : start + ROWS_AT_ONCE], near, strict=True):
            yield () if listing.needs else bridge.needs_near(row)


def _encoded(labels: Iterable[str], bridge: Bridge) -> Floats:
    return stacked(bridge.meaning.of, labels) if bridge.meaning else np.zeros((0, DIMENSIONS), dtype=np.float32)


def quantised(vectors: Floats) -> Bytes:
    """Return vectors of length one in 127ths, a quarter of the room; a product of two is off by some 0.002."""
    small: Bytes = np.rint(vectors * SCALE).astype(np.int8)
    return small


def _wholes(vectors: Sequence[Bytes]) -> Floats:
    if not vectors:
        return np.zeros((0, DIMENSIONS), dtype=np.float32)
    wholes: Floats = np.stack([each[0] for each in vectors]).astype(np.float32)
    wholes /= SCALE
    return wholes


def _words(listing: Listing) -> dict[str, float]:
    return frequencies({name: words_of(text) for name, text in fields_of(listing).items()}, FIELD_WEIGHTS)
