"""Poison on the real topics: each record is set aside once at each consumer, with its bytes, and all else flows."""

import asyncio
import base64
import time
from collections.abc import Sequence
from typing import Any

import httpx
import psutil
from prometheus_client.parser import text_string_to_metric_families

from tests.acceptance import books, topics
from tests.acceptance.browser import soon
from tests.acceptance.conftest import Told
from tests.acceptance.poison import POISONED, poison
from tests.acceptance.stories.asking import a_no_asks_the_next_choice
from tests.acceptance.users import Everybody
from tests.acceptance.world import SERVICES, World

QUIET_SECONDS = 3.0
MOST_OF_A_PROCESSOR = 0.5
"""Of all services together while nothing happens, where spinning takes all of one."""
MOST_MESSAGES_A_SECOND = 10
SPANS = 5
"""What spins is never at ease; what only happens now and then, as a round of the ledger, may fall into one span."""


async def test_poison_is_set_aside_with_its_bytes_and_all_else_flows(here: Everybody, told: Told) -> None:
    world = here.world
    await asyncio.gather(*told.values(), return_exceptions=True)
    story = asyncio.create_task(a_no_asks_the_next_choice(here))
    bad = list(poison())
    lying = await topics.put(world.stack.addresses.kafka, [(p.topic, p.key, p.value, p.headers) for p in bad])
    kinds = {(at.topic, at.partition, at.offset): each.kind for at, each in zip(lying, bad, strict=True)}
    bytes_of = {(at.topic, at.partition, at.offset): at for at in lying}
    for service in SERVICES:
        consumed = set(
            (await world.internal("POST", service, "/internal/operations/custody", {"keys": []}))["consumes"]
        )
        expected = {at: kind for at, kind in kinds.items() if at[0] in consumed}

        async def parked(service: str = service, expected: Any = expected) -> list[dict[str, Any]] | None:
            here_parked = [row for row in await world.parked(service) if place(row) in expected]
            return here_parked if len(here_parked) >= len(expected) else None

        rows = await soon(parked, f"{service} sets {len(expected)} aside")
        assert {place(row): row["kind"] for row in rows} == expected
        assert len(rows) == len(expected), "once each"
        for row in rows:
            assert await opened(world, service, row["id"]) == as_opened(bytes_of[place(row)])
    await story
    await at_ease(world)


async def test_what_was_set_aside_is_given_up_by_a_person(world: World) -> None:
    for service in SERVICES:
        for row in await world.parked(service):
            if row["topic"] in POISONED and row["key"] is None:
                await world.give_up(service, row["id"])
        assert await world.parked(service) == []


def place(row: dict[str, Any]) -> tuple[str, int, int]:
    """Return where a parked message lay."""
    return row["topic"], row["partition"], row["offset"]


async def opened(world: World, service: str, parked: str) -> dict[str, Any]:
    """Open a parked message, as a person who says why."""
    body = {"by": "ops@example.org", "purpose": "find-the-fault"}
    found: dict[str, Any] = await world.internal("POST", service, f"/internal/operations/parked/{parked}/view", body)
    return found


def as_opened(message: topics.Message) -> dict[str, Any]:
    """Return a record as the door shows it, to the byte."""

    def shown(value: bytes | None) -> str | None:
        return None if value is None else base64.b64encode(value).decode()

    return {
        "topic": message.topic,
        "partition": message.partition,
        "offset": message.offset,
        "key": shown(message.key),
        "value": shown(message.value),
        "headers": [[name, shown(value)] for name, value in message.headers],
    }


async def at_ease(world: World) -> None:
    """See that nothing spins: in a span of time in which nothing happens, hardly any of it and no message is spent."""
    await books.at_rest(world)
    pids = [pid for name, pid in world.stack.pids().items() if name.rpartition("-")[0] in SERVICES]
    processes = [psutil.Process(pid) for pid in pids]
    spans: list[tuple[float, float]] = []
    while len(spans) < SPANS:
        share, a_second = await measured(world, processes)
        if share < MOST_OF_A_PROCESSOR and a_second < MOST_MESSAGES_A_SECOND:
            return
        spans.append((share, a_second))
    raise AssertionError(f"never at ease: processors, and messages a second: {spans}")


async def measured(world: World, processes: Sequence[psutil.Process]) -> tuple[float, float]:
    """Return of how many processors, and of how many messages a second, something was made in a span of time.

    The span is as long as it was: on a busy machine this process, too, is called late.
    """
    began, seconds, messages = time.monotonic(), sum(map(spent, processes)), await handled(world)
    await asyncio.sleep(QUIET_SECONDS)  # a span of time is what is measured
    more_seconds, more_messages = sum(map(spent, processes)) - seconds, await handled(world) - messages
    took = time.monotonic() - began
    return more_seconds / took, more_messages / took


def spent(process: psutil.Process) -> float:
    """Return the processor seconds that a process has had."""
    times = process.cpu_times()
    return float(times.user + times.system)


async def handled(world: World) -> float:
    """Return how many messages all services have handled, and tried again, so far."""
    total = 0.0
    async with httpx.AsyncClient(timeout=60) as client:
        for service in SERVICES:
            for door in world.doors(service):
                figures = (await client.get(f"{door}/metrics")).text
                for family in text_string_to_metric_families(figures):
                    if family.name in ("linkway_messages", "linkway_redrives", "linkway_batch_reruns"):
                        total += sum(sample.value for sample in family.samples if sample.name.endswith("_total"))
    return total
