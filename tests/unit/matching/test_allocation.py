"""A link worker is found as the programme wants it, and no limit is ever passed."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.domain import Assigned, Awaited, Post, Programme, Referral, Rota, Times, assign, give
from shared.clocks import Clock
from shared.contracts import Agreement, NeedRead, Place, Preferences, ReferralAccepted, Weights
from tests.unit.matching.builders import NOW, a_referral

CLOCK = Clock(2, "working day")
TIMES = Times(NOW, Clock(3, "working day").due(NOW), CLOCK)
CONTINUITY = Programme()


def a_post(link_worker: str = "ash", limit: int = 10, load: int = 0, **changed: Any) -> Post:
    return replace(Post(link_worker, limit, load), **changed)


def given_to(*posts: Post, programme: Programme = CONTINUITY, **referral: Any) -> Assigned | Awaited:
    return assign(programme.weigh(a_referral(**referral)), programme, posts, TIMES)


def whom(*posts: Post, programme: Programme = CONTINUITY, **referral: Any) -> tuple[str, tuple[str, ...]]:
    decided = given_to(*posts, programme=programme, **referral)
    return (decided.link_worker, decided.reasons) if isinstance(decided, Assigned) else ("queue", decided.reasons)


def asking(language: str = "en", *access: str) -> Preferences:
    return Preferences(language=language, access=access)


def test_the_smallest_caseload_for_its_limit_gets_the_referral() -> None:
    told = whom(a_post("ash", 4, 2), a_post("birch", 10, 4), a_post("cedar", 2, 1))
    assert told == ("birch", ("serves-practice", "smallest-caseload"))


def test_equal_caseloads_go_by_id() -> None:
    assert whom(a_post("cedar", 10, 5), a_post("birch", 4, 2))[0] == "birch"


def test_who_knows_the_person_comes_before_the_smallest_caseload() -> None:
    told = whom(a_post("ash", load=9, knows_person=True), a_post("birch"))
    assert told == ("ash", ("knows-person", "serves-practice"))


def test_who_knows_the_person_is_asked_even_from_another_practice() -> None:
    assert whom(a_post("ash", knows_person=True, names_practice=False), a_post("birch")) == ("ash", ("knows-person",))


def test_the_limit_holds_for_who_knows_the_person_too() -> None:
    assert whom(a_post("ash", load=10, knows_person=True), a_post("birch", load=9))[0] == "birch"


def test_nobody_is_overtaken() -> None:
    assert whom(a_post(load=9))[0] == "ash"
    assert whom(a_post(load=9, others_first=True)) == ("queue", ("all-full",))


def test_who_serves_the_persons_council_takes_them_whichever_practice_refers() -> None:
    near = a_post("ash", names_practice=False, serves_area=True)
    assert whom(near) == ("ash", ("serves-area", "smallest-caseload"))


KNOWS, NAMES, NEAR = (
    a_post("knows", 10, 9, knows_person=True, names_practice=False),
    a_post("names", 10, 8),
    a_post("near", 10, 1, names_practice=False, serves_area=True),
)


@pytest.mark.parametrize(
    ("mode", "chosen"),
    [
        ("continuity", "knows"),
        ("smallest-caseload", "near"),
        ("named-practice", "names"),
        ("manual-queue", "queue"),
        ("unrecognised", "knows"),
    ],
)
def test_the_programme_says_who_comes_first(mode: Any, chosen: str) -> None:
    assert whom(KNOWS, NAMES, NEAR, programme=Programme(mode))[0] == chosen


def test_in_a_named_practice_knowing_the_person_decides_among_its_own() -> None:
    ours = a_post("ours", 10, 9, knows_person=True)
    assert whom(ours, NAMES, NEAR, programme=Programme("named-practice"))[0] == "ours"


def test_a_language_is_preferred_and_its_lack_is_told() -> None:
    polish, other = a_post("birch", 10, 8, languages=frozenset({"en", "pl"})), a_post("ash")
    assert whom(polish, other, preferences=asking("pl")) == ("birch", ("serves-practice", "speaks-language"))
    assert whom(other, preferences=asking("pl"))[1] == ("serves-practice", "language-not-met", "smallest-caseload")
    assert whom(polish, other)[0] == "ash", "English asks for nobody in particular"


def test_a_skill_is_preferred_where_a_link_worker_has_it() -> None:
    her, him = a_post("birch", 10, 8, skills=frozenset({"female-worker"})), a_post("ash")
    assert whom(her, him, preferences=asking("en", "female-worker", "step-free"))[1] == (
        "serves-practice",
        "has-skills",
    )
    known = replace(him, knows_person=True)
    assert "skills-not-met" in whom(her, known, preferences=asking("en", "female-worker"))[1]
    assert whom(him, preferences=asking("en", "step-free"))[1] == ("serves-practice", "smallest-caseload")


@pytest.mark.parametrize(
    ("preferences", "reason"),
    [(asking("pl"), "language-required"), (asking("en", "female-worker"), "skills-required"), (asking(), None)],
)
def test_what_a_programme_requires_is_not_given_up(preferences: Preferences, reason: str | None) -> None:
    strict = Programme(requires=frozenset({"language", "female-worker"}))
    able = a_post("able", 10, 9, languages=frozenset({"pl"}), skills=frozenset({"female-worker"}))
    assert whom(a_post(), programme=strict, preferences=preferences) == (
        ("queue", (reason,)) if reason else ("ash", ("serves-practice", "smallest-caseload"))
    )
    assert (whom(a_post(), able, programme=strict, preferences=preferences)[0] == "able") is bool(reason)


def test_somebody_away_gets_nobody_new() -> None:
    away = Rota(leave=((NOW.date(), NOW.date() + timedelta(days=9)),))
    assert whom(a_post("ash", rota=away), a_post("birch", load=9))[0] == "birch"
    assert whom(a_post("ash", rota=away)) == ("queue", ("away",))
    leaving = Rota(ends_on=date(2026, 11, 24))
    assert whom(a_post("ash", rota=leaving)) == ("queue", ("away",))


@pytest.mark.parametrize(("begun", "chosen"), [(5, "ash"), (6, "queue"), (7, "queue")])
def test_a_week_has_only_so_many_first_conversations(begun: int, chosen: str) -> None:
    assert whom(a_post(conversations_a_week=6, begun_this_week=begun))[0] == chosen


@pytest.mark.parametrize(
    ("posts", "reasons"),
    [
        ((), ("no-link-worker",)),
        ((a_post(names_practice=False),), ("no-link-worker",)),
        ((a_post(load=10),), ("all-full",)),
        ((a_post(limit=0),), ("all-full",)),
        ((a_post(load=10), a_post("birch", conversations_a_week=0)), ("all-full", "no-conversation-free")),
    ],
)
def test_where_nobody_has_room_the_referral_waits_with_a_clock(posts: tuple[Post, ...], reasons: Any) -> None:
    decided = given_to(*posts)
    assert isinstance(decided, Awaited)
    assert decided.reasons == reasons
    assert decided.rule == CLOCK.rule
    assert decided.as_event().try_again_at == CLOCK.due(NOW)


def test_a_referral_that_was_handed_over_says_so_wherever_it_goes() -> None:
    assert whom(a_post(), handed_over=True)[1][0] == "handed-over"
    assert whom(handed_over=True)[1] == ("handed-over", "no-link-worker")


HEAVY = Weights(urgent=3, soon=2, routine=1, further_need=2, risk=4)


@pytest.mark.parametrize(
    ("changed", "weight"),
    [
        ({"urgency": "urgent"}, 3),
        ({"urgency": "soon"}, 2),
        ({"urgency": "routine"}, 1),
        ({"urgency": "routine", "needs": ("a", "b")}, 1),
        ({"urgency": "routine", "needs": ("a", "b", "c", "d")}, 5),
        ({"urgency": "urgent", "at_risk": True}, 7),
    ],
)
def test_a_referral_weighs_as_the_programme_says(changed: dict[str, Any], weight: int) -> None:
    assert Programme(weights=HEAVY).weigh(a_referral(**changed)).weight == weight
    assert CONTINUITY.weigh(a_referral(**changed)).weight == 1


def test_a_caseload_is_counted_by_weight() -> None:
    heavy = Programme(weights=HEAVY)
    assert whom(a_post("ash", 10, 8), programme=heavy, urgency="urgent")[0] == "queue"
    decided = given_to(a_post("ash", 10, 7), programme=heavy, urgency="urgent")
    assert isinstance(decided, Assigned)
    assert decided.weight == 3


def test_what_weighs_more_than_a_whole_limit_fills_an_empty_caseload() -> None:
    heavy = Programme(weights=HEAVY)
    decided = given_to(a_post("ash", 2), programme=heavy, urgency="urgent")
    assert isinstance(decided, Assigned)
    assert decided.weight == 2
    assert whom(a_post("ash", 2, 1), programme=heavy, urgency="urgent")[0] == "queue"


def test_a_person_gives_by_hand_and_not_past_the_limit_either() -> None:
    given_by_hand = give(a_referral(), a_post(load=9, others_first=True))
    assert given_by_hand is not None
    assert given_by_hand.reasons == ("given-by-hand",)
    assert give(a_referral(), a_post(load=10)) is None


def test_a_decision_says_which_one_it_is() -> None:
    decided = given_to(a_post(), attempts=2)
    assert isinstance(decided, Assigned)
    assert decided.as_event().attempt == 3


@given(
    st.lists(
        st.builds(
            Post,
            link_worker=st.sampled_from("abcdef"),
            caseload_limit=st.integers(0, 3),
            load=st.integers(0, 4),
            names_practice=st.booleans(),
            serves_area=st.booleans(),
            knows_person=st.booleans(),
            others_first=st.booleans(),
            conversations_a_week=st.none() | st.integers(0, 2),
            begun_this_week=st.integers(0, 2),
            languages=st.sets(st.sampled_from(["en", "pl"])).map(frozenset),
        ),
        unique_by=lambda post: post.link_worker,
    ),
    st.builds(
        Programme,
        mode=st.sampled_from(["continuity", "smallest-caseload", "named-practice"]),
        requires=st.sets(st.just("language")).map(frozenset),
        weights=st.builds(Weights, soon=st.integers(1, 3)),
    ),
    st.sampled_from(["en", "pl"]),
)
def test_a_referral_goes_to_somebody_who_can_take_it_whenever_there_is_one(
    posts: list[Post], programme: Programme, language: str
) -> None:
    referral = programme.weigh(a_referral(preferences=asking(language)))
    decided = assign(referral, programme, posts, TIMES)
    anywhere = programme.mode == "continuity"
    able = {
        post.link_worker
        for post in posts
        if (post.serves or (anywhere and post.knows_person))
        and post.caseload_limit
        and post.load + min(referral.weight, post.caseload_limit) <= post.caseload_limit
        and not post.others_first
        and (post.conversations_a_week is None or post.begun_this_week < post.conversations_a_week)
        and ("language" not in programme.requires or language == "en" or language in post.languages)
    }
    assert isinstance(decided, Assigned) == bool(able)
    assert decided == assign(referral, programme, posts[::-1], TIMES), "the order of the posts changed the answer"
    if isinstance(decided, Assigned):
        assert decided.link_worker in able


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
