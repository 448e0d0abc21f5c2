"""Single decisions about a case, each with its reason."""

from datetime import UTC, date, datetime, timedelta

import pytest

from casework.domain import Refused, Step, assign, close, record_contact, record_outcomes, reopen, revise_needs
from shared.clocks import Clock
from shared.contracts import NeedRead, Outcome
from tests.unit.casework.cases import NOW, RULES, a_case, an_open_case


@pytest.mark.parametrize(
    ("urgency", "by"),
    [
        ("urgent", datetime(2026, 3, 3, 17, tzinfo=UTC)),
        ("soon", datetime(2026, 3, 5, 17, tzinfo=UTC)),
        ("routine", datetime(2026, 3, 9, 17, tzinfo=UTC)),
        ("unrecognised", datetime(2026, 3, 3, 17, tzinfo=UTC)),
    ],
)
def test_a_new_case_is_due_for_its_first_contact_by_its_urgency(urgency: str, by: datetime) -> None:
    case = assign(a_case(urgency=urgency), "ash", NOW, RULES)

    assert case is not None
    assert case.review is not None
    assert case.review.at == by


def test_a_case_that_is_handed_over_keeps_its_date() -> None:
    case = an_open_case()

    handed_over = assign(case, "birch", NOW + timedelta(days=1), RULES)

    assert handed_over is not None
    assert (handed_over.link_worker, handed_over.review) == ("birch", case.review)
    assert assign(handed_over, "birch", NOW, RULES) is None


def test_a_try_in_vain_comes_back_sooner_than_a_conversation() -> None:
    talked = record_contact(an_open_case(), "phone", reached=True, review_on=None, now=NOW, rules=RULES)
    tried = record_contact(an_open_case(), "phone", reached=False, review_on=None, now=NOW, rules=RULES)

    assert isinstance(talked, Step)
    assert isinstance(tried, Step)
    assert talked.case.review is not None
    assert tried.case.review is not None
    assert tried.case.review.at < talked.case.review.at == NOW + timedelta(weeks=4)


def test_a_programme_sets_how_long_a_case_rests_after_a_conversation() -> None:
    rules = RULES.of_programme(Clock.read("12 weeks"))
    step = record_contact(an_open_case(), "phone", reached=True, review_on=None, now=NOW, rules=rules)

    assert isinstance(step, Step)
    assert step.case.review is not None
    assert step.case.review.at == NOW + timedelta(weeks=12)
    assert step.case.review.rule == "12 weeks"


@pytest.mark.parametrize("day", [date(2026, 3, 2), date(2025, 1, 1), date(2028, 3, 2)])
def test_a_review_is_after_today_and_within_two_years(day: date) -> None:
    refused = record_contact(an_open_case(), "phone", reached=True, review_on=day, now=NOW, rules=RULES)

    assert refused == Refused("review-date")


def test_a_named_day_ends_when_people_stop_working_in_summer_time_too() -> None:
    step = record_contact(an_open_case(), "phone", reached=True, review_on=date(2026, 7, 1), now=NOW, rules=RULES)

    assert isinstance(step, Step)
    assert step.case.review is not None
    assert step.case.review.at == datetime(2026, 7, 1, 16, tzinfo=UTC)


def test_needs_that_stay_keep_where_they_were_read() -> None:
    step = revise_needs(an_open_case(), ("loneliness", "walking"), 1)

    assert isinstance(step, Step)
    assert step.event.needs == (
        NeedRead(code="loneliness", source="code"),
        NeedRead(code="walking", source="link-worker"),
    )


def test_saying_the_same_needs_again_changes_nothing() -> None:
    assert revise_needs(an_open_case(), ("loneliness", "debt-advice"), 1) is None


def test_who_saw_an_older_version_changes_nothing() -> None:
    assert revise_needs(an_open_case(version=2), ("walking",), 1) == Refused("stale")
    assert close(an_open_case(version=2), "completed", (), 1, NOW) == Refused("stale")
    assert reopen(an_open_case(state="closed", version=2, review=None), 1, NOW, RULES) == Refused("stale")


def test_outcomes_can_still_be_told_after_a_case_closed_but_not_of_one_that_was_withdrawn() -> None:
    outcomes = (Outcome(code="less-lonely"),)

    assert not isinstance(record_outcomes(an_open_case(state="closed", review=None), outcomes), Refused)
    assert record_outcomes(an_open_case(state="withdrawn", review=None), outcomes) == Refused("not-open")
    assert record_outcomes(an_open_case(), ()) == Refused("no-outcomes")
