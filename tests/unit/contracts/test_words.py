"""Vocabularies: writers keep to their words, readers take a word they do not know as unrecognised."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.contracts import Place, ReferralReceived
from shared.contracts.event import READING
from shared.contracts.release import EXAMPLES
from shared.contracts.words import UNRECOGNISED, Door, RiskKind

WORDS = ("json", "fhir", "page")
door: TypeAdapter[str] = TypeAdapter(Door)


@given(st.text(min_size=1, max_size=64))
def test_a_reader_takes_any_word_and_keeps_those_it_knows(word: str) -> None:
    assert door.validate_python(word, context=READING) == (word if word in WORDS else UNRECOGNISED)


@given(st.text().filter(lambda word: word not in WORDS))
def test_a_writer_may_use_only_words_of_the_vocabulary(word: str) -> None:
    with pytest.raises(ValidationError):
        door.validate_python(word)


def test_a_writer_may_not_pass_on_an_unrecognised_word() -> None:
    example = json.loads((EXAMPLES / f"{ReferralReceived.type}.json").read_bytes())
    event = ReferralReceived.from_json(json.dumps({**example, "door": "pigeon"}).encode())
    assert event.door == UNRECOGNISED
    with pytest.raises(ValidationError, match="not a word of this vocabulary"):
        ReferralReceived(**event.model_dump())


@pytest.mark.parametrize("value", ["", "w" * 65, 7, None, ["json"]])
def test_even_a_reader_takes_only_what_could_be_a_word(value: Any) -> None:
    with pytest.raises(ValidationError):
        door.validate_python(value, context=READING)


def test_the_schema_of_a_vocabulary_is_open_and_lists_its_words() -> None:
    schema = TypeAdapter(RiskKind).json_schema()
    assert "enum" not in schema
    assert "child-at-risk" in schema["x-vocabulary"]


@given(st.floats(-90, 90))
def test_a_writer_gives_a_point_no_finer_than_a_kilometre(latitude: float) -> None:
    coarse = round(latitude, 2)
    assert Place(latitude=coarse).latitude == coarse
    if latitude != coarse:
        with pytest.raises(ValidationError, match="two decimals"):
            Place(latitude=latitude)


def test_a_reader_makes_a_fine_point_coarse() -> None:
    assert Place.model_validate({"latitude": 56.4620001}, context=READING).latitude == 56.46
