"""Accuracy says whether a listing is right, availability whether there is room, and neither touches the other."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.domain import Accuracy, Finding, judge, state_availability
from matching.domain.trust import ANSWER_DAYS, CHECKED_DAYS, FINDING_KINDS, AvailabilityState, FindingKind

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)


def a_finding(kind: FindingKind = "mail-bounced", *, asked_days_ago: float | None = None) -> Finding:
    asked = None if asked_days_ago is None else NOW - timedelta(days=asked_days_ago)
    return Finding(kind, NOW - timedelta(days=60), asked)


def test_nothing_known_is_unchecked_and_a_confirmation_holds_a_year() -> None:
    assert judge([], None, NOW).accuracy == Accuracy()
    judged = judge([], date(2026, 9, 1), NOW)
    assert (judged.accuracy.level, judged.due_at) == ("checked", datetime(2027, 9, 1, tzinfo=UTC))
    assert judge([], NOW.date() - timedelta(days=CHECKED_DAYS), NOW).accuracy.level == "unchecked"


@pytest.mark.parametrize("kind", FINDING_KINDS)
def test_a_finding_makes_doubtful_and_lowers_only_after_the_organisation_was_asked(kind: FindingKind) -> None:
    unasked = judge([a_finding(kind)], date(2026, 9, 1), NOW)
    assert unasked.accuracy == Accuracy("doubtful", (kind,), date(2026, 9, 1), lowered=False)
    assert unasked.due_at is None, "time alone never lowers what nobody was asked about"
    waiting = judge([a_finding(kind, asked_days_ago=ANSWER_DAYS - 1)], None, NOW)
    assert not waiting.accuracy.lowered
    assert waiting.due_at == NOW + timedelta(days=1)
    silent = judge([a_finding(kind, asked_days_ago=ANSWER_DAYS)], None, NOW)
    assert silent.accuracy.lowered
    assert silent.accuracy.level == ("wrong" if kind == "reported-closed" else "doubtful")


def test_full_and_did_not_attend_are_no_findings() -> None:
    assert not {"full", "paused", "waiting", "did-not-attend", "declined"} & {*FINDING_KINDS}


@given(st.lists(st.builds(a_finding, st.sampled_from(FINDING_KINDS), asked_days_ago=st.none() | st.floats(0, 30))))
def test_a_listing_is_lowered_exactly_when_somebody_was_asked_long_enough_ago(findings: list[Finding]) -> None:
    judged = judge(findings, None, NOW)
    silent = [each for each in findings if each.asked_at and NOW - each.asked_at >= timedelta(days=ANSWER_DAYS)]
    assert judged.accuracy.lowered is bool(silent)
    assert judged.due_at is None or judged.due_at > NOW
    assert judge(findings[::-1], None, NOW) == judged


@pytest.mark.parametrize(
    ("state", "places", "weeks", "kept"),
    [
        ("open", 3, 9, (3, None)),
        ("open", None, None, (None, None)),
        ("waiting", 2, 6, (None, 6)),
        ("full", 5, None, (0, None)),
        ("paused", None, None, (0, None)),
    ],
)
def test_a_word_on_availability_says_its_places_and_holds_for_four_weeks(
    state: AvailabilityState, places: int | None, weeks: int | None, kept: tuple[int | None, int | None]
) -> None:
    stated = state_availability(state, NOW, places=places, waiting_weeks=weeks)
    assert (stated.places, stated.availability.waiting_weeks) == kept
    assert stated.availability.valid_until == NOW + timedelta(days=28)


def test_unknown_takes_back_what_was_said() -> None:
    stated = state_availability("unknown", NOW, places=3)
    assert (stated.places, stated.availability.stated_at, stated.availability.valid_until) == (None, None, None)


@pytest.mark.parametrize("wrong", [{"places": 0}, {"places": -1}, {"waiting_weeks": -1}, {"days": 0}])
def test_what_means_nothing_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"places|full"):
        state_availability("open", NOW, **wrong)
