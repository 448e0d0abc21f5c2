"""A match is pure: constraints in three values, a score that is the sum of its reasons, and an honest not found."""

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.domain import (
    Accuracy,
    Area,
    Availability,
    Capacity,
    Home,
    NotFound,
    Point,
    Proposed,
    Site,
    Snapshot,
    Wanted,
    match,
)
from matching.domain.listing import Listing
from shared.contracts import Place, Proposal
from shared.needs import NEEDS
from tests.unit.matching.builders import (
    ANGUS,
    CITY,
    DUNDEE,
    TODAY,
    a_directory,
    a_home,
    a_listing,
    a_referral,
    by_need,
    wanted,
)


def matched(wants: Wanted, directory: Snapshot, taken: dict[str, int]) -> tuple[Proposed | NotFound, ...]:
    return match(wants, by_need(wants, directory), taken)


def proposed(*listings: Listing, taken: dict[str, int] | None = None, **asked: Any) -> tuple[Proposal, ...]:
    needs = asked.pop("needs", ("debt-advice",))
    outcomes = matched(wanted(*needs, **asked), a_directory(*listings), taken or {})
    return next((outcome.proposals for outcome in outcomes if isinstance(outcome, Proposed)), ())


def not_found(*listings: Listing, taken: dict[str, int] | None = None, **asked: Any) -> NotFound:
    needs = asked.pop("needs", ("debt-advice",))
    outcomes = matched(wanted(*needs, **asked), a_directory(*listings), taken or {})
    return next(outcome for outcome in outcomes if isinstance(outcome, NotFound))


def services(proposals: tuple[Proposal, ...]) -> list[str]:
    return [proposal.service for proposal in proposals]


@pytest.mark.parametrize(
    ("changed", "asked", "code"),
    [
        ({"status": "temporarily-closed"}, {}, "closed"),
        ({"minimum_age": 60}, {"age": 59}, "too-young"),
        ({"maximum_age": 25}, {"age": 26}, "too-old"),
        ({"minimum_age": 16}, {"age": None}, "age-not-known"),
        ({"areas": (Area("gss", ANGUS),)}, {}, "out-of-area"),
        ({"areas": (Area("gss", ANGUS),)}, {"home": Home(outward="DD5")}, "area-not-known"),
        ({"areas": (Area("gss", "S13002962"),)}, {}, "area-not-known"),
        ({"areas": (Area("outward", "DD4"),)}, {}, "out-of-area"),
        ({"areas": (Area("circle", centre=Point(56.7, -2.9), radius_km=5),)}, {}, "out-of-area"),
        (
            {"areas": (Area("circle", centre=Point(56.7, -2.9), radius_km=5),)},
            {"home": a_home(exact=False)},
            "area-not-known",
        ),
        ({"areas": (), "sites": (Site(point=Point(57.2, -2.1)),)}, {}, "too-far"),
        ({"areas": (Area("words", name="The coast"),), "sites": (Site(point=Point(57.2, -2.1)),)}, {}, "too-far"),
        ({"areas": ()}, {"home": Home(council=DUNDEE)}, "area-not-known"),
        ({"capacity": Capacity(0)}, {}, "full"),
    ],
)
def test_a_no_rules_a_service_out_and_says_by_what(changed: dict[str, Any], asked: dict[str, Any], code: str) -> None:
    listing = a_listing(**changed)
    assert proposed(listing, **asked) == ()
    outcome = not_found(listing, **asked)
    assert outcome.reasons == (code,)
    assert [(miss.service, miss.ruled_out_by) for miss in outcome.nearest] == [("debt-clinic", code)]


@pytest.mark.parametrize(
    ("changed", "asked"),
    [
        ({"minimum_age": 40}, {"age": 40}),
        ({"maximum_age": 40}, {"age": 40}),
        ({"maximum_age": 95}, {"age": 90}),
        ({"minimum_age": 95}, {"age": 90}),
        ({"minimum_age": 0}, {"age": None}),
        ({"areas": (Area("gss", ANGUS), Area("gss", DUNDEE))}, {}),
        ({"areas": (Area("gss", "S13002962"),)}, {"home": a_home(ward="S13002962")}),
        ({"areas": (Area("gss", "S92000003"),)}, {}),
        ({"areas": (Area("gss", "S92000003"),)}, {"home": Home(outward="DD5")}),
        ({"areas": (Area("gss", "K02000001"),)}, {"home": Home()}),
        ({"areas": (Area("outward", "DD1"),)}, {}),
        ({"areas": (Area("circle", centre=CITY, radius_km=5),)}, {}),
        ({"areas": (Area("circle", centre=CITY, radius_km=5),)}, {"home": a_home(exact=False)}),
        ({"areas": ()}, {}),
        ({"capacity": Capacity(None)}, {}),
        ({"status": "unknown"}, {}),
    ],
)
def test_what_fits_or_is_unknown_on_the_services_side_is_kept(changed: dict[str, Any], asked: dict[str, Any]) -> None:
    assert services(proposed(a_listing(**changed), **asked)) == ["debt-clinic"]


