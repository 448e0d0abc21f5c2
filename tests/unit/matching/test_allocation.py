"""A link worker is found by continuity, then by the smallest caseload, and no limit is ever passed."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.domain import Assigned, Awaited, Post, Referral, assign
from shared.clocks import Clock
from shared.contracts import Agreement, NeedRead, Place, Preferences, ReferralAccepted
from tests.unit.matching.builders import NOW, a_referral

CLOCK = Clock(2, "working day")


def a_post(link_worker: str = "ash", limit: int = 10, held: int = 0, before: int = 0, **changed: Any) -> Post:
    return replace(Post(link_worker, limit, held, before), **changed)


def given_to(*posts: Post) -> Assigned | Awaited:
    return assign(a_referral(), posts, NOW, CLOCK)


def test_the_smallest_caseload_gets_the_referral() -> None:
    decided = given_to(a_post("ash", held=5), a_post("birch", held=3), a_post("cedar", held=4))
    assert isinstance(decided, Assigned)
    assert (decided.link_worker, decided.reasons) == ("birch", ("serves-practice", "smallest-caseload"))


def test_equal_caseloads_go_by_id() -> None:
    decided = given_to(a_post("cedar", held=3), a_post("birch", held=3))
    assert isinstance(decided, Assigned)
    assert decided.link_worker == "birch"


def test_who_knows_the_person_comes_before_the_smallest_caseload() -> None:
    decided = given_to(a_post("ash", held=9, knows_person=True), a_post("birch", held=0))
    assert isinstance(decided, Assigned)
    assert (decided.link_worker, decided.reasons) == ("ash", ("knows-person", "serves-practice"))


def test_who_knows_the_person_is_asked_even_from_another_practice() -> None:
    decided = given_to(a_post("ash", knows_person=True, serves_practice=False), a_post("birch"))
    assert isinstance(decided, Assigned)
    assert (decided.link_worker, decided.reasons) == ("ash", ("knows-person",))


def test_the_limit_holds_for_who_knows_the_person_too() -> None:
    decided = given_to(a_post("ash", held=10, knows_person=True), a_post("birch", held=9))
    assert isinstance(decided, Assigned)
    assert decided.link_worker == "birch"


def test_the_last_room_belongs_to_who_waits_before() -> None:
    assert isinstance(given_to(a_post(held=9, before=0)), Assigned)
    assert isinstance(given_to(a_post(held=9, before=1)), Awaited)


@pytest.mark.parametrize(
    ("posts", "reason"),
    [((), "no-link-worker"), ((a_post(held=10),), "all-full"), ((a_post(limit=0),), "all-full")],
)
def test_where_nobody_has_room_the_referral_waits_with_a_clock(posts: tuple[Post, ...], reason: str) -> None:
    decided = given_to(*posts)
    assert isinstance(decided, Awaited)
    assert decided.reasons == (reason,)
    assert decided.rule == CLOCK.rule
    assert decided.as_event().try_again_at == CLOCK.due(NOW)


@settings(deadline=None)
@given(
    st.lists(
        st.builds(
            Post,
            link_worker=st.sampled_from("abcdef"),
            caseload_limit=st.integers(0, 3),
            open_referrals=st.integers(0, 4),
            waiting_before=st.integers(0, 3),
            serves_practice=st.booleans(),
            knows_person=st.booleans(),
        ),
        unique_by=lambda post: post.link_worker,
    )
)
def test_a_referral_goes_to_a_link_worker_with_room_whenever_there_is_one(posts: list[Post]) -> None:
    decided = given_to(*posts)
    able = [post for post in posts if post.has_room and (post.serves_practice or post.knows_person)]
    assert isinstance(decided, Assigned) == bool(able)
    if isinstance(decided, Assigned):
        chosen = next(post for post in posts if post.link_worker == decided.link_worker)
        assert chosen.open_referrals + chosen.waiting_before < chosen.caseload_limit
        assert decided == assign(decided.referral, posts[::-1], NOW, CLOCK), "the order of the posts changed the answer"


def an_acceptance(urgency: str) -> ReferralAccepted:
    about = a_referral()
    return ReferralAccepted.model_construct(
        referral=about.id,
        programme=about.programme,
        practice=about.practice,
        person=about.person,
        urgency=urgency,
        needs=(
            NeedRead(code="loneliness", source="text"),
            NeedRead(code="debt-advice", source="code"),
            NeedRead(code="loneliness", source="code"),
        ),
        age=40,
        place=Place(),
        preferences=Preferences(),
        agreement=Agreement(),
        nothing_read=False,
        rules_version="1",
    )


def test_urgency_gives_a_head_start_in_the_queue_and_no_more() -> None:
    turns = [Referral.accepted(an_acceptance(urgency), NOW).turn_at for urgency in ("urgent", "soon", "routine")]
    assert turns == sorted(turns, key=str)
    waited_long = Referral.accepted(an_acceptance("routine"), NOW - timedelta(days=15)).turn_at
    assert waited_long is not None
    assert turns[0] is not None
    assert waited_long < turns[0], "a routine referral would wait for ever"


def test_an_urgency_that_we_do_not_know_counts_as_soon() -> None:
    unknown, soon = (Referral.accepted(an_acceptance(word), NOW).turn_at for word in ("unrecognised", "soon"))
    assert unknown == soon


def test_a_need_that_was_read_twice_counts_once() -> None:
    assert Referral.accepted(an_acceptance("routine"), NOW).needs == ("loneliness", "debt-advice")


def test_a_referral_rests_until_its_clock_runs_out() -> None:
    waiting = a_referral(state="waiting", try_again_at=NOW)
    assert waiting.rests(NOW - timedelta(seconds=1))
    assert not waiting.rests(NOW)
    assert not a_referral(state="waiting").rests(NOW), "a referral that was never tried does not rest"
