"""A referral gets a link worker and proposals, waits in its turn where nobody has room, and stops when withdrawn."""

from collections import Counter
from datetime import timedelta
from uuid import UUID, uuid4

from matching import clocks, storage
from shared.contracts import (
    CaseReopened,
    LinkWorkerAssigned,
    LinkWorkerAwaited,
    MatchNotFound,
    MatchProposed,
    NeedRead,
    NeedsRevised,
    OfferMade,
    PersonErased,
    Place,
    ReferralWithdrawn,
)
from shared.messaging import Cause
from shared.service import Custody
from tests.integration.matching.conftest import (
    PROGRAMME,
    Matching,
    a_programme,
    a_service,
    accepted,
    at_once,
    chosen,
    closed,
)


def withdrawn(referral: UUID) -> ReferralWithdrawn:
    return ReferralWithdrawn(
        referral=referral, programme=PROGRAMME, practice="heddle", reason="moved-away", by="practice"
    )


async def custody(matching: Matching, referral: UUID) -> Custody:
    async with matching.database.transaction(Cause.request("custody", "")) as tx:
        return (await storage.custody(tx, [str(referral)]))[str(referral)]


async def test_an_accepted_referral_gets_a_link_worker_and_services_that_fit(matching: Matching) -> None:
    await matching.load(a_service("debt"), a_service("young", maximum_age=25))
    event = accepted()
    await matching.deliver(event)
    assigned, proposed = (await matching.published())[-2:]
    assert isinstance(assigned, LinkWorkerAssigned)
    assert (assigned.link_worker, assigned.reasons) == ("ash", ("serves-practice", "smallest-caseload"))
    assert isinstance(proposed, MatchProposed)
    assert [proposal.service for proposal in proposed.proposals] == ["debt"]
    assert proposed.directory_version == 1
    assert await custody(matching, event.referral) == Custody("handed-on", "assigned", next_service="casework")


async def test_after_a_restore_the_link_worker_is_whom_everybody_was_told_first(matching: Matching) -> None:
    """A replay may choose another, because caseloads differ; what lies on the topic from before comes after it."""
    event = accepted()
    told = LinkWorkerAssigned(
        referral=event.referral,
        programme=PROGRAMME,
        practice="heddle",
        link_worker="birch",
        reasons=("serves-practice",),
    )
    await matching.deliver(event, told)
    assert await matching.rows("SELECT link_worker, state FROM referral") == [
        {"link_worker": "birch", "state": "assigned"}
    ]


async def test_our_own_word_about_a_referral_that_is_not_back_yet_waits_for_it(matching: Matching) -> None:
    event = accepted()
    told = LinkWorkerAssigned(
        referral=event.referral,
        programme=PROGRAMME,
        practice="heddle",
        link_worker="birch",
        reasons=("serves-practice",),
    )
    await matching.deliver(told)
    assert [row["kind"] for row in await matching.parked()] == ["not-yet"]


async def test_how_deprived_a_place_is_is_not_even_kept(matching: Matching) -> None:
    await matching.deliver(accepted(place=Place(council="S12000042", simd_quintile=1)))
    (row,) = await matching.rows("SELECT place FROM referral")
    assert row["place"]["council"] == "S12000042"
    assert "simd_quintile" not in row["place"]


async def test_a_need_that_nothing_covers_is_told_with_the_nearest_misses(matching: Matching) -> None:
    await matching.load(a_service("debt"), a_service("tea", 0, "loneliness"))
    await matching.deliver(accepted(None, "loneliness", "debt-advice"))
    proposed, missing = (await matching.published())[-2:]
    assert isinstance(proposed, MatchProposed)
    assert isinstance(missing, MatchNotFound)
    assert (proposed.unmet, missing.needs, missing.reasons) == (("loneliness",), ("loneliness",), ("full",))
    assert [miss.service for miss in missing.nearest] == ["tea"]


async def test_a_referral_in_which_nothing_was_read_still_gets_a_link_worker(matching: Matching) -> None:
    await matching.deliver(accepted(needs=(), nothing_read=True, age=None, place=Place()))
    assigned, missing = (await matching.published())[-2:]
    assert isinstance(assigned, LinkWorkerAssigned)
    assert isinstance(missing, MatchNotFound)
    assert missing.reasons == ("no-needs-known",)


async def test_corrected_needs_are_matched_again_with_what_is_known_of_the_person(matching: Matching) -> None:
    await matching.load(a_service("debt"), a_service("tea", 2, "loneliness"))
    event = accepted()
    revised = NeedsRevised(
        referral=event.referral, programme=PROGRAMME, needs=(NeedRead(code="loneliness", source="link-worker"),)
    )
    await matching.deliver(event, revised)
    proposed = await matching.last(MatchProposed)
    assert [proposal.service for proposal in proposed.proposals] == ["tea"]
    assert proposed.proposals[0].distance_km == 0.0


async def test_corrected_needs_wait_for_an_acceptance_that_has_not_arrived(matching: Matching) -> None:
    event = accepted()
    await matching.deliver(NeedsRevised(referral=event.referral, programme=PROGRAMME, needs=()))
    (parked,) = await matching.parked()
    assert (parked["kind"], parked["state"]) == ("not-yet", "waiting")


