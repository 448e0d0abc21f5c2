"""A casework of each test's own: its database, its pages, a mailbox, and the stand-in for the door to people."""

import base64
import os
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest_asyncio

from tests.harness import bench, warm
from tests.integration.casework.scene import ASH, BIRCH, KETTLE, PRACTICE, PROGRAMME, Mailbox, PeopleDoor, Scene

KEY = base64.b64encode(bytes(range(32))).decode()
for name in ("SERVICE", "LINK", "INTERNAL"):  # importing the service reads them
    os.environ.setdefault(f"LINKWAY_{name}_KEY", KEY)

from casework import app, clocks, handlers  # noqa: E402 - after what they read
from casework.config import Settings  # noqa: E402 - likewise
from casework.gateway import People  # noqa: E402 - likewise
from casework.staff import Clocks, LinkWorker, Practice, Programme, apply  # noqa: E402 - likewise

PROGRAMME_FILE = Programme(
    programme=PROGRAMME,
    name="Toy programme",
    practices=(Practice(id=PRACTICE, name="Toy Practice"),),
    link_workers=(
        LinkWorker(id=ASH, name="Ash Sample", mail="ash@example.org"),
        LinkWorker(id=BIRCH, name="Birch Sample", mail="birch@example.org"),
    ),
    clocks=Clocks(rules="toy.1", review_after="12 weeks"),
)


@pytest_asyncio.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    made = Mailbox()
    await made.start()
    yield made
    await made.stop()


@pytest_asyncio.fixture
async def scene(service_dsn: str, mailbox: Mailbox) -> AsyncIterator[Scene]:
    settings = Settings(postgres=service_dsn, smtp=mailbox.address, casework_public_url="http://casework.test")
    service = app.compose(settings)
    door = PeopleDoor(settings.internal_key.get_secret_value())
    people = People("http://intake.test", door.key, 1, door.transport())
    await service.http.state.desk.people.close()
    service.http.state.desk = replace(service.http.state.desk, people=people)
    await service.database.open()
    await warm(service.database, 3)  # as many as a double click needs at once
    await apply(service.database, PROGRAMME_FILE, [KETTLE])
    async with bench(service_dsn, "casework", handlers, rules=settings.rules) as events:
        made = Scene(
            service,
            events,
            door,
            mailbox,
            send_mails=lambda: clocks.send_sign_in_mail(service.database, settings),
            tell_reviews=lambda: clocks.tell_reviews(service.database, settings),
        )
        yield made
        for browser in made.browsers:
            await browser.client.aclose()
    await people.close()
    await service.database.close()
