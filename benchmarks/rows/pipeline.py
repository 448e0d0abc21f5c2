"""How many referrals a whole Linkway takes from POST to the link worker's mail and the ledger, on two cores in all."""

import os
import signal
import time
from collections.abc import Awaitable, Callable
from uuid import UUID

from benchmarks.figures import Goal, Outcome, Series, interleave
from benchmarks.flow import AT_ONCE, LEDGER, Flow
from benchmarks.posting import closed_loop, until
from benchmarks.processes import DRIVER, Meter
from benchmarks.scene import linkway

TITLE = "Referrals through the whole pipeline"
LATER = ("matching", "casework", "notifications", "operations")
SETTINGS = {**LEDGER, "LINKWAY_SESSION_TIMEOUT_MS": "60000"}
"""Services that are held still in between keep their partitions."""

_SENT = "SELECT NOT EXISTS (SELECT FROM {}.outbox WHERE sent_at IS NULL) AND (SELECT count(*) FROM {}.subject) >= $1"
_CASES = "SELECT count(*) = cardinality($1::uuid[]) FROM casework.cases WHERE referral = ANY ($1) AND state = 'open'"


async def run(quick: bool) -> Outcome:
    """Measure the whole, and the same referrals through one service after the other, in turn."""
    count, pairs = (40, 1) if quick else (1_000, 5)
    async with linkway(settings=SETTINGS) as scene:
        flow, whole, parts = Flow(scene), Meter(), Meter()
        await flow.warm_up()

        async def together() -> float:
            with whole.running(scene.stack.pids(), count):
                return count / await flow.burst(count)

        async def one_by_one() -> float:
            with parts.running(scene.stack.pids(), count):
                return count / await _through_each(flow, count)

        through, apart = await interleave(pairs, together, one_by_one)
    services = _of_services(whole)
    mine = Series("POST to link worker told and ledger written", "referrals/s", through)
    its = Series("the sum of its parts: one service after the other", "referrals/s", apart)
    goals = (
        Goal("all on this machine's cores", mine.median, 120, unit="referrals/s"),
        Goal("the services' processor time", services, 8, at_least=False, unit="ms a referral"),
    )
    notes = (
        f"{count} referrals a run by the FHIR door; broker, two databases, driver and mail server on the same cores.",
        f"One after the other, the services spend {_of_services(parts):.1f} ms a referral.",
        "The ledger looks each 2 seconds (as shipped: 30), and a run ends when it has every referral settled.",
    )
    return Outcome(TITLE, (mine, its), goals, "referral", whole.per_item_ms, notes)


def _of_services(meter: Meter) -> float:
    others = {DRIVER, "kafka", "postgres", "keys"}
    return sum(ms for part, ms in meter.per_item_ms.items() if part not in others)


async def _through_each(flow: Flow, count: int) -> float:
    """Return the seconds of the parts: each service has the referrals when those before it are done with them."""
    scene = flow.scene
    requests = flow.requests(count)
    seen = (await scene.sql("SELECT count(*) FROM matching.subject"))[0]["count"]
    for name in LATER:
        _signal(scene.stack.pids(), name, signal.SIGSTOP)
    seconds, answers = 0.0, []

    async def take_in() -> None:
        answers.extend(await closed_loop(flow.door, requests, AT_ONCE))
        await until(lambda: _is(_SENT.format("intake", "intake"), 0), 60)

    async def matched() -> None:
        await until(lambda: _is(_SENT.format("matching", "matching"), seen + count), 120)

    async def opened() -> None:
        await until(lambda: _is(_CASES, [UUID(answer.referral) for answer in answers]), 120)

    async def _is(statement: str, value: object) -> bool:
        return bool((await scene.sql(statement, value))[0][0])

    seconds += await _timed(take_in)
    phases: tuple[tuple[str, Callable[[], Awaitable[None]]], ...] = (
        ("matching", matched),
        ("casework", opened),
        ("notifications", lambda: flow.until_told(answers)),
        ("operations", lambda: flow.until_in_ledger(answers)),
    )
    for name, phase in phases:
        _signal(scene.stack.pids(), name, signal.SIGCONT)
        seconds += await _timed(phase)
    return seconds


async def _timed(phase: Callable[[], Awaitable[None]]) -> float:
    began = time.monotonic()
    await phase()
    return time.monotonic() - began


def _signal(pids: dict[str, int], name: str, number: signal.Signals) -> None:
    os.kill(pids[f"{name}-1"], number)
