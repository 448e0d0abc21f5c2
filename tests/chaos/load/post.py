"""Sort what outsiders are told, by mail, webhook and topic, to those who wait: each referral has a pigeonhole."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from deploy.demo.driver.book import reference
from deploy.demo.driver.hook import Delivered
from deploy.demo.driver.topic import PartnerTopic
from tests.acceptance.mailbox import Mail
from tests.acceptance.world import World

ROUND_SECONDS = 0.2
ASSIGNED = "you are their link worker"
OFFERED = "linkway.partner.offer-made."


@dataclass(frozen=True)
class Question:
    """An offer as an organisation has it: the link to its page, and the topic that must have told of it too."""

    link: str
    topic: PartnerTopic | None = None


@dataclass
class Pigeonhole:
    """What was told about one referral: its link worker's address, since when, and the organisations asked."""

    link_worker: str = ""
    assigned_at: float | None = None
    assigned: asyncio.Event = field(default_factory=asyncio.Event)
    questions: asyncio.Queue[Question] = field(default_factory=asyncio.Queue)
    links: set[str] = field(default_factory=set)


class Post:
    """Looks at each new mail and webhook once, however many wait."""

    def __init__(self, world: World, topics: dict[str, PartnerTopic]) -> None:
        self._world, self._topics = world, topics
        self._holes: defaultdict[str, Pigeonhole] = defaultdict(Pigeonhole)
        self._mails, self._hooks = len(world.mailbox.mails), len(world.webhooks)

    def about(self, referral: str) -> Pigeonhole:
        """Return a referral's pigeonhole."""
        return self._holes[reference(referral)]

    async def sort(self) -> None:
        """Sort, for ever."""
        while True:
            mails, hooks = self._world.mailbox.mails[self._mails :], self._world.webhooks[self._hooks :]
            self._mails, self._hooks = self._mails + len(mails), self._hooks + len(hooks)
            for mail in mails:
                self._take_mail(mail)
            for hook in hooks:
                self._take_hook(hook)
            await asyncio.sleep(ROUND_SECONDS)

    def _take_mail(self, mail: Mail) -> None:
        letter = mail.letter
        if letter.kind == "offer":
            self._ask(self._holes[letter.about], Question(letter.link, self._topics.get(letter.name)))
        elif letter.kind == "case" and letter.to in self._world.cast.link_workers and ASSIGNED in mail.text:
            hole = self.about(letter.about)
            hole.link_worker = letter.to
            hole.assigned_at = hole.assigned_at or received_at(mail.whole)
            hole.assigned.set()

    def _take_hook(self, hook: Delivered) -> None:
        if hook.type.startswith(OFFERED):
            self._ask(self.about(str(hook.data["referral"])), Question(str(hook.data["answer_url"])))

    def _ask(self, hole: Pigeonhole, question: Question) -> None:
        """Pass a question on; a mail that comes twice is one question."""
        if question.link not in hole.links:
            hole.links.add(question.link)
            hole.questions.put_nowait(question)


def received_at(mail: dict[str, Any]) -> float:
    """Return when the sink took a mail, as `time.time()` counts."""
    return datetime.fromisoformat(mail["received_at"]).timestamp()


@contextlib.asynccontextmanager
async def sorting(world: World) -> AsyncIterator[Post]:
    """Give a sorted post for the length of a block."""
    kafka = world.stack.addresses.kafka
    topics = {name: PartnerTopic(kafka, party.id, world.book) for name, party in world.cast.with_topic.items()}
    post = Post(world, topics)
    for topic in topics.values():
        await topic.begin()
    tasks = [asyncio.create_task(run) for run in (post.sort(), *(topic.run() for topic in topics.values()))]
    try:
        yield post
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(topic.stop() for topic in topics.values()))
    for error in ended:
        if isinstance(error, Exception):  # somebody has been waiting in vain since then
            raise error
