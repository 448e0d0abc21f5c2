"""What those outside do to Linkway during a fault run, by its doors, its mails, its webhooks and its topics alone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.acceptance.world import World
from tests.chaos.book import Book
from tests.chaos.load.calm import poison_only
from tests.chaos.load.flow import Flow, beginning, poisons
from tests.chaos.load.plan import make_plan

__all__ = ["Flow", "flowing", "poison_only"]


@asynccontextmanager
async def flowing(
    world: World, book: Book, *, referrals: int, rate_per_second: float, seed: int
) -> AsyncIterator[Flow]:
    """Refer so many people, with all that comes beside it, for at most as long as the block lasts: see `Flow.done`."""
    planned = make_plan(seed, referrals, rate_per_second)
    async with beginning(world, book, seed, planned, poisons(seed)) as (flow, _):
        yield flow
