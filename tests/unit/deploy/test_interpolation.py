"""`${NAME}` is filled in as the Compose specification says, or refused with its place."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.local.interpolation import InterpolationError, interpolate, interpolate_all

NAMES = st.from_regex(re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,8}", re.ASCII), fullmatch=True)
PLAIN = st.text(st.characters(exclude_characters="${}"))


@pytest.mark.parametrize(
    ("text", "variables", "expected"),
    [
        ("$A and ${A}", {"A": "x"}, "x and x"),
        ("${A:-b}", {}, "b"),
        ("${A:-b}", {"A": ""}, "b"),
        ("${A-b}", {"A": ""}, ""),
        ("${A-b}", {}, "b"),
        ("${A:-}", {}, ""),
        ("${A:?needed}", {"A": "x"}, "x"),
        ("${A?needed}", {"A": ""}, ""),
        ("$$A costs $$1", {"A": "x"}, "$A costs $1"),
        ("${A:-http://b:80/?c=d}", {}, "http://b:80/?c=d"),
        ("${A}${B}", {"A": "$B", "B": "x"}, "$Bx"),
    ],
)
def test_a_reference_becomes_its_value_or_its_default(text: str, variables: dict[str, str], expected: str) -> None:
    assert interpolate(text, variables) == expected


@pytest.mark.parametrize("text", ["$A", "${A}", "${A:?needed}", "${A?needed}"])
def test_a_missing_value_is_an_error_that_names_it(text: str) -> None:
    with pytest.raises(InterpolationError, match=r"^A is not set"):
        interpolate(text, {})


def test_an_empty_value_is_missing_where_a_colon_says_so() -> None:
    with pytest.raises(InterpolationError, match="A is not set: needed"):
        interpolate("${A:?needed}", {"A": ""})


@pytest.mark.parametrize("text", ["$", "${}", "${A", "${A:+b}", "${A:-${B}}", "${1}", "$-", "${A B}"])
def test_other_forms_are_refused_and_never_passed_on(text: str) -> None:
    with pytest.raises(InterpolationError):
        interpolate(text, {"A": "x", "B": "y"})


@given(PLAIN)
def test_a_text_without_references_stays_as_it_is(text: str) -> None:
    assert interpolate(text, {}) == text


@given(st.text())
def test_a_text_whose_dollars_are_doubled_comes_out_as_it_was(text: str) -> None:
    assert interpolate(text.replace("$", "$$"), {}) == text


@given(PLAIN, NAMES, st.text(), PLAIN)
def test_a_value_is_put_in_as_it_is_between_what_surrounds_it(before: str, name: str, value: str, after: str) -> None:
    assert interpolate(f"{before}${{{name}}}{after}", {name: value}) == before + value + after


def test_an_error_in_a_document_says_where_it_is() -> None:
    with pytest.raises(InterpolationError, match=r"^services\.a\.command\.1: B is not set$"):
        interpolate_all({"services": {"a": {"command": ["${A}", "${B}"], "n": 1}}}, {"A": "x"})
