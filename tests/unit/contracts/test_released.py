"""What was released stays readable, and what is written today can be read by those who hold the released schemas."""

import json

import jsonschema
import pytest

from shared.contracts import EVENTS, Event
from shared.contracts.event import READING
from shared.contracts.registry import MODULES, PARTNER_TOPIC, TOPICS, _leaves
from shared.contracts.release import EXAMPLES, RELEASED, RELEASED_EXAMPLES, refusals, released_schemas
from shared.contracts.schema import schema_of

SCHEMAS = released_schemas()


def test_the_contracts_of_today_may_follow_the_released_ones() -> None:
    assert refusals() == []


@pytest.mark.parametrize("event_type", EVENTS)
def test_every_type_is_released(event_type: str) -> None:
    assert event_type in SCHEMAS, "run `python -m shared.contracts.release` and commit what it writes"


@pytest.mark.parametrize("event_type", SCHEMAS)
def test_a_released_example_is_read_by_the_code_of_today(event_type: str) -> None:
    example = (RELEASED_EXAMPLES / f"{event_type}.json").read_bytes()
    EVENTS[event_type].model_validate_json(example, strict=True, context=READING)


@pytest.mark.parametrize("event_type", SCHEMAS)
def test_an_example_of_today_keeps_the_released_schema(event_type: str) -> None:
    schema = SCHEMAS[event_type]
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    validator.validate(json.loads((EXAMPLES / f"{event_type}.json").read_bytes()))


@pytest.mark.parametrize("event_type", SCHEMAS)
def test_a_released_example_keeps_its_released_schema(event_type: str) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[event_type])
    example = json.loads((RELEASED_EXAMPLES / f"{event_type}.json").read_bytes())
    jsonschema.Draft202012Validator(SCHEMAS[event_type]).validate(example)


def test_released_examples_and_schemas_are_the_same_types() -> None:
    assert {path.stem for path in RELEASED_EXAMPLES.iterdir()} == set(SCHEMAS)
    assert {path.name for path in RELEASED.iterdir()} == {*(f"{name}.json" for name in SCHEMAS), "examples"}


def test_a_type_that_is_gone_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    rest = {name: event for name, event in EVENTS.items() if name != "linkway.case.reopened.v1"}
    monkeypatch.setattr("shared.contracts.release.EVENTS", rest)
    assert refusals() == [
        "linkway.case.reopened.v1: the type was removed; new readers cannot take events still retained"
    ]


def test_no_two_contracts_have_the_same_type() -> None:
    modules = {module.__name__ for module in MODULES}
    leaves = [event for event in _leaves(Event) if event.__module__ in modules]
    assert sorted(event.type for event in leaves) == sorted(EVENTS)


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS.keys())
def test_every_type_is_versioned_and_has_a_topic_a_key_and_a_sentence(event: type[Event]) -> None:
    schema = schema_of(event)
    assert event.type.startswith("linkway.")
    assert event.type.rpartition(".v")[2].isdigit()
    assert event.topic in {topic.name for topic in (*TOPICS, PARTNER_TOPIC)}
    assert event.key_field in schema["required"]
    assert schema["description"].endswith(".")
