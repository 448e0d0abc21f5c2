"""Gathers every piece of text that a running Linkway holds; the same piece twice at a place tells nothing new.

A document is taken apart into its values. Ids and moments are left out, for nobody can be known by them; so are
numbers with a fraction, which are scores and durations.
"""

import re
from collections.abc import Iterable, Iterator
from email import message_from_bytes
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from deploy.local.mailsink.mailbox import decoded
from tests.acceptance import books
from tests.acceptance.everything import _metrics
from tests.acceptance.leaks import Text
from tests.acceptance.topics import Message
from tests.acceptance.world import World

_NOBODYS = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)"
)
Pieces = dict[Text, None]


async def gather(world: World, records: Iterable[Message]) -> list[Text]:
    """Return the pieces of topics, logs, metrics, mails, webhooks and of all columns of both databases."""
    found: Pieces = {}
    _topics(found, records)
    for path in sorted(world.home.log.glob("*")):
        with path.open("rb") as log:
            _add(found, f"log {path.name}", log)
    _mails(found, sorted((world.home.data / "mail").glob("*.eml")))
    _add(found, "webhooks", (orjson.dumps({"id": hook.id, "data": hook.data}) for hook in world.webhooks))
    async for text in _metrics(world):
        found[text] = None
    await _tables(found, world)
    return list(found)


def _topics(found: Pieces, records: Iterable[Message]) -> None:
    for record in records:
        place = f"topic {record.topic}"
        _add(found, f"{place}, key", [record.key or b""])
        _add(found, f"{place}, value", [record.value or b""])
        _add(found, f"{place}, header", [value or b"" for _, value in record.headers])


def _mails(found: Pieces, paths: Iterable[Path]) -> None:
    for path in paths:
        message = message_from_bytes(path.read_bytes())
        _add(found, "mails", [decoded(value) for _, value in message.items()])
        for part in message.walk():
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                _add(found, "mails", content.splitlines())


async def _tables(found: Pieces, world: World) -> None:
    for database in world.databases:
        async with books.looking(world, database) as connection:
            for schema, name in await books.tables(connection):
                rows = await connection.fetch(f"SELECT * FROM {schema}.{name}")
                for number, column in enumerate(rows[0].keys() if rows else ()):
                    _add(found, f"{schema}.{name}.{column}", [row[number] for row in rows])


def _add(found: Pieces, place: str, values: Iterable[Any]) -> None:
    """Add what is new of some values of one place."""
    for value in values:
        for piece, noise in pieces(value):
            found[Text(place, piece, noise)] = None


def pieces(value: Any) -> Iterator[tuple[str, bool]]:
    """Give a value's texts, and whether each is noise: bytes that are no text, as all that is sealed."""
    match value:
        case None | bool() | float() | UUID():
            return
        case bytes():
            text, noise = _decoded(value)
            yield from [(text, True)] if noise else pieces(text)
        case str():
            document = _json(value)
            if document is not None:
                yield from pieces(document)
            elif value and not _NOBODYS.fullmatch(value):
                yield value, False
        case dict():
            yield from pieces([*value.keys(), *value.values()])
        case list() | tuple() | set() | frozenset():
            for each in value:
                yield from pieces(each)
        case _:
            yield from pieces(str(value))


def _decoded(value: bytes) -> tuple[str, bool]:
    try:
        return value.decode(), False
    except UnicodeDecodeError:
        return value.decode("utf-8", "replace"), True


def _json(value: str) -> Any:
    if value[:1] not in ("{", "["):
        return None
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return None