async def test_a_repeated_delivery_changes_nothing(matching: Matching) -> None:
    event, event_id = accepted(), uuid4()
    await matching.deliver(event, event_id=event_id)
    before = len(await matching.published())
    await matching.deliver(event, event_id=event_id)
    await matching.deliver(event)
    assert len(await matching.published()) == before


async def test_a_person_who_comes_back_gets_the_link_worker_they_know(matching: Matching) -> None:
    person = uuid4()
    first = accepted(person=person, practice="dura")
    await matching.deliver(first, closed(first.referral, link_worker="birch"))
    await matching.deliver(accepted(), accepted(practice="dura"), accepted(person=person))
    back = await matching.last(LinkWorkerAssigned)
    assert (back.link_worker, back.reasons) == ("birch", ("knows-person", "serves-practice"))


async def test_where_all_are_full_the_referral_waits_in_the_programmes_queue(matching: Matching) -> None:
    await matching.deliver(a_programme(("ash", ("heddle",), 0)))
    event = accepted()
    await matching.deliver(event)
    (awaited,) = await matching.published(LinkWorkerAwaited)
    assert awaited.reasons == ("all-full",)
    held = await custody(matching, event.referral)
    assert (held.state, held.owner, held.deadline) == ("open", f"queue of {PROGRAMME}", awaited.try_again_at)
    assert await matching.rows("SELECT try_rule FROM referral WHERE try_rule LIKE '%2 working days'")


async def test_a_referral_of_a_practice_that_nobody_serves_yet_waits_and_is_taken_when_somebody_does(
    matching: Matching,
) -> None:
    await matching.deliver(accepted(practice="new-practice"))
    assert (await matching.last(LinkWorkerAwaited)).reasons == ("no-link-worker",)
    assert await matching.run_queue() == 0
    await matching.deliver(a_programme(("cedar", ("new-practice",), 5)))
    assert await matching.run_queue() == 1
    assert (await matching.last(LinkWorkerAssigned)).link_worker == "cedar"


async def test_the_queues_clock_tells_again_that_nobody_has_room(matching: Matching) -> None:
    await matching.deliver(a_programme(("ash", ("heddle",), 0)))
    await matching.deliver(accepted())
    assert await matching.run_queue() == 0, "a clock that still runs is no news"
    for times in (2, 3):
        await matching.let_time_pass()
        assert await matching.run_queue() == 1
        told = await matching.published(LinkWorkerAwaited)
        assert len(told) == times
    assert len(await matching.rows("SELECT DISTINCT event_id FROM outbox WHERE type LIKE '%awaited.v1'")) == 3


async def test_a_closed_case_makes_room_for_who_waits_longest(matching: Matching) -> None:
    await matching.deliver(a_programme(("ash", ("heddle",), 1)))
    first, second, third, urgent = accepted(), accepted(), accepted(), accepted(urgency="urgent")
    for event in (first, second, third, urgent):
        await matching.deliver(event)
    order = []
    for _ in range(3):
        holder = (await matching.last(LinkWorkerAssigned)).referral
        await matching.deliver(closed(holder))
        assert await matching.run_queue() == 1
        order.append((await matching.last(LinkWorkerAssigned)).referral)
    assert order == [urgent.referral, second.referral, third.referral]


async def test_a_new_referral_does_not_overtake_those_who_wait(matching: Matching) -> None:
    await matching.deliver(a_programme(("ash", ("heddle",), 1)))
    first, waiting, late = accepted(), accepted(), accepted()
    await matching.deliver(first)
    await matching.deliver(waiting)
    await matching.deliver(closed(first.referral))
    await matching.deliver(late)
    assert (await matching.last(LinkWorkerAwaited)).referral == late.referral
    await matching.run_queue()
    assert (await matching.last(LinkWorkerAssigned)).referral == waiting.referral


async def test_a_withdrawn_referral_leaves_the_queue_and_the_caseload(matching: Matching) -> None:
    await matching.deliver(a_programme(("ash", ("heddle",), 1)))
    held, waiting, next_one = accepted(), accepted(), accepted()
    for event in (held, waiting, next_one, withdrawn(waiting.referral), withdrawn(held.referral)):
        await matching.deliver(event)
    assert await matching.run_queue() == 1
    assert (await matching.last(LinkWorkerAssigned)).referral == next_one.referral
    assert (await custody(matching, waiting.referral)).state == "closed"


async def test_a_withdrawal_that_overtakes_its_acceptance_stands(matching: Matching) -> None:
    event = accepted()
    await matching.deliver(withdrawn(event.referral))
    await matching.deliver(event)
    assert await matching.published() == []
    assert (await custody(matching, event.referral)).state == "closed"


async def test_who_left_the_programme_gets_nothing_new(matching: Matching) -> None:
    known_to_ash = accepted()
    await matching.deliver(known_to_ash, closed(known_to_ash.referral))
    await matching.deliver(a_programme(("birch", ("heddle",), 10)))
    await matching.deliver(accepted(person=known_to_ash.person), accepted(), accepted())
    assigned = [event.link_worker for event in await matching.published(LinkWorkerAssigned)]
    assert assigned == ["ash", "birch", "birch", "birch"]


