"""A match can be made again and is the same; why a service is not in it has an answer of each kind."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic_core import to_json

from matching.domain import Area, Capacity, Listing, MatchMade, Point, Site, Weights, make_match
from matching.explaining import why_not_words, words
from matching.explaining.comparing import difference, proposals_of
from matching.explaining.configuration import configuration_of
from matching.explaining.explanation import Explanation, explain
from matching.explaining.trial import Trial, try_out
from matching.explaining.why_not import WhyNot, why_not
from matching.finding.finder import KEPT, Finder
from shared.contracts import Place
from tests.unit.matching.builders import ANGUS, CITY, NOW, a_listing, a_referral
from tests.unit.matching.searching import a_finder

NEAR = a_listing("near")
FULL = a_listing("full", capacity=Capacity(1))
ELSEWHERE = a_listing("elsewhere", areas=(Area("gss", ANGUS),), maximum_age=25)
TEA = a_listing("tea", needs=("loneliness",), description="Tea and company.")
CRAWL = a_listing("crawl", needs=("alcohol",), description="A pub crawl every Friday.")


def finding(*listings: Listing, version: int = 7) -> Finder:
    return replace(a_finder(*listings, with_meaning=False), version=version)


def a_match(finder: Finder, *, taken: Mapping[str, int] | None = None, **changed: Any) -> MatchMade:
    referral = a_referral(**changed)
    found = finder.find(referral.wants(NOW.date()))
    configuration = configuration_of(finder)
    return make_match(referral, found, taken or {}, weights=finder.weights, configuration=configuration, now=NOW)


def explained(made: MatchMade, finder: Finder, *changed: str, service: str | None = None) -> Explanation:
    return explain(made, 1, finder, configuration=configuration_of(finder), changed=changed, service=service)


def asked_why(service: str, *listings: Listing, taken: Mapping[str, int] | None = None, **changed: Any) -> WhyNot:
    finder = finding(*listings)
    found = why_not(a_match(finder, taken=taken, **changed).inquiry, finder, service)
    assert list(why_not_words.why(found)), "every kind can be said"
    return found


def branches(*places: str) -> list[Listing]:
    return [a_listing(f"b-{place.lower()}", name=f"Debt Clinic - {place}", organisation="one") for place in places]


def test_a_match_that_is_made_again_is_the_same_to_the_letter() -> None:
    finder = finding(NEAR, FULL, ELSEWHERE, TEA)
    made = a_match(finder, taken={"full": 1}, needs=("debt-advice", "loneliness", "dementia"))
    again = explained(made, finding(TEA, ELSEWHERE, FULL, NEAR)).again
    assert (again.verdict, again.answers, again.ruled_out) == ("the same", made.answers, made.ruled_out)
    assert [(each.service, each.by) for each in made.ruled_out] == [
        ("elsewhere", ("too-old", "out-of-area")),
        ("full", ("full",)),
    ]


def test_a_change_of_the_directory_is_told_with_the_listings_that_changed() -> None:
    made = a_match(finding(NEAR, TEA))
    then = explained(made, finding(replace(NEAR, status="temporarily-closed"), CRAWL, TEA, version=8), "near", "tea")
    assert then.again.verdict == "differs"
    assert [(move.service, move.before, move.after) for move in then.again.difference.moves] == [("near", 1, None)]
    assert then.again.difference.now_unmet == ("debt-advice",)
    assert (then.again.concerned, then.again.listings_changed) == (("near",), 2)


def test_other_points_at_the_same_place_are_a_difference_too() -> None:
    made = a_match(finding(NEAR))
    again = explained(made, finding(replace(NEAR, checked_on=NOW.date()), version=8), "near").again
    assert (again.verdict, again.difference.moves, again.difference.retold) == ("differs", (), ("near",))


def test_other_weights_are_named_and_a_difference_without_a_cause_is_called_one() -> None:
    finder = finding(NEAR)
    made = a_match(finder)
    again = explained(made, replace(finder, weights=Weights(need=1), searches={})).again
    assert (again.verdict, again.configuration_changed) == ("differs", ("weights",))
    broken = explained(replace(made, answers=()), finder)
    assert broken.again.verdict == "differs without a cause"
    assert any("THOUGH NOTHING ELSE DOES" in line for line in words.explained(broken))


def test_an_explanation_says_needs_parts_reasons_what_is_ruled_out_and_what_is_not_found() -> None:
    finder = finding(NEAR, FULL)
    made = a_match(finder, taken={"full": 1}, needs=("debt-advice", "dementia"))
    text = "\n".join(words.explained(explained(made, finder)))
    for said in (
        "on version 7 of the directory",
        "Wanted: debt advice and dementia and memory, for a person aged 40 in DD1",
        "1. Near (near) of Tayside Help",
        "need: Helps with debt advice.",
        "Full (full): It is full at present.",
        "Not found: dementia and memory (no listing)",
        "The answer is the same.",
    ):
        assert said.lower() in text.lower()


def test_programs_get_an_explanation_as_json() -> None:
    finder = finding(NEAR, TEA)
    told = to_json(explained(a_match(finder), finder, service="tea"))
    assert b'"verdict":"the same"' in told
    assert b'"why":["not-found"]' in told


def test_why_not_what_is_proposed() -> None:
    found = asked_why("near", NEAR)
    assert (found.why, found.rank, found.of) == (("proposed",), 1, 1)


def test_why_not_what_is_not_in_the_directory() -> None:
    assert asked_why("nowhere", NEAR).why == ("not-listed",)


def test_why_not_what_is_about_something_else_with_its_points_beside_the_last_ones() -> None:
    found = asked_why("tea", NEAR, TEA)
    assert found.why == ("not-found",)
    (need,) = found.needs
    assert (need.standing, need.rank) == ("not-about-it", None)
    assert need.last_kept is not None
    assert need.points < need.last_kept
    assert found.beside == "near"
    assert sum(part.points for part in found.parts) < sum(part.beside for part in found.parts)


def test_why_not_what_is_ruled_out_names_every_constraint() -> None:
    found = asked_why("elsewhere", NEAR, ELSEWHERE)
    assert (found.why, found.ruled_out_by) == (("ruled-out",), ("too-old", "out-of-area"))
    assert asked_why("full", FULL, taken={"full": 1}).ruled_out_by == ("full",)


def test_why_not_what_is_ruled_out_and_about_something_else() -> None:
    closed = replace(TEA, status="temporarily-closed")
    assert asked_why("tea", NEAR, closed).why == ("ruled-out", "not-found")


def test_why_not_what_is_near_and_would_hurt() -> None:
    found = asked_why("crawl", NEAR, CRAWL, needs=("alcohol",))
    assert (found.why, found.needs[0].standing) == (("harmful",), "harmful")


def test_why_not_the_third_branch_of_one_thing() -> None:
    found = asked_why("b-perth", *branches("Alyth", "Crieff", "Perth"))
    assert (found.why, found.branches, found.rank) == (("third-branch",), ("b-alyth", "b-crieff"), 3)


def test_why_not_what_others_come_before() -> None:
    better = [a_listing(f"better-{n}") for n in range(5)]
    further = a_listing("further", sites=(Site(point=Point(CITY.latitude + 0.1, CITY.longitude)),))
    found = asked_why("further", *better, further)
    assert (found.why, found.rank, found.of, found.beside) == (("ranked-below",), 6, 6, "better-4")
    assert (found.needs[0].rank, found.needs[0].of) == (6, 6)
    (distance,) = [part for part in found.parts if part.name == "distance"]
    assert distance.points < distance.beside
    assert all(part.points == part.beside for part in found.parts if part.name not in ("distance", "text"))


def test_why_not_what_comes_behind_as_many_as_are_kept() -> None:
    many = [a_listing(f"many-{n:03}") for n in range(KEPT)]
    further = a_listing("further", sites=(Site(point=Point(CITY.latitude + 0.1, CITY.longitude)),))
    found = asked_why("further", *many, further)
    assert (found.why, found.needs[0].standing, found.rank) == (("not-found",), "outscored", None)


def test_why_not_where_no_need_is_known() -> None:
    assert asked_why("near", NEAR, needs=()).why == ("not-found",)


@pytest.mark.parametrize("listing", [NEAR, FULL, ELSEWHERE, TEA, CRAWL, *branches("Alyth", "Crieff", "Perth")])
def test_a_service_is_proposed_or_there_is_a_reason_why_not(listing: Listing) -> None:
    everyone = (NEAR, FULL, ELSEWHERE, TEA, CRAWL, *branches("Alyth", "Crieff", "Perth"))
    finder = finding(*everyone)
    made = a_match(finder, needs=("debt-advice", "loneliness", "alcohol"))
    told = why_not(made.inquiry, finder, listing.id).why
    is_proposed = listing.id in [each.service for each in proposals_of(made.answers)]
    assert told
    assert (told == ("proposed",)) == is_proposed


def test_a_trial_tells_which_answers_other_weights_change_and_leaves_out_the_rest() -> None:
    near = a_listing("near", checked_on=None)
    fresh = a_listing("fresh", sites=(Site(point=Point(CITY.latitude + 0.05, CITY.longitude)),))
    finder = finding(near, fresh, TEA)
    debt, tea = a_match(finder).inquiry, a_match(finder, needs=("loneliness",)).inquiry
    tomorrow = NOW.date() + timedelta(days=1)
    changed = try_out((debt, tea), finder, Weights(freshness=9), {}, tomorrow)
    assert [each.referral for each in changed] == [debt.referral]
    assert {move.service: (move.before, move.after) for move in changed[0].difference.moves} == {
        "fresh": (2, 1),
        "near": (1, 2),
    }
    assert try_out((debt, tea), finder, finder.weights, {}, tomorrow) == ()
    trial = Trial(7, {"freshness": (0.5, 9.0)}, 2, has_more=False, changed=changed, now_unmet=0, now_met=0)
    text = "\n".join(words.tried(trial))
    assert "freshness: 0.5 → 9" in text
    assert "1 answer would differ." in text
    assert "Fresh (fresh) goes from place 2 to 1." in text


def test_a_trial_counts_places_as_they_are_taken_now() -> None:
    finder = finding(FULL, NEAR)
    then = a_match(finder, taken={"full": 1}).inquiry
    freshness = Weights(freshness=9)
    assert try_out((then,), finder, freshness, {"near": 3}, NOW.date()) == (), "only full has a place now"
    assert [proposals_of(then.answers(finder.find(then.wanted), finder.weights))[0].service] == ["near"]


def test_what_is_kept_says_nothing_of_how_deprived_a_place_is() -> None:
    made = a_match(finding(NEAR), place=Place(council="S12000042", simd_quintile=1))
    assert difference(made.answers, made.answers).is_none
    assert "simd" not in repr(made.inquiry.wanted)
