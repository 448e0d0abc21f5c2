"""A whole Linkway for the acceptance tests: every service over a real Kafka and PostgreSQL, with clocks made short."""

import asyncio
import base64
import json
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.demo.driver import Cast
from deploy.demo.driver.book import Book
from deploy.demo.driver.calling import Call, Caller
from deploy.demo.driver.hook import Delivered, Endpoint
from deploy.local.home import PROJECT, Home
from deploy.local.plan import Options
from deploy.local.ports import free_port
from deploy.local.secrets import read_variables
from deploy.local.stack import Stack
from shared.messaging.migrate import admin_dsn
from tests.acceptance.leaks import Text
from tests.acceptance.mailbox import Mailbox
from tests.acceptance.people import Input

PROGRAMME = PROJECT / "deploy/programmes/dundee-sources-of-support.yaml"
DIRECTORY = PROJECT / "deploy/sample/directory.json"
ANSWER_SECONDS = 3600
"""How long organisations have to answer: no machine is so slow that it is over before a story has answered.

Who waits for silence lets just this time pass, by `let_offer_wait`.
"""
SEND_SECONDS, LEASE_SECONDS = 60, 90
"""How long a mail may take, and when its sender counts as gone: nobody is killed here, and each mail goes once."""

OPERATOR_KEY = "acceptance-operator"

SERVICES = ("referral-intake", "matching", "casework", "notifications", "operations")


def settings(hook_port: int, hook_secret: str) -> dict[str, str]:
    """Return what every process is told beside `compose.yaml`."""
    return {
        "LINKWAY_OFFER_RESPONSE_SECONDS": str(ANSWER_SECONDS),
        "LINKWAY_SEND_SECONDS": str(SEND_SECONDS),
        "LINKWAY_LEASE_SECONDS": str(LEASE_SECONDS),
        "LINKWAY_FIGURES_SECONDS": "1",
        "LINKWAY_SAMPLE_WEBHOOK_URL": f"http://127.0.0.1:{hook_port}/linkway",
        "LINKWAY_SAMPLE_WEBHOOK_SECRET": hook_secret,
        "LINKWAY_WEBHOOK_ALLOW_LOOPBACK": "true",
        "LINKWAY_LEDGER_EVERY_SECONDS": "2",
        "LINKWAY_LEDGER_CONFIRM_SECONDS": "1",
        "LINKWAY_OPERATOR_KEY": OPERATOR_KEY,
    }


