"""What the load is going to do: for a seed always the same, in the shares asked for, about people like no other."""

import json
import random
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from deploy.demo.driver.pages import Proposal
from deploy.demo.driver.samples import read_samples
from shared.contracts import EVENTS, Envelope, NeedsRevised
from shared.contracts.reading import Read, read
from tests.acceptance.bad_bodies import BAD, SAMPLES
from tests.acceptance.people import nhs_number, values_of
from tests.acceptance.poison import poison
from tests.chaos.book import Door
from tests.chaos.checks import poison as checks_of_poison
from tests.chaos.inside import failing
from tests.chaos.load import messages
from tests.chaos.load.case import ranked
from tests.chaos.load.doors import SILENCE, is_settled
from tests.chaos.load.flow import poisons
from tests.chaos.load.plan import (
    CALM_NUMBER,
    KILLED_FROM,
    LIFE_SECONDS,
    Mistake,
    Planned,
    Sending,
    figures,
    good,
    make_plan,
    poisonings,
)
from tests.chaos.load.stranger import early, killer

SEEDS = st.integers(0, 2**32)
DOORS: tuple[Door, ...] = ("json", "fhir-json", "fhir-xml")


def sendings(planned: Sequence[Planned]) -> list[Sending]:
    return [each for each in planned if isinstance(each, Sending)]


@given(SEEDS)
@settings(max_examples=10, deadline=None)
def test_the_same_seed_plans_the_same(seed: int) -> None:
    assert make_plan(seed, 100, 5) == make_plan(seed, 100, 5)
    assert make_plan(seed, 100, 5) != make_plan(seed + 1, 100, 5)


@given(SEEDS, st.integers(1, 200))
@settings(max_examples=20, deadline=None)
def test_everything_leaves_in_the_order_of_its_time_and_new_referrals_at_the_rate(seed: int, referrals: int) -> None:
    planned = make_plan(seed, referrals, 4)
    assert [each.at_seconds for each in planned] == sorted(each.at_seconds for each in planned)
    new = [each for each in sendings(planned) if not each.repeat]
    assert [each.number for each in new] == list(range(referrals))
    assert [each.at_seconds for each in new] == [number / 4 for number in range(referrals)]


def test_repeats_mistakes_and_poison_come_in_their_shares() -> None:
    found = figures(make_plan(7, 2000, 5))
    assert (found["new"], found["repeats"], found["mistakes"], found["poison"]) == (2000, 100, 40, 22)
    assert found["conversations"] == pytest.approx(700, abs=80)
    assert found["withdrawals"] == pytest.approx(200, abs=50)
    assert found["revocations"] == pytest.approx(200, abs=50)


def test_a_repeat_is_the_same_request_at_the_same_moment_at_once_or_later() -> None:
    planned = sendings(make_plan(7, 2000, 5))
    first = {each.number: each for each in planned if not each.repeat}
    again = [each for each in planned if each.repeat]
    for each in again:
        earlier = first[each.number]
        assert (each.door, each.request_id) == (earlier.door, earlier.request_id)
    waits = [each.at_seconds - first[each.number].at_seconds for each in again]
    moments = Counter("same" if wait == 0 else "at once" if wait < 1 else "later" for wait in waits)
    assert set(moments) == {"same", "at once", "later"}
    assert max(waits) < 31


def test_no_two_requests_share_an_id_and_every_door_is_used() -> None:
    planned = make_plan(3, 500, 5)
    ids = [
        each.request_id for each in planned if isinstance(each, Sending | Mistake) and not getattr(each, "repeat", 0)
    ]
    assert len(set(ids)) == len(ids)
    assert {each.door for each in sendings(planned)} == set(DOORS)


def test_answers_come_in_every_way_and_withdrawals_in_the_middle() -> None:
    lives = [each.life for each in sendings(make_plan(5, 1000, 5)) if not each.repeat]
    replies = [reply for life in lives for reply in life.replies]
    assert {reply.said for reply in replies} == {"accepted", "declined", "silent"}
    assert {reply.again for reply in replies} == {"", "same", "otherwise"}
    assert {reply.after_seconds > 5 for reply in replies} == {True, False}
    assert any(life.talked and life.withdrawn_after is not None for life in lives)
    assert all(0 <= (life.withdrawn_after or 0) <= LIFE_SECONDS for life in lives)
    assert any(not life.talked and life.closed for life in lives) is False


def test_nobody_of_the_calm_phase_is_somebody_of_the_load() -> None:
    assert min(each.number for each in good(7, 50, 4)) == CALM_NUMBER
    assert len(poisonings(7, 10)) == len(list(poison(random.Random(7))))


@pytest.mark.parametrize("door", DOORS)
def test_a_message_is_the_same_again_and_like_no_other(door: Door) -> None:
    first, again = (messages.referral(7, 12, door, "id") for _ in range(2))
    other, otherwise = messages.referral(7, 13, door, "id"), messages.referral(8, 12, door, "id")
    assert first == again
    assert len({first.digest, other.digest, otherwise.digest}) == 3
    assert first.headers["X-Request-ID"] == first.headers["X-Correlation-ID"] == "id"


