"""People's own words are led to what directories call things, and what no listing here is about is not covered."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.domain import Label, Listing
from matching.finding.bridge import LEAST_NEARNESS, MOST_TERMS, Bridge
from matching.finding.coverage import BY_LABELS, Bar
from matching.finding.finder import Finder
from matching.finding.question import LEAST_LED, LONG_WORDS, NAME_WORDS, question_of
from matching.finding.search import MANY_LABELS
from matching.finding.words import words_of
from shared.needs import NEEDS
from shared.needs.terms import terms
from tests.unit.matching.builders import a_listing, wanted
from tests.unit.matching.searching import BagOfStems, a_bridge, a_finder, answers, services


@pytest.mark.parametrize(
    ("said", "need"),
    [
        ("bailiffs at the door", "debt-advice"),
        ("BAILIFFS!! at my door...", "debt-advice"),
        ("the bailiff's letter came, they are taking the car", "debt-advice"),
        ("my husband died and the grief is too much", "bereavement"),
        ("cannot stop gambling", "gambling"),
    ],
)
def test_lay_words_lead_to_their_need_by_words_alone(said: str, need: str) -> None:
    question = question_of(said, a_bridge(with_meaning=False, whole=True))
    assert question.near[0].term.need == need
    assert question.near[0].share > 0.5


@pytest.mark.parametrize("with_meaning", [True, False])
def test_what_a_term_is_called_leads_to_it(with_meaning: bool) -> None:
    bridge = a_bridge(with_meaning=with_meaning, whole=True)
    for term in list(terms().values())[::60]:
        near = question_of(term.name, bridge).near
        assert term.code in {each.term.code for each in near}


@settings(max_examples=25)
@given(
    st.text(max_size=60) | st.lists(st.sampled_from(["debt", "grief", "the", "café", "bailiffs"])).map(" ".join),
    st.booleans(),
)
def test_shares_come_to_one_and_the_nearest_has_the_most(said: str, with_meaning: bool) -> None:
    near = question_of(said, a_bridge(with_meaning=with_meaning)).near
    assert len(near) <= MOST_TERMS
    assert not near or sum(each.share for each in near) == pytest.approx(1)
    assert [each.share for each in near] == sorted((each.share for each in near), reverse=True)
    assert all(each.nearness >= LEAST_NEARNESS for each in near)


def added(said: str) -> float:
    """How much the words of terms weigh in a question, beside its own."""
    question = question_of(said, a_bridge(with_meaning=False, whole=True))
    return sum(question.words.values()) - len(set(words_of(said)))


def turned(said: str) -> float:
    """How far a question is led from what it means, as one less the cosine."""
    question = question_of(said, a_bridge(whole=True))
    assert question.own is not None
    assert question.led is not None
    return 1 - float(question.own @ question.led)


LONG = "there have been bailiffs at the door about what we owe"


@pytest.mark.parametrize("word", ["Bereavement", "Debt", "Gambling"])
def test_a_short_directory_word_is_led_away_little(word: str) -> None:
    question = question_of(word, a_bridge(with_meaning=False, whole=True))
    own = set(words_of(word))
    assert all(question.words[each] >= 1 for each in own)
    assert all(weight <= 1.5 * LEAST_LED * NAME_WORDS for each, weight in question.words.items() if each not in own)
    assert added(word) < added(LONG)
    assert turned(word) < turned(LONG)


def test_what_is_as_long_as_a_story_is_led_no_further() -> None:
    assert added(LONG) == pytest.approx(added(f"{LONG} so it is"), rel=0.2)
    assert len(LONG.split()) > LONG_WORDS


def test_a_question_without_words_is_led_nowhere() -> None:
    for said in ("", "\U0001f642", "what is it that you would"):
        question = question_of(said, a_bridge(with_meaning=False, whole=True))
        assert (question.words, question.near, question.own, question.led) == ({}, (), None, None)


def test_vectors_have_length_one_and_what_is_kept_of_a_phrase_is_not_changed() -> None:
    before = BagOfStems().of(LONG).copy()
    question = question_of(LONG, a_bridge(whole=True))
    assert question.led is not None
    assert np.linalg.norm(question.led) == pytest.approx(1, abs=1e-5)
    assert np.array_equal(BagOfStems().of(LONG), before)


def test_phrases_are_encoded_once_where_they_can_be_kept(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("kept")
    few = dict(list(terms().items())[:4])
    first = Bridge(few, BagOfStems(), kept=folder)
    (path,) = folder.iterdir()
    written = path.stat().st_mtime_ns
    again = Bridge(few, BagOfStems(), kept=folder)
    assert np.array_equal(first.centres, again.centres)
    assert [each.stat().st_mtime_ns for each in folder.iterdir()] == [written]
    Bridge(dict(list(terms().items())[:5]), BagOfStems(), kept=folder)
    assert len(list(folder.iterdir())) == 2


def test_the_bar_lies_between_that_of_a_word_and_that_of_a_story() -> None:
    bar = Bar(short=2, long=1, short_words=3, long_words=8)
    assert [bar.at(words) for words in (0, 3, 8, 100)] == [2, 2, 1, 1]
    assert 1 < bar.at(5) < 2
    assert BY_LABELS.short > BY_LABELS.long


def labelled(service: str, label: str, **changed: object) -> Listing:
    return a_listing(
        service, name=f"{label} Dundee", organisation_name="Tayside", needs=(), labels=(Label(name=label),), **changed
    )


TOWN = (
    labelled("choir", "Choirs", description="Sing with us."),
    labelled("football", "Walking football", description="A gentle game."),
    labelled("debt", "Debt advice", description="Advice on debt, bailiffs and arrears."),
)
NO_LABELS = tuple(replace(each, labels=()) for each in TOWN)
CITY = (*TOWN, *(labelled(f"craft-{at}", f"Craft {at}", description="Make it.") for at in range(MANY_LABELS)))
"""As many labels as it takes for them to tell what there is."""


@cache
def a_town(*, has_labels: bool, with_meaning: bool) -> Finder:
    return a_finder(*(CITY if has_labels else NO_LABELS), with_meaning=with_meaning)


@pytest.mark.parametrize("has_labels", [True, False])
@pytest.mark.parametrize("with_meaning", [True, False])
@pytest.mark.parametrize(
    ("said", "service"), [("debt advice", "debt"), ("walking football", "football"), ("a choir to sing with", "choir")]
)
def test_a_kind_of_service_that_is_there_is_covered(
    has_labels: bool, with_meaning: bool, said: str, service: str
) -> None:
    assert services(a_town(has_labels=has_labels, with_meaning=with_meaning), wanted("asked"), asked=said)[0] == service


@pytest.mark.parametrize("has_labels", [True, False])
@pytest.mark.parametrize("with_meaning", [True, False])
@pytest.mark.parametrize("said", ["wheelchair repair", "speech and language therapy", "hoarding", "\U0001f642", ""])
def test_a_missing_kind_of_service_is_not_covered(has_labels: bool, with_meaning: bool, said: str) -> None:
    (outcome,) = answers(a_town(has_labels=has_labels, with_meaning=with_meaning), wanted("asked"), asked=said)
    assert outcome.needs == ("asked",)  # type: ignore[union-attr]  # nothing is proposed, so it is NotFound
    assert outcome.reasons == ("no-listing",)  # type: ignore[union-attr]


def test_what_is_there_only_for_others_does_not_cover() -> None:
    elsewhere = labelled("far", "Wheelchair repair", status="temporarily-closed")
    finder = a_finder(*TOWN, elsewhere)
    assert services(finder, wanted("asked"), asked="wheelchair repair") == []


def test_a_need_is_asked_by_its_name_and_a_code_that_is_none_by_its_words() -> None:
    finder = a_finder(*TOWN)
    assert finder.search("low-mood").question.text == NEEDS["low-mood"].name
    assert finder.search("no-such-need").question.text == "no such need"
    assert finder.search("low-mood") is finder.search("low-mood")
