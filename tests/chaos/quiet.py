"""The wait, after all is mended, until nothing is on its way; poison lies where it lies and waits for nobody."""

import asyncio
import time
from collections.abc import Iterable

from shared.messaging.migrate import SCHEMAS
from tests.acceptance import topics
from tests.acceptance.books import looking
from tests.acceptance.world import World
from tests.chaos.scene import Scene
from tests.chaos.watch import AWAY, SERVERS, UNSENT
from tests.reliability.accounts import Round, run_round

LOOK_SECONDS = 0.5
ON_THE_WAY = ("in-outbox", "in-flight", "unchecked")


async def heal(scene: Scene) -> None:
    """Mend whatever may still be broken, and start whatever shall run."""
    await scene.network.end_all()
    await scene.mail.end_all()
    scene.receiver.mood = "well"
    for armed in scene.folder.glob("*"):
        armed.unlink()
    names = (name for service in scene.profile.replicas for name in scene.running(service))
    await scene.bring(*SERVERS, *names)


async def until_quiet(scene: Scene, within_seconds: float) -> Round | None:
    """Wait until nothing is on its way, twice in a row alike; return what the ledger says then, None if it never was.

    Says what still moved when it was given up.
    """
    wanted, until = set(scene.book.acknowledged), time.monotonic() + within_seconds
    last: Round | None = None
    moving: list[str] = []
    while time.monotonic() < until:
        moment = time.time()
        try:
            async with asyncio.timeout(20):
                found = await run_round(scene.world)
                moving = [*await _moving(scene.world), *on_the_way(found, wanted)]
        except (*AWAY, AssertionError) as error:  # whoever was asked is not well yet
            moving, last = [type(error).__name__], None
        else:
            if not moving and last is not None and found.states == last.states:
                scene.book.quiet = moment
                return found
            last = None if moving else found
        await asyncio.sleep(LOOK_SECONDS)
    scene.say(f"not quiet after {within_seconds:.0f} s: {', '.join(moving) or 'the ledger still changes'}")
    return None


def on_the_way(found: Round, wanted: Iterable[str]) -> list[str]:
    """Say which of the referrals the ledger does not have, or has as being on their way."""
    moving = [f"{len(found.of(state))} {state}" for state in ON_THE_WAY if found.of(state)]
    absent = len(set(wanted) - set(found.states))
    return [*moving, *([f"{absent} not in the ledger"] if absent else [])]


async def _moving(world: World) -> list[str]:
    """Say what is unsent, unread, waiting to be tried again, or not delivered; topics' ends are looked up first."""
    ends = await topics.ends(world.stack.addresses.kafka)
    async with looking(world) as database:
        counts = await database.fetchrow(_COUNTS)
        rows = await database.fetch(_POSITIONS)
    unread = sum(
        max(0, end - row["next_offset"])
        for row in rows
        for partition, end in ends.items()
        if (partition.topic, partition.partition) == (row["topic"], row["partition"])
    )
    return [f"{count} {what}" for what, count in {**dict(counts), "unread": unread}.items() if count]


# An event of a type that nobody knows is told again after an upgrade, and is in nobody's way until then.


def _sum(table: str, condition: str) -> str:
    return " + ".join(f"(SELECT count(*) FROM {schema}.{table} WHERE {condition})" for schema in SCHEMAS.values())


_COUNTS = f"""
    SELECT {_sum("outbox", UNSENT)} AS unsent,
        {_sum("parked", "state = 'waiting' AND kind NOT IN ('unknown-type', 'future-version')")} AS "parked for now",
        (SELECT count(*) FROM notifications.delivery WHERE settled_at IS NULL) AS undelivered
"""
_POSITIONS = " UNION ALL ".join(
    f"SELECT topic, partition, next_offset FROM {schema}.position" for schema in SCHEMAS.values()
)
