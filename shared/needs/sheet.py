"""Reads YAML files that people maintain, so that every slip is named with its line in words they understand."""

import difflib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TypeVar

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

AnyNode = TypeVar("AnyNode", bound=Node)


@dataclass(frozen=True, order=True)
class Fault:
    """One mistake in a file, for the person who edits it."""

    line: int
    text: str


class FaultyFileError(ValueError):
    """The file has mistakes; each is listed with its line, and nothing was loaded."""

    def __init__(self, name: str, faults: Collection[Fault]) -> None:
        self.name = name
        self.faults = tuple(sorted(set(faults)))
        listing = "\n".join(f"  line {fault.line}: {fault.text}" for fault in self.faults)
        many = "1 mistake" if len(self.faults) == 1 else f"{len(self.faults)} mistakes"
        super().__init__(f"{name} has {many}:\n{listing}")


def line_of(node: Node) -> int:
    """Give the line of a node as an editor counts it, from 1."""
    return int(node.start_mark.line) + 1


class Sheet:
    """A YAML file under inspection: hands out its parts as text, and keeps every fault met on the way.

    All scalars are text, so that `no`, `1.0` and a long SNOMED code stay what was typed.
    """

    def __init__(self, name: str, content: str) -> None:
        """Parse `content`; raise FaultyFileError when it is no YAML at all."""
        self.name = name
        self.faults: list[Fault] = []
        try:
            self.root: Node | None = yaml.compose(content, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise FaultyFileError(name, [Fault(mark.line + 1 if mark else 1, _UNREADABLE)]) from error
        except yaml.reader.ReaderError as error:
            line = content.count("\n", 0, error.position) + 1
            raise FaultyFileError(
                name, [Fault(line, "there is a character here that text files may not hold")]
            ) from error
        if self.root is None:
            self.fault(None, "the file is empty")

    def fault(self, at: Node | None, text: str) -> None:
        """Remember a fault and go on."""
        self.faults.append(Fault(line_of(at) if at else 1, text))

    def raise_faults(self) -> None:
        """Raise FaultyFileError with all faults, if there are any."""
        if self.faults:
            raise FaultyFileError(self.name, self.faults)

    def fields(
        self, node: Node | None, what: str, required: Collection[str], optional: Collection[str] = ()
    ) -> dict[str, Node]:
        """Read the fields of `what`; those missing, unknown or repeated become faults."""
        known = [*required, *optional]
        found: dict[str, Node] = {}
        for key, value in self.pairs(node, what):
            if key.value not in known:
                self.fault(key, f"“{key.value}” is not something {what} can have{_hint(key.value, known)}")
            else:
                found[key.value] = value
        if isinstance(node, MappingNode):
            for name in required:
                if name not in found:
                    self.fault(node, f"{what} has no {name}")
        return found

    def pairs(self, node: Node | None, what: str) -> Iterator[tuple[ScalarNode, Node]]:
        """Read `what` as names with values; a repeated name is a fault, and its first value counts."""
        seen: dict[str, int] = {}
        mapping = self._expect(MappingNode, node, f"{what} should be lines of the form “name: value”")
        for key, value in mapping.value if mapping else ():
            if not isinstance(key, ScalarNode):
                self.fault(key, f"{what} has a name that is not a plain word")
            elif key.value in seen:
                self.fault(key, f"{what} has {key.value} twice; the first is on line {seen[key.value]}")
            else:
                seen[key.value] = line_of(key)
                yield key, value

    def items(self, node: Node | None, what: str) -> list[Node]:
        """Read `what` as a list that is not empty."""
        sequence = self._expect(SequenceNode, node, f"{what} should be a list")
        if sequence and not sequence.value:
            self.fault(sequence, f"{what} is an empty list")
        return list(sequence.value) if sequence else []

    def text(self, node: Node | None, what: str) -> str:
        """Read `what` as text that is not empty; "" stands for a fault that was noted, or for an absent field."""
        scalar = self._expect(ScalarNode, node, f"{what} should be plain text")
        if scalar is None:
            return ""
        value = str(scalar.value).strip()
        if not value or value in {"~", "null"}:
            self.fault(scalar, f"{what} is empty")
            return ""
        return value

    def code(self, node: Node | None, what: str) -> str:
        """Read `what` as a code: small letters, digits and single hyphens, at most 40."""
        value = self.text(node, what)
        if value and (not CODE.fullmatch(value) or len(value) > 40):
            self.fault(node, f"{what} “{value}” may only have small letters, digits and single hyphens, at most 40")
            return ""
        return value

    def choice(self, node: Node | None, what: str, allowed: Collection[str]) -> str:
        """Read `what` as one of the allowed words."""
        value = self.text(node, what)
        if value and value not in allowed:
            self.fault(node, f"{what} “{value}” is not known{_hint(value, allowed)}")
            return ""
        return value

    def _expect(self, kind: type[AnyNode], node: Node | None, otherwise: str) -> AnyNode | None:
        if isinstance(node, kind):
            return node
        if node is not None:
            self.fault(node, otherwise)
        return None


_UNREADABLE = (
    "the file cannot be read from here on; look for a missing colon, comma, quotation mark or closing bracket, "
    "or for a line that begins further left or right than its neighbours"
)


def _hint(word: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean “{close[0]}”?" if close else f"; it can be: {', '.join(known)}"
