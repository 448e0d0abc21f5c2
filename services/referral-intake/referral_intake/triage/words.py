"""Lists of words that the reader of letters knows, from `words.yaml`, checked when loaded."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType

from yaml.nodes import Node

from shared.needs.sheet import Sheet

_GROUPED = ("alike", "together", "irregular")
_LISTS = (
    *("small", "determiners", "no_slips", "relatives", "male", "female"),
    *("before_an_object", "reports", "modifiers", "people"),
)


@dataclass(frozen=True)
class Words:
    """The lists by name; `alike` gives for a word the one that it is compared as, `together` for two words one."""

    alike: Mapping[str, str]
    together: Mapping[tuple[str, str], str]
    irregular: Mapping[str, frozenset[str]]
    lists: Mapping[str, frozenset[str]]


def read_words(content: str, name: str = "words.yaml") -> Words:
    """Read a file of words; raise FaultyFileError with every fault in it."""
    sheet = Sheet(name, content)
    top = sheet.fields(sheet.root, "the file", (*_GROUPED, *_LISTS))
    alike = {word: meant for meant, word in _grouped(sheet, top.get("alike"), "alike")}
    together = {tuple(pair.split()): meant for meant, pair in _grouped(sheet, top.get("together"), "together")}
    irregular: dict[str, set[str]] = {}
    for first, form in _grouped(sheet, top.get("irregular"), "irregular"):
        irregular.setdefault(first, {first}).add(form)
    lists = {key: frozenset(_listed(sheet, top.get(key), key)) for key in _LISTS}
    sheet.raise_faults()
    return Words(
        MappingProxyType(alike),
        MappingProxyType({(pair[0], pair[1]): meant for pair, meant in together.items()}),
        MappingProxyType({first: frozenset(all_forms) for first, all_forms in irregular.items()}),
        MappingProxyType(lists),
    )


def _grouped(sheet: Sheet, node: Node | None, what: str) -> Iterator[tuple[str, str]]:
    for key, listed in sheet.pairs(node, f"“{what}”"):
        for word in _listed(sheet, listed, f"{key.value} in “{what}”"):
            if what == "together" and len(word.split()) != 2:
                sheet.fault(listed, f"“{word}” of {key.value} should be two words")
            else:
                yield key.value, word


def _listed(sheet: Sheet, node: Node | None, what: str) -> list[str]:
    return [sheet.text(item, f"a word of {what}") for item in sheet.items(node, f"the list of {what}")]


WORDS = read_words((files(__package__) / "words.yaml").read_text("utf-8"))
