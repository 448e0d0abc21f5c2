"""What the services' source says of itself: its handlers, the events it makes, and the table of its README."""

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from itertools import takewhile
from pathlib import Path
from types import ModuleType

from shared.contracts import EVENTS, Event

ROOT = Path(__file__).parents[3]
EVENT_NAMES = {event.__name__: event for event in EVENTS.values()}
EVERY_TYPE = "every type"
"""What an archive's row says in the column Consumes."""


@dataclass(frozen=True)
class Row:
    """A row of a README's table; `consumes` is an event, *every type*, or the door or clock that begins something."""

    consumes: str
    handler: str
    publishes: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """One service's folder."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def package(self) -> str:
        return self.name.replace("-", "_")

    @cached_property
    def trees(self) -> dict[str, ast.Module]:
        """The parsed modules of the service's package, by module name."""
        files = sorted((self.folder / self.package).rglob("*.py"))
        return {_module(self.folder, path): ast.parse(path.read_text()) for path in files}

    @cached_property
    def handlers(self) -> dict[str, tuple[type[Event], ...]]:
        """The functions of handlers.py that are marked with `@consumes`, and what they consume."""
        marked: dict[str, tuple[type[Event], ...]] = {}
        for name, function in inspect.getmembers(self._import("handlers"), inspect.iscoroutinefunction):
            if hasattr(function, "__consumes__"):
                marked[name] = function.__consumes__
        return marked

    @cached_property
    def handler_definitions(self) -> dict[str, ast.AsyncFunctionDef]:
        """The syntax of the handlers."""
        return {node.name: node for node in self.functions if node.name in self.handlers}

    @cached_property
    def functions(self) -> list[ast.AsyncFunctionDef]:
        modules = [tree for name, tree in self.trees.items() if name.startswith(f"{self.package}.handlers")]
        return [node for tree in modules for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef)]

    @cached_property
    def published(self) -> set[str]:
        """The events that the package makes anywhere."""
        return {name for tree in self.trees.values() for name in _made(tree)}

    def reachable(self, function: str) -> set[str]:
        """The events that a function may lead to, following every name that the package defines (so: at most these)."""
        seen: set[str] = set()
        events: set[str] = set()
        waiting = [function]
        while waiting:
            name = waiting.pop()
            if name in self._definitions and name not in seen:
                seen.add(name)
                made, named = self._definitions[name]
                events |= made
                waiting += named - seen
        return events

    @cached_property
    def _definitions(self) -> dict[str, tuple[set[str], set[str]]]:
        """The events that each function or class makes and the names that it names; of one name all together."""
        found: dict[str, tuple[set[str], set[str]]] = {}
        for tree in self.trees.values():
            for node in ast.walk(tree):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                    made, named = found.setdefault(node.name, (set(), set()))
                    made.update(_made(node))
                    named.update(_named(node))
        return found

    def defines(self, function: str) -> bool:
        """Whether a function or class of this name stands in the package."""
        kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
        nodes = (node for tree in self.trees.values() for node in ast.walk(tree))
        return any(isinstance(node, kinds) and node.name == function for node in nodes)

    @cached_property
    def table(self) -> list[Row]:
        """The README's table `| Consumes | Handler | Publishes |`."""
        readme = self.folder / "README.md"
        lines = readme.read_text().splitlines() if readme.exists() else []
        cells = [[cell.strip(" `") for cell in line.strip().strip("|").split("|")] for line in lines]
        heading = ["Consumes", "Handler", "Publishes"]
        if heading not in cells:
            return []
        start = cells.index(heading) + 2
        rows = takewhile(lambda row: len(row) == len(heading), cells[start:])
        return [Row(consumes, handler, tuple(re.findall(r"\w+", publishes))) for consumes, handler, publishes in rows]

    def _import(self, name: str) -> ModuleType:
        return import_module(f"{self.package}.{name}")


def services() -> list[Source]:
    """Every service's folder."""
    return [Source(folder) for folder in sorted((ROOT / "services").iterdir()) if folder.is_dir()]


def _module(folder: Path, path: Path) -> str:
    return ".".join(path.relative_to(folder).with_suffix("").parts)


def _made(tree: ast.AST) -> set[str]:
    """The events that are called (`OfferMade(...)`) or picked as a value to be called."""
    return {name for node in ast.walk(tree) for value in _values(node) if (name := _name(value)) in EVENT_NAMES}


def _values(node: ast.AST) -> Iterator[ast.expr]:
    match node:
        case ast.Call():
            yield node.func
        case ast.Dict():
            yield from node.values
        case ast.IfExp():
            yield from (node.body, node.orelse)


def _name(node: ast.expr) -> str:
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute():
            return node.attr
        case _:
            return ""


def _named(tree: ast.AST) -> list[str]:
    return [_name(node) for node in ast.walk(tree) if isinstance(node, ast.Name | ast.Attribute)]
