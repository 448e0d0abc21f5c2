"""A change that would break a reader of today, or a new reader of old events, is refused with a sentence."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from shared.contracts import EVENTS
from shared.contracts.compatibility import incompatibilities
from shared.contracts.release import FOLDER
from shared.contracts.schema import Schema, schema_of

CHANGES = {path.stem: path for path in sorted((FOLDER / "breaking").glob("*.json"))}
HARMLESS = [path for name, path in CHANGES.items() if name.startswith("harmless-")]
BREAKING = [path for name, path in CHANGES.items() if not name.startswith("harmless-")]


def changed(schema: Schema, operations: list[dict[str, Any]]) -> Schema:
    """Apply the operations of RFC 6902 that the committed changes use."""
    document = deepcopy(schema)
    for operation in operations:
        if operation["op"] == "move":
            _put(document, operation["path"], _take(document, operation["from"]), insert=True)
        elif operation["op"] == "remove":
            _take(document, operation["path"])
        else:
            _put(document, operation["path"], operation["value"], insert=operation["op"] == "add")
    return document


def _find(document: Any, pointer: str) -> tuple[Any, Any]:
    *parents, last = pointer.removeprefix("/").split("/")
    for part in parents:
        document = document[int(part) if isinstance(document, list) else part]
    if isinstance(document, list):
        return document, len(document) if last == "-" else int(last)
    return document, last


def _take(document: Any, pointer: str) -> Any:
    parent, last = _find(document, pointer)
    return parent.pop(last)


def _put(document: Any, pointer: str, value: Any, *, insert: bool) -> None:
    parent, last = _find(document, pointer)
    if isinstance(parent, list) and insert:
        parent.insert(last, value)
    else:
        assert insert or last in parent or isinstance(parent, list), f"nothing to replace at {pointer}"
        parent[last] = value


def verdict_on(path: Path) -> tuple[dict[str, Any], list[str]]:
    change = json.loads(path.read_bytes())
    schema = json.loads((FOLDER / "released" / f"{change['type']}.json").read_bytes())
    return change, incompatibilities(schema, changed(schema, change["change"]))


@pytest.mark.parametrize("path", BREAKING, ids=lambda path: path.stem)
def test_a_breaking_change_is_refused_with_a_sentence_that_names_type_and_field(path: Path) -> None:
    change, verdict = verdict_on(path)
    assert change["verdict"], "say which words are expected"
    assert verdict
    assert all(sentence.startswith(f"{change['type']}: ") for sentence in verdict)
    missing = [words for words in change["verdict"] if not any(words in sentence for sentence in verdict)]
    assert not missing, verdict


@pytest.mark.parametrize("path", HARMLESS, ids=lambda path: path.stem)
def test_a_harmless_change_passes(path: Path) -> None:
    _, verdict = verdict_on(path)
    assert verdict == []


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS.keys())
def test_a_contract_is_compatible_with_itself(event: type[Any]) -> None:
    assert incompatibilities(schema_of(event), schema_of(event)) == []


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS.keys())
def test_no_field_of_any_contract_can_be_removed_or_made_required_unseen(event: type[Any]) -> None:
    released = schema_of(event)
    for name in released["properties"]:
        without = deepcopy(released)
        del without["properties"][name]
        without["required"] = [field for field in released["required"] if field != name]
        assert any(f"field {name} was removed" in sentence for sentence in incompatibilities(released, without))
        if name not in released["required"]:
            demanded = {**released, "required": [*released["required"], name]}
            assert any(f"field {name} was made required" in s for s in incompatibilities(released, demanded))


def test_the_committed_changes_cover_every_kind_of_verdict() -> None:
    told = " ".join(sentence for path in BREAKING for sentence in verdict_on(path)[1])
    kinds = ("removed", "renamed", "narrowed", "widened", "made nullable", "made required", "made optional")
    more = ("changed its type", "closed list", "vocabulary", "another default", "added as required", "x-topic", "x-key")
    assert [kind for kind in (*kinds, *more) if kind not in told] == []
