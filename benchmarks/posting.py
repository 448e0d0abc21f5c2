"""Practices as a driver: requests over connections that stay open, closed loop or open loop."""

import asyncio
import re
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
Condition = Callable[[], Awaitable[bool]]
REFERRAL = re.compile(rb'"urn:uuid:([0-9a-f-]{36})"\}\],"status"')


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; moments are of this process's monotonic clock."""

    referral: str
    intended_at: float
    answered_at: float


class Connection:
    """One connection, one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, door: str) -> Self:
        """Connect to a service."""
        parts = urlsplit(door)
        return cls(*await asyncio.open_connection(parts.hostname, parts.port))

    async def send(self, request: bytes) -> bytes:
        """Send a whole request and return the body of its answer.

        Raises:
            RuntimeError: the answer is no success.
        """
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = LENGTH.search(head)
        body = await self._reader.readexactly(int(length[1])) if length else b""
        if not head.startswith(b"HTTP/1.1 2"):
            raise RuntimeError(f"{head[:40]!r}: {body[:500]!r}")
        return body

    @property
    def is_open(self) -> bool:
        """Whether the server has not hung up: it does when nothing came for some seconds."""
        return not self._reader.at_eof()

    async def aclose(self) -> None:
        """Hang up."""
        self._writer.close()


def referral_of(body: bytes) -> str:
    """Return the referral that an answer of the FHIR door names."""
    found = REFERRAL.search(body)
    return found[1].decode() if found else ""


async def closed_loop(door: str, requests: Sequence[bytes], at_once: int) -> list[Answer]:
    """Send all requests, so many at a time, each connection the next as soon as its last is answered."""
    left: Iterator[bytes] = iter(requests)
    answers: list[Answer] = []

    async def practice(connection: Connection) -> None:
        for request in left:
            began = time.monotonic()
            body = await connection.send(request)
            answers.append(Answer(referral_of(body), began, time.monotonic()))

    async with AsyncExitStack() as stack:
        connections = [await Connection.open(door) for _ in range(at_once)]
        for connection in connections:
            stack.push_async_callback(connection.aclose)
        async with asyncio.TaskGroup() as group:
            for connection in connections:
                group.create_task(practice(connection))
    return answers


async def open_loop(door: str, requests: Sequence[bytes], per_second: float) -> list[Answer]:
    """Send each request at its time, whether or not those before it were answered, and time it from that time."""
    answers: list[Answer] = []
    idle = deque([await Connection.open(door) for _ in range(8)])

    async def practice(request: bytes, intended_at: float) -> None:
        while idle and not idle[0].is_open:
            await idle.popleft().aclose()
        connection = idle.popleft() if idle else await Connection.open(door)
        body = await connection.send(request)
        answers.append(Answer(referral_of(body), intended_at, time.monotonic()))
        idle.append(connection)

    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for number, request in enumerate(requests):
            intended_at = began + number / per_second
            await asyncio.sleep(intended_at - time.monotonic())
            group.create_task(practice(request, intended_at))
    for connection in idle:
        await connection.aclose()
    return answers


async def until(met: Condition, within_seconds: float, every_seconds: float = 0.05) -> None:
    """Wait until something holds.

    Raises:
        TimeoutError: it does not in time.
    """
    async with asyncio.timeout(within_seconds):
        while not await met():  # noqa: ASYNC110 -- what is waited for lies in other processes
            await asyncio.sleep(every_seconds)
