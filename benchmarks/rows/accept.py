"""How many FHIR messages a referral-intake accepts, beside a bare endpoint that inserts the same bytes."""

import asyncio
import itertools
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from time import perf_counter

from benchmarks.figures import Goal, Outcome, Series, interleave
from benchmarks.messages import fhir_message, post
from benchmarks.posting import Connection, closed_loop, until
from benchmarks.processes import Meter
from benchmarks.scene import Linkway, linkway
from deploy.local.guarded import Guarded
from deploy.local.home import PROJECT
from deploy.local.ports import free_port

TITLE = "FHIR messages accepted"
AT_ONCE = 12
OTHERS = ("matching", "casework", "notifications", "operations")


async def run(quick: bool) -> Outcome:
    """Measure both doors in turn, one process each, with the same messages from the same driver."""
    messages, pairs = (100, 1) if quick else (1500, 5)
    numbers = itertools.count()
    async with linkway() as scene, _doors(scene) as (door, bare, pids):
        meter = Meter()

        async def figure() -> float:
            requests = [post(fhir_message(next(numbers)), scene.keys) for _ in range(messages)]
            with meter.running(pids | scene.infrastructure(), messages):
                return await _rate(door, requests)

        async def limit() -> float:
            return await _rate(bare, [post(fhir_message(next(numbers)), scene.keys) for _ in range(messages)])

        await closed_loop(door, [post(fhir_message(next(numbers)), scene.keys) for _ in range(AT_ONCE * 3)], AT_ONCE)
        accepted, inserted = await interleave(pairs, figure, limit)
    mine = Series("accepted: validated, sealed, committed", "messages/s", accepted)
    its = Series("a bare endpoint that inserts the bytes", "messages/s", inserted)
    goals = (Goal("of the bare endpoint", mine.over(its).median, 0.4),)
    notes = (
        f"One process each, {AT_ONCE} connections, {messages} messages a run, 14 kB of JSON each, new people all.",
        "The referral-intake process has its HTTP role alone here; its relay is a row of its own.",
    )
    return Outcome(TITLE, (mine, its), goals, "message", meter.per_item_ms, notes)


async def _rate(door: str, requests: Sequence[bytes]) -> float:
    began = perf_counter()
    await closed_loop(door, requests, AT_ONCE)
    return len(requests) / (perf_counter() - began)


@asynccontextmanager
async def _doors(scene: Linkway) -> AsyncIterator[tuple[str, str, dict[str, int]]]:
    """Give both doors' addresses, and the process that is measured; every other service is stopped."""
    for name in ("referral-intake", *OTHERS):
        await scene.stack.stop(name)
    [replica] = scene.stack.replicas("referral-intake")
    launch = replica.launch
    intake = await Guarded.start(replace(launch, argv=(*launch.argv, "--roles", "http"), name="intake-http"))
    await scene.sql("CREATE TABLE taken (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body bytea NOT NULL)")
    port = free_port()
    bare = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.workers.bare_door"), cwd=PROJECT, stdin=asyncio.subprocess.PIPE
    )
    assert bare.stdin is not None
    bare.stdin.write(json.dumps({"dsn": scene.admin, "port": port}).encode())
    bare.stdin.close()
    doors = scene.door("referral-intake"), f"http://127.0.0.1:{port}"
    try:
        for door in doors:
            await until(lambda door=door: _answers(door), 30)  # type: ignore[misc]  # a default binds the loop's value
        yield *doors, {"referral-intake": intake.pid}
    finally:
        bare.kill()
        await bare.wait()
        await intake.stop()


async def _answers(door: str) -> bool:
    try:
        await (await Connection.open(door)).aclose()
    except OSError:
        return False
    return True
