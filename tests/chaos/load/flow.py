"""The open loop: what is planned leaves at its time, whether or not what came before was answered."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from tests.acceptance.bad_bodies import BAD
from tests.acceptance.poison import Poison, poison
from tests.acceptance.world import World
from tests.chaos.book import Book, Door, Intent, Request
from tests.chaos.load import messages
from tests.chaos.load.doors import Doors
from tests.chaos.load.lives import Lives
from tests.chaos.load.messages import Message
from tests.chaos.load.plan import PARTITIONS, Mistake, Planned, Poisoning, Sending
from tests.chaos.load.post import Post, sorting
from tests.chaos.load.stranger import Stranger, early, killer

Lying = tuple[Poison, int | None]
"""A record, and the partition on which it is put; None where its key decides."""


class Flow:
    """A load under way; `surprises` are faults of its own, after which a run proves nothing."""

    def __init__(self, world: World, book: Book, post: Post, seed: int, poisons: Iterator[Lying]) -> None:
        self._world, self._book, self._seed, self._poisons = world, book, seed, poisons
        self._doors, self._stranger = Doors(world), Stranger(world.stack.addresses.kafka, book)
        self._lives = Lives(world, book, self._doors, post)
        self._tasks: set[asyncio.Task[None]] = set()
        self._all: asyncio.Task[None] | None = None
        self.surprises: list[str] = []

    def begin(self, planned: Sequence[Planned]) -> None:
        """Begin to send what is planned."""
        self._all = asyncio.create_task(self._run(planned))

    async def done(self) -> None:
        """Wait until all is sent, and everything has been answered or patience is over."""
        assert self._all is not None, "it has begun"
        await asyncio.shield(self._all)

    async def end(self) -> None:
        """Leave off, wherever it is, and hang up."""
        tasks = [*self._tasks, *([self._all] if self._all else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(self._doors.aclose(), self._stranger.aclose())

    def figures(self) -> str:
        """Say what came of it so far."""
        requests = Counter(f"{request.intent} {outcome(request)}" for request in self._book.requests)
        acts = Counter(f"{act.what} {'taken' if act.acknowledged else 'not taken'}" for act in self._book.acts)
        poisoned = Counter(f"{each.kind} on {each.topic}" for each in self._book.poisoned)
        counts = (requests, acts, self._lives.ends, poisoned)
        return "; ".join(", ".join(f"{count} {what}" for what, count in sorted(each.items())) for each in counts)

    async def _run(self, planned: Sequence[Planned]) -> None:
        clock, began = time.monotonic(), time.time()
        for each in planned:
            await asyncio.sleep(clock + each.at_seconds - time.monotonic())
            self._start(self._send(each, began + each.at_seconds))
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _start(self, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.surprises.append(f"{type(error).__name__}: {error}")

    async def _send(self, planned: Planned, intended: float) -> None:
        match planned:
            case Sending():
                await self._refer(planned, intended)
            case Mistake():
                bad = BAD[planned.name]
                message = messages.mistake(bad, planned.request_id)
                await self._deliver(messages.door_of(bad), planned.request_id, message, "invalid", intended)
            case Poisoning(kills=True):
                await self._stranger.put(killer(self._seed), None)
            case Poisoning(early=True):
                await self._stranger.put(early(self._seed), None)
            case Poisoning():
                await self._stranger.put(*next(self._poisons))

    async def _refer(self, sending: Sending, intended: float) -> None:
        message = messages.referral(self._seed, sending.number, sending.door, sending.request_id)
        intent: Intent = "repeat" if sending.repeat else "new"
        referral = await self._deliver(sending.door, sending.request_id, message, intent, intended)
        if referral and not sending.repeat:
            await self._lives.live(referral, message.practice, sending.life)

    async def _deliver(self, door: Door, request_id: str, message: Message, intent: Intent, at: float) -> str | None:
        """Write a request down, send it until it is answered, and return the referral that it was told of."""
        request = Request(door, message.practice, request_id, message.digest, intent, at)
        self._book.requests.append(request)
        if message.personal and intent != "repeat":
            self._world.inputs.append(message.personal)
        await self._doors.deliver(message, request.answers, since=at)
        return request.referral


def outcome(request: Request) -> str:
    """Say in a word what became of a request."""
    if request.acknowledged:
        return "acknowledged"
    return str(request.answers[-1].status) if request.answers else "under way"


def poisons(seed: int, *, key: str | None = None, partition: int | None = None) -> Iterator[Lying]:
    """Give every kind of poison for every topic, again and again, each time in another order."""
    chance = random.Random(f"poison {seed}")
    while True:
        batch = list(poison(chance, key))
        chance.shuffle(batch)
        for each in batch:
            nowhere = chance.randrange(PARTITIONS) if each.key is None else None
            yield each, nowhere if partition is None else partition


@asynccontextmanager
async def beginning(
    world: World, book: Book, seed: int, planned: Sequence[Planned], lying: Iterator[Lying]
) -> AsyncIterator[tuple[Flow, Post]]:
    """Begin to send, and leave off at the end of the block."""
    async with sorting(world) as post:
        flow = Flow(world, book, post, seed, lying)
        flow.begin(planned)
        try:
            yield flow, post
        finally:
            await flow.end()
