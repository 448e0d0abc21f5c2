"""A notifications service over a fresh database, with a mail server and an endpoint that obey the test."""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from pydantic import SecretStr

from notifications import handlers
from notifications.channels import senders
from notifications.config import Settings
from notifications.deliveries import Sender, record_lost
from notifications.domain import Recipient, Role
from notifications.recipients import apply
from shared.contracts import Event, OfferMade
from shared.contracts.release import EXAMPLES
from shared.messaging import Cause, Database
from shared.service import Worker
from tests.harness import Bench, bench
from tests.integration.notifications.office import Endpoint, PostOffice, endpoint, post_office

PROGRAMME = "dundee"
REFERRAL = UUID("0b6f2d0e-6f0c-4c55-9a53-3f4f0a6d7c11")
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
KEY = SecretStr(base64.b64encode(bytes(range(32))).decode())


class Notifications:
    """The service's handlers and senders over one database."""

    def __init__(self, service: Bench, office: PostOffice, hook: Endpoint) -> None:
        self.bench, self.office, self.hook = service, office, hook
        self.database: Database = service.database
        self.deliver, self.published = service.deliver, service.published
        self.running: list[Worker] = []
        self.senders: list[Sender] = []
        self.database.on_commit = self._wake

    def settings(self, **changes: Any) -> Settings:
        """Return settings for this test's servers, with short waits."""
        given: dict[str, Any] = {
            "service_key": KEY,
            "link_key": KEY,
            "internal_key": SecretStr("internal"),
            "smtp": f"127.0.0.1:{self.office.port}",
            "webhook_allow_loopback": True,
            "delivery_poll_seconds": 0.05,
            "retry_seconds": (0.05, 0.05, 0.05),
            "send_seconds": 15,
        }
        return Settings.model_validate({**given, **changes})

    def start(self, **changes: Any) -> list[Worker]:
        """Start a replica's senders and return its workers."""
        settings = self.settings(**changes)
        made = senders(settings)
        self.senders += made
        workers = [sender.worker for sender in made]
        workers.append(Worker("lost", record_lost, every_seconds=0.05))
        for worker in workers:
            worker.start(self.database, settings)
        self.running += workers
        return workers

    async def stop(self) -> None:
        """Stop every replica as a signal would."""
        await asyncio.gather(*(worker.stop() for worker in self.running))
        await asyncio.gather(*(sender.close() for sender in self.senders))

    async def rows(self, sql: str = "SELECT * FROM delivery ORDER BY seq", *args: object) -> list[dict[str, Any]]:
        """Run a query as the service."""
        return await self.bench.rows(sql, *args)

    async def told(self) -> list[tuple[str, str, str]]:
        """Return (template, recipient, channel) of every delivery."""
        return [(row["template"], row["recipient"], row["channel"]) for row in await self.rows()]

    async def until(self, met: Callable[[], Awaitable[bool] | bool], seconds: float = 40) -> None:
        """Wait for a condition, with a deadline."""
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            found = met()
            if found if isinstance(found, bool) else await found:
                return
            assert asyncio.get_running_loop().time() < deadline, f"not met in time: {await self.rows()}"
            await asyncio.sleep(0.01)

    async def until_settled(self, seconds: float = 40) -> list[dict[str, Any]]:
        """Wait until no delivery is left to attempt, and return all."""

        async def settled() -> bool:
            return all(row["settled_at"] for row in await self.rows())

        await self.until(settled, seconds)
        return await self.rows()

    def _wake(self) -> None:
        for worker in self.running:
            if worker.on_commit:
                worker.wake()


EVERYBODY = (
    Recipient(Role.DUTY_CONTACT, PROGRAMME, "Duty team leader", "duty@example.org", ("mail",)),
    Recipient(Role.PRACTICE, "heddle-street", "Heddle Street Practice", "practice@example.org", ("mail",)),
    Recipient(Role.LINK_WORKER, "ash", "Ailsa Moncurrie", "ash@example.org", ("mail",)),
    Recipient(Role.ORGANISATION, "plain", "Plain Page", "plain@example.org", ("mail",)),
    Recipient(Role.ORGANISATION, "kettle", "Kettle and Company", "kettle@example.org", ("partner-topic", "mail")),
    Recipient(Role.ORGANISATION, "mute", "Mute House"),
)


@pytest_asyncio.fixture
async def notifications(service_dsn: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Notifications]:
    """The service with its recipients applied; senders start when the test says so."""
    monkeypatch.setenv("DESK_SECRET", SECRET)
    async with AsyncExitStack() as stack:
        office = await stack.enter_async_context(post_office())
        hook = await stack.enter_async_context(endpoint())
        service = await stack.enter_async_context(bench(service_dsn, "notifications", handlers))
        desk = Recipient(
            Role.ORGANISATION, "desk", "The Desk", "desk@example.org", ("webhook",), hook.url, "DESK_SECRET"
        )
        await apply(service.database, PROGRAMME, (*EVERYBODY, desk))
        made = Notifications(service, office, hook)
        yield made
        await made.stop()


def of(event: type[Event], referral: UUID = REFERRAL, **changes: object) -> Any:
    """Return a contract's example, about this programme and its people."""
    example = event.from_json(_example(event))
    ours: dict[str, object] = {
        "referral": referral,
        "programme": PROGRAMME,
        "practice": "heddle-street",
        "link_worker": "ash",
        "organisation": "plain",
    }
    known = {name: value for name, value in {**ours, **changes}.items() if name in type(example).model_fields}
    return example.model_copy(update=known)


def offer(organisation: str, number: int = 1, referral: UUID = REFERRAL, **changes: object) -> OfferMade:
    """Return an offer to an organisation."""
    made: OfferMade = of(OfferMade, referral, organisation=organisation, offer=UUID(int=number), **changes)
    return made


def _example(event: type[Event]) -> bytes:
    return (EXAMPLES / f"{event.type}.json").read_bytes()


async def open_transactions(database: Database) -> int:
    """Count the service's transactions that are open now, our own question aside."""
    async with database.transaction(Cause.request("count", "open")) as tx:
        return int(
            await tx.fetchval(
                """
                SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND usename = 'notifications' AND pid <> pg_backend_pid()
                  AND state IN ('active', 'idle in transaction')
                """
            )
        )
