"""The toy service as a real process under FastStream's command line: killed, terminated, and asked how it is."""

import asyncio
import base64
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import pytest

from deploy.local.ports import free_port
from tests.integration.messaging.conftest import Toys, closed, until

KEY = base64.b64encode(bytes(range(32))).decode()


class Process:
    """One replica of the toy service."""

    def __init__(self, toys: Toys, dsn: str, **settings: str) -> None:
        self.port = free_port()
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

    async def ended(self, seconds: float = 60) -> int:
        """Wait for its end and return the exit code."""
        assert self.handle is not None
        return await asyncio.wait_for(self.handle.wait(), seconds)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to this process only."""
        assert self.handle is not None
        self.handle.send_signal(number)

    async def ready(self) -> bool:
        """Ask whether it is ready."""
        parts = await self.parts()
        return bool(parts) and all(parts.values())

    async def parts(self) -> dict[str, bool]:
        """Ask what readiness rests on, part by part; nothing while it does not answer."""
        try:
            async with httpx.AsyncClient() as client:
                answer = await client.get(f"{self.url}/health/ready")
        except httpx.HTTPError:
            return {}
        parts: dict[str, bool] = answer.json()["parts"]
        assert (answer.status_code == 200) == all(parts.values())
        return parts

    async def figures(self) -> str:
        """Ask for its figures."""
        async with httpx.AsyncClient(timeout=30) as client:
            return (await client.get(f"{self.url}/metrics")).text

    async def shows(self, figure: str) -> bool:
        """Say whether a figure is among them."""
        return figure in await self.figures()


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
        await until(lambda: process.shows(f'linkway_messages_total{{consumer="{toys.group}",outcome="done"}} 1.0'))
        async with httpx.AsyncClient(timeout=30) as client:
            refused = await client.get(f"{process.url}/internal/operations/counts")
            assert refused.status_code == 401
            assert refused.headers["content-type"] == "application/problem+json"
            counts = await client.get(
                f"{process.url}/internal/operations/counts", headers={"Authorization": "Bearer internal"}
            )
            assert counts.json()["unsent"] == 1


async def test_sigterm_lets_the_batch_in_hand_end_and_leaves_without_a_long_wait(toys: Toys, service_dsn: str) -> None:
    async with processes(toys, service_dsn) as start:
        process = await start()
        await until(process.ready)
        key = uuid4()
        await toys.send(closed("held", key))
        await until(lambda: _holds(toys))
        began = asyncio.get_running_loop().time()
        process.signal(signal.SIGTERM)
        await until(lambda: _not(process.ready))
        await toys.let_go(key)
        assert await process.ended() == 0
        assert asyncio.get_running_loop().time() - began < 30, "a machine at leisure takes one"
    assert await toys.effects() == ["held"]
    assert await toys.value("SELECT bool_and(clean) FROM partition_owner") is True


@pytest.mark.timeout(400)  # five processes, one after the other
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
        key = uuid4()
        await toys.send(closed("held", key), *(closed() for _ in range(20)))
        await until(lambda: _holds(toys))
        zombie.signal(signal.SIGSTOP)
        await toys.let_go(key)
        await start()
        await toys.send(*(closed() for _ in range(20)))
        await toys.until_effects(41)
        zombie.signal(signal.SIGCONT)
        await toys.send(*(closed() for _ in range(20)))
        await toys.until_effects(61)
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

        async def tells() -> bool:
            parts = await process.parts()
            return (parts.get("database"), parts.get("consumer")) == (True, False)

        await until(tells)
        assert not await process.ready()
        process.signal(signal.SIGTERM)
        await process.ended()


async def test_a_pool_without_a_free_connection_answers_503_with_retry_after(toys: Toys, service_dsn: str) -> None:
    async with processes(toys, service_dsn) as start:
        process = await start("http", LINKWAY_HTTP_CONNECTIONS="1")
        async with httpx.AsyncClient(headers={"Authorization": "Bearer internal"}, timeout=30) as client:
            await until(process.ready)
            async with toys.database.connection() as blocker, blocker.transaction():
                await blocker.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
                await blocker.execute("LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE")
                url = f"{process.url}/internal/operations/counts"
                answers = await asyncio.gather(*(client.get(url) for _ in range(3)))
    assert {answer.status_code for answer in answers} == {503}
    assert answers[0].headers["retry-after"] == "2"


async def _holds(toys: Toys) -> bool:
    """Say whether a handler asks the database whether it may go on."""
    return bool(
        await toys.value(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'toy' AND query LIKE '%FROM known%' "
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
        await until(lambda: _only_unwell(process, "outbox"))
        assert "linkway_outbox_unsent 1.0" in await process.figures()


async def _only_unwell(process: Process, part: str) -> bool:
    return [name for name, well in (await process.parts()).items() if not well] == [part]


async def _not(asked: Callable[[], Awaitable[bool]]) -> bool:
    return not await asked()
