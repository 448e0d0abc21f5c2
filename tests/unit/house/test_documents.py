"""The documents equal the code: AsyncAPI, the glossary, and locks that name no host."""

import json
import re
from typing import Any

import pytest

from shared.contracts import EVENTS
from tests.unit.house.source import ROOT
from tools.asyncapi.generate import DOCUMENT, consumers, render

GLOSSARY = (ROOT / "docs" / "glossary.md").read_text()
STYLE_WORDS = (
    "event, topic, producer, consumer, handler, inbox, outbox, relay, parked, dead letter, idempotent, correlation id, "
    "causation id, at-least-once, referral, need, triage, link worker, caseload, organisation, service, match, offer, "
    "accepted, declined, withdrawn, outcome, unmet need, practice, programme"
)


def test_the_committed_asyncapi_document_is_what_the_code_generates() -> None:
    assert DOCUMENT.read_text() == render(consumers()), "run `python -m tools.asyncapi.generate` and commit the result"


@pytest.mark.parametrize("word", STYLE_WORDS.split(", "))
def test_the_glossary_explains_each_word_of_the_house_style(word: str) -> None:
    assert re.search(rf"^- \*\*{word}\*\*", GLOSSARY, re.MULTILINE | re.IGNORECASE), f"add {word} to docs/glossary.md"


def vocabulary() -> set[str]:
    """Every word that an event may carry in an open vocabulary or a closed list."""
    words: set[str] = set()

    def collect(schema: Any) -> None:
        if isinstance(schema, dict):
            words.update(schema.get("x-vocabulary", ()), schema.get("enum", ()))
        for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
            collect(part)

    for event in EVENTS.values():
        collect(event.model_json_schema())
    return words


@pytest.mark.parametrize("word", sorted(vocabulary()))
def test_the_glossary_explains_each_word_that_an_event_may_carry(word: str) -> None:
    assert f"*{word}*" in GLOSSARY, f"add {word} to docs/glossary.md"


def test_the_glossary_has_one_sentence_a_line() -> None:
    several = [line for line in GLOSSARY.splitlines() if re.search(r"[.!?] +[A-Z]", line)]
    assert not several


def test_the_node_lock_names_no_host_and_pins_every_package_by_its_hash() -> None:
    text = (ROOT / "tools" / "asyncapi" / "package-lock.json").read_text()
    assert "://" not in text, "run `npm run lock` in tools/asyncapi"
    packages = {name: entry for name, entry in json.loads(text)["packages"].items() if name}
    assert [name for name, entry in packages.items() if "integrity" not in entry] == []
