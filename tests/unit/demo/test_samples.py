"""The driver reads every sample as it lies there, and the people of the programme."""

import pytest

from deploy.demo.driver import Cast, Sample, read_samples
from deploy.demo.driver.samples import Answer, Plan
from deploy.local.home import PROJECT
from deploy.setup.__main__ import DIRECTORY, PROGRAMME

FOLDER = PROJECT / "deploy" / "sample" / "referrals"


@pytest.fixture(scope="module")
def samples() -> dict[str, Sample]:
    return {sample.name: sample for sample in read_samples(FOLDER)}


def test_every_sample_is_read_in_order_and_by_its_own_door(samples: dict[str, Sample]) -> None:
    assert len(samples) >= 30
    assert list(samples) == sorted(samples)
    assert {sample.media_type for sample in samples.values()} == {
        "application/json",
        "application/fhir+json",
        "application/fhir+xml",
    }


def test_a_bundle_is_sent_byte_for_byte(samples: dict[str, Sample]) -> None:
    bundle = next(sample for sample in samples.values() if sample.media_type.endswith("xml"))
    assert bundle.by_fhir
    assert bundle.body == (FOLDER / f"{bundle.name}.bundle.xml").read_bytes()


def test_a_repeat_sends_what_was_sent(samples: dict[str, Sample]) -> None:
    repeats = [sample for sample in samples.values() if sample.repeat_of]
    assert repeats
    for repeat in repeats:
        assert repeat.body == samples[str(repeat.repeat_of)].body


def test_plans_hold_everything_that_people_do(samples: dict[str, Sample]) -> None:
    plans = [sample.plan for sample in samples.values()]
    assert any(plan.information for plan in plans)
    assert any(plan.decision == "confirm" for plan in plans)
    assert {plan.withdraw.when for plan in plans if plan.withdraw} == {"after-assignment", "after-offer"}
    assert any(plan.add and plan.choose for plan in plans)
    assert {answer.answer for plan in plans for answer in plan.answers} == {"accepted", "declined", "silent"}
    assert any(not plan.close and plan.outcomes for plan in plans)


def test_whoever_is_asked_after_the_plan_has_ended_says_yes() -> None:
    plan = Plan(answers=(Answer("silent"), Answer("declined", "full")))
    assert [plan.answer_to(n).answer for n in range(3)] == ["silent", "declined", "accepted"]


def test_everybody_whom_linkway_writes_to_has_an_address() -> None:
    cast = Cast.read(PROGRAMME, DIRECTORY)
    assert all(party.mail for party in [*cast.practices.values(), *cast.link_workers.values(), cast.duty_contact])
    for name in (*cast.with_webhook, *cast.with_topic):
        assert cast.addresses[name]
