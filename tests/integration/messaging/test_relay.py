"""The relay: one leader a service, order of rows, marks only on the broker's word."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from shared.contracts import ReferralClosed, Topic
from shared.messaging import Cause
from shared.messaging.relay import Relay, RelaySettings
from shared.messaging.topics import create
from shared.messaging.tx import TooLarge, UnknownTopic
from tests.integration.messaging.conftest import Toys, until


class Elsewhere(ReferralClosed):
    """A closed referral that goes to the test's own topic."""

    where: str
    filler: str = ""

    @property
    def topic_name(self) -> str:
        return self.where


def event(toys: Toys, reason: str, referral: UUID | None = None, where: str = "", filler: str = "") -> Elsewhere:
    return Elsewhere(
        referral=referral or uuid4(),
        programme="toy",
        practice="toy",
        reason=reason,
        where=where or toys.topic,
        filler=filler,
    )


@asynccontextmanager
async def relays(toys: Toys, service_dsn: str, count: int) -> AsyncIterator[list[Relay]]:
    made = [
        Relay(service_dsn, "toy", None, "toy", toys.bootstrap, RelaySettings(poll_seconds=0.1, stand_by_seconds=0.1))
        for _ in range(count)
    ]
    for relay in made:
        relay.start()
    try:
        yield made
    finally:
        await asyncio.gather(*(relay.stop() for relay in made))


async def publish(toys: Toys, *events: Elsewhere) -> None:
    async with toys.database.transaction(Cause.request("test", uuid4().hex)) as tx:
        for each in events:
            tx.publish(each)


async def unsent(toys: Toys) -> int:
    return int(await toys.value("SELECT count(*) FROM outbox WHERE sent_at IS NULL"))  # type: ignore[call-overload, no-any-return]  # a count


async def all_sent(toys: Toys) -> bool:
    return await unsent(toys) == 0


async def read_all(toys: Toys) -> list[ReferralClosed]:
    consumer = AIOKafkaConsumer(toys.topic, bootstrap_servers=toys.bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    ends = await consumer.end_offsets(consumer.assignment())
    found: list[ReferralClosed] = []
    while len(found) < sum(ends.values()):
        for records in (await consumer.getmany(timeout_ms=200)).values():
            found += [ReferralClosed.from_json(record.value or b"") for record in records]
    await consumer.stop()
    return found


async def test_events_leave_in_the_order_of_their_rows_and_are_marked_with_their_place(
    toys: Toys, service_dsn: str
) -> None:
    key = uuid4()
    for start in range(0, 60, 6):
        await publish(toys, *(event(toys, f"r{start + n:02}", key) for n in range(6)))
    async with relays(toys, service_dsn, 1):
        await until(lambda: all_sent(toys))
    assert [each.reason for each in await read_all(toys)] == [f"r{n:02}" for n in range(60)]
    assert await toys.value('SELECT count(DISTINCT ("partition", "offset")) FROM outbox') == 60


async def test_of_two_replicas_one_leads_and_the_other_takes_over_when_its_connection_dies(
    toys: Toys, service_dsn: str, database_dsn: str
) -> None:
    async with relays(toys, service_dsn, 2) as pair:
        await until(lambda: _leaders(pair, 1))
        await publish(toys, *(event(toys, "before") for _ in range(20)))
        await until(lambda: all_sent(toys))
        admin = await asyncpg.connect(database_dsn)
        ended = await admin.fetchval(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory' AND granted "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        await admin.close()
        assert ended == 1, "two relays hold one lock between them"
        await publish(toys, *(event(toys, "after") for _ in range(20)))
        await until(lambda: all_sent(toys))
        await until(lambda: _leaders(pair, 1))
        assert [relay.is_leader for relay in pair].count(True) == 1
    reasons = [each.reason for each in await read_all(toys)]
    assert reasons.count("before") == 20
    assert reasons.count("after") == 20


async def test_a_commit_in_another_process_wakes_the_leader(toys: Toys, service_dsn: str) -> None:
    slow = RelaySettings(poll_seconds=90, ping_seconds=90)
    relay = Relay(service_dsn, "toy", None, "toy", toys.bootstrap, slow)
    relay.start()
    try:
        await until(lambda: _leaders([relay], 1))
        await publish(toys, event(toys, "first"))
        await until(lambda: all_sent(toys))
        began = asyncio.get_running_loop().time()
        await publish(toys, event(toys, "second"))
        await until(lambda: all_sent(toys))
        assert asyncio.get_running_loop().time() - began < 40, "woken by NOTIFY and not by its clock"
    finally:
        await relay.stop()


async def test_a_row_that_the_broker_refuses_sets_its_key_aside_and_the_rest_flows(
    toys: Toys, service_dsn: str
) -> None:
    narrow = f"{toys.topic}-narrow"
    admin = AIOKafkaAdminClient(bootstrap_servers=toys.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(narrow, 1, 1, topic_configs={"max.message.bytes": "2000"})])
    await admin.close()
    key = uuid4()
    await publish(toys, event(toys, "large", key, narrow, filler="x" * 3000), event(toys, "other"))
    await publish(toys, event(toys, "behind", key, narrow), event(toys, "fits", uuid4(), narrow))
    async with relays(toys, service_dsn, 1):
        await until(lambda: _refused(toys))
        await until(lambda: _unsent_is(toys, 2))
    assert [each.reason for each in await read_all(toys)] == ["other"]
    assert await toys.value("SELECT value FROM outbox WHERE sent_at IS NOT NULL AND topic = $1", narrow)


async def test_rows_for_a_topic_that_is_not_there_wait_and_the_rest_flows(toys: Toys, service_dsn: str) -> None:
    later = f"{toys.topic}-later"
    await publish(toys, event(toys, "early", uuid4(), later), event(toys, "other"))
    async with relays(toys, service_dsn, 1):
        await until(lambda: _unsent_is(toys, 1))
        await create(toys.bootstrap, [Topic(later, "toy", partitions=1)], replication=1)
        await until(lambda: all_sent(toys))


async def test_an_event_for_no_topic_of_the_registry_is_refused_before_it_is_written(toys: Toys) -> None:
    with pytest.raises(UnknownTopic):
        await publish(toys, event(toys, "lost", uuid4(), "not a topic name!"))
    assert await toys.value("SELECT count(*) FROM outbox") == 0


async def test_an_event_over_256_kib_is_refused_before_it_is_written(toys: Toys) -> None:
    with pytest.raises(TooLarge):
        await publish(toys, event(toys, "x", filler="x" * 300_000))
    assert await toys.value("SELECT count(*) FROM outbox") == 0


async def _leaders(relays_: list[Relay], count: int) -> bool:
    return [relay.is_leader for relay in relays_].count(True) == count


async def _refused(toys: Toys) -> bool:
    return bool(await toys.value("SELECT count(*) FROM outbox WHERE refused IS NOT NULL"))


async def _unsent_is(toys: Toys, count: int) -> bool:
    return await unsent(toys) == count