@pytest.mark.parametrize("door", ["fhir-json", "fhir-xml"])
@given(number=st.integers(0, 3000))
@settings(max_examples=25, deadline=None)
def test_a_fhir_message_holds_an_invented_person_and_nobody_of_the_samples(door: Door, number: int) -> None:
    message = messages.referral(7, number, door, "id")
    text, kind = message.body.decode(), messages.MEDIA_TYPES[door]
    old = {
        value
        for sample in read_samples(SAMPLES)
        if sample.media_type == kind
        for value in patient_of(sample.body, kind)
    }
    values = set(patient_of(message.body, kind))
    assert len(values) >= 5
    assert not values & old
    assert nhs_number(999_070_000 + 10 * (messages.FIRST_NUMBER + number)) in values
    for sample in read_samples(SAMPLES):
        if sample.media_type == kind:
            assert not set(messages.ID.findall(sample.body.decode())) & set(messages.ID.findall(text))


def patient_of(body: bytes, kind: str) -> list[str]:
    """Return what a message says of its patient's name, number, birth and street."""
    ends = [("family",), ("given",), ("birthDate",), ("line",), ("identifier", "value")]
    return [
        value
        for path, value in values_of(body, kind)
        if "Patient" in path and any(path[-len(end) :] == end for end in ends)
    ]


@pytest.mark.parametrize("door", DOORS)
def test_a_message_is_well_formed_and_refers_to_what_it_holds(door: Door) -> None:
    for number in range(20):
        message = messages.referral(7, number, door, "id")
        if door == "fhir-xml":
            etree.fromstring(message.body)
            continue
        body = json.loads(message.body)
        if door == "fhir-json":
            (focus,) = [
                entry["resource"] for entry in body["entry"] if entry["resource"]["resourceType"] == "MessageHeader"
            ]
            urls = {entry["fullUrl"] for entry in body["entry"]}
            assert {each["reference"] for each in focus["focus"]} <= urls


def test_every_mistake_is_one_that_is_refused() -> None:
    planned = [each for each in make_plan(1, 3000, 5) if isinstance(each, Mistake)]
    assert len({each.name for each in planned}) > 20
    for each in planned:
        assert 400 <= BAD[each.name].status < 500
        assert messages.mistake(BAD[each.name], each.request_id).path == BAD[each.name].path


def test_poison_comes_in_every_kind_before_any_comes_again() -> None:
    several, again = poisons(3, partition=4), poisons(3, partition=4)
    kinds = len(list(poison()))
    first = [next(several) for _ in range(kinds)]
    assert len({(each.topic, each.kind, each.value, tuple(each.headers)) for each, _ in first}) == kinds
    assert {partition for _, partition in first} == {4}
    assert [each.value for each, _ in first] == [next(again)[0].value for _ in range(kinds)]


def test_a_record_without_a_key_gets_a_partition_by_the_seed_and_any_other_by_its_key() -> None:
    lying = poisons(3)
    for each, partition in (next(lying) for _ in range(60)):
        assert (partition is None) == (each.key is not None)


@pytest.mark.parametrize(("status", "settled"), [(201, True), (409, True), (422, True), (SILENCE, False), (429, False)])
def test_a_request_is_sent_again_until_it_is_answered_for_good(status: int, settled: bool) -> None:
    assert is_settled(status) is settled
    assert not is_settled(503)
    assert not is_settled(500)


PROPOSALS = [
    Proposal(n, f"service-{n}", f"Service {n}", needs) for n, needs in enumerate((("a",), ("a", "b"), ("b",)), 1)
]


@given(st.floats(0, 0.999), st.integers(1, 3))
@settings(deadline=None)
def test_services_are_chosen_for_a_need_that_they_are_for(dice: float, many: int) -> None:
    chosen = ranked(PROPOSALS, many, dice)
    assert 1 <= len(chosen) <= many
    assert all(need in proposal.needs for proposal, need in chosen.items())


def test_mostly_services_are_chosen_for_one_need() -> None:
    assert list(ranked(PROPOSALS, 3, 0.9).values()) == ["b", "b"]
    assert list(ranked(PROPOSALS, 3, 0.1).values()) == ["a", "a", "b"]
    assert ranked([], 3, 0.9) == {}


def test_who_is_asked_by_a_webhook_or_on_a_topic_can_come_first() -> None:
    assert list(ranked(PROPOSALS, 2, 0.9, ["3"])) == [PROPOSALS[2], PROPOSALS[1]]
    assert list(ranked(PROPOSALS, 2, 0.1, ["3"])) == [PROPOSALS[2], PROPOSALS[0]]


@pytest.mark.parametrize("name", ["kills", "early"])
def test_a_large_load_has_one_record_that_kills_and_one_that_is_early_and_a_small_one_none(name: str) -> None:
    found = [sum(getattr(each, name, False) for each in make_plan(3, many, 5)) for many in (KILLED_FROM - 1, 2000)]
    assert found == [0, 1]


def test_what_is_early_is_an_event_that_keeps_its_contract() -> None:
    record = early(3)
    match read(record.headers, record.value):
        case Read(envelope, event):
            assert isinstance(event, NeedsRevised)
            assert record.key == envelope.subject.encode() == str(event.referral).encode()
        case other:
            pytest.fail(f"{other}")


def test_what_kills_is_an_event_that_keeps_its_contract_and_is_known_to_those_who_die_and_to_the_checks() -> None:
    record = killer(7)
    envelope = Envelope.from_headers(record.headers)
    assert (envelope.source, record.kind) == (failing.KILLER, checks_of_poison.KILLER)
    assert EVENTS[envelope.type].from_json(record.value or b"").key.encode() == record.key == envelope.subject.encode()
    assert killer(7).key == record.key != killer(8).key
