"""The directory's answers do not depend on how it is parted, in which order it came, or what else stands in it."""

from collections.abc import Iterable
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.domain import Home, Label, Listing
from matching.finding.finder import Finder
from matching.finding.index import MOST_RECENT, Index
from matching.finding.words import words_of
from shared.needs import NEEDS
from tests.unit.matching.builders import a_home, a_listing, wanted
from tests.unit.matching.searching import (
    CODES,
    WORDS,
    BagOfStems,
    a_bridge,
    a_club,
    a_finder,
    ages,
    an_index,
    answers,
    directories,
    homes,
    services,
    vectors_of,
)

QUESTION = "somebody to advise me on bailiffs, and a café for grief"


def changed(index: Index, now: Iterable[Listing], *, with_meaning: bool) -> Index:
    """Change an index the way the service does: with the vectors of all that changed since."""
    told = list(now)
    return index.changed(told, vectors_of((*index.recent.listings, *told)) if with_meaning else {})


def standing(found: Iterable[Listing]) -> list[Listing]:
    latest = {listing.id: listing for listing in found}
    return [listing for listing in latest.values() if listing.is_listed]


def row_of(index: Index, service: str) -> int:
    row = index.row(service)
    assert row is not None
    return row


def is_the_same(one: Index, other: Index, home: Home, years: int | None) -> None:
    """Hold all that is searched by against each other, listing by listing."""
    assert (one.size, one.labelled) == (other.size, other.labelled)
    stems = {stem for text in WORDS for stem in words_of(text)}
    assert {stem: one.rarity(stem) for stem in stems} == {stem: other.rarity(stem) for stem in stems}
    ids = [listing.id for part in one.parts for listing in part.listings if one.row(listing.id) is not None]
    rows, other_rows = [row_of(one, each) for each in ids], [row_of(other, each) for each in ids]
    assert [one.listing(row) for row in rows] == [other.listing(row) for row in other_rows]
    weights, vector = one.weights(dict.fromkeys(sorted(stems), 1.0)), BagOfStems().of(QUESTION)
    assert np.array_equal(one.text_scores(weights)[rows], other.text_scores(weights)[other_rows])
    assert np.allclose(one.meaning_scores(vector)[rows], other.meaning_scores(vector)[other_rows], atol=1e-6)
    assert np.allclose(one.label_scores(vector)[rows], other.label_scores(vector)[other_rows], atol=1e-6)
    for need in CODES:
        assert np.array_equal(one.states(need)[rows], other.states(need)[other_rows])
    (fits, km), (other_fits, other_km) = (each.may_fit(wanted(age=years, home=home)) for each in (one, other))
    assert fits[rows].tolist() == other_fits[other_rows].tolist()
    assert np.allclose(km[rows], other_km[other_rows], rtol=1e-5)
    assert (fits.sum(), other_fits.sum()) == (fits[rows].sum(), other_fits[other_rows].sum())


def says_the_same(one: Index, other: Index, home: Home, years: int | None) -> None:
    wants = wanted("asked", "debt-advice", "dementia", age=years, home=home)
    assert answers(Finder(one, 7), wants, asked=QUESTION) == answers(Finder(other, 7), wants, asked=QUESTION)


changes = directories(listed=False).flatmap(lambda found: st.tuples(st.just(found), st.permutations(found)))


@settings(max_examples=25)
@given(directories(), changes, st.booleans(), st.just(a_home()) | homes, ages)
def test_a_changed_directory_is_searched_like_one_laid_out_anew(
    before: list[Listing],
    after: tuple[list[Listing], list[Listing]],
    with_meaning: bool,
    home: Home,
    years: int | None,
) -> None:
    bridge = a_bridge(with_meaning=with_meaning)
    anew = an_index(*standing((*before, *after[0])), with_meaning=with_meaning)
    old = Index.of(before, vectors_of(before) if with_meaning else {}, bridge)
    at_once, one_by_one = changed(old, after[0], with_meaning=with_meaning), old
    for listing in after[1]:
        one_by_one = changed(one_by_one, [listing], with_meaning=with_meaning)
    for index in (at_once, one_by_one):
        is_the_same(anew, index, home, years)
        says_the_same(anew, index, home, years)


@settings(max_examples=12)
@given(directories().flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))), st.booleans())
def test_answers_do_not_depend_on_the_order_of_listings(
    found: tuple[list[Listing], list[Listing]], with_meaning: bool
) -> None:
    one, other = (an_index(*each, with_meaning=with_meaning) for each in found)
    is_the_same(one, other, a_home(), 40)
    says_the_same(one, other, a_home(), 40)


@pytest.mark.parametrize("with_meaning", [True, False])
def test_a_listing_may_leave_and_come_back_and_change_again(with_meaning: bool) -> None:
    here, gone = a_listing("club"), a_listing("club", status="defunct")
    renamed = a_listing("club", name="Choir")
    index = an_index(here, a_listing("other"), with_meaning=with_meaning)
    for now, expected in ((gone, None), (gone, None), (here, here), (renamed, renamed), (gone, None), (here, here)):
        index = changed(index, [now], with_meaning=with_meaning)
        row = index.row("club")
        assert (None if row is None else index.listing(row)) == expected
        assert index.size == (1 if expected is None else 2)


