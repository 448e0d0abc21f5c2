"""People choose from what is there, as near to their plan as it allows."""

from hypothesis import given
from hypothesis import strategies as st

from deploy.demo.driver.choosing import NOTHING_SUITABLE, choose, need_for, outcomes_of, revise
from deploy.demo.driver.pages import Proposal
from deploy.demo.driver.samples import Outcome, Plan

LIST = [Proposal(number, f"service-{number}", f"Service {number}", ("stress",)) for number in (1, 2, 3)]


def services(chosen: list[Proposal]) -> list[str]:
    return [proposal.service for proposal in chosen]


def test_ranks_are_places_in_the_list_and_the_best_liked_comes_first() -> None:
    assert services(choose((2, 1), LIST)) == ["service-2", "service-1"]


def test_a_place_that_the_list_does_not_have_is_passed_over() -> None:
    assert services(choose((3, 1), LIST[:2])) == ["service-1"]


def test_whoever_wanted_something_takes_the_first_that_is_there() -> None:
    assert services(choose((3,), LIST[:2])) == ["service-1"]


def test_whoever_wanted_nothing_gets_nothing() -> None:
    assert choose((), LIST) == []
    assert choose((1,), []) == []


def test_who_was_asked_before_is_not_asked_again() -> None:
    assert services(choose((1, 2), LIST, tried={"service-1"})) == ["service-2"]
    assert services(choose((1,), LIST, tried={"service-1"})) == ["service-2"]


@given(st.lists(st.integers(1, 9), unique=True), st.integers(0, 3), st.sets(st.sampled_from(LIST)))
def test_what_is_chosen_is_proposed_untried_and_chosen_once(
    ranks: list[int], length: int, tried: set[Proposal]
) -> None:
    chosen = services(choose(ranks, LIST[:length], {proposal.service for proposal in tried}))
    left = {proposal.service for proposal in LIST[:length]} - {proposal.service for proposal in tried}
    assert set(chosen) <= left
    assert len(set(chosen)) == len(chosen)
    assert bool(chosen) == bool(ranks and left)


def test_a_need_from_the_conversation_comes_before_one_from_the_letter() -> None:
    proposal = Proposal(1, "s", "S", ("stress", "walking"))
    assert need_for(proposal, {"walking"}) == "walking"
    assert need_for(proposal, ()) == "stress"


def test_needs_are_added_and_crossed_out_and_the_others_keep_their_places() -> None:
    plan = Plan(add=frozenset({"walking", "stress"}), remove=frozenset({"sleep"}))
    assert revise(("carers", "sleep", "stress"), plan) == ["carers", "stress", "walking"]


def test_planned_outcomes_are_told_only_where_somebody_took_the_person_on() -> None:
    plan = Plan(choose=(1,), outcomes=(Outcome("more-active"),))
    assert outcomes_of(plan, taken_on=True) == (Outcome("more-active"),)
    assert outcomes_of(plan, taken_on=False) == (NOTHING_SUITABLE,)


def test_who_wanted_no_service_keeps_the_planned_outcomes() -> None:
    assert outcomes_of(Plan(outcomes=(Outcome("advice-only"),)), taken_on=False) == (Outcome("advice-only"),)
