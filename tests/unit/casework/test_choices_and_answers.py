"""What a person may choose, and what an organisation's answer comes to."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.domain import (
    DECLINE_REASONS,
    Answered,
    Chosen,
    Pick,
    Refused,
    answer,
    attend,
    choose_services,
    may_see_person,
    standing,
)
from tests.unit.casework.cases import NOW, a_proposal, an_offer, an_open_case

PROPOSED = {name: a_proposal(name) for name in ("debt-desk", "tea-and-talk", "walks")}

offers = st.builds(
    an_offer,
    expired_at=st.none() | st.just(NOW),
    revoked_at=st.none() | st.just(NOW),
    answer=st.sampled_from((None, "accepted", "declined")),
    late=st.booleans(),
)
states = st.sampled_from(("open", "closed", "withdrawn", "erased"))


def pick(service: str = "debt-desk", rank: int = 1, need: str = "debt-advice", *share: str) -> Pick:
    return Pick(service, rank, need, share)


def choose(*picks: Pick, version: int = 1, agreed: bool = True, **changes: Any) -> Chosen | Refused:
    return choose_services(an_open_case(**changes), PROPOSED, picks, version, agreed=agreed)


def test_choices_come_in_the_order_of_their_ranks_with_what_may_be_shared() -> None:
    chosen = choose(pick("walks", 2), pick("tea-and-talk", 1, "debt-advice", "name"))

    assert isinstance(chosen, Chosen)
    assert [(each.service, each.share) for each in chosen.event.choices] == [("tea-and-talk", ("name",)), ("walks", ())]
    assert [each.service for each in chosen.proposals] == ["tea-and-talk", "walks"]
    assert chosen.case.version == 2


@pytest.mark.parametrize(
    ("picks", "reason"),
    [
        ([], "nothing-chosen"),
        ([pick("debt-desk", 1), pick("walks", 1)], "same-rank"),
        ([pick("elsewhere")], "not-proposed"),
        ([pick("debt-desk", 1, "loneliness")], "wrong-need"),
        ([pick("debt-desk", rank) for rank in range(1, 7)], "too-many"),
    ],
)
def test_choices_that_make_no_sense_are_refused_with_their_reason(picks: list[Pick], reason: str) -> None:
    assert choose(*picks) == Refused(reason)


def test_nobody_is_asked_without_the_persons_agreement() -> None:
    assert choose(pick(), agreed=False) == Refused("not-agreed")


def test_choosing_again_takes_the_task_of_exhausted_choices_away() -> None:
    chosen = choose(pick(), exhausted=("debt-advice",), exhausted_at=NOW)

    assert isinstance(chosen, Chosen)
    assert (chosen.case.exhausted, chosen.case.exhausted_at) == ((), None)


def test_a_page_that_is_older_than_the_case_chooses_nothing() -> None:
    assert choose(pick(), version=0) == Refused("stale")
    assert choose(pick(), state="closed", review=None) == Refused("not-open")


@given(offers, states, st.sampled_from(("accepted", "declined")))
def test_an_offer_is_answered_once_and_only_while_the_person_wants_it(offer: Any, state: Any, given_: Any) -> None:
    case = an_open_case(state=state)
    decided = answer(offer, case, given_, "full")

    if isinstance(decided, Answered):
        assert offer.answer is None
        assert offer.revoked_at is None
        assert state not in ("withdrawn", "erased")
        assert decided.late == (offer.expired_at is not None)
        assert decided.event.reason == ("full" if given_ == "declined" else None)
    else:
        assert offer.answer is not None or standing(offer, state) in ("withdrawn", "ended")


@given(offers, states)
def test_nobody_sees_a_person_who_did_not_agree_or_does_not_want_it_any_more(offer: Any, state: Any) -> None:
    if may_see_person(offer, state):
        assert (state, offer.answer, offer.late, offer.revoked_at) == ("open", "accepted", False, None)


@pytest.mark.parametrize("reason", DECLINE_REASONS)
def test_every_reason_to_decline_is_taken(reason: str) -> None:
    assert isinstance(answer(an_offer(), an_open_case(), "declined", reason), Answered)


def test_a_no_without_a_known_reason_is_refused() -> None:
    assert answer(an_offer(), an_open_case(), "declined", "busy") == Refused("decline-reason")


def test_an_answer_after_the_clock_counts_as_late_and_is_told() -> None:
    late = answer(an_offer(expired_at=NOW), an_open_case(), "accepted", None)

    assert isinstance(late, Answered)
    assert late.late
    assert late.event.answer == "accepted"


def test_what_the_person_took_back_counts_before_what_was_answered() -> None:
    accepted = an_offer(answer="accepted", answered_at=NOW)

    assert standing(accepted, "open") == "accepted"
    assert standing(an_offer(answer="accepted", answered_at=NOW, revoked_at=NOW), "open") == "withdrawn"
    assert standing(accepted, "withdrawn") == "withdrawn"


def test_attendance_is_told_only_of_somebody_who_was_taken_on() -> None:
    case, later = an_open_case(), NOW + timedelta(days=3)

    assert attend(an_offer(), case, attended=True, now=later) == Refused("not-accepted")
    told = attend(an_offer(answer="accepted"), case, attended=False, now=later)
    assert not isinstance(told, Refused)
    assert (told.attended, told.at) == (False, later)
