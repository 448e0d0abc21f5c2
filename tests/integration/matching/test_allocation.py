"""Who gets a referral: where and when people work, what they can take, and who takes over when somebody leaves."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from matching import by_hand
from shared.contracts import (
    CaseReopened,
    Leave,
    LinkWorkerAssigned,
    LinkWorkerAwaited,
    OfferMade,
    OfferRefused,
    Place,
    Preferences,
    RiskAlerted,
    Weights,
)
from shared.messaging import Cause
from tests.integration.matching.conftest import (
    PROGRAMME,
    Matching,
    a_post,
    a_programme,
    a_service,
    accepted,
    answered,
    at_once,
    chosen,
    closed,
)

LONG_GONE, LONG_AWAY = date(2020, 1, 1), date(2099, 12, 31)
ANGUS, WARD = "S12000041", "S13002988"


async def holders(matching: Matching) -> dict[UUID, str | None]:
    return {row["id"]: row["link_worker"] for row in await matching.rows("SELECT id, link_worker FROM referral")}


async def by_hand_say(matching: Matching, act: str, *words: object) -> str:
    async with matching.database.transaction(Cause.request("by_hand", str(uuid4()))) as tx:
        said: str = await getattr(by_hand, act)(tx, *words)
        return said


async def test_a_post_serves_a_council_or_a_ward_too(matching: Matching) -> None:
    await matching.deliver(a_programme(("ash", ("heddle",), 9), a_post("birch", ("dura",), areas=(ANGUS, WARD))))
    await matching.deliver(accepted(practice="elsewhere", place=Place(council=ANGUS, outward="DD8")))
    await matching.deliver(accepted(practice="elsewhere", place=Place(council="S12000042", ward=WARD)))
    given = await matching.published(LinkWorkerAssigned)
    assert [(event.link_worker, event.reasons[0]) for event in given] == [("birch", "serves-area")] * 2
    await matching.deliver(accepted(practice="elsewhere"))
    assert (await matching.last(LinkWorkerAwaited)).reasons == ("no-link-worker",)


async def test_the_queue_finds_who_waits_by_practice_and_by_area_in_their_turn(matching: Matching) -> None:
    birch = a_post("birch", ("heddle",), 0, areas=(ANGUS, WARD))
    await matching.deliver(a_programme(birch))
    places = (Place(council=ANGUS, ward=WARD), Place(council="S12000042"), Place(council=ANGUS))
    waiting = [accepted(place=place, practice="heddle" if n < 2 else "dura") for n, place in enumerate(places)]
    for event in waiting:
        await matching.deliver(event)
    await matching.deliver(a_programme(birch.model_copy(update={"caseload_limit": 3})))
    assert await matching.run_queue() == 3
    turns = [event.referral for event in await matching.published(LinkWorkerAssigned)]
    assert turns == [event.referral for event in waiting]


async def test_somebody_on_leave_gets_nobody_new_and_keeps_whom_they_have(matching: Matching) -> None:
    mine = accepted()
    await matching.deliver(a_programme(a_post("ash")), mine)
    away = a_post("ash", leave=(Leave(first_day=LONG_GONE, last_day=LONG_AWAY),))
    await matching.deliver(a_programme(away), accepted())
    assert (await matching.last(LinkWorkerAwaited)).reasons == ("away",)
    assert await matching.run_queue() == await matching.hand_over() == 0
    assert (await holders(matching))[mine.referral] == "ash"
    await matching.deliver(a_programme(a_post("ash")))
    assert await matching.run_queue() == 1


async def test_who_waits_for_somebody_else_stands_in_nobodys_way(matching: Matching) -> None:
    posts = (a_post("ash", limit=1), a_post("birch", limit=0, languages=("pl",)))
    await matching.deliver(a_programme(*posts, requires=("language",)))
    polish, english = accepted(preferences=Preferences(language="pl")), accepted()
    await matching.deliver(polish)
    await matching.deliver(english)
    assert (await holders(matching)) == {polish.referral: None, english.referral: "ash"}
    assert (await matching.last(LinkWorkerAwaited)).reasons == ("all-full", "language-required")
    await matching.deliver(a_programme(a_post("ash", limit=5), posts[1], requires=("language",)))
    assert await matching.run_queue() == 0
    birch = a_post("birch", limit=1, languages=("pl",))
    await matching.deliver(a_programme(a_post("ash", limit=5), birch, requires=("language",)))
    assert await matching.run_queue() == 1
    assert (await matching.last(LinkWorkerAssigned)).link_worker == "birch"


async def test_a_heavy_referral_at_the_head_keeps_the_room_that_it_waits_for(matching: Matching) -> None:
    heavy = Weights(urgent=2, soon=1, routine=1)
    await matching.deliver(a_programme(a_post("ash", limit=2), weights=heavy))
    first, urgent, light = accepted(), accepted(urgency="urgent"), accepted()
    for event in (first, urgent, light):
        await matching.deliver(event)
    assert await matching.run_queue() == 0, "two do not fit beside one, and nobody overtakes them"
    await matching.deliver(closed(first.referral))
    assert await matching.run_queue() == 1
    assert (await holders(matching))[urgent.referral] == "ash"
    assert await matching.rows("SELECT weight FROM referral WHERE state = 'assigned'") == [{"weight": 2}]


async def test_a_current_risk_weighs_where_nobody_has_the_referral_yet(matching: Matching) -> None:
    rules = {"weights": Weights(risk=2)}
    await matching.deliver(a_programme(a_post("ash", limit=3), **rules))
    first, second = accepted(), accepted()
    alerts = [
        RiskAlerted(referral=event.referral, programme=PROGRAMME, practice="heddle", kinds=("self-harm",))
        for event in (first, second)
    ]
    await matching.deliver(alerts[0], first)
    await matching.deliver(second, alerts[1])
    weights = "SELECT id, weight FROM referral ORDER BY accepted_at"
    assert [row["weight"] for row in await matching.rows(weights)] == [3, 3]
    await matching.deliver(a_programme(a_post("ash", limit=4)))
    assert [row["weight"] for row in await matching.rows(weights)] == [3, 1], "what somebody has keeps its weight"


async def test_a_week_has_only_so_many_first_conversations(matching: Matching) -> None:
    await matching.deliver(a_programme(a_post("ash", conversations_a_week=2)))
    events = [accepted() for _ in range(3)]
    await matching.deliver(*events, closed(events[0].referral))
    assert (await matching.last(LinkWorkerAwaited)).reasons == ("no-conversation-free",)
    assert await matching.run_queue() == 0
    await matching.rows("UPDATE referral SET assigned_at = assigned_at - $1::interval", timedelta(days=7))
    assert await matching.run_queue() == 1


async def test_a_person_gives_by_hand_where_the_programme_says_so(matching: Matching) -> None:
    await matching.deliver(a_programme(a_post("ash", limit=1), allocation="manual-queue"))
    one, two = accepted(), accepted()
    await matching.deliver(one, two)
    assert (await matching.last(LinkWorkerAwaited)).reasons == ("manual-queue",)
    assert await matching.run_queue() == 0
    assert (await by_hand_say(matching, "queue", PROGRAMME)).endswith("2 wait")
    assert await by_hand_say(matching, "give", two.referral, "ash") == "given to ash"
    assert await by_hand_say(matching, "give", two.referral, "ash") == "not given: it does not wait, it is assigned"
    assert await by_hand_say(matching, "give", one.referral, "ash") == "not given: ash has 1 of 1"
    assert (await by_hand_say(matching, "give", one.referral, "nobody")).startswith("not given: nobody has no post")
    assert (await matching.last(LinkWorkerAssigned)).reasons == ("given-by-hand",)


LEAVING = {
    "a programme without them": a_programme(a_post("birch", ("heddle", "dura"), 4)),
    "their last day": a_programme(a_post("ash", ends_on=LONG_GONE), a_post("birch", ("heddle", "dura"), 4)),
}


@pytest.mark.parametrize("left", LEAVING.values(), ids=LEAVING)
async def test_who_leaves_hands_everything_over_and_nobody_is_forgotten(matching: Matching, left: object) -> None:
    await matching.deliver(a_programme(a_post("ash"), a_post("birch", ("heddle", "dura"), 0)))
    events = [accepted() for _ in range(6)]
    for event in events:
        await matching.deliver(event)
    done, stays = events[0], events[1:]
    await matching.deliver(closed(done.referral), left)  # type: ignore[arg-type]  # a programme
    moved = await at_once(*(matching.hand_over() for _ in range(4)))
    assert sum(moved) + await matching.hand_over() == len(stays)
    held = await holders(matching)
    assert [held[event.referral] for event in stays] == ["birch"] * 4 + [None], "in their turn, up to the limit"
    assert held[done.referral] == "ash"
    assert {event.reasons[0] for event in (await matching.published(LinkWorkerAssigned))[6:]} == {"handed-over"}
    assert (await matching.last(LinkWorkerAwaited)).reasons == ("handed-over", "all-full")
    newcomer = accepted()
    await matching.deliver(newcomer)
    await matching.deliver(closed(stays[0].referral, link_worker="birch"))
    assert await matching.run_queue() == 1
    back = await matching.last(LinkWorkerAssigned)
    assert (back.referral, back.link_worker, back.reasons[0]) == (stays[-1].referral, "birch", "handed-over")


async def test_a_person_who_came_back_to_somebody_who_has_left_is_handed_over(matching: Matching) -> None:
    event = accepted()
    await matching.deliver(event, closed(event.referral), a_programme(a_post("birch")))
    await matching.deliver(CaseReopened(referral=event.referral, programme=PROGRAMME, link_worker="ash"))
    assert await matching.hand_over() == 1
    assert (await holders(matching))[event.referral] == "birch"


async def test_our_own_word_heard_late_does_not_undo_a_later_decision(matching: Matching) -> None:
    event = accepted()
    await matching.deliver(event)
    first = await matching.last(LinkWorkerAssigned)
    await matching.deliver(a_programme(a_post("birch", limit=0)))
    await matching.hand_over()
    await matching.deliver(first)
    assert (await holders(matching))[event.referral] is None, "it waits in the queue"
    await matching.deliver(a_programme(a_post("birch")))
    await matching.run_queue()
    second = await matching.last(LinkWorkerAssigned)
    await matching.deliver(first)
    assert (first.attempt, second.attempt, (await holders(matching))[event.referral]) == (1, 3, "birch")


async def test_a_later_word_from_before_a_restore_stands(matching: Matching) -> None:
    event = accepted()
    await matching.deliver(event)
    told = (await matching.last(LinkWorkerAssigned)).model_copy(update={"link_worker": "birch", "attempt": 4})
    await matching.deliver(told)
    assert await matching.rows("SELECT link_worker, attempts FROM referral") == [
        {"link_worker": "birch", "attempts": 4}
    ]


async def test_an_organisation_gets_no_more_offers_in_a_week_than_it_wants(matching: Matching) -> None:
    await matching.load(a_service("one", 9), a_service("two", 9))
    assert await by_hand_say(matching, "limit", "one-org", None, 2) == "one-org, all its services: 2 offers a week"
    referrals = [uuid4() for _ in range(6)]
    await matching.deliver(*(accepted(referral) for referral in referrals))
    await at_once(*(matching.handle(chosen(referral, "one", "two")) for referral in referrals))
    asked = [made.service for made in await matching.published(OfferMade)]
    assert (asked.count("one"), asked.count("two")) == (2, 4)
    assert {refused.reason for refused in await matching.published(OfferRefused)} == {"intake-limit"}
    declined = next(made for made in await matching.published(OfferMade) if made.service == "one")
    await matching.deliver(answered(declined, "declined"))
    late = uuid4()
    await matching.deliver(accepted(late), chosen(late, "one"))
    assert len(await matching.published(OfferRefused)) == 5, "what was declined was an offer too"
    await matching.rows("UPDATE offer SET made_at = made_at - $1::interval", timedelta(days=7))
    next_week = uuid4()
    await matching.deliver(accepted(next_week), chosen(next_week, "one"))
    assert (await matching.last(OfferMade)).service == "one"


async def test_what_a_service_wants_in_a_week_is_its_own_until_it_is_lifted(matching: Matching) -> None:
    await matching.load(a_service("one", 9), a_service("two", 9, organization={"id": "one-org", "name": "One Trust"}))
    await by_hand_say(matching, "limit", "one-org", "one", 0)
    for wanted in ("refused", "made"):
        referral = uuid4()
        await matching.deliver(accepted(referral), chosen(referral, "one"))
        assert len(await matching.published(OfferMade)) == (wanted == "made")
        await by_hand_say(matching, "limit", "one-org", "one", None)