def branches(many: int) -> list[Listing]:
    return [a_listing(f"branch-{at:03}", name="Debt advice", organisation=f"org-{at}") for at in range(many)]


@pytest.mark.parametrize("many", [30, 150])
@pytest.mark.parametrize("with_meaning", [True, False])
def test_of_many_that_are_equal_the_first_by_id_are_kept_however_they_are_parted(many: int, with_meaning: bool) -> None:
    found = branches(many)
    anew = an_index(*found, with_meaning=with_meaning)
    parted = changed(an_index(*found[5:], with_meaning=with_meaning), found[:7], with_meaning=with_meaning)
    wants = wanted("debt-advice")
    expected = [listing.id for listing in found[:5]]
    assert services(Finder(anew, 7), wants) == services(Finder(parted, 7), wants) == expected
    says_the_same(anew, parted, a_home(), 40)


def test_points_are_the_same_to_the_last_digit_however_they_are_parted() -> None:
    chance = Random(5)
    found = [a_club(f"club-{at:02}", chance) for at in range(23)]
    anew = Finder(an_index(*found), 7)
    for cut in range(1, 23, 4):
        parted = Finder(changed(an_index(*found[:cut]), found[cut - 1 :], with_meaning=True), 7)
        one, other = anew.search("asked", QUESTION), parted.search("asked", QUESTION)
        for listing in found:
            row, other_row = row_of(anew.index, listing.id), row_of(parted.index, listing.id)
            assert one.points_closely(row) == other.points_closely(other_row), (cut, listing)


@settings(max_examples=15)
@given(directories(), st.randoms(use_true_random=True))
def test_a_listings_own_score_is_its_own(found: list[Listing], chance: Random) -> None:
    one, other = (an_index(*found, a_club("other", chance)) for _ in range(2))
    vector = BagOfStems().of(QUESTION)
    for listing in found:
        row, other_row = row_of(one, listing.id), row_of(other, listing.id)
        weights = {stem: 2.0 for text in WORDS for stem in words_of(text)}
        assert one.text_scores(weights)[row] == other.text_scores(weights)[other_row]
        assert one.meaning_scores(vector)[row] == pytest.approx(other.meaning_scores(vector)[other_row], abs=1e-6)
        if one.labelled == other.labelled:
            assert one.label_scores(vector)[row] == pytest.approx(other.label_scores(vector)[other_row], abs=1e-6)


def test_a_change_in_a_need_or_label_is_found_at_once() -> None:
    index = an_index(a_listing("club", needs=()), a_listing("other", labels=(Label(name="Tea"),)))
    now = a_listing("club", needs=("dementia",), labels=(Label(name="Memory café"),))
    finder = Finder(changed(index, [now], with_meaning=True), 8)
    assert services(finder, wanted("dementia")) == ["club"]
    assert services(finder, wanted("asked"), asked="memory café")[0] == "club"
    assert finder.index.labelled == 1.0


def test_what_is_no_longer_listed_is_neither_found_nor_counted() -> None:
    index = an_index(a_listing("club", description="Choir practice"), a_listing("other"), with_meaning=False)
    left = changed(index, [replace(a_listing("club"), unlisted="missing")], with_meaning=False)
    assert services(Finder(left, 8), wanted("debt-advice")) == ["other"]
    assert left.rarity("choir") == an_index(a_listing("other"), with_meaning=False).rarity("choir")


def test_after_many_changes_it_is_time_to_lay_out_anew() -> None:
    index = changed(an_index(with_meaning=False), branches(MOST_RECENT), with_meaning=False)
    assert not index.is_worn
    assert changed(index, [a_listing("one-more")], with_meaning=False).is_worn


def test_labels_are_those_of_the_rows_that_are_asked_about() -> None:
    index = changed(
        an_index(a_listing("a", needs=(), labels=(Label(name="Choir"), Label(name="Tea")))),
        [a_listing("b", needs=("dementia",))],
        with_meaning=True,
    )
    both, first, second = np.array([True, True]), np.array([True, False]), np.array([False, True])
    assert len(index.labels_among(both)) == 3
    assert np.allclose(index.labels_among(first), [BagOfStems().of("Choir"), BagOfStems().of("Tea")])
    assert np.allclose(index.labels_among(second), [BagOfStems().of(NEEDS["dementia"].name)])


def test_an_empty_directory_finds_nothing_and_says_so() -> None:
    for with_meaning in (True, False):
        finder = a_finder(with_meaning=with_meaning)
        (outcome,) = answers(finder, wanted("debt-advice", "asked"), asked="bailiffs")
        assert services(finder, wanted("debt-advice")) == []
        assert outcome.reasons == ("no-listing",)  # type: ignore[union-attr]  # nothing is proposed, so it is NotFound
