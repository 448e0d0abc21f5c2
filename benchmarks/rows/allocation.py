"""Ten thousand referrals for three link workers with limits, and five hundred choices of a service with five places."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from benchmarks import crowd, kept_limits
from benchmarks.crowd import LIMITS, MORE, PLACES, Crowd
from benchmarks.figures import Goal, Outcome, Series
from benchmarks.fleet import Fleet, fleet
from benchmarks.processes import Meter

TITLE = "Referrals for three link workers with limits"


@dataclass(frozen=True, slots=True)
class Case:
    """So many replicas, one of which is killed in the middle or not."""

    name: str
    replicas: int
    kill: bool = False


CASES = (
    Case("one replica", 1),
    Case("four replicas", 4),
    Case("four replicas, one killed in the middle", 4, kill=True),
)


@dataclass(frozen=True, slots=True)
class Found:
    """What a case came to; everything but the seconds is to be the same in all of them."""

    seconds: float
    over_limit: int
    over_places: int
    not_once: int
    not_closed: int
    overtaken: int
    fullest: dict[str, int]
    asked: int
    refused: int
    given_again: int


async def run(quick: bool) -> Outcome:
    """Run each case on a broker and a database of its own."""
    referrals, choices = (300, 60) if quick else (10_000, 500)
    cases = [replace(case, replicas=min(case.replicas, 2)) for case in CASES] if quick else CASES
    meter, found = Meter(), []
    for case in cases:
        async with crowd.scene() as gathered:
            found.append(await _case(gathered, case, referrals, choices, meter))
    series = tuple(
        Series(f"given and closed, {case.name}", "referrals/s", (referrals / each.seconds,))
        for case, each in zip(cases, found, strict=True)
    )
    worst = {
        "weight over a link worker's limit, ever": max(each.over_limit for each in found),
        f"offers over the {PLACES} places, ever": max(each.over_places for each in found),
        "referrals not given just once": max(each.not_once for each in found),
        "referrals left at the end": max(each.not_closed for each in found),
        "places given back and not given again": max(abs(PLACES - each.given_again) for each in found),
        "choices neither asked nor refused": max(abs(choices + MORE - each.asked - each.refused) for each in found),
    }
    goals = (
        *(Goal(what, value, 0, at_least=False) for what, value in worst.items()),
        Goal("later comers given before one referral", max(each.overtaken for each in found), 200, at_least=False),
    )
    tables = {"what each case came to": [_HEAD, *(_row(case, each) for case, each in zip(cases, found, strict=True))]}
    notes = (
        f"{referrals} referrals at four practices in one burst, limits {_told(LIMITS)}, each case closed when given.",
        f"{choices} choices of a service with {PLACES} places, every offer declined, and then {MORE} more.",
        "Limits are counted over every commit; whoever is killed is started again.",
    )
    return Outcome(TITLE, series, goals, "referral", meter.per_item_ms, notes, tables)


_HEAD = ["case", "seconds", "fullest", "overtaken", "asked", "refused, and the next asked"]


def _row(case: Case, found: Found) -> list[str]:
    seconds = f"{found.seconds:.0f}"
    return [case.name, seconds, _told(found.fullest), str(found.overtaken), str(found.asked), str(found.refused)]


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))


async def _case(gathered: Crowd, case: Case, referrals: int, choices: int, meter: Meter) -> Found:
    scene = gathered.scene
    async with fleet(scene, case.replicas) as running:
        await gathered.until("SELECT count(*) = 2 FROM matching.programme")
        began = time.monotonic()
        with meter.running({**scene.infrastructure(), **running.pids}, referrals):
            await gathered.accept(referrals, crowd.PROGRAMME)
            await asyncio.gather(gathered.close_all(referrals), _kill(gathered, running, referrals, case))
        seconds = time.monotonic() - began
        given_again = await gathered.choose(choices)
    return await _look(gathered, seconds, given_again)


async def _kill(gathered: Crowd, running: Fleet, referrals: int, case: Case) -> None:
    if case.kill:
        await gathered.until(f"SELECT count(*) >= {referrals // 2} FROM matching.referral WHERE state = 'ended'")
        await running.kill(1)
        await running.start(1)


async def _look(gathered: Crowd, seconds: float, given_again: int) -> Found:
    sql = gathered.scene.sql
    most = {(row["kind"], row["whose"]): row["most"] for row in await sql(kept_limits.MOST)}
    fullest = {worker: most.get(("caseload", worker), 0) for worker in LIMITS}
    turns = [(row["id"], row["practice"], row["turn_at"]) for row in await sql(kept_limits.TURNS, "p-%")]
    (count,) = await sql(crowd.COUNT, crowd.PROGRAMME)
    return Found(
        seconds=seconds,
        over_limit=max(0, *(fullest[worker] - limit for worker, limit in LIMITS.items())),
        over_places=max(0, most["places", "five"] - PLACES),
        not_once=count["not_once"],
        not_closed=count["not_closed"],
        overtaken=kept_limits.most_overtaken(turns),
        fullest={**fullest, "places": most["places", "five"]},
        asked=count["asked"],
        refused=count["refused"],
        given_again=given_again,
    )
