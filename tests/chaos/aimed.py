"""Small scenes, each with the one fault or the one bad moment that shows a known mistake; nothing is left to chance."""

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from uuid import uuid4

import psutil

from deploy.demo.driver.samples import JSON
from shared.contracts import NeedsRevised, ReferralReceived
from tests.acceptance.books import looking
from tests.acceptance.users import Everybody, LinkWorker
from tests.chaos.book import Fault, Request
from tests.chaos.failpoints import BEFORE_COMMIT, HANDLING, arm, fired
from tests.chaos.load.deeds import done
from tests.chaos.load.doors import Doors
from tests.chaos.load.messages import Message, referral
from tests.chaos.scene import Scene

PATIENCE_SECONDS = 40.0
NEW_NEED = "bereavement"
"""None that a practice of the load refers for."""


@dataclass
class Aim:
    """A running Linkway that is about to suffer one thing."""

    scene: Scene
    doors: Doors
    numbers: int = 0
    practices: dict[str, str] = field(default_factory=dict)
    """Who referred each referral."""

    @cached_property
    def people(self) -> Everybody:
        """Those with a browser."""
        return Everybody(self.scene.world)

    async def refer(self) -> str:
        """Refer somebody."""
        request_id, began, self.numbers = str(uuid4()), time.time(), self.numbers + 1
        message = referral(self.scene.book.seed, self.numbers, "json", request_id)
        if message.personal:
            self.scene.world.inputs.append(message.personal)
        request = Request("json", message.practice, request_id, message.digest, "new", began)
        self.scene.book.requests.append(request)
        await self.doors.deliver(message, request.answers, since=began)
        assert request.referral, f"refused: {request.answers}"
        self.practices[request.referral] = message.practice
        return request.referral

    async def refer_some(self, many: int) -> Sequence[str]:
        """Refer some people at a time."""
        return await asyncio.gather(*(self.refer() for _ in range(many)))

    async def withdraw(self, of: str) -> None:
        """Let a practice withdraw a referral."""
        headers = {"X-Request-ID": str(uuid4()), "Content-Type": JSON}
        body = json.dumps({"reason": "person-asked"}).encode()
        message = Message(self.practices[of], f"/referrals/{of}/withdraw", headers, body)
        assert await done(self.scene.book, of, "withdraw", self.doors.act(message))

    async def conversation(self) -> tuple[str, LinkWorker]:
        """Refer somebody, and wait until their link worker sees what services fit."""
        about = await self.refer()
        worker = await self.people.worker_of(about)
        await worker.case(about, lambda page: page.is_matched, "what services fit")
        return about, worker

    @asynccontextmanager
    async def meeting(self, service: str, point: str, act: str = "kill", seconds: float = 0) -> AsyncIterator[Fault]:
        """Have the service meet its fate in this block, and wait, at the block's end, until it has and is well."""
        restarts = self._restarts(service)
        fault = Fault(act, f"{service}.{point}", time.time(), 0.0)
        self.scene.book.faults.append(fault)
        arm(self.scene.folder, service, point, act, seconds)
        yield fault
        await self.reached(service, point)
        if act == "kill":
            await until(lambda: self._is_up(service, restarts + 1), f"{service} up again")
        fault.healed = fault.well_again = fault.caught_up = time.time()

    async def reached(self, service: str, point: str) -> None:
        """Wait until a process has passed a point."""
        await until(lambda: _now(fired(self.scene.folder, service, point)), f"{service} at {point}")

    async def ask(self, sql: str, *args: object) -> bool:
        """Ask the database, as its administrator."""
        async with looking(self.scene.world) as database:
            return bool(await database.fetchval(sql, *args))

    def _restarts(self, service: str) -> int:
        return sum(replica.restarts for replica in self.scene.stack.replicas(service))

    async def _is_up(self, service: str, restarts: int) -> bool:
        healthy = all(replica.healthy.is_set() for replica in self.scene.stack.replicas(service))
        return healthy and self._restarts(service) >= restarts


