"""Whatever lies on a topic becomes one of three outcomes, told without what stood there."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import EVENTS, CaseClosed, Envelope, OfferAnswered, ReferralAccepted, RiskAlerted
from shared.contracts.reading import Read, UnknownType, Unreadable, read
from shared.contracts.release import EXAMPLES

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def example(event_type: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((EXAMPLES / f"{event_type}.json").read_bytes())
    return loaded


def an_envelope(event_type: str = ReferralAccepted.type) -> Envelope:
    event = EVENTS.get(event_type, ReferralAccepted)
    subject = str(example(event.type)[event.key_field])
    return Envelope(UUID(int=7), "test", event_type, datetime(2026, 3, 2, tzinfo=UTC), subject, "c", "c")


def read_data(event_type: str, data: object) -> Read | Unreadable | UnknownType:
    return read(an_envelope(event_type).to_headers(), json.dumps(data).encode())


@given(st.binary())
def test_any_bytes_are_read_or_unreadable(value: bytes) -> None:
    assert isinstance(read(an_envelope().to_headers(), value), Unreadable)


@given(st.sampled_from(sorted(EVENTS)), st.data())
def test_any_change_of_a_field_is_read_or_unreadable(event_type: str, data: st.DataObject) -> None:
    changed = example(event_type)
    changed[data.draw(st.sampled_from(sorted(changed)))] = data.draw(json_values)
    assert isinstance(read_data(event_type, changed), Read | Unreadable)


@given(st.lists(st.tuples(st.text(), st.none() | st.binary())), st.none() | st.binary())
def test_any_record_has_an_outcome(headers: list[tuple[str, bytes | None]], value: bytes | None) -> None:
    outcome = read(headers, value)
    assert isinstance(outcome, Unreadable)
    assert outcome.kind == ("bad-headers" if value else "no-value")


@pytest.mark.parametrize("value", [None, b""], ids=["null", "empty"])
def test_a_record_without_a_value_is_told_apart(value: bytes | None) -> None:
    envelope = an_envelope()
    assert read(envelope.to_headers(), value) == Unreadable("no-value", "no value", envelope)


@pytest.mark.parametrize(
    "value",
    [b"{", b"\xff", b"\xef\xbb\xbf{}", b'{"a": "\\ud800"}', b"[" * 900_000, b"\x00" * 1000, b"{} {}"],
    ids=["cut", "noise", "byte-order mark", "lone surrogate", "deep", "null bytes", "two"],
)
def test_what_is_no_json_is_unreadable(value: bytes) -> None:
    envelope = an_envelope()
    assert read(envelope.to_headers(), value) == Unreadable("bad-json", "not JSON", envelope)


@pytest.mark.parametrize("value", [b"[]", b"3", b'"{}"', b"null", b"{}"])
def test_json_that_is_no_event_breaks_the_contract(value: bytes) -> None:
    outcome = read(an_envelope().to_headers(), value)
    assert isinstance(outcome, Unreadable)
    assert outcome.kind == "breaks-contract"


def test_what_breaks_its_contract_is_told_by_place_and_rule_without_the_input() -> None:
    data = example(ReferralAccepted.type)
    data["needs"][1]["code"] = "Ailsa is in debt"
    data["age"] = "fifty-eight"
    outcome = read_data(ReferralAccepted.type, data)
    assert isinstance(outcome, Unreadable)
    assert (outcome.kind, outcome.detail) == ("breaks-contract", "needs.1.code: string_pattern_mismatch; age: int_type")


def test_a_long_list_of_errors_is_cut() -> None:
    data = {**example(ReferralAccepted.type), "needs": [{}] * 1000}
    outcome = read_data(ReferralAccepted.type, data)
    assert isinstance(outcome, Unreadable)
    assert outcome.detail.endswith("and 1990 more")


@given(st.text(min_size=4))
def test_the_detail_never_repeats_what_stood_in_the_message(secret: str) -> None:
    data = {
        **example(RiskAlerted.type),
        "programme": f"Ailsa {secret}",
        f"Ailsa {secret}": 1,
        "kinds": f"Ailsa {secret}",
    }
    outcome = read_data(RiskAlerted.type, data)
    assert isinstance(outcome, Unreadable)
    assert "Ailsa" not in outcome.detail


def test_a_subject_that_is_not_the_events_key_breaks_the_contract() -> None:
    headers = replace(an_envelope(), subject="another").to_headers()
    outcome = read(headers, json.dumps(example(ReferralAccepted.type)).encode())
    assert isinstance(outcome, Unreadable)
    assert outcome.detail == "ce_subject is not the event's referral"


def test_a_later_version_of_a_known_type_waits_for_an_upgrade() -> None:
    outcome = read_data("linkway.referral.accepted.v2", {})
    assert isinstance(outcome, UnknownType)
    assert (outcome.kind, outcome.envelope.type) == ("future-version", "linkway.referral.accepted.v2")


@pytest.mark.parametrize(
    "event_type", ["linkway.referral.accepted.v0", "linkway.referral.accepted", "linkway.weather.v1", "x", ".v9"]
)
@pytest.mark.parametrize("value", [None, b"noise", b"{}"])
def test_a_type_that_is_not_known_is_unknown_whatever_its_value(event_type: str, value: bytes | None) -> None:
    outcome = read(an_envelope(event_type).to_headers(), value)
    assert isinstance(outcome, UnknownType)
    assert outcome.kind == "unknown-type"


def test_a_field_that_a_reader_does_not_know_is_ignored() -> None:
    outcome = read_data(CaseClosed.type, {**example(CaseClosed.type), "weather": "fair"})
    assert isinstance(outcome, Read)
    assert outcome.event == CaseClosed.from_json(json.dumps(example(CaseClosed.type)).encode())


@pytest.mark.parametrize(
    ("field", "value"), [("age", "58"), ("age", 58.5), ("age", True), ("nothing_read", 0), ("person", 7)]
)
def test_types_are_read_as_the_schema_gives_them(field: str, value: object) -> None:
    assert isinstance(read_data(ReferralAccepted.type, {**example(ReferralAccepted.type), field: value}), Unreadable)


def test_a_reader_of_an_answer_does_not_guess() -> None:
    outcome = read_data(OfferAnswered.type, {**example(OfferAnswered.type), "answer": "waiting-list"})
    assert isinstance(outcome, Unreadable)
    assert outcome.detail == "answer: literal_error"
