"""The embedded Kafka, PostgreSQL and mail sink are real, keep what they are given, and come up quickly."""

import asyncio
import contextlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from email.message import EmailMessage
from importlib.util import find_spec
from pathlib import Path

import aiosmtplib
import asyncpg
import httpx
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.local.guarded import Account
from deploy.local.home import Home
from deploy.local.infrastructure import postgres_alone
from deploy.local.jars import classpath
from deploy.local.kafka import Kafka
from deploy.local.place import reachable
from deploy.local.plan import Options
from deploy.local.ports import free_port, listening
from deploy.local.postgres import PACKAGE
from deploy.local.stack import Stack
from tests.infrastructure import eventually
from tests.run import NOT_ROOT

ONLY_INFRASTRUCTURE = Options(only_infrastructure=True)
PROMISED_SECONDS = 8


@pytest.fixture
def home() -> Iterator[Home]:
    """A state folder of the test's own."""
    with Home.temporary() as home:
        yield home


@pytest_asyncio.fixture(scope="module")
async def stack() -> AsyncIterator[Stack]:
    """The infrastructure alone, for tests that leave it running."""
    with Home.temporary() as home:
        async with Stack(home, ONLY_INFRASTRUCTURE) as stack:
            yield stack


@contextlib.asynccontextmanager
async def connected(address: str) -> AsyncIterator[asyncpg.Connection]:
    """Connect to PostgreSQL."""
    connection = await asyncpg.connect(address)
    try:
        yield connection
    finally:
        await connection.close()


async def create_topic(bootstrap: str, name: str, copies: int) -> None:
    """Create a topic of one partition."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, 1, copies)])
    finally:
        await admin.close()


async def produce(bootstrap: str, topic: str, value: bytes) -> None:
    """Send one message and wait until every copy has it."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        await asyncio.wait_for(producer.send_and_wait(topic, value), 30)
    finally:
        await producer.stop()


async def consume(bootstrap: str, topic: str) -> bytes | None:
    """Read the first message."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        return (await asyncio.wait_for(consumer.getone(), 30)).value
    finally:
        await consumer.stop()


def administrator(address: str) -> str:
    """Make a service's address the superuser's."""
    return address.replace("postgresql://", "postgresql://postgres@")


def made(stack: Stack) -> list[tuple[int, int]]:
    """Say which files the servers' first start has made, and when: another start makes no others."""
    kafka, servers = stack.embedded.kafka, (stack.embedded.postgres, stack.embedded.keys)
    assert kafka is not None
    files = [kafka.nodes[0].folder / "formatted", *(server.data / "PG_VERSION" for server in servers if server)]
    return [(file.stat().st_ino, file.stat().st_mtime_ns) for file in files]


async def start_seconds(home: Home) -> float:
    """Start the parts once more; a machine that is busy for a moment delays one start, and not the quickest of some."""
    began = time.monotonic()
    async with Stack(home, ONLY_INFRASTRUCTURE):
        return time.monotonic() - began


