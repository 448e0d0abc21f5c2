"""Gathers all that a running Linkway holds, says or has said, as texts to look through."""

import email
import email.policy
from collections.abc import AsyncIterator
from typing import Any

import httpx

from tests.acceptance import books, topics
from tests.acceptance.leaks import Text
from tests.acceptance.world import World


async def everything(world: World) -> list[Text]:
    """Return every record, log, metric, mail, webhook and value of every column, what is sealed too."""
    sources = (_topics(world), _logs(world), _metrics(world), _mails(world), _tables(world))
    return list(dict.fromkeys([text for source in sources async for text in source]))


async def _topics(world: World) -> AsyncIterator[Text]:
    for message in await topics.read(world.stack.addresses.kafka):
        place = f"topic {message.topic}"
        yield Text(f"{place}, key", _readable(message.key))
        yield Text(f"{place}, value", *_value(message.value or b""))
        for name, value in message.headers:
            yield Text(f"{place}, header", f"{name} {_readable(value)}")


async def _logs(world: World) -> AsyncIterator[Text]:
    for log in sorted(world.home.log.glob("*")):
        for line in log.read_text("utf-8", "replace").splitlines():
            yield Text(f"log {log.name}", line)


async def _metrics(world: World) -> AsyncIterator[Text]:
    async with httpx.AsyncClient(timeout=60) as client:
        for service, doors in world.stack.addresses.services.items():
            for door in doors:
                yield Text(f"metrics of {service}", (await client.get(f"{door}/metrics")).text)


async def _mails(world: World) -> AsyncIterator[Text]:
    for path in sorted((world.home.data / "mail").glob("*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        yield Text("mails", f"{message.items()}")
        for part in message.walk():
            content = part.get_payload(decode=True)
            yield Text("mails", _readable(content) if isinstance(content, bytes) else "")
    for hook in world.webhooks:
        yield Text("webhooks", str(hook))


async def _tables(world: World) -> AsyncIterator[Text]:
    for database in world.databases:
        async with books.looking(world, database) as connection:
            for schema, name in await books.tables(connection):
                for row in await connection.fetch(f"SELECT * FROM {schema}.{name}"):
                    for column, value in row.items():
                        text, noise = _value(value)
                        yield Text(f"{schema}.{name}.{column}", text, noise)


def _value(value: Any) -> tuple[str, bool]:
    """Return a column's value as text, and whether it is noise: bytes that are no text, as all that is sealed."""
    if not isinstance(value, bytes):
        return str(value), False
    try:
        return value.decode(), False
    except UnicodeDecodeError:
        return value.decode("utf-8", "replace"), True


def _readable(value: bytes | None) -> str:
    return (value or b"").decode("utf-8", "replace")
