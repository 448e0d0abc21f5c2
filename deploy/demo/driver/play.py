"""Play all samples at once, as a morning in several practices would."""

import asyncio
import contextlib
from collections.abc import Coroutine, Sequence

from deploy.demo.driver.book import Book
from deploy.demo.driver.calling import Surprised, Unanswered
from deploy.demo.driver.cast import Cast
from deploy.demo.driver.doors import Doors
from deploy.demo.driver.ledger import Fate
from deploy.demo.driver.link_worker import LinkWorker
from deploy.demo.driver.samples import Sample
from deploy.demo.driver.story import Sent, tell_story
from deploy.demo.driver.world import World

# Between one referral and the next.
PACE_SECONDS = 0.25
LEDGER_SECONDS = 1.5
SETTLE_SECONDS = 30.0


async def play(
    doors: Doors, cast: Cast, samples: Sequence[Sample], book: Book, *, within_seconds: float
) -> dict[str, Fate]:
    """Play the samples to their ends, and return where the ledger has each referral that was acknowledged.

    Args:
        doors: where Linkway is.
        cast: who plays.
        samples: what is sent, in order.
        book: what is told and counted; it can be read meanwhile.
        within_seconds: after so long what has not ended is left as it is, and noted.
    """
    async with World.open(doors, cast, book) as world, asyncio.TaskGroup() as group:
        readers = {
            "the mails": world.post.run(),
            "the organisations' mails": world.organisations.read_mail(world.topics),
            "the webhooks": world.organisations.read_webhooks(world.endpoint),
            "the ledger": watch_ledger(world),
            **{f"the topic of {name}": topic.run() for name, topic in world.topics.items()},
        }
        background = [group.create_task(keep_on(world, what, reading)) for what, reading in readers.items()]
        await asyncio.gather(*(sign_in(world, worker) for worker in world.workers.values()))
        await tell_stories(world, samples, within_seconds)
        fates = await settle(world, book.referrals)
        for task in background:
            task.cancel()
    return fates


async def keep_on(world: World, what: str, reading: Coroutine[None, None, None]) -> None:
    """Let something be read for ever; that it ended is noted."""
    try:
        await reading
    except (Surprised, Unanswered) as error:
        world.book.wonder(what, str(error))


async def sign_in(world: World, worker: LinkWorker) -> None:
    """Let a link worker in; without them their stories are not told, and that shows."""
    try:
        await worker.sign_in()
    except (Surprised, Unanswered) as error:
        world.book.wonder(worker.party.name, str(error))


async def tell_stories(world: World, samples: Sequence[Sample], within_seconds: float) -> None:
    """Begin one story after the other, and wait for all of them."""
    sent = Sent()
    tasks: list[asyncio.Task[None]] = []
    try:
        for sample in samples:
            tasks.append(asyncio.create_task(tell_story(world, sent, sample), name=sample.name))
            await asyncio.sleep(PACE_SECONDS)
        done, late = await asyncio.wait(tasks, timeout=within_seconds)
    finally:
        for task in tasks:
            task.cancel()
    for task in late:
        world.book.wonder(task.get_name(), "had not ended when the time was over")
    for task in done:
        task.result()


async def watch_ledger(world: World) -> None:
    """Look at the ledger, for ever; while it is away the last look stays."""
    while True:
        try:
            world.book.ledger = await world.ledger.look()
        except (Surprised, Unanswered) as error:
            world.book.ledger_away = str(error)
        else:
            world.book.ledger_away = ""
        await asyncio.sleep(LEDGER_SECONDS)


async def settle(world: World, referrals: Sequence[str]) -> dict[str, Fate]:
    """Wait until the ledger has every referral where nothing is on its way, and return where each is then.

    Where the ledger itself does not answer, nothing is accounted for.
    """
    fates: dict[str, Fate] = {}
    with contextlib.suppress(TimeoutError, Surprised, Unanswered):  # what was found last is what holds
        async with asyncio.timeout(SETTLE_SECONDS):
            while True:
                found = await world.ledger.find(referrals)
                fates = found.fates
                if found.is_settled:
                    break
                await asyncio.sleep(LEDGER_SECONDS)
            world.book.ledger = await world.ledger.look()
            still_open = [referral for referral, fate in fates.items() if fate is Fate.OPEN]
            world.book.held = await world.ledger.holders(still_open)
    return fates
