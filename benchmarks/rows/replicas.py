"""What more replicas cost on the same cores: processor time a referral at 1, 2 and 4, and who waits for whom."""

import asyncio
from collections import Counter

import asyncpg

from benchmarks.figures import Goal, Outcome, Series
from benchmarks.flow import LEDGER, Flow
from benchmarks.posting import closed_loop
from benchmarks.processes import DRIVER, Meter
from benchmarks.scene import Linkway, linkway

TITLE = "Replicas on the same cores"
SERVICES = ("referral-intake", "matching", "casework", "notifications", "operations")
MOST = 4

_WAITS = """
    SELECT coalesce(wait_event_type || ' ' || wait_event, 'running') AS wait, count(*) AS n
    FROM pg_stat_activity WHERE state <> 'idle' AND backend_type = 'client backend' AND pid <> pg_backend_pid()
    GROUP BY 1
"""


async def run(quick: bool) -> Outcome:
    """Measure bursts at 1, 2 and 4 replicas in turn, replicas being stopped and started in between."""
    count, rounds, sizes = (40, 1, (1, 2)) if quick else (300, 5, (1, 2, MOST))
    spent: dict[int, list[float]] = {size: [] for size in sizes}
    waits: dict[int, Counter[str]] = {size: Counter() for size in sizes}
    meters = {size: Meter() for size in sizes}
    async with linkway(replicas=max(sizes), settings=LEDGER) as scene:
        flow = Flow(scene)
        await flow.warm_up()
        for n in range(rounds):
            for size in reversed(sizes) if n % 2 else sizes:  # so that between rounds nobody is stopped or started
                await _resize(scene, size, max(sizes))
                spent[size].append(await _burst(flow, size, count, meters[size], waits[size]))
    series = tuple(Series(f"{size} of each service", "processor ms a referral", tuple(spent[size])) for size in sizes)
    goals = tuple(
        Goal(f"{size} replicas against one", each.over(series[0]).median, 1.15, at_least=False)
        for size, each in zip(sizes[1:], series[1:], strict=True)
    )
    tables = {"what the database's sessions waited for, of all looks": _shares(waits)}
    notes = (f"{count} referrals a burst by all doors in turn; all processes but the driver are counted.",)
    return Outcome(TITLE, series, goals, "referral", meters[max(sizes)].per_item_ms, notes, tables)


async def _resize(scene: Linkway, size: int, most: int) -> None:
    running = scene.stack.pids()
    for service in SERVICES:
        for number in range(2, most + 1):
            name = f"{service}-{number}"
            if number > size and name in running:
                await scene.stack.stop(name)
    starting = [f"{service}-{n}" for service in SERVICES for n in range(2, size + 1) if f"{service}-{n}" not in running]
    await asyncio.gather(*(scene.stack.start(name) for name in starting))


async def _burst(flow: Flow, size: int, count: int, meter: Meter, waits: Counter[str]) -> float:
    """Post by all replicas' doors; return the processor milliseconds that a referral took until all was written."""
    scene = flow.scene
    doors = scene.stack.addresses.services["referral-intake"][:size]
    looking = asyncio.create_task(_look(scene.admin, waits))
    with meter.running(scene.stack.pids(), count) as spent:
        groups = await asyncio.gather(
            *(closed_loop(door, flow.requests(count // size), max(1, 12 // size)) for door in doors)
        )
        answers = [answer for group in groups for answer in group]
        await flow.until_told(answers)
        await flow.until_in_ledger(answers)
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
    return 1000 * sum(seconds for part, seconds in spent.items() if part != DRIVER) / count


async def _look(dsn: str, waits: Counter[str]) -> None:
    """Look 20 times a second at what the sessions wait for."""
    connection = await asyncpg.connect(dsn)
    try:
        while True:
            for row in await connection.fetch(_WAITS):
                waits[row["wait"]] += row["n"]
            await asyncio.sleep(0.05)
    finally:
        await connection.close()


def _shares(waits: dict[int, Counter[str]]) -> list[list[str]]:
    kinds = sorted({kind for counter in waits.values() for kind, _ in counter.most_common(8)})
    head = ["replicas", *map(str, waits)]
    return [head, *([kind, *(f"{100 * c[kind] / max(1, c.total()):.1f}%" for c in waits.values())] for kind in kinds)]