@pytest.mark.parametrize(
    ("changed", "asked", "words"),
    [
        ({"minimum_age": None}, {}, "age limit"),
        ({"areas": ()}, {}, "from the person's area"),
        ({"areas": (), "sites": ()}, {}, "neither an area nor a place"),
        ({"areas": (Area("words", name="The old town"),), "sites": ()}, {}, "It says: The old town."),
        ({"capacity": Capacity(None)}, {}, "a place at present"),
        ({"status": "unknown"}, {}, "running at present"),
        ({"eligibility": "Women."}, {}, "Women."),
        ({}, {"access": ("step-free", "hearing-loop")}, "step free and hearing loop"),
        ({}, {"language": "pl"}, "language (pl)"),
    ],
)
def test_each_unknown_is_a_question_to_ask(changed: dict[str, Any], asked: dict[str, Any], words: str) -> None:
    (proposal,) = proposed(a_listing(**changed), **asked)
    assert [words in question for question in proposal.questions] == [True]


def test_a_listing_that_says_everything_leaves_nothing_to_ask() -> None:
    (proposal,) = proposed(a_listing(access=("step-free",), languages=("pl",)), access=("step-free",), language="pl")
    assert proposal.questions == ()


def test_places_that_offers_hold_are_not_free() -> None:
    assert services(proposed(a_listing(capacity=Capacity(2)), taken={"debt-clinic": 1})) == ["debt-clinic"]
    assert not_found(a_listing(capacity=Capacity(2)), taken={"debt-clinic": 2}).reasons == ("full",)


@pytest.mark.parametrize(
    ("part", "better", "worse"),
    [
        ("need", {"needs": ("debt-advice", "loneliness")}, {}),
        ("distance", {}, {"sites": (Site(point=Point(56.55, -2.97)),)}),
        ("distance", {}, {"sites": ()}),
        ("distance", {"formats": ("home-visit",), "sites": ()}, {"sites": (Site(point=Point(56.6, -2.97)),)}),
        ("age", {}, {"minimum_age": None}),
        ("eligibility", {}, {"eligibility": "Women."}),
        ("access", {"access": ("step-free",)}, {}),
        ("access", {"languages": ("pl",)}, {}),
        ("company", {"formats": ("one-to-one",)}, {"formats": ("group",)}),
        ("freshness", {}, {"checked_on": date(2024, 12, 1)}),
        ("freshness", {}, {"checked_on": None}),
        ("capacity", {}, {"capacity": Capacity(None)}),
    ],
)
def test_each_part_prefers_what_it_is_named_for(part: str, better: dict[str, Any], worse: dict[str, Any]) -> None:
    ranked = proposed(
        a_listing("a-worse", **worse),
        a_listing("b-better", **better),
        needs=("debt-advice", "loneliness"),
        access=("step-free",),
        language="pl",
        company="one-to-one",
    )
    assert services(ranked) == ["b-better", "a-worse"]
    values = [{each.name: each.value for each in proposal.parts}.get(part, 0) for proposal in ranked]
    assert values[0] > values[1]


def test_the_score_is_the_sum_of_its_parts_and_each_part_has_a_sentence() -> None:
    for proposal in proposed(a_listing("a"), a_listing("b", checked_on=None, minimum_age=None), access=("step-free",)):
        assert proposal.score == pytest.approx(sum(part.value for part in proposal.parts), abs=1e-9)
        assert all(part.reason.endswith(".") for part in proposal.parts)


