"""The phrases that the reader looks for, from the vocabulary of needs and from `signs.yaml`, checked when loaded."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import get_args

from yaml.nodes import Node

from referral_intake.triage.phrases import Phrases, tokens_of
from referral_intake.triage.reading import RiskKind
from shared.needs import NEEDS
from shared.needs.sheet import Sheet
from shared.needs.systems import SYSTEMS, split_code

NOTHING = ""
"""What a phrase means that only looks like a need or a risk."""

_KINDS: Mapping[str, RiskKind] = {kind: kind for kind in get_args(RiskKind)}


@dataclass(frozen=True)
class Lexicon:
    """Phrases with the need or kind of risk they mean, and codes that say a risk outright, by (system, code)."""

    needs: Phrases[str]
    risks: Phrases[str]
    risk_codes: Mapping[tuple[str, str], RiskKind]


def read_lexicon(content: str, name: str = "signs.yaml") -> Lexicon:
    """Read a file of signs beside the vocabulary; raise FaultyFileError with every fault in it."""
    sheet = Sheet(name, content)
    top = sheet.fields(sheet.root, "the file", ("risks", "risk_codes", "not_risks", "not_needs"))
    needs = {phrase: need.code for need in NEEDS.values() for phrase in need.synonyms}
    not_needs = {phrase: NOTHING for phrase, _ in _phrases(sheet, top.get("not_needs"), "“not_needs”")}
    not_risks = {phrase: NOTHING for phrase, _ in _phrases(sheet, top.get("not_risks"), "“not_risks”")}
    risks = _risks(sheet, top.get("risks"))
    codes = _risk_codes(sheet, top.get("risk_codes"))
    sheet.raise_faults()
    return Lexicon(Phrases(needs | not_needs), Phrases(risks | not_risks), MappingProxyType(codes))


def _risks(sheet: Sheet, node: Node | None) -> dict[str, str]:
    kinds: dict[tuple[str, ...], str] = {}
    risks: dict[str, str] = {}
    for kind, phrase, item in _of_each_kind(sheet, node, "“risks”"):
        words = tuple(token.word for token in tokens_of(phrase))
        if kinds.setdefault(words, kind) != kind:
            sheet.fault(item, f"“{phrase}” under {kind} is already under {kinds[words]}")
        risks[phrase] = kind
    return risks


def _risk_codes(sheet: Sheet, node: Node | None) -> dict[tuple[str, str], RiskKind]:
    codes: dict[tuple[str, str], RiskKind] = {}
    for kind, written, item in _of_each_kind(sheet, node, "“risk_codes”"):
        system, _, code = written.partition(" ")
        if system not in SYSTEMS or split_code(system, code) is None:
            sheet.fault(item, f"“{written}” is no code; write its list and the code, as in “snomed 6471006”")
        codes[system, code] = _KINDS[kind]
    return codes


def _of_each_kind(sheet: Sheet, node: Node | None, what: str) -> Iterator[tuple[str, str, Node]]:
    for key, listed in sheet.pairs(node, what):
        kind = sheet.choice(key, f"the kind of risk in {what}", _KINDS)
        for phrase, item in _phrases(sheet, listed, f"the list of {key.value}"):
            if kind:
                yield kind, phrase, item


def _phrases(sheet: Sheet, node: Node | None, what: str) -> Iterator[tuple[str, Node]]:
    for item in sheet.items(node, what):
        phrase = sheet.text(item, f"an entry of {what}")
        if phrase and not tokens_of(phrase):
            sheet.fault(item, f"“{phrase}” in {what} has no word in it")
        elif phrase:
            yield phrase, item


LEXICON = read_lexicon((files(__package__) / "signs.yaml").read_text("utf-8"))
