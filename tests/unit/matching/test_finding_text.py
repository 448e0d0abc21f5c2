"""Words are compared without endings and weighed by BM25, whose plain form is beside it here."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.domain import Listing
from matching.finding.described import FIELD_WEIGHTS, fields_of
from matching.finding.text import K1, MEAN_LENGTH, B, TextIndex, frequencies
from matching.finding.words import words_of
from tests.unit.matching.builders import a_listing
from tests.unit.matching.searching import an_index, directories

words = st.sampled_from(["debt", "advic", "grief", "walk", "tea", "choir"])
weights = st.floats(0.3, 12)
documents = st.lists(st.dictionaries(words, weights), max_size=8)


def plain_bm25(document: dict[str, float], asked: dict[str, float]) -> float:
    """Score a document as the formula is printed, one word after another."""
    length = sum(document.values())
    score = 0.0
    for word, weight in asked.items():
        frequency = document.get(word, 0.0)
        score += weight * frequency * (K1 + 1) / (frequency + K1 * (1 - B + B * length / MEAN_LENGTH))
    return score


@settings(max_examples=40)
@given(documents, st.dictionaries(words, st.floats(0, 9)))
def test_scores_are_those_of_the_plain_formula(found: list[dict[str, float]], asked: dict[str, float]) -> None:
    scores = TextIndex.of(found).scores(asked)
    assert scores.tolist() == pytest.approx([plain_bm25(document, asked) for document in found], rel=1e-5)


@settings(max_examples=40)
@given(documents, words)
def test_it_knows_which_document_has_which_word(found: list[dict[str, float]], word: str) -> None:
    index = TextIndex.of(found)
    assert [index.has(number, word) for number in range(len(found))] == [word in document for document in found]


@settings(max_examples=40)
@given(documents, documents, st.dictionaries(words, st.floats(0, 9)))
def test_a_documents_score_is_its_own_whatever_stands_beside_it(
    found: list[dict[str, float]], others: list[dict[str, float]], asked: dict[str, float]
) -> None:
    alone = TextIndex.of(found).scores(asked)
    assert np.array_equal(TextIndex.of(found + others).scores(asked)[: len(found)], alone)


@settings(max_examples=20)
@given(directories())
def test_how_much_a_word_tells_is_counted_over_what_is_listed(found: list[Listing]) -> None:
    index = an_index(*found, with_meaning=False)
    said = [{word for text in fields_of(listing).values() for word in words_of(text)} for listing in found]
    having = Counter(word for each in said for word in each)
    for word in ("debt", "grief", "nowher", *having):
        expected = math.log(1 + (len(found) - having[word] + 0.5) / (having[word] + 0.5))
        assert index.rarity(word) == pytest.approx(expected)
        assert index.rarity(word) > 0


def test_a_word_counts_as_often_as_it_stands_times_its_fields_weight() -> None:
    counted = frequencies({"name": ["debt", "debt"], "description": ["debt", "tea"]}, FIELD_WEIGHTS)
    assert counted == {
        "debt": 2 * FIELD_WEIGHTS["name"] + FIELD_WEIGHTS["description"],
        "tea": FIELD_WEIGHTS["description"],
    }


def test_a_word_in_the_name_counts_more_than_in_the_description() -> None:
    index = an_index(
        a_listing("named", name="Choir", description="Every week."),
        a_listing("said", name="Every week", description="Choir."),
        with_meaning=False,
    )
    named, said = index.text_scores({"choir": 1.0}).tolist()
    assert named > said > 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bereaved families", "bereaving family"),
        ("I'm in debt", "DEBT"),
        ("the carer\u2019s café", "Carers cafe"),
        ("walking: people", "Walk? People!"),
        ("na\u00efve", "naive"),
        ("cafe\u0301", "caf\u00e9"),
    ],
)
def test_what_differs_only_in_how_it_is_written_is_the_same_words(one: str, other: str) -> None:
    assert words_of(one) == words_of(other)


@pytest.mark.parametrize("text", ["", "   ", "\U0001f642\U0001f642", "what is it that you would", "a b c", "…—!?"])
def test_text_that_says_nothing_has_no_words(text: str) -> None:
    assert words_of(text) == []


def test_words_stay_in_order_and_digits_are_words() -> None:
    assert words_of("Debt and 5 teas, 111 or SAMH") == ["debt", "5", "tea", "111", "samh"]