def test_reasons_cite_the_listings_own_facts() -> None:
    far = Site("Hall", "DD8 1AA", Point(56.64, -2.89))
    (proposal,) = proposed(a_listing(sites=(far,), maximum_age=65, capacity=Capacity(2)), taken={"debt-clinic": 1})
    reasons = {part.name: part.reason for part in proposal.parts}
    assert reasons["need"] == "Helps with debt advice."
    assert reasons["distance"] == "About 21 km away."
    assert reasons["age"] == "For people aged 16 to 65."
    assert reasons["freshness"] == "Last checked on 1 September 2026."
    assert reasons["capacity"] == "1 place free."
    assert proposal.distance_km == 20.6


def test_a_distance_from_the_middle_of_a_district_says_so() -> None:
    (proposal,) = proposed(a_listing(), home=a_home(exact=False))
    reason = next(part.reason for part in proposal.parts if part.name == "distance")
    assert reason == "Under 1 km away, reckoned from the middle of the postcode district."


def test_the_distance_is_a_great_circles() -> None:
    dundee, forfar = Point(56.4620, -2.9707), Point(56.6439, -2.8889)
    assert dundee.km_to(forfar) == pytest.approx(20.84, abs=0.05)


def test_equal_scores_go_by_id() -> None:
    assert services(proposed(a_listing("b"), a_listing("a"), a_listing("c"))) == ["a", "b", "c"]


def test_at_most_five_are_proposed() -> None:
    assert services(proposed(*(a_listing(f"s{n}") for n in range(9)))) == ["s0", "s1", "s2", "s3", "s4"]


def test_every_need_has_its_best_before_any_has_its_second() -> None:
    debts = [a_listing(f"debt-{n}") for n in range(6)]
    lonely = [a_listing(f"tea-{n}", needs=("loneliness",), minimum_age=None) for n in range(2)]
    found = proposed(*debts, *lonely, needs=("debt-advice", "loneliness"))
    assert services(found) == ["debt-0", "debt-1", "debt-2", "tea-0", "tea-1"]


def test_more_needs_than_five_have_one_proposal_each() -> None:
    needs = tuple(sorted(NEEDS)[:7])
    found = proposed(*(a_listing(f"for-{need}", needs=(need,)) for need in needs), needs=needs)
    assert sorted(need for proposal in found for need in proposal.needs) == sorted(needs)


def test_needs_that_are_covered_and_needs_that_are_not_are_both_told() -> None:
    wants = wanted("debt-advice", "loneliness")
    first, second = matched(wants, a_directory(a_listing()), {})
    assert isinstance(first, Proposed)
    assert (first.unmet, first.directory_version) == (("loneliness",), 7)
    assert isinstance(second, NotFound)
    assert (second.needs, second.reasons, second.nearest) == (("loneliness",), ("no-listing",), ())


def test_a_referral_without_needs_is_told_to_have_none() -> None:
    (outcome,) = matched(
        wanted().__class__((), 40, a_home(), wanted().preferences, TODAY), a_directory(a_listing()), {}
    )
    assert isinstance(outcome, NotFound)
    assert (outcome.needs, outcome.reasons) == ((), ("no-needs-known",))


def test_the_nearest_misses_have_the_fewest_objections_and_the_shortest_way() -> None:
    full_and_young = a_listing("a", capacity=Capacity(0), minimum_age=60)
    far = a_listing("b", capacity=Capacity(0), sites=(Site(point=Point(56.55, -2.97)),))
    near = a_listing("c", capacity=Capacity(0))
    assert [miss.service for miss in not_found(full_and_young, far, near).nearest] == ["c", "b", "a"]


def test_a_listing_that_left_the_directory_is_never_proposed() -> None:
    assert not_found(a_listing(status="defunct")).reasons == ("no-listing",)


def test_a_later_version_has_what_changed_and_keeps_the_rest() -> None:
    before = a_directory(a_listing("a"), a_listing("b"))
    after = before.changed(8, [a_listing("b", status="inactive"), a_listing("c")])
    stating = tuple(candidate.listing.id for candidate in by_need(wanted(), after).candidates)
    assert (after.version, sorted(after.listings), stating) == (8, ["a", "c"], ("a", "c"))


@settings(deadline=None)
@given(st.sampled_from([1, 2, 3, 4, 5, None]))
def test_how_deprived_a_place_is_changes_nothing(quintile: int | None) -> None:
    def outcomes(simd: int | None) -> object:
        place = Place(council=DUNDEE, latitude=56.46, longitude=-2.97, precision="postcode", simd_quintile=simd)
        return matched(a_referral(place=place).wants(TODAY), a_directory(a_listing("a"), a_listing("b")), {})

    assert outcomes(quintile) == outcomes(None)


