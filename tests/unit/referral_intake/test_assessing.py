"""Triage at intake: where a referral stands, by when somebody answers, and what is told of it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from referral_intake.assessing import Assessment, Circumstances, assess, overruled
from referral_intake.domain import Added, Caller, Programme, Referral, ReferralRequest, State, with_added
from referral_intake.domain.request import age_on, birth_date_fault
from referral_intake.triage.rules import load_rules
from shared.clocks import Clock
from shared.contracts import (
    Agreement,
    Place,
    ReferralAccepted,
    ReferralNeedsInformation,
    ReferralReturnProposed,
    RiskAlerted,
)
from tests.unit.referral_intake.test_people import REQUEST, a_person

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
PROGRAMME = Programme(16, frozenset({"S12000042"}), Clock.read("10 working days"), Clock.read("2 working days"), "t-1")
DUNDEE = Place(council="S12000042", outward="DD3", precision="outward")
AROUND = Circumstances(place=DUNDEE, programme=PROGRAMME, rules=load_rules(), now=NOW, today=date(2026, 3, 2))


def assessed(request: ReferralRequest = REQUEST, around: Circumstances = AROUND, **draft: Any) -> Assessment:
    caller, person = Caller("tayside", "north"), UUID(int=2)
    new = Referral.draft(UUID(int=1), caller, person, request, received_at=NOW, same_person_as=None)
    return assess(replace(new, **draft), request, around)


def test_a_letter_with_a_need_is_accepted_with_it() -> None:
    outcome = assessed(replace(REQUEST, letter="She is lonely and owes money to a doorstep lender.", codes=()))
    [accepted] = outcome.events
    assert isinstance(accepted, ReferralAccepted)
    assert {need.code for need in accepted.needs} >= {"loneliness"}
    assert {need.source for need in accepted.needs} == {"text"}
    assert (accepted.age, accepted.place, accepted.nothing_read) == (68, DUNDEE, False)
    assert (outcome.referral.state, outcome.referral.due_at) == (State.ACCEPTED, None)
    assert "lonely" in str(outcome.reading)
    assert "lender" not in accepted.model_dump_json()


def test_a_letter_that_says_nothing_is_accepted_and_the_link_worker_is_told_so() -> None:
    [accepted] = assessed(replace(REQUEST, letter="Thank you for seeing her.", codes=())).events
    assert isinstance(accepted, ReferralAccepted)
    assert accepted.nothing_read


def test_nobody_to_reach_is_asked_about_with_a_date_on_a_working_day() -> None:
    unreachable = replace(REQUEST, person=replace(a_person(phone=None), address=replace(a_person().address, lines=())))
    outcome = assessed(unreachable)
    [asked] = outcome.events
    assert isinstance(asked, ReferralNeedsInformation)
    assert (asked.missing, asked.answer_by) == (("contact",), datetime(2026, 3, 16, 17, tzinfo=UTC))
    assert outcome.referral.due_rule == "t-1 scotland.1: 10 working days"


@pytest.mark.parametrize(
    ("changes", "around", "reason"),
    [
        ({"agreement": Agreement(referral="declined")}, AROUND, "person-declined"),
        ({"person": a_person(birth_date=date(2011, 1, 1))}, AROUND, "under-minimum-age"),
        ({}, replace(AROUND, place=Place(council="S12000033", outward="AB10", precision="outward")), "out-of-area"),
    ],
)
def test_a_return_is_only_proposed(changes: dict[str, Any], around: Circumstances, reason: str) -> None:
    outcome = assessed(replace(REQUEST, **changes), around)
    [proposed] = outcome.events
    assert isinstance(proposed, ReferralReturnProposed)
    assert (proposed.reason, proposed.decide_by) == (reason, datetime(2026, 3, 4, 17, tzinfo=UTC))


def test_a_person_in_an_unknown_place_or_a_programme_without_borders_is_not_turned_away() -> None:
    for around in (replace(AROUND, place=Place()), replace(AROUND, programme=replace(PROGRAMME, councils=frozenset()))):
        assert isinstance(assessed(around=around).events[0], ReferralAccepted)


def test_a_named_person_lets_through_what_the_rules_would_return() -> None:
    declined = replace(REQUEST, agreement=Agreement(referral="declined"))
    around = replace(AROUND, rules=overruled(AROUND.rules))
    outcome = assessed(
        declined, around, state=State.RETURN_PROPOSED, due_at=NOW, due_rule="x", reason="person-declined"
    )
    assert isinstance(outcome.events[0], ReferralAccepted)
    assert (outcome.referral.state, outcome.referral.due_at, outcome.referral.reason) == (State.ACCEPTED, None, None)


def test_a_current_risk_is_told_before_the_decision_and_once() -> None:
    risky = replace(REQUEST, letter="She is lonely. She told me today that she wants to kill herself.")
    first = assessed(risky)
    assert [type(event) for event in first.events] == [RiskAlerted, ReferralAccepted]
    again = assessed(risky, risk_kinds=first.referral.risk_kinds)
    assert [type(event) for event in again.events] == [ReferralAccepted]


def test_what_a_practice_adds_puts_details_right_and_stands_after_what_was_there() -> None:
    added = with_added(REQUEST, Added(person={"phone": "01632 960001"}, letter="One thing more.", needs=("food",)))
    assert (added.person.phone, added.person.given_name) == ("01632 960001", "Isla")
    assert (added.letter, added.needs) == ("A letter.\n\nOne thing more.", ("food",))
    assert with_added(REQUEST, Added()) == REQUEST


@pytest.mark.parametrize(
    ("born", "age"),
    [
        (date(2000, 3, 2), 26),
        (date(2000, 3, 3), 25),
        (date(2004, 2, 29), 22),
        (date(1930, 1, 1), 90),
        (date(2026, 3, 2), 0),
    ],
)
def test_age_is_whole_years_and_ninety_stands_for_all_above(born: date, age: int) -> None:
    assert age_on(date(2026, 3, 2), born) == age


@pytest.mark.parametrize(
    ("born", "fault"), [(date(1850, 1, 1), "years back"), (date(2026, 3, 3), "future"), (date(1905, 1, 1), "")]
)
def test_a_birth_date_that_cannot_be_is_a_fault(born: date, fault: str) -> None:
    assert fault in (birth_date_fault(born, date(2026, 3, 2)) or "")
    assert bool(birth_date_fault(born, date(2026, 3, 2))) == bool(fault)
