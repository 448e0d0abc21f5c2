"""A service says that it is unready when its consumer does not bring messages through, and shows what is parked."""

import base64
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from prometheus_client import REGISTRY
from pydantic import SecretStr

from shared.messaging.batch import Batcher, Consumer
from shared.messaging.consumer import ConsumerLoop
from shared.messaging.parking import Schedule
from shared.service import Service, ServiceSettings
from shared.service.health import POLLED_WITHIN_SECONDS
from tests.harness import PARKING_KEY, Bench, bench, warm
from tests.integration.messaging import toy
from tests.integration.messaging.conftest import Toys, closed, until


@pytest_asyncio.fixture
async def service(service_dsn: str) -> AsyncIterator[Service]:
    """A service that has started and whose database answers; its consumer is each test's own."""
    key = base64.b64encode(PARKING_KEY).decode()
    settings = ServiceSettings(postgres=service_dsn, service_key=SecretStr(key), internal_key=SecretStr("internal"))
    made = Service(f"toy-{uuid4().hex[:12]}", "toy", settings, handlers=toy)
    made.roles, made.started = frozenset({"http", "consumer"}), True
    async with AsyncExitStack() as stack:
        await made.database.open()
        stack.push_async_callback(made.database.close)
        await warm(made.database)
        yield made


async def told(service: Service) -> tuple[int, dict[str, bool]]:
    """Ask a service over HTTP whether it is ready, and return the status and the parts."""
    transport = httpx.ASGITransport(service.http)
    async with httpx.AsyncClient(transport=transport, base_url="http://toy") as client:
        answer = await client.get("/health/ready")
    body: dict[str, Any] = answer.json()
    assert body["ready"] is (answer.status_code == 200)
    return answer.status_code, body["parts"]


READY = {"started": True, "database": True, "consumer": True}


def stopped(loop: ConsumerLoop) -> None:
    loop.stopped_loudly = "retention has overtaken its position"


def unassigned(loop: ConsumerLoop) -> None:
    loop.assigned = False


def silent(loop: ConsumerLoop) -> None:
    loop.polled_at -= POLLED_WITHIN_SECONDS


@pytest.mark.parametrize("fault", [stopped, unassigned, silent], ids=lambda fault: fault.__name__)
async def test_a_consumer_that_brings_nothing_through_makes_the_service_unready(
    service: Service, fault: Callable[[ConsumerLoop], None]
) -> None:
    consumer = Consumer("toy", "test-cluster", PARKING_KEY, Schedule())
    loop = ConsumerLoop("127.0.0.1:9", ("toy",), service.handlers, Batcher(service.database, consumer))
    loop.assigned, loop.polled_at = True, time.monotonic()
    service.loop = loop
    assert await told(service) == (200, READY)
    fault(loop)
    assert await told(service) == (503, {**READY, "consumer": False})


async def test_a_consumer_that_stops_loudly_makes_its_service_unready(service: Service, toys: Toys) -> None:
    service.loop = loop = toys.loop()
    await loop.start()

    async def ready() -> bool:
        return (await told(service))[0] == 200

    await until(ready)
    await toys.send(closed())
    await toys.until_effects(1)
    async with toys.database.connection() as connection:
        await connection.execute("UPDATE cluster SET cluster_id = 'another-cluster'")
    await loop.on_partitions_assigned(loop.kafka.assignment())  # a rebalance, after which it looks again

    async def has_stopped() -> bool:
        return loop.stopped_loudly is not None

    await until(has_stopped)
    assert await told(service) == (503, {**READY, "consumer": False})


async def test_what_is_parked_is_shown_by_its_state(service: Service, service_dsn: str) -> None:
    def shown(state: str) -> float | None:
        return REGISTRY.get_sample_value("linkway_parked", {"consumer": service.name, "state": state})

    assert (shown("waiting"), shown("held")) == (None, None)
    async with bench(service_dsn, "toy", toy) as toys:
        await toys.deliver(closed("raise"), closed("reject"), closed("not-yet"), closed("fine"))
        await _look_at_the_figures(service, toys)
        assert (shown("waiting"), shown("held")) == (2, 1)
        await toys.rows("INSERT INTO known SELECT key FROM parked")
        for row in await toys.parked():
            await toys.redrive.one(row["id"], "ops")
        await _look_at_the_figures(service, toys)
        assert (shown("waiting"), shown("held")) == (0, 1)


async def _look_at_the_figures(service: Service, toys: Bench) -> None:
    await service._count(toys.database, service.settings)
