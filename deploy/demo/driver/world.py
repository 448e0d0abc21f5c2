"""Bring together everybody who plays, each with a client of their own."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Self

from deploy.demo.driver.book import Book
from deploy.demo.driver.calling import Caller
from deploy.demo.driver.cast import Cast
from deploy.demo.driver.doors import Doors
from deploy.demo.driver.duty import DutyContact
from deploy.demo.driver.hook import Endpoint
from deploy.demo.driver.ledger import Ledger
from deploy.demo.driver.link_worker import LinkWorker
from deploy.demo.driver.organisations import Organisations
from deploy.demo.driver.post import Post
from deploy.demo.driver.practice import Practice
from deploy.demo.driver.topic import PartnerTopic


@dataclass(frozen=True)
class World:
    """Everybody outside Linkway, and where they read of it."""

    book: Book
    post: Post
    practices: Mapping[str, Practice]
    workers: Mapping[str, LinkWorker]
    organisations: Organisations
    duty: DutyContact
    topics: dict[str, PartnerTopic]
    endpoint: Endpoint
    ledger: Ledger

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, doors: Doors, cast: Cast, book: Book) -> AsyncIterator[Self]:
        """Let everybody in, with their mail and their connections."""
        async with contextlib.AsyncExitStack() as stack:

            def caller(addresses: tuple[str, ...], key: str = "", by: str = "") -> Caller:
                headers = {"Authorization": f"Bearer {key}"} if key else {}
                made = Caller(addresses, headers | ({"X-Linkway-Service": by} if by else {}))
                stack.push_async_callback(made.aclose)
                return made

            casework, intake = tuple(doors.casework), tuple(doors.intake)
            post = Post(caller((doors.mail,)), book)
            topics = {name: PartnerTopic(doors.kafka, party.id, book) for name, party in cast.with_topic.items()}
            for topic in topics.values():
                stack.push_async_callback(topic.stop)
                await topic.begin()
            await post.begin()
            yield cls(
                book,
                post,
                {
                    id_: Practice(party, caller(intake, doors.practice_keys[id_]), book)
                    for id_, party in cast.practices.items()
                },
                {mail: LinkWorker(party, caller(casework), post, book) for mail, party in cast.link_workers.items()},
                Organisations(lambda: caller(casework), cast, post, book),
                DutyContact(cast.duty_contact, caller(intake, doors.staff_key, "duty-contact"), post, book),
                topics,
                stack.enter_context(Endpoint(doors.webhook_port, doors.webhook_secret, book)),
                Ledger(caller(tuple(doors.operations), doors.operator_key, "operator")),
            )
