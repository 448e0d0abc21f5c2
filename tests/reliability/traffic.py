"""Referrals that keep coming whatever becomes of Linkway, and a book of what their practices were told."""

import asyncio
import itertools
import json
import math
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

import httpx

from deploy.demo.driver.calling import TLS, Call, Caller, Unanswered, template
from tests.acceptance.people import a_referral, input_of
from tests.acceptance.world import World

PRACTICES = ("heddle-street", "bucklemaker", "dura-neuk", "sandwort-lane")
PATIENCE_SECONDS = 90.0
ONCE_SECONDS = 20.0
"""Less than the broker is away: who waited for it would not be answered."""
NEEDS = ("loneliness", "debt-advice", "walking", "gardening", "carers", "food", "learning")


@dataclass
class Entry:
    """One referral as its practice knows it; seconds on the clock of this process."""

    practice: str
    body: dict[str, Any]
    request_id: str = field(default_factory=lambda: str(uuid4()))
    posted_at: float = 0.0
    acknowledged_at: float | None = None
    referral: str | None = None
    said: str = ""
    """What was answered instead of an acknowledgement."""

    @property
    def waited_seconds(self) -> float:
        """How long the practice waited for its acknowledgement."""
        return math.inf if self.acknowledged_at is None else self.acknowledged_at - self.posted_at


@dataclass
class Book:
    """What was posted, in order, and what was acknowledged."""

    entries: list[Entry] = field(default_factory=list)

    @property
    def acknowledged(self) -> dict[str, Entry]:
        """Every entry that was acknowledged, by its referral."""
        return {entry.referral: entry for entry in self.entries if entry.referral}

    @property
    def unacknowledged(self) -> list[str]:
        """What practices were told instead of an acknowledgement; empty where every one was acknowledged."""
        return [f"{entry.request_id}: {entry.said or 'never answered'}" for entry in self.entries if not entry.referral]

    def by_then(self, moment: float) -> set[str]:
        """Return the referrals that were acknowledged by a moment."""
        return {key for key, entry in self.acknowledged.items() if (entry.acknowledged_at or math.inf) <= moment}

    def waited_seconds(self, share: float) -> float:
        """Return how long this share of the practices waited for their acknowledgement at most."""
        return percentile(sorted(entry.waited_seconds for entry in self.entries), share)

    def figures(self) -> str:
        """Say how many were acknowledged and how long that took."""
        middle, most, longest = (f"{1000 * self.waited_seconds(share):.0f}" for share in (0.5, 0.99, 1.0))
        told = f"{len(self.acknowledged)} of {len(self.entries)} posts acknowledged"
        return f"{told}; p50 {middle} ms, p99 {most} ms, longest {longest} ms"


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the smallest value that this share of the values does not exceed."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


class Once:
    """A client that sends each request once, and waits for its answer longer than a busy machine stands still."""

    def __init__(self, addresses: Sequence[str], headers: Mapping[str, str]) -> None:
        self._addresses = itertools.cycle(addresses)
        # Each on a connection of its own: one that was idle may be closed by the server while we use it again.
        own = httpx.Limits(max_keepalive_connections=0)
        self._client = httpx.AsyncClient(headers=headers, timeout=ONCE_SECONDS, limits=own, verify=TLS, trust_env=False)

    async def send(self, call: Call) -> httpx.Response:
        """Send a request.

        Raises:
            Unanswered: it was not answered.
        """
        target = f"{next(self._addresses)}{call.path}"
        try:
            return await self._client.request(call.method, target, content=call.content, headers=call.headers)
        except httpx.TransportError as error:
            raise Unanswered(f"{call.method} {template(call.path)}: {type(error).__name__}") from error

    async def aclose(self) -> None:
        """Hang up."""
        await self._client.aclose()


class Practices:
    """The systems of all practices; each posts until it is acknowledged or has no more patience.

    With no patience at all a request is sent once.
    """

    def __init__(self, world: World, book: Book, *, patience_seconds: float) -> None:
        self._world, self._book = world, book
        self._callers = {practice: _caller(world, practice, patience_seconds) for practice in PRACTICES}
        self._turns = zip(itertools.cycle(PRACTICES), itertools.cycle(NEEDS), strict=False)

    async def refer(self) -> Entry:
        """Refer somebody new, the next practice with the next need."""
        practice, need = next(self._turns)
        entry = Entry(practice, a_referral(need))
        self._world.inputs.append(input_of(entry.body))
        self._book.entries.append(entry)
        await self.post(entry)
        return entry

    async def post(self, entry: Entry) -> None:
        """Post an entry's request, for the first time or again, and write down what is answered."""
        call = Call("POST", "/referrals", json.dumps(entry.body).encode(), {"X-Request-ID": entry.request_id})
        entry.posted_at, entry.acknowledged_at, entry.referral = time.monotonic(), None, None
        try:
            answer = await self._callers[entry.practice].send(call)
        except Unanswered as why:
            entry.said = str(why)
            return
        if answer.status_code == httpx.codes.CREATED:
            entry.acknowledged_at, entry.referral = time.monotonic(), str(answer.json()["referral"])
        else:
            entry.said = f"{answer.status_code} {answer.text[:200]}"

    async def hang_up(self) -> None:
        """Close the connections."""
        await asyncio.gather(*(caller.aclose() for caller in self._callers.values()))


def _caller(world: World, practice: str, patience_seconds: float) -> Caller | Once:
    doors = world.doors("referral-intake")
    headers = {"Authorization": f"Bearer {world.keys[practice]}", "Content-Type": "application/json"}
    return Caller(doors, headers, patience_seconds=patience_seconds) if patience_seconds else Once(doors, headers)


@asynccontextmanager
async def practices(
    world: World, book: Book, *, patience_seconds: float = PATIENCE_SECONDS
) -> AsyncIterator[Practices]:
    """Give the practices' systems."""
    systems = Practices(world, book, patience_seconds=patience_seconds)
    try:
        yield systems
    finally:
        await systems.hang_up()


@asynccontextmanager
async def posting(
    world: World, book: Book, *, per_second: float = 3.0, patience_seconds: float = PATIENCE_SECONDS
) -> AsyncIterator[None]:
    """Post for as long as the block lasts, then wait for the last answers.

    The loop is open: each request leaves at its time, whether or not those before it were answered.
    """
    async with practices(world, book, patience_seconds=patience_seconds) as systems, asyncio.TaskGroup() as group:
        clock = group.create_task(_post_for_ever(systems, group, per_second))
        yield
        clock.cancel()


async def _post_for_ever(systems: Practices, group: asyncio.TaskGroup, per_second: float) -> None:
    began = time.monotonic()
    for number in itertools.count():
        await asyncio.sleep(began + number / per_second - time.monotonic())
        group.create_task(systems.refer())


async def find_unlike(world: World, book: Book) -> list[str]:
    """Post every request of a book again, and say which was answered otherwise: one request is one referral."""
    async with practices(world, Book()) as systems:
        again = [replace(entry) for entry in book.entries]
        for entry in again:
            await systems.post(entry)
    pairs = zip(book.entries, again, strict=True)
    return [
        f"{first.referral}, then {then.referral} {then.said}"
        for first, then in pairs
        if first.referral != then.referral
    ]