LIMITS = {"ash": 5, "birch": 4, "cedar": 3}


async def test_no_limit_is_passed_and_nobody_is_lost_with_many_replicas_at_once(matching: Matching) -> None:
    """Sixty referrals for three link workers, handled, closed and queued all at the same time."""
    await matching.deliver(
        a_programme(("ash", ("heddle", "dura"), 5), ("birch", ("dura", "bruce"), 4), ("cedar", ("bruce", "heddle"), 3))
    )
    events = [accepted(practice=("heddle", "dura", "bruce")[n % 3]) for n in range(60)]
    done: set[UUID] = set()
    await at_once(*(matching.handle(event) for event in events))
    while len(done) < len(events):
        caseloads = Counter(
            row["link_worker"] for row in await matching.rows("SELECT link_worker FROM referral WHERE state='assigned'")
        )
        assert caseloads == LIMITS if len(done) < 40 else all(caseloads[each] <= LIMITS[each] for each in LIMITS)
        held = [row["id"] for row in await matching.rows("SELECT id FROM referral WHERE state = 'assigned' LIMIT 6")]
        assert held, "referrals wait while every link worker has room"
        replicas = [matching.allocate_waiting() for _ in range(3)]
        await at_once(*(matching.handle(closed(referral)) for referral in held), *replicas)
        done |= set(held)
        await matching.run_queue()
    assigned = Counter(event.referral for event in await matching.published(LinkWorkerAssigned))
    assert assigned == dict.fromkeys((event.referral for event in events), 1)


async def test_the_queue_is_fair_within_a_practice_whatever_runs_beside_it(matching: Matching) -> None:
    await matching.deliver(a_programme(("ash", ("heddle",), 1)))
    events = [accepted() for _ in range(8)]
    for event in events:
        await matching.deliver(event)
    for _ in events[1:]:
        await matching.deliver(closed((await matching.last(LinkWorkerAssigned)).referral))
        await at_once(*(matching.allocate_waiting() for _ in range(4)))
        await matching.run_queue()
    turns = [event.referral for event in await matching.published(LinkWorkerAssigned)]
    assert turns == [event.referral for event in events]


async def test_urgency_is_a_head_start_and_not_a_bar(matching: Matching) -> None:
    await matching.deliver(a_programme(("ash", ("heddle",), 0)))
    old, urgent = accepted(), accepted(urgency="urgent")
    await matching.deliver(old)
    await matching.rows("UPDATE referral SET turn_at = turn_at - $1::interval", timedelta(days=20))
    await matching.deliver(urgent, a_programme(("ash", ("heddle",), 1)))
    await matching.run_queue()
    assert [event.referral for event in await matching.published(LinkWorkerAssigned)] == [old.referral]


async def test_a_queue_longer_than_a_look_moves_from_its_head(matching: Matching) -> None:
    await matching.deliver(a_programme(("ash", ("heddle",), 0)))
    head = accepted(UUID(int=2**128 - 1))
    await matching.deliver(head)
    await matching.deliver(*(accepted() for _ in range(clocks.BATCH)))
    await matching.deliver(a_programme(("ash", ("heddle",), 1)))
    assert await matching.run_queue() == 1
    assert (await matching.last(LinkWorkerAssigned)).referral == head.referral


def reopened(referral: UUID) -> CaseReopened:
    return CaseReopened(referral=referral, programme=PROGRAMME, link_worker="ash")


async def test_a_person_who_came_back_may_choose_anew_and_counts_in_the_caseload(matching: Matching) -> None:
    await matching.load(a_service("debt"))
    await matching.deliver(a_programme(("ash", ("heddle",), 1)))
    event = accepted()
    await matching.deliver(event)
    await matching.deliver(closed(event.referral))
    await matching.deliver(reopened(event.referral))
    await matching.deliver(chosen(event.referral, "debt"))
    assert (await matching.last(OfferMade)).referral == event.referral
    await matching.deliver(accepted())
    assert (await matching.last(LinkWorkerAwaited)).reasons == ("all-full",)


async def test_what_was_withdrawn_stays_ended_in_whatever_order_it_is_told(matching: Matching) -> None:
    event = accepted()
    await matching.deliver(event)
    await matching.deliver(closed(event.referral))
    await matching.deliver(withdrawn(event.referral))
    await matching.deliver(reopened(event.referral))
    assert await matching.rows("SELECT state, end_reason FROM referral") == [
        {"state": "ended", "end_reason": "moved-away"}
    ]


async def test_an_erased_person_is_forgotten(matching: Matching) -> None:
    event = accepted()
    await matching.deliver(event)
    await matching.deliver(withdrawn(event.referral))
    await matching.deliver(
        PersonErased(referral=event.referral, programme=PROGRAMME, practice="heddle", person=event.person)
    )
    (row,) = await matching.rows("SELECT person, age, place, preferences FROM referral")
    assert row["person"] != event.person
    assert (row["age"], row["place"], row["preferences"]) == (None, {}, {})