async def test_the_parts_keep_what_they_are_given_and_the_second_start_is_quick_and_makes_nothing_anew(
    home: Home,
) -> None:
    async with Stack(home, ONLY_INFRASTRUCTURE) as stack:
        first, made_first = stack.addresses, made(stack)
        async with connected(administrator(first.postgres)) as data, connected(administrator(first.keys)) as keys:
            await data.execute("CREATE TABLE kept AS SELECT 1 AS one")
            assert (await data.fetchval("SHOW server_version")).startswith("18.")
            assert await keys.fetchval("SELECT to_regclass('kept')") is None
        await create_topic(first.kafka, "kept", 1)
        await produce(first.kafka, "kept", b"a message")
        message = EmailMessage()
        message["Subject"], message["From"], message["To"] = "Kept", "a@example.org", "b@example.org"
        message.set_content("See http://127.0.0.1:1/x")
        await aiosmtplib.send(message, hostname="127.0.0.1", port=int(first.smtp.rpartition(":")[2]))
    began = time.monotonic()
    async with Stack(home, ONLY_INFRASTRUCTURE) as stack:
        seconds = time.monotonic() - began
        assert made(stack) == made_first
        print(f"second start of the embedded parts: {seconds:.1f} s")  # noqa: T201 - a measure that one wants to read
        async with connected(administrator(stack.addresses.postgres)) as data:
            assert await data.fetchval("SELECT one FROM kept") == 1
        assert await consume(stack.addresses.kafka, "kept") == b"a message"
        async with httpx.AsyncClient(timeout=30) as client:
            assert ">Kept</a>" in (await client.get(stack.addresses.mail)).text
            [mail] = (await client.get(f"{stack.addresses.mail}/messages")).json()
    assert mail["links"] == ["http://127.0.0.1:1/x"]
    again = [await start_seconds(home) for _ in range(3)] if seconds >= PROMISED_SECONDS else []
    assert min([seconds, *again]) < PROMISED_SECONDS


async def test_a_part_whose_address_is_given_is_not_started(home: Home) -> None:
    given = {"LINKWAY_KAFKA": "kafka.example:9092", "LINKWAY_POSTGRES": "postgresql://db.example/linkway"}
    options = Options(only_infrastructure=True, variables=given)
    async with Stack(home, options) as stack:
        assert set(stack.pids()) == {"keys-1", "mail-1"}
        assert stack.addresses.kafka == "kafka.example:9092"
        assert stack.addresses.postgres == "postgresql://db.example/linkway"


async def test_a_broker_can_be_away_for_a_while_and_comes_back_with_its_messages(stack: Stack) -> None:
    bootstrap = stack.addresses.kafka
    await create_topic(bootstrap, "away", 1)
    await produce(bootstrap, "away", b"before")
    await stack.stop("kafka")
    assert not await listening(int(bootstrap.rpartition(":")[2]))
    await stack.start("kafka")
    assert await consume(bootstrap, "away") == b"before"


async def test_killed_servers_recover_and_keep_what_they_acknowledged(stack: Stack) -> None:
    bootstrap, data = stack.addresses.kafka, administrator(stack.addresses.postgres)
    await create_topic(bootstrap, "killed", 1)
    await produce(bootstrap, "killed", b"acknowledged")
    async with connected(data) as connection:
        await connection.execute("CREATE TABLE killed AS SELECT 1 AS n")
    for name in ("kafka", "postgres"):
        stack.kill(name)
    parts = [replica for name in ("kafka", "postgres") for replica in stack.replicas(name)]

    async def back() -> bool:
        return all(part.restarts >= 1 and part.healthy.is_set() for part in parts)

    await eventually(back, within_seconds=90)
    assert await consume(bootstrap, "killed") == b"acknowledged"
    async with connected(data) as connection:
        assert await connection.fetchval("SELECT n FROM killed") == 1


async def test_a_database_set_back_to_a_base_backup_is_as_it_was_and_its_neighbours_are_not(stack: Stack) -> None:
    postgres = stack.embedded.postgres
    assert postgres is not None
    data, keys = administrator(stack.addresses.postgres), administrator(stack.addresses.keys)
    for address in (data, keys):
        async with connected(address) as connection:
            await connection.execute("CREATE TABLE n AS SELECT 1 AS n")
    await postgres.backup(stack.home.root / "backup")
    for address in (data, keys):
        async with connected(address) as connection:
            await connection.execute("UPDATE n SET n = 2")
    await stack.down()
    postgres.restore(stack.home.root / "backup")
    await stack.up()
    async with connected(data) as connection:
        assert await connection.fetchval("SELECT n FROM n") == 1
    async with connected(keys) as connection:
        assert await connection.fetchval("SELECT n FROM n") == 2


