"""Link workers and organisations at work while things go wrong, one conversation after the other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from deploy.demo.driver.calling import Unanswered
from deploy.demo.driver.pages import NoSuchForm
from tests.acceptance.browser import soon
from tests.acceptance.users import Everybody, Organisation
from tests.acceptance.world import World
from tests.reliability.traffic import Book, Entry

CUT_SHORT = (AssertionError, Unanswered, NoSuchForm)


@dataclass
class Conversations:
    """How far they came; one that an outage outlasted is left as it is, with everything that was recorded of it."""

    answered: list[str] = field(default_factory=list)
    cut_short: list[str] = field(default_factory=list)

    def figures(self) -> str:
        """Say how many there were."""
        cut = f"{len(self.cut_short)} were cut short {sorted(set(self.cut_short)) or ''}"
        return f"{len(self.answered)} conversations led to an accepted offer, {cut}"


@asynccontextmanager
async def talking(world: World, book: Book) -> AsyncIterator[Conversations]:
    """Hold one conversation at a time about the newest referral of a book, for as long as the block lasts."""
    told = Conversations()
    task = asyncio.create_task(_talk_for_ever(Everybody(world), book, told))
    try:
        yield told
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _talk_for_ever(here: Everybody, book: Book, told: Conversations) -> None:
    done: set[str] = set()
    while True:
        await asyncio.sleep(0.1)
        new = [entry for entry in book.acknowledged.values() if entry.referral not in done]
        for entry in new[-1:]:
            done.add(str(entry.referral))
            try:
                await _talk(here, entry)
            except CUT_SHORT as why:  # somebody waited in vain: the outage was longer than their patience
                told.cut_short.append(str(why))
            else:
                told.answered.append(str(entry.referral))


async def _talk(here: Everybody, entry: Entry) -> None:
    """Hold a conversation, choose the first service that was proposed, and let it accept."""
    referral, need = str(entry.referral), entry.body["needs"][0]
    worker = await here.worker_of(referral)
    proposed = (await worker.proposals(referral, need))[need]
    await worker.choose(referral, [(proposed[0], need)], "name")
    await (await soon(lambda: _asked(here.world, referral), f"an offer of {referral}")).accept()


async def _asked(world: World, referral: str) -> Organisation | None:
    """Find who is asked about a referral, by mail or by webhook."""
    links = [mail.letter.link for mail in world.mailbox.offers(referral)]
    hooks = [hook.data for hook in world.webhooks if hook.data["referral"] == referral]
    links += [str(data["answer_url"]) for data in hooks if "answer_url" in data]
    return Organisation(world, links[0]) if links else None
