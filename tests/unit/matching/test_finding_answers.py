"""What is found answers what was asked, says why in the listing's own words, and never fails whatever is typed."""

from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from matching.domain import Area, Evidence, Home, Label, Listing, NotFound
from matching.finding.described import fields_of, labels_of
from matching.finding.evidence import MOST_CITED, by_meaning
from matching.finding.finder import KEPT, LOOKED_AT, Finder
from matching.finding.words import STOP_WORDS
from tests.unit.matching.builders import ANGUS, a_listing, wanted
from tests.unit.matching.searching import CODES, WORDS, a_finder, an_index, answers, directories, services

WITH_AND_WITHOUT = pytest.mark.parametrize("with_meaning", [True, False])

TOWN = (
    a_listing("debt", name="Debt advice", description="Bailiffs, arrears and what you owe."),
    a_listing("grief", name="Grief cafe", needs=("bereavement",), description="For the bereaved."),
    a_listing("choir", name="Choir", needs=(), labels=(Label(name="Choirs"),), areas=(), sites=()),
    a_listing("away", name="Debt advice in Angus", areas=(Area("gss", ANGUS),)),
)


@cache
def a_finder_once(*, with_meaning: bool) -> Finder:
    return a_finder(*TOWN, with_meaning=with_meaning)


@WITH_AND_WITHOUT
@settings(max_examples=15)
@given(said=st.text())
@example(said="")
@example(said=" ")
@example(said="\U0001f642" * 50)
@example(said="debt " * 2_000)
@example(said="x" * 10_000)
@example(said=" ".join(sorted(STOP_WORDS)))
@example(said="\x00\n\t'\u2019\u2019'")
@example(said="'; DROP TABLE listing; --")
def test_whatever_is_typed_is_answered(said: str, with_meaning: bool) -> None:
    finder = a_finder_once(with_meaning=with_meaning)
    wants = replace(wanted("asked", age=None, home=Home()), is_person=False)
    found = finder.find(wants, {"asked": said})
    assert found.version == 7
    assert all(each.found for each in found.candidates)


def is_cited(listing: Listing, reason: Evidence) -> bool:
    if reason.channel == "need":
        return reason.field == "needs" and reason.cited in listing.needs
    if reason.channel == "label":
        return reason.field == "labels" and reason.cited in labels_of(listing)
    assert reason.field in ({"name", "description"} if reason.channel == "meaning" else fields_of(listing))
    return reason.cited.rstrip("…").lower() in fields_of(listing)[reason.field].lower()


@settings(max_examples=20)
@given(directories(), st.sampled_from(WORDS), st.booleans())
def test_reasons_cite_what_their_field_says(found: list[Listing], said: str, with_meaning: bool) -> None:
    finder = Finder(an_index(*found, with_meaning=with_meaning), 7)
    for candidate in finder.find(wanted("asked", "debt-advice", "dementia"), {"asked": said}).candidates:
        for reasons in candidate.found.values():
            assert reasons
            assert len({reason.channel for reason in reasons}) == len(reasons)
            for reason in reasons:
                assert is_cited(candidate.listing, reason), reason
                assert reason.strength > 0


def test_a_name_with_another_beside_it_is_cited_as_its_field_has_it() -> None:
    listing = a_listing(name="Debt clinic", alternate_name="DC", description="Tea.")
    assert by_meaning(listing, 0, 0.5) == Evidence("meaning", 0.5, "name", "Debt clinic")
    assert by_meaning(listing, 1, 0.5) == Evidence("meaning", 0.5, "description", "Tea.")


def test_a_long_sentence_is_cited_short() -> None:
    cited = by_meaning(a_listing(description="word " * 60), 1, 0.5).cited
    assert len(cited) <= MOST_CITED
    assert cited.endswith("word…")


def test_a_reason_that_counts_for_nothing_is_none() -> None:
    teenagers = a_listing("teens", name="Parents of teenagers", organisation_name="Tayside", needs=())
    finder = a_finder(teenagers, with_meaning=False)
    assert services(finder, wanted("asked"), asked="bailiffs at the door") == []


@WITH_AND_WITHOUT
def test_what_cannot_fit_is_found_as_a_miss_and_not_proposed(with_meaning: bool) -> None:
    finder = a_finder(TOWN[3], with_meaning=with_meaning)
    (outcome,) = answers(finder, wanted("debt-advice"))
    assert isinstance(outcome, NotFound)
    assert [(miss.service, miss.ruled_out_by) for miss in outcome.nearest] == [("away", "out-of-area")]


@WITH_AND_WITHOUT
@pytest.mark.parametrize("need", ["gambling", "walking", "no-such-need"])
def test_nothing_is_proposed_for_a_need_that_no_listing_states_or_is_about(need: str, with_meaning: bool) -> None:
    walker = a_listing(
        "walker", name="Walking debt", needs=("debt-advice",), description="Walking, gambling, such need."
    )
    (outcome,) = answers(a_finder(*TOWN, walker, with_meaning=with_meaning), wanted(need))
    assert isinstance(outcome, NotFound)
    assert (outcome.needs, outcome.reasons, outcome.nearest) == ((need,), ("no-listing",), ())