async def test_three_nodes_take_messages_while_one_is_down(home: Home) -> None:
    options = Options(only_infrastructure=True, kafka_nodes=3)
    async with Stack(home, options) as stack:
        bootstrap = stack.addresses.kafka
        assert {"kafka-1", "kafka-2", "kafka-3"} <= set(stack.pids())
        await create_topic(bootstrap, "kept", 3)
        await stack.stop("kafka-2")
        await produce(bootstrap, "kept", b"with two of three")
        await stack.start("kafka-2")
        assert await consume(stack.addresses.kafka, "kept") == b"with two of three"


def test_a_cluster_may_have_an_id_that_begins_with_a_dash(tmp_path: Path) -> None:
    """One in 64 does."""
    kafka = Kafka.at(tmp_path, classpath(Home.from_environment().cache), [(free_port(), free_port())])
    (tmp_path / "cluster-id").write_text("-AuRY3OoSHmSQ_oVsjmVeA")
    kafka.prepare()
    assert (kafka.nodes[0].folder / "formatted").exists()


async def test_kafka_makes_no_topic_by_itself(kafka_server: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_server)
    await admin.start()
    try:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(produce(kafka_server, "no-such-topic", b"x"), 1)
        assert "no-such-topic" not in await admin.list_topics()
    finally:
        await admin.close()


@pytest.mark.skipif(os.geteuid() != 0, reason=f"{NOT_ROOT}: only its PostgreSQL runs as somebody else")
async def test_postgresql_runs_for_root_in_a_folder_that_nobody_else_can_enter(monkeypatch: pytest.MonkeyPatch) -> None:
    private = Path(tempfile.mkdtemp())  # of mode 700
    home = Home.at(private / "clone" / ".linkway", cache=Home.from_environment().cache)
    package = Path(str(find_spec(PACKAGE).origin)).parent  # type: ignore[union-attr] # it is there
    for name in (PACKAGE, f"{PACKAGE}.libs"):
        (private / name).symlink_to(package.with_name(name))
    monkeypatch.syspath_prepend(private)
    try:
        for _ in range(2):
            async with postgres_alone(home) as postgres, connected(postgres.superuser) as connection:
                outside = home.elsewhere.resolve()
                assert await connection.fetchval("SHOW data_directory") == str(postgres.data)
                assert postgres.data.is_relative_to(outside)
                assert postgres.binaries.is_relative_to(outside)
                await postgres.backup(private / "backup")
                shutil.rmtree(private / "backup")
    finally:
        home.remove()
        shutil.rmtree(private)
    assert not outside.exists()


def test_a_folder_is_reachable_only_if_every_folder_above_it_lets_one_pass(tmp_path: Path) -> None:
    nobody = Account(65534, 65534)
    open_folder = Path(tempfile.mkdtemp(dir="/var/tmp"))
    try:
        open_folder.chmod(0o755)
        (open_folder / "inner").mkdir(mode=0o755)
        assert reachable(open_folder / "inner", nobody)
        open_folder.chmod(0o700)
        assert not reachable(open_folder / "inner", nobody)
        assert reachable(open_folder / "inner", None)
    finally:
        shutil.rmtree(open_folder)


async def test_postgresql_writes_no_row_and_no_statement_into_its_log(home: Home) -> None:
    async with postgres_alone(home) as postgres, connected(postgres.superuser) as connection:
        await connection.execute("CREATE TABLE t (name text UNIQUE)")
        await connection.execute("INSERT INTO t VALUES ('Morag Sample')")
        for statement in (
            "INSERT INTO t VALUES ('Morag Sample')",
            "SELECT 'Morag Sample'::int",
            "SELEC 'Morag Sample'",
        ):
            with pytest.raises(asyncpg.PostgresError):
                await connection.execute(statement)
    log = (home.log / "postgres-1.log").read_text()
    assert re.search("ready to accept connections", log)
    assert "Morag" not in log
