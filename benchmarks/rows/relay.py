"""How fast the relay brings rows of an outbox to Kafka, beside a bare loop over the same rows and the bare producer."""

from datetime import UTC, datetime

import asyncpg
import orjson

from benchmarks import toy
from benchmarks.figures import Goal, Outcome, Series, interleave
from benchmarks.messages import accepted, record
from benchmarks.processes import Meter
from benchmarks.scene import Scene, servers
from shared.contracts import TOPICS, Event, ReferralReceived
from shared.messaging.topics import create

TITLE = "Events relayed"


async def run(quick: bool) -> Outcome:
    """Measure the three in turn, one process each."""
    events, pairs = (1_000, 1) if quick else (20_000, 5)
    async with servers([toy.SCHEMA]) as scene:
        await create(scene.kafka, list(TOPICS), 1)
        await _write(scene, events)
        meter = Meter()

        async def send(way: str) -> float:
            await scene.sql("TRUNCATE toy.outbox")
            order = {
                "kafka": scene.kafka,
                "postgres": scene.postgres,
                "password": None,
                "schema": "toy",
                "way": way,
                "events": events,
            }
            if way != "relay":
                figures = await scene.work("send", order)
            else:
                with meter.running(scene.infrastructure(), events):
                    figures = await scene.work("send", order)
                meter.add("relay", figures["processor_seconds"])
            return events / figures["seconds"]

        sent, looped, produced = await interleave(
            pairs, lambda: send("relay"), lambda: send("loop"), lambda: send("producer")
        )
    mine = Series("relayed, in each key's order", "events/s", sent)
    loop = Series("bare loop: read, sent, marked", "events/s", looped)
    producer = Series("bare producer", "events/s", produced)
    goals = (
        Goal("of the bare loop", mine.over(loop).median, 0.7),
        Goal("of the bare producer", mine.over(producer).median, 0.5),
    )
    notes = (f"{events} rows a run, as referral-intake writes them: received and accepted of each referral in turn.",)
    return Outcome(TITLE, (mine, loop, producer), goals, "event", meter.per_item_ms, notes)


async def _write(scene: Scene, events: int) -> None:
    """Keep the rows of an outbox in a table beside it, from which each run fills it."""
    await scene.sql(
        "CREATE TABLE toy.unwritten (n bigint, topic text, key text, type text, headers text, value bytea);"
    )
    await scene.sql("GRANT SELECT ON toy.unwritten TO toy")
    connection = await asyncpg.connect(scene.admin)
    rows = [row for number in range(events // 2) for row in _rows(number)]
    await connection.copy_records_to_table(
        "unwritten",
        schema_name="toy",
        columns=["n", "topic", "key", "type", "headers", "value"],
        records=[(n, *row) for n, row in enumerate(rows)],
    )
    await connection.close()


def _rows(number: int) -> list[tuple[object, ...]]:
    event = accepted(number)
    received = ReferralReceived(
        referral=event.referral,
        programme=event.programme,
        practice=event.practice,
        person=event.person,
        door="fhir",
        received_at=datetime.now(UTC),
    )
    return [_row(received), _row(event)]


def _row(event: Event) -> tuple[object, ...]:
    key, value, headers = record(event)
    text = orjson.dumps({name: said.decode() for name, said in headers}).decode()
    return event.topic_name, key.decode(), event.type, text, value
