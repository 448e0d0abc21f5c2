"""Takes JSON apart into records: a list, an API's envelope, several of them, tables, one service, or a value a line."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from matching.directory.formats import tables
from matching.directory.formats.shapes import Object, entries, first, words
from matching.directory.raw import FeedError, UnusableRecordError
from matching.directory.text import plain

ENVELOPES = ("contents", "content", "services", "data", "results")
"""Under which names feeds keep their services."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a file holds."""

    records: tuple[object, ...] = ()
    tables: Mapping[str, list[Any]] | None = None
    announced: int | None = None
    licence: str | None = None
    attribution: str | None = None


def parse(content: bytes, name: str = "") -> Page:
    """Read JSON, or JSON line by line.

    Raises:
        FeedError: it is no UTF-8, no JSON, or holds no list of services.
    """
    values = _values(decoded(content), name)
    body = values[0] if len(values) == 1 else values
    if isinstance(body, Mapping) and tables.are_tables(body):
        known = {table: value for table, value in body.items() if isinstance(value, list)}
        return Page((), known, _announced(body), *_said(body))
    envelopes = [each for each in (body if isinstance(body, list) else [body]) if _is_envelope(each)]
    records = tuple(_records(body))
    if not records and not envelopes and not isinstance(body, list):
        raise FeedError(f"it is neither a list of services, nor a service, nor has {', '.join(ENVELOPES)}")
    told = [count for each in envelopes if (count := _announced(each)) is not None]
    return Page(records, None, max(told, default=None), *(_said(envelopes[0]) if envelopes else (None, None)))


def decoded(content: bytes) -> str:
    """Return UTF-8 as text, without a mark of byte order.

    Raises:
        FeedError: it is none.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FeedError(f"it is not UTF-8 at byte {error.start}") from None


def _values(text: str, name: str) -> list[Any]:
    """Parse a text whole, else line by line where its first line is a value of its own."""
    by_line = name.lower().endswith((".jsonl", ".ndjson"))
    try:
        if not by_line:
            return [json.loads(text)]
    except (ValueError, RecursionError) as error:
        lines = text.splitlines()
        by_line = len(lines) > 1 and not isinstance(_line(lines[0]), UnusableRecordError)
        if not by_line:
            where = f" at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
            raise FeedError(f"it is not JSON{where}") from None
    return [[_line(line) for line in text.splitlines() if line.strip()]]


def _line(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return UnusableRecordError("the line is not JSON")


def _is_envelope(value: object) -> bool:
    return (
        isinstance(value, Mapping)
        and "id" not in value
        and any(isinstance(value.get(name), list) for name in ENVELOPES)
    )


def _records(body: object) -> Iterator[object]:
    """Yield the records of a list, of an envelope, of a list of envelopes, or one service."""
    if isinstance(body, list):
        for each in body:
            yield from _records(each) if _is_envelope(each) else (each,)
    elif isinstance(body, Mapping) and _is_envelope(body):
        lists = [body[name] for name in ENVELOPES if isinstance(body.get(name), list)]
        yield from next(filter(None, lists), [])
    elif isinstance(body, Mapping) and {"id", "name"} <= body.keys():
        yield body


def _announced(body: Object) -> int | None:
    told = first(body, "total_items", "totalElements", "total", "count")
    return told if isinstance(told, int) and not isinstance(told, bool) and told >= 0 else None


def _said(body: Object) -> tuple[str | None, str | None]:
    """Read an envelope's licence and attribution, which stand in it or in its `meta`."""
    told = [body, *(each for name in ("meta", "metadata") for each in entries(body.get(name)))]
    licence = next(filter(None, (words(first(each, "licence", "license")) for each in told)), "")
    attribution = next(filter(None, (words(first(each, "attribution")) for each in told)), "")
    return plain(licence, 500) or None, plain(attribution, 1500) or None
