"""Reads a directory's own terms, and which needs a term stands for: only one that means just that need."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from matching.directory.text import plain, text_of
from matching.domain import Label
from shared.needs import NEEDS, needs_for_code
from shared.needs.book import folded

_SYSTEMS = {"aliss": "aliss", "openeligibility": "open-eligibility", "gravity": "gravity", "sdohcc": "gravity"}
"""Words by which feeds name a code list that the needs are crossed with, as letters only."""
_NO_TERM = frozenset({"", "true", "false", "yes", "no"})
"""Values of an attribute that are an answer, and no term."""


def _phrase(name: str) -> str:
    return folded(name.replace("&", " and "))


def _by_phrase() -> Mapping[str, tuple[str, ...]]:
    """Index the needs by their names and synonyms."""
    found: dict[str, tuple[str, ...]] = {}
    for need in NEEDS.values():
        for phrase in {_phrase(words) for words in (need.code, need.name, *need.synonyms)}:
            found[phrase] = (*found.get(phrase, ()), need.code)
    return found


_NEEDS_BY_PHRASE = _by_phrase()


def label_of(entry: Mapping[str, Any]) -> Label | None:
    """Return the term of one entry of `attributes`, or None where it names none."""
    told = entry.get("taxonomy_term")
    term = told if isinstance(told, Mapping) else {"name": told}
    if not any(term.values()) and plain(text_of(entry.get("value")), 8).lower() in _NO_TERM:
        return None
    vocabulary = term.get("taxonomy_detail") or term.get("taxonomy") or term.get("vocabulary") or entry.get("taxonomy")
    if isinstance(vocabulary, Mapping):
        vocabulary = vocabulary.get("name") or vocabulary.get("uri")
    code = _first(term.get("code"), term.get("term"))
    name = _first(term.get("name"), entry.get("label"), entry.get("value"), term.get("term"))
    scheme = _first(vocabulary, term.get("taxonomy_id"), most=200)
    return Label(scheme, code, name or code) if name or code else None


@lru_cache(maxsize=65_536)
def needs_of(label: Label) -> tuple[str, ...]:
    """Return the needs that mean the same as a label, by crosswalk or by its exact name; a wider term is no need."""
    squeezed = re.sub("[^a-z]", "", label.scheme.lower())
    system = next((name for word, name in _SYSTEMS.items() if word in squeezed), label.scheme)
    by_code = needs_for_code(system, label.code) if label.code else ()
    return by_code or _NEEDS_BY_PHRASE.get(_phrase(label.name), ())


def _first(*values: object, most: int = 300) -> str:
    return next((text for value in values if (text := plain(text_of(value), most))), "")
