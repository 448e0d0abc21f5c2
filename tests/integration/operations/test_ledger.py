"""The ledger accounts for every referral, and names exactly those that somebody tampered with."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx
from aiokafka import AIOKafkaProducer
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from operations.ledger import Ledger
from shared.contracts import Topic
from shared.messaging.log_ends import Ends, LogEnds
from shared.messaging.topics import create
from tests.infrastructure import eventually
from tests.integration.operations.conftest import Office
from tests.integration.operations.loop import a_listing, a_referral


async def referrals(office: Office, count: int) -> list[UUID]:
    made = [await office.loop.refer() for _ in range(count)]
    await office.loop.flow()
    return made


def counts(told: dict[str, Any]) -> dict[str, Any]:
    """The counts that are not zero."""
    names = ("closed", "open", "parked", "in_outbox", "in_flight", "unchecked", "unaccounted")
    return {name: told[name] for name in names if told[name]}


async def test_a_referral_that_went_the_whole_way_is_open_and_then_closed(office: Office) -> None:
    first, second = await referrals(office, 2)
    told = await office.run()
    assert told["acknowledged"] == 2
    assert counts(told) == {"open": 2}
    assert told["unaccounted_ids"] == []
    await office.loop.close(first)
    await office.loop.flow()
    assert counts(await office.run()) == {"open": 1, "closed": 1}
    assert await office.ids("closed") == [str(first)]
    assert await office.ids("open") == [str(second)]


async def test_it_is_followed_from_outbox_to_flight_to_its_holder(office: Office) -> None:
    await office.loop.refer()
    assert counts(await office.run()) == {"in_outbox": 1}
    await office.loop.send()
    assert counts(await office.run()) == {"in_flight": 1}
    await office.loop.flow()
    assert counts(await office.run()) == {"open": 1}


async def test_one_unsent_event_and_one_parked_message_deleted_are_named_and_nothing_else(office: Office) -> None:
    sound = await referrals(office, 3)
    await office.loop.admin.execute("INSERT INTO casework.held VALUES ('refuse', 'open', 'x')")
    parked, kept_parked = await office.loop.refer(), await office.loop.refer()
    await office.loop.flow()
    await office.loop.admin.execute("DELETE FROM casework.held WHERE key = 'refuse'")
    unsent, kept_unsent = await office.loop.refer(), await office.loop.refer()
    assert counts(await office.run()) == {"open": 3, "parked": 2, "in_outbox": 2}

    await office.loop.sabotage("DELETE FROM intake.outbox WHERE key = $1 AND type LIKE '%accepted%'", str(unsent))
    await office.loop.sabotage("DELETE FROM casework.parked WHERE key = $1", str(parked))
    told = await office.run()
    assert set(told["unaccounted_ids"]) == {str(unsent), str(parked)}
    assert await office.ids("open") == sorted(map(str, sound))
    assert await office.ids("parked") == [str(kept_parked)]
    assert await office.ids("in-outbox") == [str(kept_unsent)]


async def test_a_deleted_delivery_is_named(office: Office) -> None:
    lost, _ = await referrals(office, 2)
    assert counts(await office.run()) == {"open": 2}
    await office.loop.sabotage("UPDATE notifications.held SET deliveries = 0 WHERE key = $1", str(lost))
    assert (await office.run())["unaccounted_ids"] == [str(lost)]


async def test_a_position_moved_past_an_event_is_named(office: Office) -> None:
    await referrals(office, 2)
    passed_over = await office.loop.refer()
    await office.loop.send()
    await office.loop.read("matching")
    await office.loop.send()
    casework = office.loop.members["casework"]
    for partition, records in office.loop.log.items():
        if partition[0] == "linkway.routing":
            await office.loop.begin(casework, partition)
            await office.loop.sabotage(
                'UPDATE casework.position SET next_offset = $3 WHERE topic = $1 AND "partition" = $2',
                *partition,
                len(records),
            )
    await office.loop.flow()
    assert (await office.run())["unaccounted_ids"] == [str(passed_over)]


async def test_a_case_that_its_service_lost_is_named(office: Office) -> None:
    lost, _ = await referrals(office, 2)
    await office.run()
    await office.loop.sabotage("DELETE FROM casework.held WHERE key = $1", str(lost))
    told = await office.run()
    assert told["unaccounted_ids"] == [str(lost)]
    assert "casework has no record of it" in told["reasons"][str(lost)]


async def test_what_intake_lost_and_others_know_is_named(office: Office) -> None:
    lost, _ = await referrals(office, 2)
    assert counts(await office.run()) == {"open": 2}
    for table, column in (("held", "key"), ("subject", "key")):
        await office.loop.sabotage(f"DELETE FROM intake.{table} WHERE {column} = $1", str(lost))
    await office.loop.admin.execute("DELETE FROM intake.outbox WHERE key = $1", str(lost))
    told = await office.run()
    assert told["unaccounted_ids"] == [str(lost)]
    assert "referral-intake has no record of it" in told["reasons"][str(lost)]


async def test_what_only_kafka_knows_is_named(office: Office) -> None:
    stranger = uuid4()
    await office.loop.publish("referral-intake", a_referral(stranger))
    await office.loop.send()
    await office.loop.admin.execute("DELETE FROM intake.subject")
    await office.loop.admin.execute("DELETE FROM intake.outbox")
    await office.loop.read("operations")
    assert (await office.run())["unaccounted_ids"] == [str(stranger)]


async def test_a_loss_that_is_made_good_is_no_longer_named(office: Office) -> None:
    (lost,) = await referrals(office, 1)
    await office.loop.sabotage("UPDATE casework.subject SET published = published + 1 WHERE key = $1", str(lost))
    assert (await office.run())["unaccounted"] == 1
    await office.loop.sabotage("UPDATE casework.subject SET published = published - 1 WHERE key = $1", str(lost))
    assert counts(await office.run()) == {"open": 1}


async def test_a_service_that_does_not_answer_is_shown_and_never_taken_for_fine(office: Office) -> None:
    (known,) = await referrals(office, 1)
    await office.run()
    office.loop.members["casework"].away = True
    new = await office.loop.refer()
    await office.loop.send()
    await office.loop.read("referral-intake", "matching", "notifications", "operations")
    told = await office.run()
    assert told["peers"]["casework"]["answers"] is False
    assert told["peers"]["matching"]["answers"] is True
    assert await office.ids("open") == [str(known)]
    assert counts(told) == {"open": 1, "in_outbox": 1}
    await office.loop.flow()
    assert await office.ids("in-outbox") == [str(new)]
    office.loop.members["casework"].away = False
    assert counts(await office.run()) == {"open": 2}


async def test_a_loss_stays_named_while_the_service_that_lost_it_is_silent(office: Office) -> None:
    lost, _ = await referrals(office, 2)
    await office.loop.sabotage("DELETE FROM casework.held WHERE key = $1", str(lost))
    assert (await office.run())["unaccounted_ids"] == [str(lost)]
    office.loop.members["casework"].away = True
    assert (await office.run())["unaccounted_ids"] == [str(lost)]


async def test_a_listing_whose_id_looks_like_a_referrals_is_none(office: Office) -> None:
    await office.loop.publish("matching", a_listing(uuid4()))
    await office.loop.flow()
    assert counts(await office.run()) == {}


async def test_while_events_flow_nothing_is_called_lost(office: Office) -> None:
    for _ in range(4):
        made = [await office.loop.refer() for _ in range(3)]
        for step in (office.loop.send, office.loop.read, office.loop.send, office.loop.read):
            assert (await office.run())["unaccounted"] == 0
            await step()
        await office.loop.close(made[0])
    await office.loop.flow()
    assert counts(await office.run()) == {"open": 8, "closed": 4}


async def test_a_second_round_finds_what_rests_by_its_turn_and_asks_for_no_ids(office: Office) -> None:
    await referrals(office, 2)
    await office.run()
    await office.run()
    async with office.service.database.connection() as connection:
        last = await connection.fetchrow("SELECT * FROM round ORDER BY id DESC LIMIT 1")
        assert await connection.fetchval("SELECT bool_and(settled) FROM account")
    assert last["looked_at"] == 2
    asked: list[str] = []
    door = office.ledger.peers.doors["matching"]
    door.client.event_hooks["request"].append(lambda request: _note(asked, str(request.url)))
    await office.run()
    assert not [url for url in asked if "ids=" in url]
    assert [url for url in asked if "subjects" in url]


async def _note(asked: list[str], url: str) -> None:
    asked.append(url)


async def test_a_new_loss_is_told_once_and_counted(office: Office) -> None:
    lost, _ = await referrals(office, 2)
    await office.run()
    await office.loop.sabotage("DELETE FROM casework.held WHERE key = $1", str(lost))
    with capture_logs() as lines:
        await office.run()
        await office.run()
    alarms = [line for line in lines if line["log_level"] == "critical"]
    assert [(line["event"], line["referral"]) for line in alarms] == [("referral_unaccounted", str(lost))]
    assert REGISTRY.get_sample_value("linkway_unaccounted") == 1
    async with office.service.database.connection() as connection:
        history = await connection.fetch("SELECT unaccounted FROM round ORDER BY id")
    assert [row["unaccounted"] for row in history] == [0, 1, 1]


async def test_of_two_replicas_one_runs_the_round(office: Office) -> None:
    await referrals(office, 1)
    other = Ledger(office.ledger.peers, office.ledger.log_ends, office.ledger.settings)
    database = office.service.database
    await asyncio.gather(office.ledger.tick(database, None), other.tick(database, None))
    await other.tick(database, None)
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM round") == 1


async def test_a_round_that_is_asked_for_waits_for_the_one_under_way(office: Office) -> None:
    await referrals(office, 1)
    await asyncio.gather(office.run(), office.run())
    async with office.service.database.connection() as connection:
        rounds = await connection.fetch("SELECT began_at, ended_at FROM round ORDER BY id")
    assert len(rounds) == 2
    assert rounds[0]["ended_at"] <= rounds[1]["began_at"]


async def test_a_passing_doubt_is_looked_at_again_and_raises_no_alarm(office: Office) -> None:
    (referral,) = await referrals(office, 1)
    await office.run()
    await office.loop.sabotage("UPDATE casework.held SET owner = NULL WHERE key = $1", str(referral))
    looks = 0

    async def mend_between(response: httpx.Response) -> None:
        """Mend it when casework has answered the first look, and before anybody has heard the answer."""
        nonlocal looks
        if response.request.url.path == "/internal/operations/custody":
            looks += 1
            if looks == 1:
                await office.loop.sabotage("UPDATE casework.held SET owner = 'ash' WHERE key = $1", str(referral))

    office.ledger.peers.doors["casework"].client.event_hooks["response"].append(mend_between)
    with capture_logs() as lines:
        told = await office.run()
    assert looks == 2
    assert not [line for line in lines if line["log_level"] == "critical"]
    assert counts(told) == {"open": 1}


async def test_where_the_topics_end_is_asked_of_kafka(kafka_server: str) -> None:
    topic = Topic(f"linkway.partner.ends-{uuid4().hex[:12]}", "toy", partitions=2)
    await create(kafka_server, [topic], replication=1)
    producer = AIOKafkaProducer(bootstrap_servers=kafka_server)
    await producer.start()
    for _ in range(3):
        await producer.send_and_wait(topic.name, b"{}", partition=1)
    await producer.stop()
    log_ends = LogEnds(kafka_server, "test", [topic])
    for _ in range(2):
        await eventually(lambda: _tells(log_ends, {(topic.name, 0): 0, (topic.name, 1): 3}))
    await log_ends.close()


async def _tells(log_ends: LogEnds, ends: Ends) -> bool:
    """Say whether these are the ends, once Kafka answers within the two seconds that it has."""
    told = await log_ends()
    assert told in (None, ends)
    return told == ends


async def test_a_kafka_that_does_not_answer_leaves_the_lag_unknown() -> None:
    log_ends = LogEnds("127.0.0.1:1", "test", [])
    assert await log_ends() is None
