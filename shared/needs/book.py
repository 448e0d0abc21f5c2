"""What the files of needs and outcomes have in common: groups, and entries with a code, a name and a group."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from yaml.nodes import Node

from shared.needs.sheet import Sheet, line_of

_PHRASE = re.compile(r"[\w'\u2019+/. -]+")
_LONGEST_PHRASE_WORDS = 8


@dataclass(frozen=True)
class Draft:
    """An entry as far as it is alike in both files, with words for it and the fields still to be read."""

    what: str
    code: str
    name: str
    group: str
    fields: dict[str, Node]


class Book:
    """One file of entries; codes, names and phrases may each occur once in it."""

    def __init__(self, sheet: Sheet, listed: str, kind: str) -> None:
        """Read the groups; `listed` is the name of the list, `kind` a word for one entry."""
        self.sheet = sheet
        self.kind = kind
        self.groups: dict[str, str] = {}
        self._seen: dict[tuple[str, str], tuple[str, int]] = {}
        top = sheet.fields(sheet.root, "the file", ("groups", listed))
        for key, value in sheet.pairs(top.get("groups"), "the list of groups"):
            self.groups[sheet.code(key, "the group")] = sheet.text(value, f"the group “{key.value}”")
        self._nodes = sheet.items(top.get(listed), f"“{listed}”")

    def drafts(self, required: tuple[str, ...], optional: tuple[str, ...]) -> Iterator[Draft]:
        """Give the entries in order; one without a usable code is named by its place, for the faults that follow."""
        for place, node in enumerate(self._nodes, start=1):
            fields = self.sheet.fields(node, f"this {self.kind}", ("code", "name", "group", *required), optional)
            code = self.sheet.code(fields.get("code"), "the code")
            what = f"the {self.kind} “{code}”" if code else f"{self.kind} number {place}"
            self._once("code", code, what, node)
            name = self.sheet.text(fields.get("name"), f"the name of {what}")
            self._once("name", folded(name), what, fields.get("name"))
            group = self.sheet.choice(fields.get("group"), f"the group of {what}", self.groups)
            yield Draft(what, code, name, group, fields)

    def phrases(self, what: str, node: Node | None) -> tuple[str, ...]:
        """Read the synonyms of an entry."""
        phrases = []
        for item in self.sheet.items(node, f"the list of synonyms of {what}"):
            phrase = " ".join(self.sheet.text(item, f"a synonym of {what}").split())
            if phrase and not _PHRASE.fullmatch(phrase):
                self.sheet.fault(
                    item, f"the synonym “{phrase}” of {what} has a sign that is no letter, digit, ' - + / or ."
                )
            elif len(phrase.split()) > _LONGEST_PHRASE_WORDS:
                self.sheet.fault(item, f"the synonym “{phrase}” of {what} is very long; is a comma missing?")
            self._once("synonym", folded(phrase), what, item)
            phrases.append(phrase)
        return tuple(phrases)

    def _once(self, kind: str, value: str, what: str, node: Node | None) -> None:
        if not value or node is None:
            return
        if (kind, value) in self._seen:
            owner, line = self._seen[kind, value]
            self.sheet.fault(node, f"the {kind} “{value}” of {what} is already used by {owner} on line {line}")
        else:
            self._seen[kind, value] = what, line_of(node)


def folded(phrase: str) -> str:
    """Give a phrase as it is compared: small letters, a hyphen as a space, no apostrophes."""
    return " ".join(re.sub(r"['\u2019]", "", phrase.lower()).replace("-", " ").split())