@dataclass
class World:
    """A running Linkway and what those outside know of it."""

    home: Home
    stack: Stack
    cast: Cast
    keys: Mapping[str, str]
    secrets: Mapping[str, str]
    mailbox: Mailbox
    hook: Endpoint
    book: Book
    inputs: list[Input] = field(default_factory=list)
    """Everything that was sent in about people: what must be found nowhere."""
    acknowledged: list[str] = field(default_factory=list)
    """The referral that each 2xx answer of a door named."""
    before: list[Text] = field(default_factory=list)
    """Every text that it held before anybody had referred anyone."""
    webhooks: list[Delivered] = field(default_factory=list)
    """Every webhook whose signature was good, once each."""
    callers: list[Caller] = field(default_factory=list)
    _known: dict[tuple[str, str], Caller] = field(default_factory=dict)

    def doors(self, service: str) -> list[str]:
        """Return the addresses of a service, one a replica."""
        return self.stack.addresses.services[service]

    def caller(self, service: str, headers: Mapping[str, str] | None = None) -> Caller:
        """Return a client of a service that calls its replicas in turn, and is hung up at the end."""
        self.callers.append(Caller(self.doors(service), headers))
        return self.callers[-1]

    async def listen(self) -> None:
        """Take webhooks in, until cancelled."""
        while True:
            self.webhooks.append(await self.hook.deliveries.get())

    @property
    def databases(self) -> dict[str, str]:
        """The administrator's DSNs of the data and of the keys."""
        addresses, password = self.stack.addresses, self.secrets["LINKWAY_DB_PASSWORD"]
        return {"data": admin_dsn(addresses.postgres, password), "keys": admin_dsn(addresses.keys, password)}

    async def internal(self, method: str, service: str, path: str, body: object = None) -> Any:
        """Ask at a service's internal door, as another service would."""
        return await self.ask(service, method, path, self.secrets["LINKWAY_INTERNAL_KEY"], body)

    async def ask(self, service: str, method: str, path: str, key: str, body: object = None) -> Any:
        """Ask a service as whoever has this key, and return the answer's JSON."""
        if (service, key) not in self._known:
            headers = {"Authorization": f"Bearer {key}", "X-Linkway-Service": "acceptance"}
            self._known[service, key] = self.caller(service, headers)
        sent = None if body is None else json.dumps(body).encode()
        answer = await self._known[service, key].send(Call(method, path, sent, {"Content-Type": "application/json"}))
        assert answer.is_success, f"{service} {path}: {answer.status_code} {answer.text[:500]}"
        return answer.json()

    async def parked(self, service: str) -> list[dict[str, Any]]:
        """Return the messages that a service has set aside."""
        listed: list[dict[str, Any]] = await self.internal("GET", service, "/internal/operations/parked?limit=1000")
        return listed

    async def give_up(self, service: str, parked: str) -> None:
        """Give a message up that was set aside, as a person does; asked again, a door says that there is none."""
        body = {"by": "ops@example.org", "reason": "broken-message"}
        door = f"/internal/operations/parked/{parked}/discard"
        told = await self.internal("POST", service, door, body)
        assert told["settled"] or parked not in {row["id"] for row in await self.parked(service)}


@asynccontextmanager
async def running(
    replicas: int,
    *,
    containers: bool,
    variables: Mapping[str, str] | None = None,
    also: Mapping[str, str] | None = None,
) -> AsyncIterator[World]:
    """Give a fresh Linkway in a home of its own, and remove it afterwards.

    Args:
        replicas: of each service.
        containers: whether Kafka and PostgreSQL are containers.
        variables: for `${NAME}` in compose.yaml.
        also: settings of every process beside ours, or in their place.
    """
    port, secret, book = free_port(), f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}", Book()
    # The port is taken before the stack chooses its own.
    with Endpoint(port, secret, book) as hook, Home.temporary() as home:
        keys_file = home.root / "practice-keys.json"
        options = Options(
            replicas=replicas,
            settings={**settings(port, secret), **(also or {})},
            variables={"LINKWAY_PRACTICE_KEYS_FILE": str(keys_file), **(variables or {})},
            ephemeral=True,
            containers=containers,
        )
        async with Stack(home, options) as stack, lived_in(stack, hook, book, keys_file) as world:
            yield world


@asynccontextmanager
async def lived_in(stack: Stack, hook: Endpoint, book: Book, keys_file: Path) -> AsyncIterator[World]:
    """Give the world of a running stack, whose mails and webhooks are taken in."""
    world = World(
        home=stack.home,
        stack=stack,
        cast=Cast.read(PROGRAMME, DIRECTORY),
        keys=json.loads(await asyncio.to_thread(keys_file.read_text)),
        secrets=read_variables(stack.home.secrets),
        mailbox=Mailbox(stack.addresses.mail),
        hook=hook,
        book=book,
    )
    async with attended(world):
        yield world


@asynccontextmanager
async def attended(world: World) -> AsyncIterator[None]:
    """Take mails and webhooks in while tests run, and hang up all clients afterwards."""
    attending = [asyncio.create_task(world.mailbox.fetch()), asyncio.create_task(world.listen())]
    try:
        yield
    finally:
        for task in attending:
            task.cancel()
        await asyncio.gather(*attending, *(caller.aclose() for caller in world.callers), return_exceptions=True)
