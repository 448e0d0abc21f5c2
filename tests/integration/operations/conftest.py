"""Operations over the loop in small, with a database of each test's own."""

import base64
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio

from shared.messaging.migrate import MACHINERY, Target, targets
from shared.service import Service
from tests.harness import warm
from tests.integration.operations.loop import HANDLERS, Loop, peers_of

KEY = base64.b64encode(bytes(range(32))).decode()
for name in ("SERVICE", "LINK", "INTERNAL"):  # importing the service reads them
    os.environ.setdefault(f"LINKWAY_{name}_KEY", KEY)

from operations import app  # noqa: E402 - after what it reads
from operations.config import Settings  # noqa: E402 - likewise
from operations.ledger import Ledger  # noqa: E402 - likewise

OPERATOR_KEY = "the operators' key"


@dataclass
class Office:
    """Operations, the loop that it watches, and a client with the operators' key."""

    service: Service
    ledger: Ledger
    loop: Loop
    client: httpx.AsyncClient

    async def run(self) -> dict[str, Any]:
        """Run a round and return the ledger."""
        answer = await self.client.post("/api/ledger/run")
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def ids(self, state: str) -> list[str]:
        answer = await self.client.get("/api/ledger/ids", params={"state": state})
        ids: list[str] = answer.json()["ids"]
        return ids


@pytest.fixture
def schemas() -> list[Target]:
    """Operations' own schema, and those of the services in small."""
    files = (*sorted(MACHINERY.glob("*.sql")), Path(__file__).parent / "held.sql")
    small = [Target(schema, files) for schema, _ in HANDLERS.values()]
    return [*small, *(target for target in targets() if target.schema == "operations")]


@pytest_asyncio.fixture
async def office(service_dsn: str, database_dsn: str) -> AsyncIterator[Office]:
    settings = Settings(
        postgres=service_dsn,
        operator_key=OPERATOR_KEY,
        operators="ash=ash@example.org",
        ledger_confirm_seconds=0.05,
        ledger_every_seconds=3600,  # what was a moment ago is lately on a busy machine too
        ledger_window_seconds=60,
        operations_public_url="http://operations.test",
    )
    admin = await asyncpg.connect(database_dsn)
    loop = Loop(admin)
    for peer in peers_of(settings):
        await loop.join(peer)
    service = app.compose(settings)
    await loop.join(service)
    await warm(service.database, 6)  # as many as a round needs at once
    ledger: Ledger = service.http.state.desk.ledger
    ledger.log_ends = loop.ends()
    for name, door in ledger.peers.doors.items():
        await door.client.aclose()
        door.client = httpx.AsyncClient(
            transport=loop.members[name].transport(), base_url="http://peer", headers=door.client.headers
        )
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(service.http),
        base_url="http://operations.test",
        headers={"Authorization": f"Bearer {OPERATOR_KEY}"},
    )
    yield Office(service, ledger, loop, client)
    await client.aclose()
    await ledger.peers.close()
    await loop.leave()
    await admin.close()
