"""Handle what lies on a topic: through the machinery, with the toy's or matching's handlers, or bare."""

from types import ModuleType
from typing import Any

import asyncpg
import orjson
from aiokafka import AIOKafkaConsumer
from faststream import ContextRepo

from benchmarks import toy
from benchmarks.workers import Order, Watch, main, until
from matching import handlers as matching
from matching.config import Settings
from matching.directory.cache import DirectoryCache
from shared.messaging import Database
from shared.messaging.batch import Batcher, Consumer
from shared.messaging.consumer import ConsumerLoop
from shared.messaging.handlers import collect
from shared.messaging.parking import Schedule
from shared.messaging.topics import cluster_id

MODULES: dict[str, ModuleType] = {"toy": toy, "matching": matching}
BATCH = 200


async def through_the_machinery(order: Order) -> dict[str, float]:
    """Run a service's consumer from the topic's beginning to its end."""
    schema = order["schema"]
    database = Database(
        order["postgres"], user=schema, schema=schema, source="bench", size=2, password=order["password"]
    )
    await database.open()
    consumer = Consumer(order["group"], await cluster_id(order["kafka"]), bytes(32), Schedule())
    batcher = Batcher(database, consumer)
    loop = ConsumerLoop(order["kafka"], (order["topic"],), collect(MODULES[schema], _context()), batcher)
    watch = Watch()
    await loop.start()
    await until(lambda: loop.assigned)
    with watch.running():
        await until(lambda: sum(batcher.at.values()) >= order["events"])
    await loop.stop()
    await database.close()
    return watch.figures(order["events"])


async def bare(order: Order) -> dict[str, float]:
    """Read batches of the same size, parse the values, copy a row each into the table, and commit once a batch."""
    postgres = await asyncpg.connect(
        order["postgres"],
        user=order["schema"],
        password=order["password"],
        server_settings={"search_path": order["schema"]},
    )
    kafka = AIOKafkaConsumer(
        order["topic"],
        bootstrap_servers=order["kafka"],
        group_id=order["group"],
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await kafka.start()
    await until(lambda: bool(kafka.assignment()))
    watch, done = Watch(), 0
    with watch.running():
        while done < order["events"]:
            polled = await kafka.getmany(timeout_ms=250, max_records=BATCH)
            rows = [_row(record) for records in polled.values() for record in records]
            await postgres.copy_records_to_table("effect", records=rows)
            await kafka.commit()
            done += len(rows)
    await kafka.stop()
    await postgres.close()
    return watch.figures(done)


def _row(record: Any) -> tuple[str, str, str]:
    headers = dict(record.headers)
    return headers["ce_id"].decode(), record.key.decode(), orjson.loads(record.value)["reason"]


def _context() -> ContextRepo:
    """Fill what matching's handlers ask for, as its composition root does."""
    settings = Settings.model_validate({"service_key": "A" * 43 + "=", "internal_key": "bench"})
    context = ContextRepo()
    context.set_global("rules", settings.rules)
    context.set_global("directory", DirectoryCache())
    return context


async def _work(order: Order) -> dict[str, float]:
    return await (bare if order["bare"] else through_the_machinery)(order)


if __name__ == "__main__":
    main(_work)
