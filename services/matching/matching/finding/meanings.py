"""Makes and keeps the vectors of listings: each is made once, and again only when its text changed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from matching.domain import Listing
from matching.finding.described import digest_of, texts_of
from matching.finding.meaning import DIMENSIONS, Meaning, stacked
from matching.finding.part import Bytes, quantised


@dataclass
class Meanings:
    """The vectors of listings by id, each with the digest of the text that it was made of."""

    vectors: dict[str, Bytes] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)

    def missing(self, listings: Iterable[Listing]) -> Iterator[tuple[Listing, str]]:
        """Yield the listings whose vectors are not there or are of an older text, each with its text's digest."""
        for listing in listings:
            digest = digest_of(texts_of(listing))
            if self.digests.get(listing.id) != digest:
                yield listing, digest

    def current(self, listings: Iterable[Listing]) -> Mapping[str, Bytes]:
        """Return the vectors of those listings whose text is still the one that they were made of."""
        return {
            listing.id: self.vectors[listing.id]
            for listing in listings
            if self.digests.get(listing.id) == digest_of(texts_of(listing))
        }

    def keep_all(self, kept: Mapping[str, tuple[str, bytes]]) -> None:
        """Keep vectors as they are stored: bytes of whole, name and pieces, one after the other."""
        for service, (digest, vectors) in kept.items():
            self.digests[service] = digest
            self.vectors[service] = np.frombuffer(vectors, dtype=np.int8).reshape(-1, DIMENSIONS)


def made(listing: Listing, meaning: Meaning) -> Bytes:
    """Return a listing's vectors [1 + name + pieces, 384]: the whole's first, in 127ths; some 30 ms for a usual one."""
    return quantised(stacked(meaning.encode, texts_of(listing)))
