"""The consumer loop on a real Kafka: positions are PostgreSQL's, whatever Kafka or a rebalance believes."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.structs import OffsetAndMetadata

from shared.messaging import membership, metrics
from shared.messaging.consumer import ConsumerLoop
from shared.messaging.errors import DATABASE_ERRORS, Unavailable
from tests.harness import record_of
from tests.integration.messaging.conftest import Toys, closed, until


async def test_a_consumer_first_started_under_load_begins_at_the_beginning(toys: Toys) -> None:
    await toys.send(*(closed() for _ in range(50)))
    await toys.loop().start()
    await toys.send(*(closed() for _ in range(50)))
    await toys.until_effects(100)


async def test_kafkas_own_committed_offset_decides_nothing(toys: Toys) -> None:
    await toys.send(*(closed("early") for _ in range(40)))
    partitions = [TopicPartition(toys.topic, number) for number in range(4)]
    elsewhere = AIOKafkaConsumer(bootstrap_servers=toys.bootstrap, group_id=toys.group, enable_auto_commit=False)
    elsewhere.assign(partitions)
    await elsewhere.start()
    ends = await elsewhere.end_offsets(partitions)
    await elsewhere.commit({partition: OffsetAndMetadata(end, "") for partition, end in ends.items()})
    await elsewhere.stop()
    await toys.loop().start()
    await toys.until_effects(40)


async def test_replicas_that_come_and_go_under_load_lose_and_double_nothing(toys: Toys) -> None:
    stays = toys.loop(batch_messages=20)
    await stays.start()
    sent = 0
    for _ in range(3):
        comes = toys.loop(batch_messages=20)
        await asyncio.gather(comes.start(), toys.send(*(closed() for _ in range(150))))
        await until(lambda comes=comes: _is(comes.assigned))  # type: ignore[misc]  # bound now
        await asyncio.gather(comes.stop(), toys.send(*(closed() for _ in range(150))))
        toys.loops.remove(comes)
        sent += 300
    await toys.until_effects(sent)
    assert await toys.value("SELECT count(DISTINCT event_id) FROM effect") == sent
    assert await toys.value("SELECT count(*) FROM effect") == sent
    assert await toys.value("SELECT count(*) FROM parked") == 0


async def test_each_key_keeps_its_order_over_rebalances(toys: Toys) -> None:
    keys = [uuid4() for _ in range(10)]
    await toys.loop(batch_messages=10).start()
    for n in range(0, 20, 2):
        await toys.send(*(closed(f"r{n:02}", key) for key in keys))
        if n == 8:
            await toys.loop(batch_messages=10).start()
        await toys.send(*(closed(f"r{n + 1:02}", key) for key in keys))
    await toys.until_effects(200)
    async with toys.database.connection() as connection:
        rows = await connection.fetch("SELECT key, array_agg(reason ORDER BY n) AS reasons FROM effect GROUP BY key")
    for row in rows:
        assert row["reasons"] == sorted(row["reasons"])


async def test_a_database_set_back_replays_what_it_must_and_emits_the_same_ids(toys: Toys) -> None:
    loop = toys.loop()
    await loop.start()
    await toys.send(*(closed() for _ in range(30)))
    await toys.until_effects(30)
    before = await toys.value("SELECT array_agg(event_id ORDER BY event_id) FROM outbox")
    await loop.stop()
    toys.loops.remove(loop)
    async with toys.database.connection() as connection:
        for table in ("effect", "inbox", "outbox", "position", "subject"):
            await connection.execute(f"DELETE FROM {table}")
    await toys.loop().start()
    await toys.until_effects(30)
    assert await toys.value("SELECT array_agg(event_id ORDER BY event_id) FROM outbox") == before


async def test_what_was_polled_across_a_change_of_assignment_is_dropped(toys: Toys) -> None:
    """Without the epoch, records from Kafka's committed offset would move the position past unhandled ones."""
    key = uuid4()
    await toys.send(*(closed(f"r{n}", key) for n in range(6)))
    loop = toys.loop()
    await loop.start()
    await toys.until_effects(6)
    original = loop.kafka.getmany

    async def across_a_change(**options: Any) -> Mapping[Any, Any]:
        calls.append(options)
        polled = await original(**options)
        if any(polled.values()) and not dropped:
            dropped.append(polled)
            loop.epoch += 1  # what the listener does; the records that Kafka then hands out begin somewhere else
            return {partition: records[2:] for partition, records in polled.items()}
        return polled

    dropped: list[Any] = []
    calls: list[Any] = []
    loop.kafka.getmany = across_a_change  # type: ignore[assignment]  # Kafka's side of the race, made certain
    await until(lambda: _is(bool(calls)))
    await toys.send(*(closed(f"s{n}", key) for n in range(6)))
    await toys.until_effects(12)
    assert await toys.effects() == [*(f"r{n}" for n in range(6)), *(f"s{n}" for n in range(6))]
    assert dropped