@asynccontextmanager
async def aiming(scene: Scene) -> AsyncIterator[Aim]:
    """Give the practices' systems for the length of a block."""
    doors = Doors(scene.world)
    try:
        yield Aim(scene, doors)
    finally:
        await doors.aclose()


async def until(met: Callable[[], Awaitable[bool]], what: str) -> None:
    """Wait for something.

    Raises:
        AssertionError: it did not come about in time.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not await met():
        assert time.monotonic() < deadline, f"not in time: {what}"
        await asyncio.sleep(0.05)


async def _now(met: bool) -> bool:
    return met


async def died_in_a_batch(aim: Aim) -> None:
    """A consumer dies with the effects of a batch written and nothing committed; others come after it."""
    async with aim.meeting("matching", "after-effect-before-position"):
        await aim.refer()
    await aim.refer_some(12)


async def began_under_load(aim: Aim) -> None:
    """A consumer that has never read a topic starts while referrals are coming on it."""
    fault = Fault("late", "matching", time.time(), 0.0)
    aim.scene.book.faults.append(fault)
    await aim.scene.stack.stop("matching")
    await aim.ask("DELETE FROM matching.position WHERE topic = $1", ReferralReceived.topic)
    await aim.refer_some(12)
    await aim.scene.bring("matching")
    fault.healed = fault.well_again = fault.caught_up = time.time()
    await aim.refer_some(4)


async def died_before_sending(aim: Aim) -> None:
    """A relay dies between taking rows and sending them."""
    async with aim.meeting("referral-intake", "after-commit-before-send"):
        await aim.refer()
    await aim.refer_some(6)


async def committed_late(aim: Aim) -> None:
    """A transaction that wrote its events first commits after others."""
    async with aim.meeting("referral-intake", BEFORE_COMMIT, "wait", 2):
        slow = asyncio.create_task(aim.refer())
        await aim.reached("referral-intake", BEFORE_COMMIT)
        await aim.refer_some(6)
        await slow
    await aim.refer_some(6)


async def sent_twice(aim: Aim) -> None:
    """A relay dies after the broker has an event and before that is written down, so that it comes twice."""
    about, worker = await aim.conversation()
    async with aim.meeting("casework", "after-send-before-mark"):
        await worker.send(about, "needs-form", ticks=[f"need-{NEW_NEED}"])
    await aim.refer_some(6)


async def sent_while_one_dawdles(aim: Aim) -> None:
    """A relay that has taken rows dawdles, while something more is said about the same referral."""
    point = "after-commit-before-send"
    async with aim.meeting("referral-intake", point, "wait", 2):
        about = await aim.refer()
        await aim.reached("referral-intake", point)
        await aim.withdraw(about)
    await aim.refer_some(6)


async def failed_once(aim: Aim) -> None:
    """A handler fails on the first of two events about a referral, and would not fail again."""
    async with aim.meeting("casework", f"{HANDLING}{ReferralReceived.type}", "raise"):
        await aim.refer()
    await aim.refer_some(6)


async def woke_up(aim: Aim) -> None:
    """A consumer is stopped in a batch for so long that another takes its place, and then goes on."""
    about, worker = await aim.conversation()
    point = f"{HANDLING}{NeedsRevised.type}"
    async with aim.meeting("matching", point, "stop"):
        await worker.send(about, "needs-form", ticks=[f"need-{NEW_NEED}"])
        await aim.reached("matching", point)
        await until(lambda: aim.ask(_TAKEN_OVER, NeedsRevised.type), "another one in its place")
        for name, pid in aim.scene.stack.pids().items():
            if name.startswith("matching-") and psutil.Process(pid).status() == psutil.STATUS_STOPPED:
                os.kill(pid, signal.SIGCONT)
    await aim.refer_some(6)


_TAKEN_OVER = """
    SELECT count(*) > 0 AND bool_and(EXISTS (SELECT FROM matching.inbox WHERE inbox.event_id = outbox.event_id))
    FROM casework.outbox WHERE type = $1
"""
