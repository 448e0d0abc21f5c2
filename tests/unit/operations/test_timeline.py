"""A referral's story is told with causes before their effects, in words for every type."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.api.stories import SENTENCES, sentence
from operations.domain import REFERRAL_TOPICS, Archived, in_causal_order
from shared.contracts import EVENTS, TOPICS
from tests.unit.house.source import ROOT

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TOLD = [name for name, event in EVENTS.items() if event.topic in REFERRAL_TOPICS & {topic.name for topic in TOPICS}]


def an_event(number: int, cause: int, seconds: float = 0, type: str = "linkway.case.reopened.v1") -> Archived:  # noqa: A002 - as the field is called
    time = NOON + timedelta(seconds=seconds)
    return Archived(number, UUID(int=number), type, "casework", time, str(UUID(int=cause)), "request", {})


@given(st.lists(st.tuples(st.integers(0, 20), st.floats(-300, 300)), max_size=20))
def test_every_event_is_told_once_and_after_its_cause_however_clocks_differ(facts: list[tuple[int, float]]) -> None:
    events = [an_event(n + 1, min(cause, n), seconds) for n, (cause, seconds) in enumerate(facts)]
    told = [event.id.int for event in in_causal_order(events)]
    assert sorted(told) == [event.id.int for event in events]
    for event in events:
        cause = UUID(event.causation_id).int
        assert not cause or told.index(cause) < told.index(event.id.int)


def test_events_that_caused_each_other_are_told_all_the_same() -> None:
    assert len(in_causal_order([an_event(1, 2), an_event(2, 1)])) == 2


def test_events_without_a_common_cause_are_told_by_time() -> None:
    assert [event.id.int for event in in_causal_order([an_event(1, 9, 5), an_event(2, 8, 1)])] == [2, 1]


@pytest.mark.parametrize("event_type", TOLD)
def test_every_type_about_a_referral_has_a_sentence_that_its_example_fills(event_type: str) -> None:
    example = json.loads((ROOT / "shared/contracts/examples" / f"{event_type}.json").read_text())
    words = sentence(replace(an_event(1, 0, type=event_type), data=example))
    assert words.endswith(".")
    assert "not known" not in words
    assert "{" not in words
    assert words != event_type


def test_no_sentence_is_left_over() -> None:
    assert set(SENTENCES) == set(TOLD)


def test_a_fact_that_an_older_event_lacks_is_not_known() -> None:
    assert sentence(an_event(1, 0)) == "The person came back to not known."
