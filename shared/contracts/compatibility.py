"""Whether a contract may change: readers of today must read new events, and new readers the events still retained."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from shared.contracts.schema import Schema

TODAY = "readers of today cannot take it"
RETAINED = "new readers cannot take events still retained"

LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems")
UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
ANNOTATIONS = frozenset(("title", "description", "examples", "deprecated", "$defs", "$schema"))
SHAPES = frozenset(("type", "format", "enum", "const", "x-vocabulary", "properties", "required", "items", "default"))
COMPARED = ANNOTATIONS | SHAPES | {*LOWER_BOUNDS, *UPPER_BOUNDS}


def incompatibilities(released: Schema, current: Schema) -> list[str]:
    """Say, a sentence each that names type and field, why events of the current schema may not follow the released."""
    pair = _Pair(_Node.of(released, released), _Node.of(current, current))
    return [f"{released['x-type']}: {sentence}" for sentence in _compare(pair)]


@dataclass(frozen=True)
class _Node:
    """A schema without its reference and its null, and the document that further references lead into."""

    schema: Schema
    document: Schema
    nullable: bool

    @classmethod
    def of(cls, schema: Schema, document: Schema) -> "_Node":
        schema = _resolve(schema, document)
        branches = schema.get("anyOf", [])
        others = [branch for branch in branches if branch != {"type": "null"}]
        if len(others) != 1 or len(others) == len(branches):
            return cls(schema, document, nullable=False)
        rest = {name: value for name, value in schema.items() if name != "anyOf"}
        return cls({**_resolve(others[0], document), **rest}, document, nullable=True)

    def child(self, schema: Schema) -> "_Node":
        return _Node.of(schema, self.document)

    def plain(self) -> Any:
        """The schema with references followed and annotations left out, to see that two fields are alike."""
        return _plain(self.schema, self.document)


@dataclass(frozen=True)
class _Pair:
    """The same place in two schemas."""

    old: _Node
    new: _Node
    path: str = ""

    @property
    def name(self) -> str:
        return f"field {self.path}" if self.path else "the event"

    def values(self, keyword: str) -> tuple[Any, Any]:
        return self.old.schema.get(keyword), self.new.schema.get(keyword)


def _compare(pair: _Pair) -> Iterator[str]:
    yield from _nulls(pair)
    if _kind(pair.old) != _kind(pair.new):
        yield f"{pair.name} changed its type from {_kind(pair.old)} to {_kind(pair.new)}; {RETAINED}"
        return
    yield from _words(pair)
    yield from _bounds(pair)
    yield from _others(pair)
    yield from _fields(pair)
    old, new = pair.values("items")
    if old is not None and new is not None:
        yield from _compare(_Pair(pair.old.child(old), pair.new.child(new), f"{pair.path}[]"))


def _nulls(pair: _Pair) -> Iterator[str]:
    if pair.new.nullable and not pair.old.nullable:
        yield f"{pair.name} was made nullable; {TODAY}"
    if pair.old.nullable and not pair.new.nullable:
        yield f"{pair.name} was narrowed, it may no longer be null; {RETAINED}"


def _kind(node: _Node) -> str:
    words = [str(node.schema.get(keyword)) for keyword in ("type", "format") if keyword in node.schema]
    return " ".join(words) or "anything"


def _words(pair: _Pair) -> Iterator[str]:
    """Compare closed lists (a strict reader refuses what it does not know) and open vocabularies (it does not)."""
    old, new = _closed(pair.old), _closed(pair.new)
    if old is not None and new is not None:
        for word in sorted(new - old):
            yield f"{pair.name} has the new value {word} in a closed list; {TODAY}, for they read it strictly"
        for word in sorted(old - new):
            yield f"{pair.name} was narrowed, its closed list lost the value {word}; {RETAINED}"
    elif old is not None:
        yield f"{pair.name} was widened, its closed list became open; {TODAY}, for they read it strictly"
    elif new is not None:
        yield f"{pair.name} was narrowed to a closed list; {RETAINED}"
    yield from _vocabulary(pair)


def _closed(node: _Node) -> set[str] | None:
    if "const" in node.schema:
        return {str(node.schema["const"])}
    return {str(word) for word in node.schema["enum"]} if "enum" in node.schema else None


def _vocabulary(pair: _Pair) -> Iterator[str]:
    old, new = pair.values("x-vocabulary")
    if old is None and new is not None:
        yield f"{pair.name} was narrowed to a vocabulary; {RETAINED}"
    if old is not None and new is not None:
        for word in sorted(set(old) - set(new)):
            yield f"{pair.name} was narrowed, its vocabulary lost the word {word}; {RETAINED}"


def _bounds(pair: _Pair) -> Iterator[str]:
    for keyword in (*LOWER_BOUNDS, *UPPER_BOUNDS):
        old, new = pair.values(keyword)
        if old == new:
            continue
        if old is None or (new is not None and (new > old) == (keyword in LOWER_BOUNDS)):
            yield f"{pair.name} was narrowed, its {keyword} is {new} where it was {old}; {RETAINED}"
        else:
            yield f"{pair.name} was widened, its {keyword} is {new} where it was {old}; {TODAY}"


def _others(pair: _Pair) -> Iterator[str]:
    """Refuse every other difference that is more than an annotation."""
    for keyword in sorted((pair.old.schema.keys() | pair.new.schema.keys()) - COMPARED):
        old, new = pair.values(keyword)
        if old != new:
            yield f"{pair.name} was narrowed or moved, its {keyword} is {new} where it was {old}; {RETAINED}"
    old, new = pair.values("default")
    if "default" in pair.old.schema and "default" in pair.new.schema and old != new:
        yield f"{pair.name} has another default, so events still retained would change their meaning"


@dataclass(frozen=True)
class _Fields:
    """The fields of two objects that stand at the same place."""

    pair: _Pair
    old: Schema
    new: Schema
    old_required: frozenset[str]
    new_required: frozenset[str]

    def path(self, name: str) -> str:
        return f"{self.pair.path}.{name}" if self.pair.path else name


def _fields(pair: _Pair) -> Iterator[str]:
    (old, new), (old_required, new_required) = pair.values("properties"), pair.values("required")
    fields = _Fields(pair, old or {}, new or {}, frozenset(old_required or ()), frozenset(new_required or ()))
    yield from _removed(fields)
    for name in sorted(fields.new.keys() - fields.old.keys()):
        if name in fields.new_required:
            yield f"field {fields.path(name)} was added as required; {RETAINED}"
    for name in sorted(fields.old.keys() & fields.new.keys()):
        if name in fields.new_required - fields.old_required:
            yield f"field {fields.path(name)} was made required; {RETAINED}"
        if name in fields.old_required - fields.new_required:
            yield f"field {fields.path(name)} was made optional; {TODAY}"
        old_node, new_node = pair.old.child(fields.old[name]), pair.new.child(fields.new[name])
        yield from _compare(_Pair(old_node, new_node, fields.path(name)))


def _removed(fields: _Fields) -> Iterator[str]:
    added = sorted(fields.new.keys() - fields.old.keys())
    for name in sorted(fields.old.keys() - fields.new.keys()):
        like = fields.pair.old.child(fields.old[name]).plain()
        renamed = [other for other in added if fields.pair.new.child(fields.new[other]).plain() == like]
        what = f"renamed to {renamed[0]}" if renamed else "removed"
        lost = TODAY if name in fields.old_required else "its meaning would be lost"
        yield f"field {fields.path(name)} was {what}; {lost}"


def _resolve(schema: Schema, document: Schema) -> Schema:
    """Follow a reference into the document's definitions; what stands beside it stays."""
    if "$ref" not in schema:
        return schema
    target = document["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    return {**target, **{name: value for name, value in schema.items() if name != "$ref"}}


def _plain(schema: Any, document: Schema) -> Any:
    if isinstance(schema, list):
        return [_plain(item, document) for item in schema]
    if not isinstance(schema, dict):
        return schema
    resolved = _resolve(schema, document)
    return {name: _plain(value, document) for name, value in resolved.items() if name not in ANNOTATIONS}
