"""What a whole Linkway costs while nothing happens."""

import asyncio
import time

from benchmarks.figures import Goal, Outcome, Series
from benchmarks.flow import Flow
from benchmarks.processes import DRIVER, Meter, resident_megabytes
from benchmarks.scene import linkway

TITLE = "Idle, all services"
SERVERS = {"kafka-1", "postgres-1", "keys-1"}


async def run(quick: bool) -> Outcome:
    """Take several stretches of quiet, as shipped."""
    seconds, stretches = (2.0, 1) if quick else (20.0, 5)
    shares: list[float] = []
    async with linkway() as scene:
        await Flow(scene).warm_up()
        await asyncio.sleep(0 if quick else 35)  # the ledger's next round is a quiet one
        pids = scene.stack.pids()
        services = {name: pid for name, pid in pids.items() if name not in SERVERS}
        meter, began = Meter(), time.monotonic()
        for _ in range(stretches):
            with meter.running(pids, 1) as spent:
                await asyncio.sleep(seconds)
            ours = sum(spent[part] for part in spent if f"{part}-1" in services)
            shares.append(100 * ours / seconds)
        lasted = time.monotonic() - began
        memory = resident_megabytes(services)
    share = Series("all five services", "% of a core", tuple(shares))
    resident = Series("their resident memory", "MB", (sum(memory.values()),))
    goals = (
        Goal("of a core", share.median, 5, at_least=False, unit="%"),
        Goal("without broker and database", resident.median, 600, at_least=False, unit="MB"),
    )
    tables = {"resident memory, MB": [[name, f"{megabytes:.0f}"] for name, megabytes in sorted(memory.items())]}
    a_second = {part: ms * stretches / lasted for part, ms in meter.per_item_ms.items() if part != DRIVER}
    notes = (f"{stretches} stretches of {seconds:.0f} s, every clock as shipped, after some referrals.",)
    return Outcome(TITLE, (share, resident), goals, "second", a_second, notes, tables)
