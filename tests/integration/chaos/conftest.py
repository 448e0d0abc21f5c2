"""The toy consumer's database and topics, for processes with faults inside."""

import pytest_asyncio

from shared.contracts import TOPICS
from shared.messaging.topics import create
from tests.integration.messaging.conftest import schemas, toys

__all__ = ["schemas", "toys"]


@pytest_asyncio.fixture(scope="session", autouse=True)
async def referrals_topic(kafka_server: str) -> None:
    """Where the toy's own events go, so that its relay can send them."""
    await create(kafka_server, [topic for topic in TOPICS if topic.name == "linkway.referrals"], replication=1)