async def _read_and_leave(toys: Toys, count: int) -> None:
    """Have a consumer handle so many messages, and end."""
    await toys.send(*(closed() for _ in range(count)))
    loop = toys.loop()
    await loop.start()
    await toys.until_effects(count)
    await loop.stop()
    toys.loops.remove(loop)


async def test_a_position_that_retention_has_overtaken_stops_the_consumer_loudly(toys: Toys) -> None:
    await _read_and_leave(toys, 20)
    await toys.send(*(closed() for _ in range(20)))
    admin = AIOKafkaAdminClient(bootstrap_servers=toys.bootstrap)
    await admin.start()
    gone = {TopicPartition(toys.topic, number): RecordsToDelete(before_offset=-1) for number in range(4)}
    await admin.delete_records(gone)
    await admin.close()
    again = toys.loop()
    await again.start()
    await until(lambda: _is(again.stopped_loudly is not None))
    assert "retention" in str(again.stopped_loudly)


async def test_a_position_beyond_the_end_of_the_log_stops_the_consumer_loudly(toys: Toys) -> None:
    """As when Kafka lost its end, or was set up anew: what comes next would be taken for handled."""
    await _read_and_leave(toys, 20)
    async with toys.database.connection() as connection:
        await connection.execute("UPDATE position SET next_offset = next_offset + 1")
    again = toys.loop()
    await again.start()
    await until(lambda: _is(again.stopped_loudly is not None))
    assert "ends before the position" in str(again.stopped_loudly)
    assert not again.assigned


async def test_positions_of_another_cluster_stop_the_consumer_loudly(toys: Toys) -> None:
    first = toys.loop(cluster="another-cluster")
    await first.start()
    await until(lambda: _is(first.assigned))
    await first.stop()
    toys.loops.remove(first)
    second = toys.loop()
    await second.start()
    await until(lambda: _is(second.stopped_loudly is not None))
    assert "another Kafka cluster" in str(second.stopped_loudly)


async def test_terminated_connections_lose_and_park_nothing(toys: Toys, database_dsn: str) -> None:
    await toys.loop(batch_messages=10).start()
    admin = await asyncpg.connect(database_dsn)
    for count in (80, 160, 240):  # twice each: a message that loses three connections may be at fault itself
        for _ in range(2):
            await toys.send(*(closed() for _ in range(40)))
            await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'toy'")
        await until(lambda count=count: _count_is(toys, count))  # type: ignore[misc]  # bound now
    await admin.close()
    assert await toys.value("SELECT count(DISTINCT event_id) FROM effect") == 240
    assert await toys.value("SELECT count(*) FROM parked") == 0


async def test_stopping_lets_the_batch_in_hand_end(toys: Toys) -> None:
    loop, key = toys.loop(stop_wait_seconds=60), uuid4()
    await loop.start()
    await toys.send(closed("held", key))
    await until(lambda: _is(loop._work is not None))
    stopping = asyncio.create_task(loop.stop())
    await until(lambda: _is(loop._stopping))
    await toys.let_go(key)
    await stopping
    toys.loops.remove(loop)
    assert await toys.effects() == ["held"]
    assert await toys.value("SELECT bool_and(clean) FROM partition_owner") is True


