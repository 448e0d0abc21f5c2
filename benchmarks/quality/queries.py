"""Judged questions, as anybody writes them: JSON lines of id, kind, text or codes, place, age, relevant."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.quality.places import home_of
from matching.domain import Home
from referral_intake.triage.reader import read
from shared.needs import NEEDS, needs_for_code

ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Query:
    """A judged question: who asks what, and which services answer it how well (0 to 3); none where none should be."""

    id: str
    kind: str
    text: str
    codes: tuple[str, ...]
    written: tuple[str, ...]
    """Its codes as they were written, without their system: they may be a directory's own."""
    home: Home
    age: int | None
    relevant: Mapping[str, float]
    half: str

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> "Query":
        """Read a line; what is missing is not asked."""
        age = body.get("age")
        relevant = body.get("relevant") or {}
        return cls(
            id=str(body["id"]),
            kind=str(body.get("kind") or "text"),
            text=str(body.get("text") or ""),
            codes=tuple(dict.fromkeys(code for each in body.get("codes") or () for code in needs_of(each))),
            written=tuple(_without_system(each) for each in body.get("codes") or ()),
            home=home_of(body.get("place")),
            age=int(age) if age is not None else None,
            relevant={str(service): float(grade) for service, grade in relevant.items() if float(grade) > 0},
            half=str(body.get("half") or ""),
        )


def read_queries(path: Path) -> list[Query]:
    """Read a file of queries."""
    return [Query.read(json.loads(line)) for line in path.read_text("utf-8").splitlines() if line.strip()]


def _without_system(code: object) -> str:
    return str(code.get("code", "")) if isinstance(code, Mapping) else str(code).rpartition("|")[2]


def needs_of(code: object) -> tuple[str, ...]:
    """Return the needs that a code means: one of ours, `system|code`, or an object of both; none where none does."""
    if isinstance(code, Mapping):
        return needs_for_code(str(code.get("system", "")), str(code.get("code", "")))
    system, bar, value = str(code).rpartition("|")
    if bar:
        return needs_for_code(system, value)
    return (str(code),) if str(code) in NEEDS else ()


def asked_of(query: Query) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return what a query wants, and the words of what is no code."""
    if query.codes:
        return query.codes, {}
    if query.kind == "letter":
        return asked_in_letter(query.text)
    return (ASKED,), {ASKED: query.text}


def asked_in_letter(text: str) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return a letter as a question: the needs that are read come first, and what is ruled out is taken away."""
    reading = read(text)
    for ruled_out in reading.ruled_out:
        text = text.replace(ruled_out.evidence, " ")
    return (ASKED,), {ASKED: f"{'. '.join(NEEDS[need.code].name for need in reading.needs)}. {text}"}
