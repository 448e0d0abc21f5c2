"""What people do about a referral once it is acknowledged: talk, choose, answer, close, withdraw, take back."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Awaitable, Mapping
from uuid import UUID

from deploy.demo.driver.calling import Unanswered
from deploy.demo.driver.pages import NoSuchForm
from deploy.demo.driver.samples import JSON
from tests.acceptance.world import World
from tests.chaos.book import Book, Deed
from tests.chaos.load.case import Case, Desk
from tests.chaos.load.deeds import done
from tests.chaos.load.doors import Doors
from tests.chaos.load.messages import Message
from tests.chaos.load.organisations import Organisations
from tests.chaos.load.plan import Life
from tests.chaos.load.post import Pigeonhole, Post

LONGEST_SECONDS = 120.0
"""After which people turn to somebody else, wherever they are."""
ASSIGNED_WITHIN_SECONDS = 60.0
ASKED_WITHIN_SECONDS = 15.0
GIVE_UP = (AssertionError, Unanswered, NoSuchForm, TimeoutError)
"""What ends a conversation: nobody wrote or answered in time, or a page does not offer it any more."""


class Lives:
    """All practices, link workers and organisations, after the referral."""

    def __init__(self, world: World, book: Book, doors: Doors, post: Post) -> None:
        self._book, self._doors, self._post = book, doors, post
        self._desks = {mail: Desk(world, party) for mail, party in world.cast.link_workers.items()}
        self._organisations = Organisations(world, book)
        self.ends: Counter[str] = Counter()
        """How conversations ended; what cut them short is no fault, for the book has what was done until then."""

    async def live(self, referral: str, practice: str, life: Life) -> None:
        """Let happen what is planned; a withdrawal comes in the middle of whatever is under way."""
        chance = random.Random(life.dice)
        withdraw = self._say(practice, referral, "withdraw", {"reason": "person-asked"}, chance)
        revoke = self._say(practice, referral, "agreement", {"revoke": "all"}, chance)
        acts = [
            self._after(life.withdrawn_after, referral, "withdraw", withdraw),
            self._after(life.revoked_after, referral, "revoke", revoke),
        ]
        if life.talked:
            acts.append(self._as_far_as(self._talk(referral, life, chance), "conversation"))
        await asyncio.gather(*acts)

    def _say(self, practice: str, referral: str, act: str, said: Mapping[str, str], chance: random.Random) -> Message:
        request_id = str(UUID(int=chance.getrandbits(128), version=4))
        headers = {"X-Request-ID": request_id, "Content-Type": JSON}
        return Message(practice, f"/referrals/{referral}/{act}", headers, json.dumps(said).encode())

    async def _after(self, seconds: float | None, referral: str, what: Deed, message: Message) -> None:
        if seconds is not None:
            await asyncio.sleep(seconds)
            await done(self._book, referral, what, self._doors.act(message))

    async def _talk(self, referral: str, life: Life, chance: random.Random) -> None:
        hole = self._post.about(referral)
        async with asyncio.timeout(ASSIGNED_WITHIN_SECONDS):
            await hole.assigned.wait()
        case = Case(self._desks[hole.link_worker], referral)
        await case.find()
        await done(self._book, referral, "contact", case.record(chance))
        if await done(self._book, referral, "choose", case.choose(len(life.replies), chance)):
            await self._hear(referral, hole, life, chance)
        if life.closed:
            await done(self._book, referral, "close", case.close(chance))

    async def _hear(self, referral: str, hole: Pigeonhole, life: Life, chance: random.Random) -> None:
        """Let each organisation that is asked answer in its own time, which may be after the next one."""
        async with asyncio.TaskGroup() as answering:
            for reply in life.replies:
                try:
                    async with asyncio.timeout(ASKED_WITHIN_SECONDS):
                        question = await hole.questions.get()
                except TimeoutError:
                    return  # nobody (else) is asked: the person has a place, or it has ended
                if reply.said != "silent":
                    answer = self._organisations.reply(referral, question, reply, random.Random(chance.random()))
                    answering.create_task(self._as_far_as(answer, "answer"))

    async def _as_far_as(self, doing: Awaitable[None], what: str) -> None:
        """Do something as far as it goes; why it went no further is counted, and what was done is in the book."""
        end = "as planned"
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                await doing
        except GIVE_UP as why:
            end = f"{type(why).__name__} {str(why).partition(' on ')[0][:60]}".strip()  # without whose page it was
        self.ends[f"{what}: {end}"] += 1