def test_a_listing_that_states_no_need_is_found_for_one_that_it_is_plainly_about() -> None:
    debt = a_listing(
        "untold", name="Debt advice", organisation_name="Debt advice", needs=(), description="Debt advice."
    )
    assert services(a_finder(debt), wanted("debt-advice")) == ["untold"]
    assert services(a_finder(debt, with_meaning=False), wanted("debt-advice")) == []


def test_one_that_states_other_needs_is_not_read_for_more() -> None:
    debt = a_listing(
        "told", name="Debt advice", organisation_name="Debt", needs=("dementia",), description="Debt advice."
    )
    assert services(a_finder(debt), wanted("debt-advice")) == []


@WITH_AND_WITHOUT
def test_a_stated_need_comes_before_a_merely_similar_one(with_meaning: bool) -> None:
    said: dict[str, Any] = {"name": "Debt advice", "description": "Advice on debt."}
    stating = a_listing("stating", **said)
    similar = a_listing("similar", **said, organisation="another", needs=())
    finder = a_finder(similar, stating, with_meaning=with_meaning)
    assert services(finder, wanted("debt-advice"))[0] == "stating"


@WITH_AND_WITHOUT
def test_a_stated_need_is_not_crowded_out_by_many_that_only_say_it(with_meaning: bool) -> None:
    crowd = [
        a_listing(f"crowd-{at:03}", name="Debt advice", needs=("walking",), organisation=f"org-{at}", description="")
        for at in range(LOOKED_AT + 10)
    ]
    stating = a_listing("stating", name="The Centre", description="We do many things. " * 60, sites=())
    assert services(a_finder(*crowd, stating, with_meaning=with_meaning), wanted("debt-advice")) == ["stating"]


@WITH_AND_WITHOUT
def test_no_more_than_two_branches_of_one_thing_are_proposed(with_meaning: bool) -> None:
    places = ("Lochee", "Fintry", "Ardler", "Menzieshill")
    branches = [
        a_listing(f"branch-{place.lower()}", name=f"Debt clinic, {place}", organisation="one") for place in places
    ]
    other = a_listing("other", name="Money worries", description="Debts.")
    proposed = services(a_finder(*branches, other, with_meaning=with_meaning), wanted("debt-advice"))
    assert "other" in proposed
    assert sum(service.startswith("branch") for service in proposed) == 2


@WITH_AND_WITHOUT
def test_branches_do_not_crowd_out_others_before_they_are_counted(with_meaning: bool) -> None:
    branches = [a_listing(f"a-{at}", name=f"Debt advice, {at}", organisation="one") for at in range(KEPT - 1)]
    other = a_listing("other", name="Money worries", description="Debts.")
    assert "other" in services(a_finder(*branches, other, with_meaning=with_meaning), wanted("debt-advice"))


@WITH_AND_WITHOUT
def test_own_words_and_a_code_are_answered_side_by_side(with_meaning: bool) -> None:
    candidates = (
        a_finder_once(with_meaning=with_meaning)
        .find(wanted("bereavement", "asked"), {"asked": "debt advice"})
        .candidates
    )
    assert {"asked", "bereavement"} == {asked for each in candidates for asked in each.found}
    assert next(each.found for each in candidates if each.listing.id == "debt").keys() == {"asked"}


@settings(max_examples=12)
@given(directories())
def test_a_code_is_answered_only_by_what_states_it_or_states_nothing(found: list[Listing]) -> None:
    for with_meaning in (True, False):
        finder = Finder(an_index(*found, with_meaning=with_meaning), 7)
        for candidate in finder.find(wanted(*CODES)).candidates:
            listing = candidate.listing
            assert all(code in listing.needs or (with_meaning and not listing.needs) for code in candidate.found)


def test_the_nearer_of_two_equals_comes_first() -> None:
    here, somewhere = a_listing("debt-b", name="Debt advice"), a_listing("debt-a", name="Debt advice", sites=())
    assert services(a_finder(here, somewhere), wanted("debt-advice")) == ["debt-b", "debt-a"]


def test_what_answers_from_afar_is_not_crowded_out_by_neighbours_that_say_nothing_of_it() -> None:
    near = [a_listing(f"near-{at}", name="Choir", organisation_name="Tayside", needs=()) for at in range(KEPT + 6)]
    said = "Advice on debt. " + "We are here for all who live in Dundee and beyond, on most days. " * 9
    far = a_listing("far", name="The Centre", organisation_name="Tayside", needs=(), description=said, sites=())
    finder = a_finder(*near, far, with_meaning=False)
    assert services(finder, wanted("asked"), asked="advice on bills and tax and rent and debt") == ["far"]


@WITH_AND_WITHOUT
def test_a_question_leaves_the_directory_as_it_was(with_meaning: bool) -> None:
    finder = a_finder(*TOWN, with_meaning=with_meaning)
    first = services(finder, wanted("asked"), asked="debt advice")
    for said in ("grief", "choir", "", "wheelchair repair"):
        services(finder, wanted("asked", "debt-advice"), asked=said)
    assert finder.index.alive.all()
    assert services(finder, wanted("asked"), asked="debt advice") == first
    assert first[0] == "debt"
