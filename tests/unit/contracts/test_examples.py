"""Every contract has an example that keeps it, full of its fields, and a broken sibling that breaks one rule."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from shared.contracts import EVENTS, Envelope, Event
from shared.contracts.reading import Read, Unreadable, read
from shared.contracts.release import EXAMPLES

NAMES = {"service_name", "organisation_name"}
FREE_TEXT = NAMES | {"reason", "cited", "questions", "rules_version", "source_topic", "message_type"}
"""Fields of a listing, of our rules or of Kafka; every other text is a code, an identifier or an instant."""

PERSONAL_FIELDS = re.compile(
    r"name|birth|phone|mail|address|postcode|nhs|chi|gender|sex|note|letter|text", re.IGNORECASE
)
PERSONAL_VALUES = {
    "an NHS or CHI number": re.compile(r"(?<![0-9a-f-])[0-9]{3} ?[0-9]{3} ?[0-9]{4}(?![0-9a-f-])"),
    "a phone number": re.compile(r"(?<![0-9a-f-])(\+44|0)[127][0-9 ]{8,}"),
    "an e-mail address": re.compile(r"\S@\S"),
    "a whole postcode": re.compile(r"\b[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}\b"),
    "a data zone": re.compile(r"\bS01[0-9]{6}\b"),
    "a title and a name": re.compile(r"\b(Mr|Mrs|Ms|Miss|Dr)\b"),
}
CODE = re.compile(r"[a-z0-9][a-z0-9-]*|[A-Z][0-9]{8}|[A-Z]{1,2}[0-9][0-9A-Z]?|[0-9a-f]{64}|[0-9T:.Z-]+")

every_type = pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS.keys())


def read_file(path: Path, event: type[Event]) -> Read | Unreadable:
    """Read a file as if it had lain on the topic under the subject that its example has."""
    example = json.loads((EXAMPLES / f"{event.type}.json").read_bytes())
    subject = str(example[event.key_field])
    envelope = Envelope(UUID(int=1), "example", event.type, datetime(2026, 3, 2, tzinfo=UTC), subject, "c", "c")
    outcome = read(envelope.to_headers(), path.read_bytes())
    assert isinstance(outcome, Read | Unreadable)
    return outcome


@every_type
def test_the_example_parses_and_is_written_again_as_it_was(event: type[Event]) -> None:
    path = EXAMPLES / f"{event.type}.json"
    outcome = read_file(path, event)
    assert isinstance(outcome, Read), outcome
    assert json.loads(outcome.event.to_json()) == json.loads(path.read_bytes())


@every_type
def test_a_strict_writer_may_write_the_example(event: type[Event]) -> None:
    event.model_validate_json((EXAMPLES / f"{event.type}.json").read_bytes(), strict=True)


@every_type
def test_the_broken_sibling_breaks_one_rule(event: type[Event]) -> None:
    outcome = read_file(EXAMPLES / f"{event.type}.broken.json", event)
    assert isinstance(outcome, Unreadable), "the broken example parses: break it"
    assert ";" not in outcome.detail, "it breaks several rules, so nobody sees which one it is for"


@every_type
def test_the_example_is_full_of_its_fields(event: type[Event]) -> None:
    example = json.loads((EXAMPLES / f"{event.type}.json").read_bytes())
    empty = [name for name in event.model_fields if example.get(name) in (None, [], "")]
    assert not empty, f"fill {empty} in examples/{event.type}.json"


def test_no_example_is_left_of_a_type_that_is_gone() -> None:
    expected = {f"{name}{ending}" for name in EVENTS for ending in (".json", ".broken.json")}
    assert {path.name for path in EXAMPLES.iterdir()} == expected


def test_the_broken_siblings_break_many_different_rules() -> None:
    rules = {_rule(read_file(EXAMPLES / f"{event.type}.broken.json", event)) for event in EVENTS.values()}
    assert len(rules) >= 20, sorted(rules)


def _rule(outcome: Read | Unreadable) -> str:
    assert isinstance(outcome, Unreadable)
    return outcome.detail.split(": ")[-1] if outcome.kind == "breaks-contract" else outcome.kind


@every_type
def test_no_example_holds_personal_data(event: type[Event]) -> None:
    for ending in (".json", ".broken.json"):
        text = (EXAMPLES / f"{event.type}{ending}").read_text(errors="replace")
        assert personal_values(text) == [], f"take it out of {event.type}{ending}"
    assert told_freely(json.loads((EXAMPLES / f"{event.type}.json").read_bytes())) == []


def test_the_search_for_personal_data_finds_what_it_is_for() -> None:
    leaks = ("999 123 4567", "9991234567", "07700 900123", "a@example.org", "DD2 3AB", "S01007654", "Mrs Example")
    assert [leak for leak in leaks if not personal_values(f'"{leak}"')] == []
    assert told_freely({"programme": "Ailsa"}) == ["programme: Ailsa"]


@every_type
def test_no_field_is_named_like_personal_data(event: type[Event]) -> None:
    schema = event.model_json_schema()
    facts = (schema, *schema.get("$defs", {}).values())
    fields = {f"{fact['title']}.{field}" for fact in facts for field in fact["properties"] if field not in NAMES}
    suspicious = {field for field in fields - {"ScorePart.name"} if PERSONAL_FIELDS.search(field.split(".")[1])}
    assert not suspicious, f"{suspicious}: events name no person and carry no free text"


def personal_values(text: str) -> list[str]:
    return [kind for kind, pattern in PERSONAL_VALUES.items() if pattern.search(text)]


def told_freely(value: Any, name: str = "") -> list[str]:
    """List the texts that are no code, outside the fields that may hold a sentence."""
    if isinstance(value, dict):
        return [told for key, part in value.items() for told in told_freely(part, key)]
    if isinstance(value, list):
        return [told for part in value for told in told_freely(part, name)]
    if isinstance(value, str) and name not in FREE_TEXT and not CODE.fullmatch(value):
        return [f"{name}: {value}"]
    return []
