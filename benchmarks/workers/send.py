"""Bring rows of an outbox to Kafka: by the relay, by a bare loop over the same rows, or by the producer alone."""

import asyncio
from collections.abc import Sequence
from typing import Any

import asyncpg
import orjson
from aiokafka import AIOKafkaProducer

from benchmarks.workers import Order, Watch, main, until
from shared.messaging import metrics
from shared.messaging.relay import Relay

BATCH = 500
FILL = """
    INSERT INTO outbox (event_id, topic, key, type, headers, value)
    SELECT gen_random_uuid(), topic, key, type, headers, value FROM unwritten ORDER BY n
"""
READ = "SELECT day, id, topic, key, headers, value FROM outbox WHERE sent_at IS NULL ORDER BY id LIMIT $1"
MARK = """
    UPDATE outbox SET sent_at = now(), "partition" = sent.number, "offset" = sent.log_offset
    FROM unnest($1::date[], $2::bigint[], $3::integer[], $4::bigint[]) AS sent (day, id, number, log_offset)
    WHERE outbox.day = sent.day AND outbox.id = sent.id
"""


async def by_the_relay(order: Order, postgres: Any) -> Watch:
    """Let a relay lead, fill the outbox, and time it until the last row is sent."""
    relay = Relay(order["postgres"], order["schema"], order["password"], order["schema"], order["kafka"])
    relay.start()
    await until(lambda: relay.is_leader)
    await _send_one(postgres, relay)
    before, watch = _sent(), Watch()
    await postgres.execute(FILL)
    with watch.running():
        relay.wake()
        await until(lambda: _sent() - before >= order["events"])
    await relay.stop()
    return watch


async def _send_one(postgres: Any, relay: Relay) -> None:
    """Send a first row, so that the producer is built and knows the topics."""
    before = _sent()
    await postgres.execute(FILL + " LIMIT 1")
    relay.wake()
    await until(lambda: _sent() > before)


def _sent() -> float:
    return float(next(iter(metrics.SENT.collect())).samples[0].value)


async def by_a_loop(order: Order, postgres: Any) -> Watch:
    """Read unsent rows, send them all, mark them, and again."""
    producer = await _producer(order)
    await postgres.execute(FILL)
    watch = Watch()
    with watch.running():
        while rows := await postgres.fetch(READ, BATCH):
            places = await _send(producer, rows)
            await postgres.execute(
                MARK,
                [row["day"] for row in rows],
                [row["id"] for row in rows],
                [place.partition for place in places],
                [place.offset for place in places],
            )
    await producer.stop()
    return watch


async def by_the_producer(order: Order, postgres: Any) -> Watch:
    """Send rows that are in memory already."""
    producer = await _producer(order)
    rows = await postgres.fetch("SELECT topic, key, headers, value FROM unwritten ORDER BY n")
    watch = Watch()
    with watch.running():
        for begin in range(0, len(rows), BATCH):
            await _send(producer, rows[begin : begin + BATCH])
    await producer.stop()
    return watch


async def _producer(order: Order) -> AIOKafkaProducer:
    producer = AIOKafkaProducer(
        bootstrap_servers=order["kafka"], acks="all", enable_idempotence=True, max_batch_size=262_144
    )
    await producer.start()
    return producer


async def _send(producer: AIOKafkaProducer, rows: Sequence[Any]) -> list[Any]:
    return await asyncio.gather(*[await _begin(producer, row) for row in rows])


async def _begin(producer: AIOKafkaProducer, row: Any) -> Any:
    headers = [(name, value.encode()) for name, value in orjson.loads(row["headers"]).items()]
    return await producer.send(row["topic"], key=row["key"].encode(), value=row["value"], headers=headers)


WAYS = {"relay": by_the_relay, "loop": by_a_loop, "producer": by_the_producer}


async def _work(order: Order) -> dict[str, float]:
    postgres = await asyncpg.connect(
        order["postgres"],
        user=order["schema"],
        password=order["password"],
        server_settings={"search_path": order["schema"]},
    )
    watch = await WAYS[order["way"]](order, postgres)
    await postgres.close()
    return watch.figures(order["events"])


if __name__ == "__main__":
    main(_work)
