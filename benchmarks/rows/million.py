"""Whether a million referrals that are over slow down the next: a full Linkway beside an empty one."""

import asyncio
import os
import signal

from benchmarks.figures import Goal, Outcome, Series, interleave
from benchmarks.flow import Flow
from benchmarks.processes import Meter
from benchmarks.scene import Scene, linkway
from benchmarks.stored import load

TITLE = "With a million referrals stored"
SERVICES = ("referral-intake", "matching", "casework", "notifications", "operations")

_READ = """
    SELECT schemaname || '.' || relname AS name, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) AS tuples
    FROM pg_stat_user_tables
"""


async def run(quick: bool) -> Outcome:
    """Measure bursts at both in turn, the other one held still; count the rows that each of its tables gave."""
    stored, count, pairs = (2_000, 40, 1) if quick else (1_000_000, 300, 5)
    async with linkway() as full, linkway() as empty:
        flows, meter = (Flow(full), Flow(empty)), Meter()
        await asyncio.gather(*(flow.burst(30, ledger=False) for flow in flows))
        await full.stack.stop("operations-1")  # whose ledger would write down what it sees while it is loaded
        rows = await load(full.admin, stored)
        await full.stack.start("operations-1")
        await flows[0].burst(30, ledger=False)
        before = [await _rows_read(scene) for scene in (full, empty)]

        async def rate(mine: int) -> float:
            _hold(flows[1 - mine].scene, signal.SIGSTOP)
            with meter.running(flows[mine].scene.stack.pids() if mine == 0 else {}, count if mine == 0 else 0):
                figure = count / await flows[mine].burst(count, ledger=False)
            _hold(flows[1 - mine].scene, signal.SIGCONT)
            return figure

        beside, alone = await interleave(pairs, lambda: rate(0), lambda: rate(1))
        await asyncio.sleep(1 if quick else 11)  # sessions tell what they read when they have been idle for 10 s
        after = [await _rows_read(scene) for scene in (full, empty)]
    mine = Series("POST to link worker told, a million stored", "referrals/s", beside)
    its = Series("nothing stored", "referrals/s", alone)
    read = [
        {name: (now[name] - was.get(name, 0)) / (pairs * count) for name in now}
        for was, now in zip(before, after, strict=True)
    ]
    goals = (Goal("of itself when empty", mine.over(its).median, 0.9),)
    notes = (
        f"{stored:,} closed referrals of two years, {rows:,} rows by COPY into the services' own tables.",
        "The ledger works as shipped, and is not waited for.",
    )
    tables = {"rows read a referral, full and empty, of each table": _grown(*read)}
    return Outcome(TITLE, (mine, its), goals, "referral", meter.per_item_ms, notes, tables)


async def _rows_read(scene: Scene) -> dict[str, int]:
    return {row["name"]: row["tuples"] for row in await scene.sql(_READ)}


def _hold(scene: Scene, number: signal.Signals) -> None:
    """Stop the services of a Linkway for as long as the other one is measured, or let them go on."""
    for name, pid in scene.stack.pids().items():
        if name.rpartition("-")[0] in SERVICES:
            os.kill(pid, number)


def _grown(full: dict[str, float], empty: dict[str, float]) -> list[list[str]]:
    """List the tables that gave rows, those first of which the full one gave most more."""
    names = [name for name in full if full[name] >= 0.05 or empty.get(name, 0) >= 0.05]
    names.sort(key=lambda name: empty.get(name, 0) - full[name])
    return [["table", "full", "empty"], *([name, f"{full[name]:.1f}", f"{empty.get(name, 0):.1f}"] for name in names)]