async def test_a_rebalance_lets_the_batch_in_hand_end(toys: Toys) -> None:
    loop, key = toys.loop(revoke_wait_seconds=60), uuid4()
    await loop.start()
    await toys.send(closed("held", key))
    await until(lambda: _is(loop._work is not None))
    work = loop._work
    revoking = asyncio.create_task(loop.on_partitions_revoked(list(loop.kafka.assignment())))
    await until(lambda: _is(not loop.assigned))
    await toys.let_go(key)
    await revoking
    assert work is not None
    assert work.done()
    assert not work.cancelled()
    assert await toys.effects() == ["held"]


async def test_a_batch_that_outlasts_the_revocation_is_rolled_back_and_handled_again(toys: Toys) -> None:
    loop, key = toys.loop(revoke_wait_seconds=0.1), uuid4()
    await loop.start()
    await toys.send(closed("held", key))
    await until(lambda: _is(loop._work is not None))
    await loop.on_partitions_revoked(list(loop.kafka.assignment()))
    assert await toys.effects() == []
    await toys.let_go(key)
    await until(lambda: _count_is(toys, 1))
    assert await toys.effects() == ["held"]


async def test_a_database_that_goes_away_as_a_partition_is_taken_over_is_waited_for_and_is_no_fault(
    toys: Toys,
) -> None:
    loop = toys.loop()
    original, cut = loop._take_over, 0

    async def cut_off() -> None:
        nonlocal cut
        if cut < 2:
            cut += 1
            async with toys.database.connection() as connection:
                await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        await original()

    loop._take_over = cut_off  # type: ignore[method-assign]  # the real one, with a connection that ends before it
    with structlog.testing.capture_logs() as logged:
        await loop.start()
        await toys.send(closed())
        await toys.until_effects(1)
    told = [line["event"] for line in logged if line["event"] in ("waiting", "consumer_fault")]
    assert cut == 2
    assert set(told) == {"waiting"}
    assert len(told) >= cut, "a busy machine may make it wait once more"


async def test_a_client_whose_task_for_the_group_has_died_is_replaced(toys: Toys) -> None:
    """aiokafka gives it up at an error that it does not expect, and repeats itself at every poll from then on."""
    loop = toys.loop()
    await loop.start()
    await until(lambda: _is(loop.assigned))
    first = loop.kafka
    _end_task_for_the_group(first)
    await toys.send(*(closed() for _ in range(3)))
    await toys.until_effects(3)
    await until(lambda: _is(loop.assigned))
    assert id(loop.kafka) != id(first)


async def test_a_client_whose_task_for_fetching_has_died_is_replaced(toys: Toys) -> None:
    """aiokafka tells nobody, and its polls bring nothing for good."""
    loop = toys.loop(stuck_look_seconds=0.3)
    await loop.start()
    await toys.send(closed())
    await toys.until_effects(1)
    first = loop.kafka
    vars(first)["_fetcher"]._fetch_task.cancel()
    for effects in (2, 3, 4):  # what was asked for before still comes
        await toys.send(closed())
        await toys.until_effects(effects)
    assert id(loop.kafka) != id(first)


