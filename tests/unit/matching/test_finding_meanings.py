"""Vectors of listings are made once, and never used for a text that they were not made of."""

from typing import Any

import numpy as np
import pytest

from matching.domain import Listing
from matching.finding.described import MOST_PIECES, PIECE_CHARACTERS, digest_of, labels_of, texts_of
from matching.finding.finder import Finder
from matching.finding.index import Index
from matching.finding.meaning import DIMENSIONS
from matching.finding.meanings import Meanings, made
from matching.finding.part import SCALE, quantised
from shared.needs import NEEDS
from tests.unit.matching.builders import a_listing, wanted
from tests.unit.matching.searching import BagOfStems, a_bridge

CHOIR = a_listing("club", name="Choir", description="Sing with us. Every week.", needs=("music-and-singing",))


def kept(*listings: Listing) -> Meanings:
    """Keep vectors the way they are stored."""
    meanings = Meanings()
    meanings.keep_all({each.id: (digest_of(texts_of(each)), made(each, BagOfStems()).tobytes()) for each in listings})
    return meanings


def test_vectors_come_back_as_they_were_kept() -> None:
    (vectors,) = kept(CHOIR).current([CHOIR]).values()
    assert np.array_equal(vectors, made(CHOIR, BagOfStems()))
    assert vectors.shape == (len(texts_of(CHOIR)), DIMENSIONS)


@pytest.mark.parametrize(
    "changed",
    [{"name": "Chess"}, {"description": "Sing."}, {"alternate_name": "DC"}, {"organisation_name": "Another"}],
)
def test_a_vector_of_an_older_text_is_missing_and_is_not_used(changed: dict[str, Any]) -> None:
    meanings = kept(CHOIR)
    now = a_listing("club", **{"name": "Choir", "description": "Sing with us. Every week."} | changed)
    assert meanings.current([now]) == {}
    assert [(listing, digest) for listing, digest in meanings.missing([CHOIR, now])] == [
        (now, digest_of(texts_of(now)))
    ]


def test_what_is_not_read_for_its_meaning_may_change_without_new_vectors() -> None:
    meanings = kept(CHOIR)
    now = a_listing("club", name="Choir", description="Sing with us. Every week.", phone="01632 960 001", needs=())
    assert list(meanings.missing([now])) == []
    assert set(meanings.current([now])) == {"club"}


def test_a_listing_that_changed_is_found_by_its_words_until_its_vectors_are_made() -> None:
    now = a_listing("club", name="Chess", description="Mate.", needs=("social-groups",))
    index = Index.of([CHOIR], kept(CHOIR).current([CHOIR]), a_bridge(whole=True))
    finder = Finder(index.changed([now], kept(CHOIR).current([now])), 8)
    (candidate,) = finder.find(wanted("social-groups")).candidates
    channels = {each.channel for each in candidate.found["social-groups"]}
    assert channels >= {"need", "text"}
    assert "meaning" not in channels
    row = finder.index.row("club")
    assert row is not None
    assert not finder.index.whole(row).any()


def test_a_listing_is_read_as_a_whole_by_name_and_by_sentences() -> None:
    long = a_listing(
        name="Choir",
        alternate_name="DC",
        description=" ".join(["It has a sentence of fifty signs or about that."] * 99),
    )
    whole, name, *pieces = texts_of(long)
    assert whole.startswith("Choir (DC) - Tayside Help. It has a sentence")
    assert name == "Choir (DC)"
    assert len(pieces) == MOST_PIECES
    assert all(piece in long.description and len(piece) <= 4 * PIECE_CHARACTERS for piece in pieces)
    assert texts_of(a_listing(name="Choir", description=""))[1:] == ("Choir",)


def test_a_text_is_told_from_one_that_is_parted_otherwise() -> None:
    assert digest_of(("ab", "c")) != digest_of(("a", "bc"))


def test_vectors_in_a_quarter_of_the_room_are_off_by_little() -> None:
    one, other = BagOfStems().of("a choir to sing with"), BagOfStems().of("sing in the choir")
    small = [quantised(each).astype(np.float32) / SCALE for each in (one, other)]
    assert float(small[0] @ small[1]) == pytest.approx(float(one @ other), abs=0.01)


def test_a_need_that_is_stated_is_a_label_too() -> None:
    assert labels_of(CHOIR) == (NEEDS["music-and-singing"].name,)
