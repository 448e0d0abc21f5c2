"""The toy service as a real process under FastStream's command line: killed, terminated, and asked how it is."""

import asyncio
import base64
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
import pytest

from tests.integration.messaging.conftest import Toys, closed, until

KEY = base64.b64encode(bytes(range(32))).decode()


class Process:
    """One replica of the toy service."""

    def __init__(self, toys: Toys, dsn: str, **settings: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = {
            **os.environ,
            "LINKWAY_POSTGRES": dsn,
            "LINKWAY_KAFKA": toys.bootstrap,
            "LINKWAY_SERVICE_KEY": KEY,
            "LINKWAY_INTERNAL_KEY": "internal",
            "LINKWAY_SESSION_TIMEOUT_MS": "6000",
            "TOY_GROUP": toys.group,
            "TOY_TOPIC": toys.topic,
            **settings,
        }
        self.handle: asyncio.subprocess.Process | None = None

    async def start(self, roles: str = "http,consumer,workers") -> "Process":
        """Start it with FastStream's command line."""
        faststream = Path(sys.executable).parent / "faststream"
        app = "tests.integration.messaging.toy_service:app"
        self.handle = await asyncio.create_subprocess_exec(
            *(str(faststream), "run", app, "--port", str(self.port), "--roles", roles),
            env=self._environment,
            stdout=asyncio.subprocess.DEVNULL,
        )
        return self

    async def ended(self, seconds: float = 15) -> int:
        """Wait for its end and return the exit code."""
        assert self.handle is not None
        return await asyncio.wait_for(self.handle.wait(), seconds)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to this process only."""
        assert self.handle is not None
        self.handle.send_signal(number)

    async def ready(self) -> bool:
        """Ask whether it is ready."""
        try:
            async with httpx.AsyncClient() as client:
                return (await client.get(f"{self.url}/health/ready")).status_code == 200
        except httpx.HTTPError:
            return False


Start = Callable[..., Awaitable[Process]]


@asynccontextmanager
async def processes(toys: Toys, dsn: str) -> AsyncIterator[Start]:
    """Start replicas that end with the test."""
    started: list[Process] = []

    async def start(roles: str = "http,consumer,workers", **settings: str) -> Process:
        started.append(await Process(toys, dsn, **settings).start(roles))
        return started[-1]

    try:
        yield start
    finally:
        for process in started:
            if process.handle and process.handle.returncode is None:
                process.handle.kill()
                await process.handle.wait()


async def test_it_is_ready_when_assigned_and_says_what_it_did(toys: Toys, service_dsn: str) -> None:
    async with processes(toys, service_dsn) as start:
        process = await start()
        await until(process.ready)
        await toys.send(closed())
        await toys.until_effects(1)
        async with httpx.AsyncClient() as client:
            figures = (await client.get(f"{process.url}/metrics")).text
            assert f'linkway_messages_total{{consumer="{toys.group}",outcome="done"}} 1.0' in figures
            refused = await client.get(f"{process.url}/internal/operations/counts")
            assert refused.status_code == 401
            assert refused.headers["content-type"] == "application/problem+json"
            counts = await client.get(
                f"{process.url}/internal/operations/counts", headers={"Authorization": "Bearer internal"}
            )
            assert counts.json()["unsent"] == 1


async def test_sigterm_lets_the_batch_in_hand_end_and_leaves_within_ten_seconds(toys: Toys, service_dsn: str) -> None:
    async with processes(toys, service_dsn) as start:
        process = await start()
        await until(process.ready)
        await toys.send(closed("slow"))
        await until(lambda: _in_a_transaction(toys))
        began = asyncio.get_running_loop().time()
        process.signal(signal.SIGTERM)
        assert await process.ended() == 0
        assert asyncio.get_running_loop().time() - began < 10
    assert await toys.effects() == ["slow"]
    assert await toys.value("SELECT bool_and(clean) FROM partition_owner") is True


async def test_a_message_that_kills_its_workers_is_parked_and_its_neighbours_are_handled(
    toys: Toys, service_dsn: str
) -> None:
    await toys.send(*(closed() for _ in range(5)), closed("kill"), *(closed() for _ in range(5)))
    deaths = 0
    async with processes(toys, service_dsn) as start:
        process = await start()
        while await toys.value("SELECT count(*) FROM parked") == 0:
            if process.handle and process.handle.returncode is not None:
                assert process.handle.returncode == 9
                deaths += 1
                assert deaths < 6, "parked after two deaths in one-by-one mode"
                process = await start()
            await asyncio.sleep(0.05)
        await toys.until_effects(10)
    assert await toys.value("SELECT kind FROM parked") == "killed-worker"
    assert await toys.value("SELECT state FROM parked") == "held"
    assert deaths == 4, "one death together, one in a marked batch, two on its own"


async def test_a_stopped_replica_that_wakes_up_again_doubles_nothing(toys: Toys, service_dsn: str) -> None:
    async with processes(toys, service_dsn) as start:
        zombie = await start()
        await until(zombie.ready)
        await toys.send(closed("slow"), *(closed() for _ in range(20)))
        await until(lambda: _in_a_transaction(toys))
        zombie.signal(signal.SIGSTOP)
        await start()
        await toys.send(*(closed() for _ in range(20)))
        await toys.until_effects(41, 40)
        zombie.signal(signal.SIGCONT)
        await toys.send(*(closed() for _ in range(20)))
        await toys.until_effects(61, 40)
    assert await toys.value("SELECT count(*) FROM effect") == 61
    assert await toys.value("SELECT count(DISTINCT event_id) FROM effect") == 61


async def test_it_refuses_to_start_on_an_older_schema(toys: Toys, service_dsn: str, database_dsn: str) -> None:
    admin = await asyncpg.connect(database_dsn)
    await admin.execute("DELETE FROM toy.migration")
    await admin.close()
    async with processes(toys, service_dsn) as start:
        process = await start()
        assert await process.ended() != 0


async def test_it_serves_and_tells_the_truth_while_kafka_is_away(toys: Toys, service_dsn: str) -> None:
    async with processes(toys, service_dsn) as start:
        process = await start(LINKWAY_KAFKA="127.0.0.1:9")
        async with httpx.AsyncClient() as client:

            async def live() -> bool:
                try:
                    return (await client.get(f"{process.url}/health/live")).status_code == 200
                except httpx.HTTPError:
                    return False

            await until(live)
            answer = await client.get(f"{process.url}/health/ready")
        assert answer.status_code == 503
        assert answer.json()["parts"]["database"] is True
        assert answer.json()["parts"]["consumer"] is False
        process.signal(signal.SIGTERM)
        await process.ended(10)


async def test_a_pool_without_a_free_connection_answers_503_with_retry_after(toys: Toys, service_dsn: str) -> None:
    async with processes(toys, service_dsn) as start:
        process = await start("http", LINKWAY_HTTP_CONNECTIONS="1")
        async with httpx.AsyncClient(headers={"Authorization": "Bearer internal"}) as client:
            await until(process.ready)
            async with toys.database.connection() as blocker, blocker.transaction():
                await blocker.execute("LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE")
                url = f"{process.url}/internal/operations/counts"
                answers = await asyncio.gather(*(client.get(url) for _ in range(3)))
    assert {answer.status_code for answer in answers} == {503}
    assert answers[0].headers["retry-after"] == "2"


async def _in_a_transaction(toys: Toys) -> bool:
    return bool(
        await toys.value(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'toy' AND state = 'idle in transaction' "
            "AND application_name = 'linkway ' || $1 AND datname = current_database()",
            toys.group,
        )
    )


@pytest.mark.parametrize("unknown", ["web", ""])
async def test_a_role_that_does_not_exist_is_refused(toys: Toys, service_dsn: str, unknown: str) -> None:
    async with processes(toys, service_dsn) as start:
        assert await (await start(f"http,{unknown}" if unknown else "nothing")).ended() != 0


async def test_an_event_that_cannot_leave_is_shown_and_makes_the_service_unready(toys: Toys, service_dsn: str) -> None:
    """The toy's events go to a topic that this Kafka does not have, as after a wrong set-up."""
    async with processes(toys, service_dsn) as start:
        process = await start(
            "http,consumer,workers,relay", LINKWAY_FIGURES_SECONDS="0.2", LINKWAY_UNSENT_READY_SECONDS="1"
        )
        await until(process.ready)
        await toys.send(closed())
        await toys.until_effects(1)
        await until(lambda: _not(process.ready))
        async with httpx.AsyncClient() as client:
            parts = (await client.get(f"{process.url}/health/ready")).json()["parts"]
            figures = (await client.get(f"{process.url}/metrics")).text
    assert [name for name, well in parts.items() if not well] == ["outbox"]
    assert "linkway_outbox_unsent 1.0" in figures


async def _not(asked: Callable[[], Awaitable[bool]]) -> bool:
    return not await asked()
