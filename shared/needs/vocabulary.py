"""Needs and outcomes as records, read from the files that people maintain and checked whole before use."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Generic, Literal, TypeVar

from yaml.nodes import Node

from shared.needs.book import Book, Draft
from shared.needs.sheet import Sheet, line_of
from shared.needs.systems import SYSTEMS, split_code

Match = Literal["same", "wider"]
Measure = Literal["none", "amount_pounds", "count"]
Entry = TypeVar("Entry", "Need", "Outcome")

_MATCHES: tuple[Match, ...] = ("same", "wider")
_MEASURES: Mapping[str, Measure] = {"none": "none", "amount_pounds": "amount_pounds", "count": "count"}


@dataclass(frozen=True)
class Crosswalk:
    """A code of another list: `same` means just this need, `wider` holds it among others; ALISS slugs are aliases."""

    system: str
    code: str
    alias: str
    match: Match


@dataclass(frozen=True)
class Need:
    """Something a person may be referred for; `shared_as` is set where only that coarser need may leave Linkway."""

    code: str
    name: str
    group: str
    synonyms: tuple[str, ...]
    shared_as: str | None
    crosswalks: tuple[Crosswalk, ...]

    @property
    def sensitive(self) -> bool:
        """Say whether the bare code must stay inside Linkway."""
        return self.shared_as is not None


@dataclass(frozen=True)
class Outcome:
    """Something that came of a referral: an amount is in whole pounds, a count is a whole number of `counts`."""

    code: str
    name: str
    group: str
    measure: Measure
    counts: str


@dataclass(frozen=True)
class Vocabulary(Generic[Entry]):
    """The entries of one file and the names of their groups, by code and in the file's order."""

    entries: Mapping[str, Entry]
    groups: Mapping[str, str]


def read_needs(content: str, name: str = "needs.yaml") -> Vocabulary[Need]:
    """Read a file of needs; raise FaultyFileError with every fault in it."""
    book = Book(Sheet(name, content), "needs", "need")
    read = [(_need(book, draft), draft) for draft in book.drafts(("synonyms",), ("sensitive", "shared_as", *_MATCHES))]
    needs = {need.code: need for need, _ in read if need.code}
    for need, draft in read:
        _check_sharing(book.sheet, needs, need, draft)
    book.sheet.raise_faults()
    return Vocabulary(MappingProxyType(needs), MappingProxyType(book.groups))


def read_outcomes(content: str, name: str = "outcomes.yaml") -> Vocabulary[Outcome]:
    """Read a file of outcomes; raise FaultyFileError with every fault in it."""
    book = Book(Sheet(name, content), "outcomes", "outcome")
    outcomes = {draft.code: _outcome(book.sheet, draft) for draft in book.drafts(("measure",), ("counts",))}
    book.sheet.raise_faults()
    return Vocabulary(MappingProxyType(outcomes), MappingProxyType(book.groups))


def by_external_code(needs: Mapping[str, Need]) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Index need codes by (system, code or alias) of the crosswalks that mean the same, in the order of `needs`."""
    index: dict[tuple[str, str], tuple[str, ...]] = {}
    for need in needs.values():
        for walk in need.crosswalks:
            for key in {walk.code, walk.alias} - {""} if walk.match == "same" else ():
                index[walk.system, key] = (*index.get((walk.system, key), ()), need.code)
    return MappingProxyType(index)


def _outcome(sheet: Sheet, draft: Draft) -> Outcome:
    node = draft.fields.get("measure")
    measure = _MEASURES.get(sheet.choice(node, f"the measure of {draft.what}", _MEASURES), "none")
    counts = sheet.text(draft.fields.get("counts"), f"what {draft.what} counts")
    if node and (measure == "count") != ("counts" in draft.fields):
        sheet.fault(node, f"{draft.what} needs “counts” with “measure: count”, and only then")
    return Outcome(draft.code, draft.name, draft.group, measure, counts)


def _need(book: Book, draft: Draft) -> Need:
    synonyms = book.phrases(draft.what, draft.fields.get("synonyms"))
    shared_as = book.sheet.text(draft.fields.get("shared_as"), f"“shared_as” of {draft.what}") or None
    crosswalks = tuple(_crosswalks(book.sheet, draft))
    return Need(draft.code, draft.name, draft.group, synonyms, shared_as, crosswalks)


def _check_sharing(sheet: Sheet, needs: Mapping[str, Need], need: Need, draft: Draft) -> None:
    mark, node = draft.fields.get("sensitive"), draft.fields.get("shared_as")
    sensitive = sheet.choice(mark, f"“sensitive” of {draft.what}", ("true", "false")) == "true"
    if sensitive and not node:
        sheet.fault(mark, f"{draft.what} is sensitive, but “shared_as” does not say as what it is shared")
    if node and not sensitive:
        sheet.fault(node, f"{draft.what} has “shared_as”, but not “sensitive: true”")
    if need.shared_as and need.shared_as not in needs:
        sheet.choice(node, f"the need “shared_as” of {draft.what}", needs)
    elif need.shared_as and needs[need.shared_as].sensitive:
        sheet.fault(node, f"{draft.what} is shared as “{need.shared_as}”, which is sensitive itself")


def _crosswalks(sheet: Sheet, draft: Draft) -> Iterator[Crosswalk]:
    lines: dict[tuple[str, str], int] = {}
    for match in _MATCHES:
        for system, node in _codes(sheet, draft, match):
            written = sheet.text(node, f"a code of {system} of {draft.what}")
            parts = split_code(system, written)
            if parts is None:
                sheet.fault(node, f"“{written}” of {draft.what} is no code of {system}: {SYSTEMS[system].looks_like}")
            elif (system, parts[0]) in lines:
                sheet.fault(
                    node, f"{draft.what} has {system} “{written}” twice; the first is on line {lines[system, parts[0]]}"
                )
            else:
                lines[system, parts[0]] = line_of(node)
                yield Crosswalk(system, parts[0], parts[1], match)


def _codes(sheet: Sheet, draft: Draft, match: Match) -> Iterator[tuple[str, Node]]:
    for key, listed in sheet.pairs(draft.fields.get(match), f"“{match}” of {draft.what}"):
        system = sheet.choice(key, f"the code list in “{match}” of {draft.what}", SYSTEMS)
        if system:
            yield from ((system, node) for node in sheet.items(listed, f"{system} of {draft.what}"))
