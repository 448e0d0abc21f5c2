"""One run from its beginning to its verdict: load, faults, mending, the wait for quiet, a full read, the checks."""

import asyncio
import time
from typing import Any

from tests.chaos import checks, load, sabotage, snapshot, sometimes, verdict
from tests.chaos.book import Book
from tests.chaos.checks import wire
from tests.chaos.faults import disks
from tests.chaos.inflict import inflict
from tests.chaos.profile import QUIET_WITHIN_SECONDS, Profile
from tests.chaos.quiet import heal, until_quiet
from tests.chaos.scene import Scene, staged
from tests.chaos.schedule import plan
from tests.chaos.watch import watching

LATE_SECONDS = 120.0
"""How long after its time the load may end: answers and conversations that a fault held up."""


async def run(profile: Profile, book: Book) -> dict[str, Any]:
    """Run, and return the verdict."""
    async with staged(profile, book) as scene:
        scene.say("everything is up")
        if not profile.short and not book.skipped:
            await have_disks(scene)
        await suffer(scene)
        return await judge(scene)


async def have_disks(scene: Scene) -> None:
    """Give PostgreSQL small disks; where they cannot be had, the faults of full ones are skipped by name."""
    refused = await disks.prepare(scene)
    if refused:
        scene.say(f"no full disk: {refused}")
        scene.book.skipped |= dict.fromkeys(disks.PARTS, refused)


async def suffer(scene: Scene) -> None:
    """Let referrals come and break things, mend them all, and wait for quiet."""
    profile, book = scene.profile, scene.book
    planned = plan(profile)
    book.began = time.time()
    async with watching(scene):
        await load.poison_only(scene.world, book, seed=profile.seed, seconds=profile.calm_seconds)
        book.calm_until = time.time()
        scene.say("the calm is over")
        async with (
            load.flowing(
                scene.world,
                book,
                rate_per_second=profile.rate_per_second,
                referrals=profile.referrals,
                seed=profile.seed,
            ) as flow,
            asyncio.TaskGroup() as group,
        ):
            group.create_task(inflict(scene, planned))
            await done(scene, flow)
        book.load_ended = time.time()
        book.surprises += flow.surprises
        for surprise in book.surprises:
            scene.say(f"the load was surprised: {surprise}")
        scene.say(flow.figures())
        scene.say(f"mending; {len(book.acknowledged)} referrals acknowledged, {len(book.faults)} faults")
        await heal(scene)
        await until_quiet(scene, QUIET_WITHIN_SECONDS)
        if book.quiet:
            ended = max([book.load_ended, *(fault.healed for fault in book.faults)])
            scene.say(f"quiet {book.quiet - ended:.1f} s after the last fault and the last request")


async def done(scene: Scene, flow: load.Flow) -> None:
    """Wait for the load's end; what is still under way long after its time is left off, and is nobody's promise."""
    try:
        async with asyncio.timeout(scene.profile.seconds + LATE_SECONDS):
            await flow.done()
    except TimeoutError:
        scene.say("the load is late: leaving off")


async def judge(scene: Scene) -> dict[str, Any]:
    """Read everything, check it, and tell whether Linkway held."""
    await scene.set_up(extra=True)  # whatever has a door answers it when everything is read
    snap = await snapshot.read(scene.world, scene.book)
    findings = checks.check_all(scene.book, snap)
    scene.say(f"sometimes: {dict(sometimes.seen(scene.book, snap))}")
    missing = sometimes.missing(scene.book, snap, sometimes.SHORT if scene.profile.short else sometimes.ALL)
    for finding in findings:
        scene.say(f"found: {finding}")
    sabotaged = await sabotage.run(scene.world)
    return verdict.of(scene.book, findings, missing, sabotaged, wire.repeats(scene.book, snap))
