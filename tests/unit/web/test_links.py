"""A link of ours reads back, and no other string does."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.web.links import BadLink, ExpiredLink, Links

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=7)
LINKS = Links(b"k" * 32)

purposes = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1)


@given(purposes, st.text(st.characters(codec="utf-8")), st.integers(1, 10**9))
def test_a_signed_link_reads_back_its_subject_until_it_expires(purpose: str, subject: str, seconds: int) -> None:
    token = LINKS.sign(purpose, subject, NOW + timedelta(seconds=seconds))

    assert LINKS.read(purpose, token, NOW + timedelta(seconds=seconds - 1)) == subject
    with pytest.raises(ExpiredLink):
        LINKS.read(purpose, token, NOW + timedelta(seconds=seconds))


@given(st.text(st.characters(codec="utf-8")))
def test_no_other_string_is_a_link(token: str) -> None:
    with pytest.raises(BadLink):
        LINKS.read("offer", token, NOW)


@given(st.data())
def test_a_link_with_one_character_changed_is_refused(data: st.DataObject) -> None:
    token = LINKS.sign("offer", "a subject", LATER)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=./"))
    changed = token[:place] + other + token[place + 1 :]

    if changed == token:
        assert LINKS.read("offer", changed, NOW) == "a subject"
        return
    with pytest.raises(BadLink):
        LINKS.read("offer", changed, NOW)


def test_a_link_for_one_purpose_opens_nothing_else() -> None:
    token = LINKS.sign("offer", "a subject", LATER)

    with pytest.raises(BadLink):
        LINKS.read("sign-in", token, NOW)


def test_a_link_signed_with_another_key_is_refused() -> None:
    with pytest.raises(BadLink):
        Links(b"j" * 32).read("offer", LINKS.sign("offer", "a subject", LATER), NOW)


def test_the_link_key_is_not_short() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Links(b"short")


def test_a_token_has_only_characters_that_need_no_quoting_in_a_url() -> None:
    token = LINKS.sign("offer", "0b1c2d3e-0000-4000-8000-000000000000", LATER)

    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
