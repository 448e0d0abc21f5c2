"""Says what of a listing is searched, and how much each field of it weighs."""

import hashlib
import re
from collections.abc import Mapping

from matching.domain import Listing
from shared.needs import NEEDS

FIELD_WEIGHTS: Mapping[str, float] = {
    "name": 2.0,
    "alternate_name": 1.0,
    "labels": 2.0,
    "keywords": 1.0,
    "organisation_name": 1.0,
    "description": 1.0,
    "eligibility": 0.5,
    "organisation_description": 0.3,
}
"""Found on half of the judged queries of one real directory; docs/matching.md tells what was tried."""

PIECE_CHARACTERS = 250
MOST_PIECES = 6
"""Sentences of a description are read one by one too, because a long one says many things."""

_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def labels_of(listing: Listing) -> tuple[str, ...]:
    """Return what the directory files a listing under: names of its labels, and of its needs in our own vocabulary."""
    named = (NEEDS[code].name for code in listing.needs if code in NEEDS)
    return tuple(dict.fromkeys((*(label.name for label in listing.labels if label.name), *named)))


def fields_of(listing: Listing) -> dict[str, str]:
    """Return the text of each field that is searched."""
    return {
        "name": listing.name,
        "alternate_name": listing.alternate_name,
        "labels": ". ".join(labels_of(listing)),
        "keywords": listing.keywords,
        "organisation_name": listing.organisation_name,
        "description": listing.description,
        "eligibility": listing.eligibility or "",
        "organisation_description": listing.organisation_description,
    }


def texts_of(listing: Listing) -> tuple[str, ...]:
    """Return what a listing's vectors are made of: the whole, its name, and the pieces of its description."""
    name = listing.name if not listing.alternate_name else f"{listing.name} ({listing.alternate_name})"
    whole = f"{name} - {listing.organisation_name}. {listing.description}"
    return (whole, name, *_pieces(listing.description))


def digest_of(texts: tuple[str, ...]) -> str:
    """Return what vectors are kept under: they are made again only when their text changed."""
    return hashlib.sha256("\x00".join(texts).encode()).hexdigest()[:32]


def _pieces(description: str) -> tuple[str, ...]:
    pieces, piece = [], ""
    for sentence in _SENTENCE.split(description):
        if piece and len(piece) + len(sentence) > PIECE_CHARACTERS:
            pieces.append(piece)
            piece = sentence
        else:
            piece = f"{piece} {sentence}".strip()
    return tuple(piece[: 4 * PIECE_CHARACTERS] for piece in (*pieces, piece) if piece)[:MOST_PIECES]
