"""What translations do with JSON of which nothing is sure."""

from collections.abc import Mapping
from typing import Any

from matching.directory.text import text_of

Object = Mapping[str, Any]


def entries(value: object) -> list[Object]:
    """Return the objects of a list, or of an object alone; words become objects with a name."""
    listed = value if isinstance(value, list) else [value]
    return [each if isinstance(each, Mapping) else {"name": each} for each in listed if isinstance(each, Mapping | str)]


def first(record: object, *names: str) -> Any:
    """Return the first of these fields that holds anything, or None."""
    fields = record if isinstance(record, Mapping) else {}
    return next((fields[name] for name in names if fields.get(name) not in (None, "", [], {})), None)


def words(value: object) -> str:
    """Return a text, a number, or what a list of them says, as text."""
    if isinstance(value, Mapping):
        return words(first(value, "text", "name", "title", "value"))
    if isinstance(value, list):
        return "; ".join(filter(None, map(words, value)))
    return text_of(value).strip()


def label(scheme: object, code: object, name: object) -> Object:
    """Make an attribute of a directory's own term."""
    return {"taxonomy_term": {"taxonomy": scheme, "code": code, "name": name}}


def coded(kind: str, code: str) -> Object:
    """Make an attribute that states a format or an access code of ours."""
    return {"link_type": kind, "value": code}
