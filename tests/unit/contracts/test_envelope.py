"""The envelope is read from any headers without surprise, and whatever can be written can be read again."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import Envelope

ENVELOPE = Envelope(
    id=UUID("7c9e6679-7425-40de-944b-e07fc1f90ae7"),
    source="referral-intake",
    type="linkway.referral.accepted.v1",
    time=datetime(2026, 3, 2, 9, 14, tzinfo=UTC),
    subject="0b6f2d0e-6f0c-4c55-9a53-3f4f0a6d7c11",
    correlation_id="request-1",
    causation_id="request-1",
    traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
)
NAMES = [name for name, _ in ENVELOPE.to_headers()]
REQUIRED = ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "ce_subject"]

attribute = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=256)
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
envelopes = st.builds(
    Envelope,
    id=st.uuids(),
    source=attribute,
    type=attribute,
    time=st.datetimes(timezones=zones),
    subject=attribute,
    correlation_id=attribute,
    causation_id=attribute,
    traceparent=st.none() | st.from_regex(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", fullmatch=True),
)
header_lists = st.lists(st.tuples(st.sampled_from(NAMES) | st.text(), st.none() | st.binary()), max_size=20)
damages = st.lists(st.tuples(st.sampled_from(NAMES), st.none() | st.binary()), max_size=4)


def headers(**changed: bytes | None) -> list[tuple[str, bytes | None]]:
    """Return good headers with some values changed; names are given with an underscore for a dash."""
    return [(name, changed.get(name.replace("-", "_"), value)) for name, value in ENVELOPE.to_headers()]


def read_or_refuse(given_headers: list[tuple[str, bytes | None]]) -> Envelope | None:
    try:
        return Envelope.from_headers(given_headers)
    except ValueError:
        return None


@given(envelopes)
def test_what_was_written_is_read_again(envelope: Envelope) -> None:
    assert Envelope.from_headers(envelope.to_headers()) == envelope


@given(header_lists)
def test_any_headers_give_an_envelope_or_a_value_error(given_headers: list[tuple[str, bytes | None]]) -> None:
    read_or_refuse(given_headers)


@given(damages, st.booleans())
def test_damaged_headers_give_an_envelope_or_a_value_error(
    damage: list[tuple[str, bytes | None]], replaced: bool
) -> None:
    good: list[tuple[str, bytes | None]] = list(ENVELOPE.to_headers())
    if replaced:
        names = {name for name, _ in damage}
        good = [header for header in good if header[0] not in names]
    envelope = read_or_refuse(good + damage)
    assert envelope is None or Envelope.from_headers(envelope.to_headers()) == envelope


@given(st.lists(st.tuples(st.text().filter(lambda name: name not in NAMES), st.none() | st.binary())))
def test_headers_that_others_added_change_nothing(others: list[tuple[str, bytes | None]]) -> None:
    assert Envelope.from_headers([*others, *ENVELOPE.to_headers(), *others]) == ENVELOPE


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [None, b"\xff\xfe"], ids=["null", "not UTF-8"])
def test_a_damaged_header_is_named(name: str, value: bytes | None) -> None:
    with pytest.raises(ValueError, match=name):
        Envelope.from_headers(headers(**{name.replace("-", "_"): value}))


@pytest.mark.parametrize("name", NAMES)
def test_a_repeated_header_is_refused_even_when_both_agree(name: str) -> None:
    good = ENVELOPE.to_headers()
    with pytest.raises(ValueError, match=f"{name} is repeated"):
        Envelope.from_headers([*good, *(header for header in good if header[0] == name)])


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_header_is_named(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        Envelope.from_headers([header for header in ENVELOPE.to_headers() if header[0] != name])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ce_specversion", b"0.3"),
        ("ce_id", b"7"),
        ("ce_id", b"{7c9e6679-7425-40de-944b-e07fc1f90ae7}"),
        ("ce_id", b"7c9e6679_7425-40de-944b-e07fc1f90ae7"),
        ("ce_time", b"yesterday"),
        ("ce_time", b"2026-03-02T09:14:00"),
        ("ce_time", b""),
        ("ce_source", b""),
        ("ce_subject", b""),
        ("ce_subject", b"a\x00b"),
        ("ce_subject", b"s" * 257),
        ("ce_type", b"t" * 900_000),
        ("ce_correlationid", b"line\nbreak"),
        ("content-type", b"application/xml"),
    ],
)
def test_a_value_that_is_not_of_its_form_is_refused_without_repeating_it(name: str, value: bytes) -> None:
    with pytest.raises(ValueError, match=name) as refused:
        Envelope.from_headers(headers(**{name.replace("-", "_"): value}))
    assert len(str(refused.value)) < 100
    assert not value or value.decode() not in str(refused.value)


def test_an_event_without_correlation_began_its_own_story() -> None:
    bare = [header for header in ENVELOPE.to_headers() if header[0] in REQUIRED]
    envelope = Envelope.from_headers(bare)
    assert (envelope.correlation_id, envelope.causation_id) == (str(ENVELOPE.id), str(ENVELOPE.id))


def test_a_trace_that_is_not_of_its_form_is_ignored() -> None:
    assert Envelope.from_headers(headers(traceparent=b"00-0-0-0")).traceparent is None


def test_a_content_type_may_name_its_character_set() -> None:
    assert Envelope.from_headers(headers(content_type=b"application/json; charset=utf-8")) == ENVELOPE


def test_nobody_can_make_an_envelope_that_nobody_could_read() -> None:
    with pytest.raises(ValueError, match="ce_subject"):
        replace(ENVELOPE, subject="s" * 257)
    with pytest.raises(ValueError, match="ce_time"):
        replace(ENVELOPE, time=datetime(2026, 3, 2))  # noqa: DTZ001 -- the naive time is the point


def test_the_headers_are_cloudevents_in_binary_mode() -> None:
    written = dict(ENVELOPE.to_headers())
    assert written["ce_specversion"] == b"1.0"
    assert written["content-type"] == b"application/json"
    assert re.fullmatch(rb"2026-03-02T09:14:00\+00:00", written["ce_time"])
