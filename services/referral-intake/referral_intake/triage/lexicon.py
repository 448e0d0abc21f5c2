"""What the reader looks for, from the vocabulary of needs and from files of its own, checked when loaded."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import get_args

from yaml.nodes import Node

from referral_intake.triage.pattern_language import parsed
from referral_intake.triage.patterns import NOTHING, Patterns
from referral_intake.triage.reading import RiskKind, Why
from referral_intake.triage.spelling import Speller
from referral_intake.triage.tokens import tokens_of
from shared.needs import NEEDS
from shared.needs.sheet import Fault, Sheet, line_of
from shared.needs.systems import SYSTEMS, split_code

_KINDS: Mapping[str, RiskKind] = {kind: kind for kind in get_args(RiskKind)}

Ways = tuple[tuple[tuple[str, str], ...], Mapping[str, tuple[str, ...]]]
"""Pairs of a pattern and what it means, and the classes of words that patterns name."""


@dataclass(frozen=True)
class Lexicon:
    """Phrases with the need or kind of risk they mean, and codes that say a risk outright, by (system, code)."""

    needs: Patterns
    risks: Patterns
    risk_codes: Mapping[tuple[str, str], RiskKind]
    topics: frozenset[str]

    def speller(self) -> Speller:
        """Return what mends slips of the words that are written in the files."""
        return Speller(self.needs.written | self.risks.written, self.needs.words | self.risks.words)


def read_lexicon(content: str, name: str = "signs.yaml", ways: Ways = ((), {})) -> Lexicon:
    """Read a file of signs beside the vocabulary and its paraphrases; raise FaultyFileError with every fault in it."""
    sheet = Sheet(name, content)
    top = sheet.fields(
        sheet.root, "the file", ("risks", "risk_codes", "not_risks", "not_needs"), ("risk_patterns", "topics")
    )
    needs = {phrase: need.code for need in NEEDS.values() for phrase in need.synonyms}
    not_needs = {phrase: NOTHING for phrase, _ in _phrases(sheet, top.get("not_needs"), "“not_needs”")}
    not_risks = {phrase: NOTHING for phrase, _ in _phrases(sheet, top.get("not_risks"), "“not_risks”")}
    risks = _risks(sheet, top.get("risks"))
    codes = _risk_codes(sheet, top.get("risk_codes"))
    told = tuple(_patterns(sheet, top.get("risk_patterns"), (*_KINDS, "none"), ways[1]))
    topics = (
        frozenset(_words(phrase) for phrase, _ in _phrases(sheet, top["topics"], "“topics”"))
        if "topics" in top
        else frozenset()
    )
    sheet.raise_faults()
    patterns = tuple((pattern, NOTHING if kind == "none" else kind) for pattern, kind in told)
    return Lexicon(
        Patterns(needs | not_needs, ways[0], ways[1]),
        Patterns(risks | not_risks, patterns, ways[1]),
        MappingProxyType(codes),
        topics,
    )


def _words(phrase: str) -> str:
    return " ".join(token.word for token in tokens_of(phrase))


def read_paraphrases(content: str, name: str = "paraphrases.yaml") -> Ways:
    """Read a file of paraphrases; raise FaultyFileError with every fault in it."""
    sheet = Sheet(name, content)
    top = sheet.fields(sheet.root, "the file", ("classes", "needs"))
    classes = {
        key.value: tuple(sheet.text(item, f"a word of <{key.value}>") for item in sheet.items(listed, f"<{key.value}>"))
        for key, listed in sheet.pairs(top.get("classes"), "“classes”")
    }
    meanings = (*NEEDS, *(f"{need}!{why}" for need in NEEDS for why in get_args(Why)), "none")
    patterns = tuple(_patterns(sheet, top.get("needs"), meanings, classes))
    sheet.raise_faults()
    return tuple((pattern, NOTHING if need == "none" else need) for pattern, need in patterns), classes


def read_ways(content: str, name: str, sorts: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Read patterns in sorts as pairs of one and “sort:meaning”; raise FaultyFileError with every fault in them."""
    sheet = Sheet(name, content)
    top = sheet.fields(sheet.root, "the file", sorts)
    ways = tuple(
        (pattern, f"{sort}:{meaning}")
        for sort in sorts
        for pattern, meaning in _patterns(sheet, top.get(sort), None, PARAPHRASES[1])
    )
    sheet.raise_faults()
    return ways


def _patterns(
    sheet: Sheet, node: Node | None, meanings: Sequence[str] | None, classes: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[str, str]]:
    for key, listed in sheet.pairs(node, "the patterns") if node else ():
        what = "what patterns mean"
        meaning = sheet.choice(key, what, meanings) if meanings else sheet.code(key, what)
        for place, line in enumerate(sheet.text(listed, f"the patterns of {key.value}").splitlines(), start=1):
            try:
                parsed(line, meaning, classes)
            except ValueError as error:
                sheet.faults.append(Fault(line_of(listed) + place, f"“{line}” of {key.value}: {error}"))
            else:
                yield line, meaning


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


_HERE = files(__package__)
PARAPHRASES = read_paraphrases((_HERE / "paraphrases.yaml").read_text("utf-8"))
LEXICON = read_lexicon((_HERE / "signs.yaml").read_text("utf-8"), ways=PARAPHRASES)
