"""What follows from an attempt: a pure decision, the same whenever it is made again."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.domain import Again, GivenUp, Handed, Outcome, Progress, Result, Status, judge
from tests.unit.notifications.samples import NOW, settings

WAITS = (5.0, 30.0, 300.0)
ID = UUID(int=7)

attempts = st.integers(min_value=1, max_value=20)
outcomes = st.builds(
    Outcome, st.sampled_from(Result), st.just("reason"), st.none(), st.integers(min_value=0, max_value=86_400)
)


def test_a_mail_server_that_took_a_mail_leaves_it_sending_and_an_endpoint_delivered() -> None:
    progress = Progress(ID, 1, 0)
    assert judge(progress, Outcome(Result.ACCEPTED, "accepted", 250), NOW, WAITS) == Handed(Status.SENDING)
    assert judge(progress, Outcome(Result.DELIVERED, "accepted", 204), NOW, WAITS) == Handed(Status.DELIVERED)


@pytest.mark.parametrize("result", [Result.REFUSED, Result.GONE])
def test_a_refusal_for_good_is_given_up_at_once(result: Result) -> None:
    assert judge(Progress(ID, 1, 0), Outcome(result, "recipient-refused"), NOW, WAITS) == GivenUp("recipient-refused")


def test_an_unknown_outcome_is_repeated_once_and_then_goes_to_a_person() -> None:
    unknown = Outcome(Result.UNKNOWN, "connection-lost")
    assert isinstance(judge(Progress(ID, 1, 0), unknown, NOW, WAITS), Again)
    assert judge(Progress(ID, 2, 1), unknown, NOW, WAITS) == GivenUp("unknown-outcome")


def test_a_known_failure_after_an_unknown_one_is_tried_again() -> None:
    assert isinstance(judge(Progress(ID, 2, 1), Outcome(Result.LATER, "greylisted"), NOW, WAITS), Again)


def test_their_no_for_now_is_temporary_and_our_trouble_is_technical() -> None:
    later = judge(Progress(ID, 1, 0), Outcome(Result.LATER, "busy"), NOW, WAITS)
    broken = judge(Progress(ID, 1, 0), Outcome(Result.BROKEN, "unreachable"), NOW, WAITS)
    assert later.status is Status.TEMPORARY_FAILURE
    assert broken.status is Status.TECHNICAL_FAILURE


def test_after_the_last_wait_a_person_has_it() -> None:
    assert judge(Progress(ID, 4, 0), Outcome(Result.LATER, "busy"), NOW, WAITS) == GivenUp("too-many-attempts")


def test_an_endpoint_that_asks_for_more_time_gets_it() -> None:
    verdict = judge(Progress(ID, 1, 0), Outcome(Result.LATER, "busy", 429, retry_after_seconds=900), NOW, WAITS)
    assert isinstance(verdict, Again)
    assert verdict.at == NOW + timedelta(seconds=900)


@given(st.uuids(), attempts, st.integers(min_value=0, max_value=3), outcomes)
def test_the_decision_is_the_same_when_made_again(
    delivery: UUID, attempt: int, unknowns: int, outcome: Outcome
) -> None:
    progress = Progress(delivery, attempt, unknowns)
    assert judge(progress, outcome, NOW, WAITS) == judge(progress, outcome, NOW, WAITS)


@given(st.uuids(), st.integers(min_value=1, max_value=3))
def test_a_wait_is_within_a_fifth_of_the_schedule(delivery: UUID, attempt: int) -> None:
    verdict = judge(Progress(delivery, attempt, 0), Outcome(Result.BROKEN, "unreachable"), NOW, WAITS)
    assert isinstance(verdict, Again)
    wait = (verdict.at - NOW).total_seconds()
    assert 0.8 * WAITS[attempt - 1] <= wait <= 1.2 * WAITS[attempt - 1]


def test_deliveries_that_fail_together_come_back_apart() -> None:
    outcome = Outcome(Result.BROKEN, "unreachable")
    verdicts = {judge(Progress(UUID(int=n), 1, 0), outcome, NOW, WAITS) for n in range(20)}
    assert len(verdicts) == 20


@given(st.uuids(), st.lists(outcomes, min_size=30, max_size=30))
def test_every_delivery_ends(delivery: UUID, coming: list[Outcome]) -> None:
    unknowns = 0
    for attempt, outcome in enumerate(coming, start=1):
        verdict = judge(Progress(delivery, attempt, unknowns), outcome, NOW, WAITS)
        if not isinstance(verdict, Again):
            return
        unknowns += outcome.result is Result.UNKNOWN
        assert unknowns <= 1
    pytest.fail("it was tried thirty times")


def test_the_schedule_as_delivered_goes_on_for_about_three_days() -> None:
    assert 70 * 3600 <= sum(settings().retry_seconds) <= 75 * 3600