OPTIONAL = st.sampled_from
LISTINGS = st.lists(
    st.builds(
        a_listing,
        st.sampled_from([f"s{n}" for n in range(8)]),
        needs=st.sampled_from([("debt-advice",), ("loneliness",), ("debt-advice", "loneliness"), ()]),
        minimum_age=st.sampled_from([None, 0, 16, 60]),
        maximum_age=st.sampled_from([None, 25, 95]),
        status=st.sampled_from(["active", "unknown", "temporarily-closed", "defunct"]),
        areas=st.sampled_from([(), (Area("gss", DUNDEE),), (Area("gss", ANGUS),), (Area("words"),)]),
        sites=st.sampled_from([(), (Site(point=CITY),), (Site(point=Point(57.2, -2.1)),)]),
        capacity=st.sampled_from([Capacity(None), Capacity(0), Capacity(1), Capacity(4)]),
        checked_on=st.sampled_from([None, date(2026, 1, 1)]),
        eligibility=st.sampled_from([None, "Women."]),
    ),
    unique_by=lambda listing: listing.id,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LISTINGS, st.permutations(range(8)), st.sampled_from([None, 15, 20, 70, 90]), st.integers(0, 4))
def test_every_match_is_free_of_hard_violations_complete_and_repeatable(
    listings: list[Listing], order: list[int], age: int | None, taken: int
) -> None:
    wants = wanted("debt-advice", "loneliness", age=age)
    held = {listing.id: taken for listing in listings}
    outcomes = matched(wants, a_directory(*listings), held)
    shuffled = sorted(listings, key=lambda listing: order[int(listing.id[1:])])
    assert outcomes == matched(wants, a_directory(*shuffled), held)
    by_id = {listing.id: listing for listing in listings}
    told: set[str] = set()
    for outcome in outcomes:
        told |= set(outcome.needs if isinstance(outcome, NotFound) else ())
        for proposal in outcome.proposals if isinstance(outcome, Proposed) else ():
            told |= set(proposal.needs)
            listing = by_id[proposal.service]
            assert listing.status in {"active", "unknown"}
            assert listing.minimum_age is None or listing.minimum_age == 0 or (age or 0) >= listing.minimum_age
            assert listing.maximum_age is None or listing.maximum_age >= 90 or (age or 99) <= listing.maximum_age
            assert listing.capacity.places is None or listing.capacity.places > taken
            assert Area("gss", ANGUS) not in listing.areas
    assert told == {"debt-advice", "loneliness"}, "a need was neither proposed for nor told as unmet"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"availability": Availability("paused"), "capacity": Capacity(0)}, "paused"),
        ({"availability": Availability("full"), "capacity": Capacity(0)}, "full"),
    ],
)
def test_a_service_without_room_is_not_proposed_whatever_its_word_for_it(changed: dict[str, Any], code: str) -> None:
    assert proposed(a_listing(**changed)) == ()
    assert not_found(a_listing(**changed)).reasons == (code,)


def test_a_wait_is_told_and_asked_about_and_rules_nobody_out() -> None:
    waiting = a_listing(availability=Availability("waiting", 6), capacity=Capacity(None))
    (proposal,) = proposed(waiting)
    assert "Can the person wait 6 weeks?" in proposal.questions
    assert (
        next(part.reason for part in proposal.parts if part.name == "capacity") == "There is a wait of about 6 weeks."
    )


def test_only_a_doubt_that_its_organisation_was_asked_about_lowers_a_listing() -> None:
    asked = a_listing("a-silent", accuracy=Accuracy("wrong", ("reported-closed",), lowered=True))
    not_asked = a_listing("b-reported", accuracy=Accuracy("doubtful", ("reported-closed",)))
    full = a_listing("c-waiting", availability=Availability("waiting", 2))
    assert services(proposed(asked, not_asked, full)) == ["b-reported", "c-waiting", "a-silent"]


def test_no_three_of_five_are_branches_of_one_thing() -> None:
    branches = [
        a_listing(f"cafe-{place.lower()}", name=f"Memory Cafe - {place}", organisation="one", organisation_name="One")
        for place in ("Lochee", "Fintry", "Hilltown", "Douglas")
    ]
    other = a_listing("other", minimum_age=None, checked_on=None)
    assert services(proposed(*branches, other)) == ["cafe-douglas", "cafe-fintry", "other"]