async def test_a_client_that_cannot_be_replaced_at_once_is_replaced_later(
    toys: Toys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Joining can meet the very error that a client's task has died of."""
    loop = toys.loop(longest_wait_seconds=0.2)
    await loop.start()
    await until(lambda: _is(loop.assigned))
    first, join, refused = loop.kafka, membership.join, 0

    async def refuses_once(*args: Any) -> AIOKafkaConsumer:
        nonlocal refused
        refused += 1
        if refused == 1:
            raise RuntimeError("the transport is closed")
        return await join(*args)

    monkeypatch.setattr(membership, "join", refuses_once)
    _end_task_for_the_group(first)
    await toys.send(closed())
    await toys.until_effects(1)
    await until(lambda: _is(id(loop.kafka) != id(first)))
    assert refused >= 2


async def test_a_client_that_has_read_everything_is_kept(toys: Toys) -> None:
    loop = toys.loop(stuck_look_seconds=0.05, batch_ms=20)
    await loop.start()
    await toys.send(closed())
    await toys.until_effects(1)
    first = loop.kafka
    await asyncio.sleep(0.5)
    assert id(loop.kafka) == id(first)


async def test_after_an_unclean_end_the_range_in_flight_is_marked_and_goes_together(toys: Toys) -> None:
    await _end_uncleanly(toys)
    await toys.send(*(closed() for _ in range(8)))
    second = toys.loop()
    alone = _count_alone(second)
    await second.start()
    await toys.until_effects(8)
    assert sum(alone.values()) == 0
    assert await toys.value("SELECT sum(tried) FROM partition_owner") == 8


async def test_after_an_unclean_end_in_a_marked_batch_its_messages_go_one_by_one(toys: Toys) -> None:
    await _end_uncleanly(toys, tried=100)
    await toys.send(*(closed() for _ in range(8)))
    third = toys.loop()
    alone = _count_alone(third)
    await third.start()
    await toys.until_effects(8)
    assert sum(alone.values()) == 8


async def test_after_an_unclean_end_what_comes_later_was_in_nobodys_hands_and_goes_together(toys: Toys) -> None:
    await _end_uncleanly(toys)
    second = toys.loop()
    alone = _count_alone(second)
    await second.start()
    await until(lambda: _is(second.assigned))
    await toys.send(*(closed() for _ in range(8)))
    await toys.until_effects(8)
    assert sum(alone.values()) == 0
    assert await toys.value("SELECT count(tried) FROM partition_owner") == 0


def _end_task_for_the_group(kafka: AIOKafkaConsumer) -> None:
    """Have it meet an error that it does not expect."""

    async def dies() -> None:
        raise RuntimeError("the transport is closed")

    coordinator = vars(kafka)["_coordinator"]
    coordinator.ensure_coordinator_known = dies
    coordinator.request_rejoin()


async def _end_uncleanly(toys: Toys, *, tried: int | None = None) -> None:
    """Have a consumer that is gone and did not say so, in the middle of a marked batch if it has an end."""
    first = toys.loop()
    await first.start()
    await until(lambda: _is(first.assigned))
    await first.stop()
    toys.loops.remove(first)
    async with toys.database.connection() as connection:
        await connection.execute("UPDATE partition_owner SET clean = false, tried = $1", tried)


def _count_alone(loop: ConsumerLoop) -> Counter[int]:
    """Count the messages that a consumer handles alone, by their offsets."""
    started: Counter[int] = Counter()
    original = loop.batcher._alone

    async def counted(item: Any) -> None:
        started[item.record.offset] += 1
        await original(item)

    loop.batcher._alone = counted  # type: ignore[method-assign]  # a counter around the real one
    return started


async def _is(value: bool) -> bool:
    return value


async def _count_is(toys: Toys, count: int) -> bool:
    try:
        return bool(await toys.value("SELECT count(*) FROM effect") == count)
    except (Unavailable, OSError, *DATABASE_ERRORS):
        return False  # this connection was terminated too


async def test_the_lag_is_told_while_messages_wait_and_is_gone_afterwards(toys: Toys) -> None:
    def lag() -> tuple[float, float]:
        messages = metrics.LAG_MESSAGES.labels(toys.group, toys.topic)._value.get()
        return messages, metrics.LAG_SECONDS.labels(toys.group)._value.get()

    key = uuid4()
    await toys.send(*(closed(reason, key) for reason in ("done", "done", "held", "done")), age_seconds=100)
    await toys.loop(batch_messages=1).start()
    await until(lambda: _is(lag()[0] == 2))
    assert 100 < lag()[1] < 1000
    await toys.let_go(key)
    await toys.until_effects(4)
    await until(lambda: _is(lag() == (0, 0)))


async def test_what_came_after_an_unclean_end_never_overtakes_what_goes_one_by_one(toys: Toys) -> None:
    """One poll brings both; a position that moved past the first of them would lose them."""
    loop, key, partition = toys.loop(), uuid4(), (toys.topic, 0)
    records = [record_of(closed(f"r{n}", key), offset=n, topic=toys.topic) for n in range(6)]
    async with toys.database.connection() as connection:
        await connection.execute("INSERT INTO position VALUES ($1, $2, 0, 0)", toys.group, toys.topic)
    loop.batcher.at[partition] = 0
    loop._care.begin(partition, end=3, tried=3)
    await loop._handle(records)
    assert await toys.effects() == [f"r{n}" for n in range(6)]
