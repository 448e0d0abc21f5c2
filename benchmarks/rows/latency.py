"""How long a referral takes from the moment it was to be sent to the link worker's mail, beside one raw Kafka hop."""

import asyncio
import time
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from benchmarks.figures import Goal, Outcome, Series, percentile
from benchmarks.flow import Flow
from benchmarks.processes import Meter
from benchmarks.scene import linkway
from shared.contracts import Topic
from shared.messaging.topics import create

TITLE = "From POST to mail"
PER_SECOND = 20
TOPIC = "linkway.partner.bench"


async def run(quick: bool) -> Outcome:
    """Measure both in turn, at the same rate, in an open loop."""
    count, pairs = (20, 1) if quick else (300, 5)
    ours: list[list[float]] = []
    hops: list[list[float]] = []
    async with linkway() as scene:
        flow, meter = Flow(scene), Meter()
        await flow.warm_up()
        await create(scene.kafka, [Topic(TOPIC, "bench")], 1)
        for _ in range(pairs):
            with meter.running(scene.stack.pids(), count):
                answers = await flow.post_at(count, PER_SECOND)
            told_at = scene.mailbox.told_at
            ours.append([1000 * (told_at[answer.referral] - answer.intended_at) for answer in answers])
            hops.append(await _hops(scene.kafka, count))
    middle, slowest = _series("POST to mail handed over", ours)
    hop, slowest_hop = _series("one Kafka hop", hops)
    goals = (
        Goal("p50", middle.median, 50, at_least=False, unit="ms"),
        Goal("p99", slowest.median, 250, at_least=False, unit="ms"),
    )
    notes = (f"{count} referrals a run at {PER_SECOND} a second, timed from the moment that each was to be sent.",)
    return Outcome(TITLE, (middle, slowest, hop, slowest_hop), goals, "referral", meter.per_item_ms, notes)


def _series(name: str, runs: list[list[float]]) -> tuple[Series, Series]:
    middle = tuple(percentile(run, 0.5) for run in runs)
    slowest = tuple(percentile(run, 0.99) for run in runs)
    return Series(f"{name}, p50", "ms", middle), Series(f"{name}, p99", "ms", slowest)


async def _hops(kafka: str, count: int) -> list[float]:
    """Return the milliseconds of so many records from the moment each was to be sent to the moment it was read."""
    consumer = AIOKafkaConsumer(TOPIC, bootstrap_servers=kafka, group_id=None, auto_offset_reset="latest")
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", enable_idempotence=True)
    await consumer.start()
    await producer.start()
    for partition in consumer.assignment():
        await consumer.position(partition)
    took: list[float] = []

    async def read() -> None:
        while len(took) < count:
            record = await consumer.getone()
            took.append(1000 * (time.monotonic() - float(record.value or 0)))

    async with asyncio.TaskGroup() as group:
        reading = group.create_task(read())
        began = time.monotonic()
        for number in range(count):
            intended_at = began + number / PER_SECOND
            await asyncio.sleep(intended_at - time.monotonic())
            await producer.send(TOPIC, key=uuid4().bytes, value=str(intended_at).encode())
        await reading
    await producer.stop()
    await consumer.stop()
    return took
