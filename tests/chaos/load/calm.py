"""A phase without a fault and with poison on one partition: does it hold up those who have nothing to do with it?"""

import asyncio
import math
import random
import time

from tests.acceptance.world import World
from tests.chaos.book import Book, Fault
from tests.chaos.load.flow import beginning, poisons
from tests.chaos.load.plan import PARTITIONS, Planned, good, poisonings

KIND = "poison-only"
RATE_PER_SECOND = 4.0
TOLD_WITHIN_SECONDS = 20.0


async def poison_only(world: World, book: Book, *, seed: int, seconds: float = 20.0) -> dict[str, float]:
    """Poison one partition of each poisoned topic, by every kind once, while referrals come; write it as a fault.

    Returns:
        For each referral that was acknowledged the seconds until its link worker was told; endless where nobody was.
    """
    partition = random.Random(f"partition {seed}").randrange(PARTITIONS)
    lying = poisons(seed, partition=partition)
    referrals = good(seed, round(seconds * RATE_PER_SECOND), RATE_PER_SECOND)
    planned: list[Planned] = [*referrals, *poisonings(seed, seconds / 2)]
    planned.sort(key=lambda each: each.at_seconds)
    before, began = set(book.acknowledged), time.time()
    async with beginning(world, book, seed, planned, lying) as (flow, post):
        await flow.done()
        here = {referral: request for referral, request in book.acknowledged.items() if referral not in before}
        holes = {referral: post.about(referral) for referral in here}
        await asyncio.wait(
            [asyncio.create_task(hole.assigned.wait()) for hole in holes.values()], timeout=TOLD_WITHIN_SECONDS
        )
    ended = time.time()
    book.faults.append(Fault(KIND, f"partition {partition}", began, ended, well_again=ended, caught_up=ended))
    return {
        referral: (holes[referral].assigned_at or math.inf) - request.acknowledged.at
        for referral, request in here.items()
        if request.acknowledged
    }
