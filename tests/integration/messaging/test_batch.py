"""One batch is one transaction; what is set aside keeps its bytes and its key's order."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio
from prometheus_client import REGISTRY

from shared.contracts import (
    AgreementRevoked,
    Event,
    MessageParked,
    PersonErased,
    ReferralClosed,
    ReferralReceived,
    ReferralReturned,
    ReferralWithdrawn,
)
from shared.messaging import Cause, parking
from shared.messaging.batch import Batcher
from shared.messaging.errors import LostPartition, Unavailable
from shared.messaging.parking import Schedule
from shared.messaging.reading import Record, sort
from tests.harness import PARKING_KEY, Bench, bench, record_of
from tests.integration.messaging import toy

AT_ONCE = Schedule(fault_seconds=(0, 0, 0), not_yet_first_seconds=0, upgrade_seconds=0)


@pytest_asyncio.fixture
async def toys(service_dsn: str) -> AsyncIterator[Bench]:
    async with bench(service_dsn, "toy", toy, schedule=AT_ONCE) as made:
        yield made


def closed(reason: str = "done", referral: UUID | None = None) -> ReferralClosed:
    return ReferralClosed(referral=referral or uuid4(), programme="toy", practice="toy", reason=reason)


def metric(name: str, **labels: str) -> float:
    """Return a figure of the bench's consumer; 0 before it was first counted."""
    return REGISTRY.get_sample_value(name, {"consumer": "test", **labels}) or 0


async def effects(toys: Bench) -> list[str]:
    return [row["reason"] for row in await toys.rows("SELECT reason FROM effect ORDER BY n")]


async def test_effect_outbox_inbox_and_position_commit_together(toys: Bench) -> None:
    await toys.deliver(closed("a"), closed("b"))
    assert await effects(toys) == ["a", "b"]
    assert [event.reason for event in await toys.published(ReferralReturned)] == ["a", "b"]
    assert (await toys.rows("SELECT next_offset FROM position"))[0]["next_offset"] == 2
    assert len(await toys.rows("SELECT FROM inbox")) == 2


async def test_an_event_delivered_twice_has_one_effect(toys: Bench) -> None:
    event, event_id = closed(), uuid4()
    await toys.deliver(event, event_id=event_id)
    await toys.deliver(event, event_id=event_id)
    assert await effects(toys) == ["done"]


async def test_an_event_twice_in_one_batch_has_one_effect(toys: Bench) -> None:
    await toys.deliver_records(*(record_of(closed(), event_id=UUID(int=7), offset=n, topic="bench") for n in range(3)))
    assert await effects(toys) == ["done"]


async def test_an_event_claimed_on_an_earlier_day_is_not_handled_again(toys: Bench) -> None:
    event_id = uuid4()
    async with toys.database.transaction(Cause.tick("test", "1")) as tx:
        tomorrow = "(now() AT TIME ZONE 'UTC')::date + 1"  # a partition that is there, on another day than today
        await tx.execute(f"INSERT INTO inbox (consumer, event_id, day) VALUES ('test', $1, {tomorrow})", event_id)
    await toys.deliver(closed(), event_id=event_id)
    assert await effects(toys) == []


async def test_a_replay_emits_the_same_ids(toys: Bench) -> None:
    event, event_id = closed(), uuid4()
    await toys.deliver(event, event_id=event_id)
    first = await toys.rows("SELECT event_id FROM outbox")
    for table in ("outbox", "inbox", "effect"):
        await toys.rows(f"DELETE FROM {table}")
    await toys.deliver(event, event_id=event_id)
    assert await toys.rows("SELECT event_id FROM outbox") == first


async def test_a_handler_that_raises_undoes_only_its_own_key(toys: Bench) -> None:
    bad = uuid4()
    await toys.deliver(closed("a"), closed("raise", bad), closed("after", bad), closed("b"))
    assert await effects(toys) == ["a", "b"]
    assert [(row["kind"], row["state"]) for row in await toys.parked()] == [
        ("zero-division-error", "waiting"),
        ("behind", "waiting"),
    ]


async def test_parked_errors_name_place_and_kind_but_never_the_input(toys: Bench) -> None:
    await toys.deliver(closed("raise"))
    row = (await toys.parked())[0]
    assert row["detail"].startswith("on_referral_closed:")
    assert "Morag" not in str(row)


async def test_later_events_of_a_key_wait_behind_a_parked_one_and_follow_in_order(toys: Bench) -> None:
    key = uuid4()
    await toys.deliver(closed("raise", key))
    await toys.deliver(closed("second", key), closed("other"))
    await toys.deliver(closed("third", key))
    assert await effects(toys) == ["other"]
    await toys.redrive.due()
    assert await effects(toys) == ["other"], "the first still fails, so nothing passes it"
    await toys.rows("INSERT INTO known VALUES ($1)", str(key))
    assert await toys.redrive.one((await toys.parked())[0]["id"], "ops")
    await toys.redrive.due()
    assert await effects(toys) == ["other", "raise", "second", "third"]
    assert await toys.parked() == []
    assert (await toys.rows("SELECT parked FROM subject WHERE key = $1", str(key)))[0]["parked"] == 0


REFERRAL = uuid4()
STOPS: dict[str, Event] = {
    "withdrawn-asked": ReferralWithdrawn(
        referral=REFERRAL, programme="toy", practice="toy", reason="asked", by="person"
    ),
    "revoked": AgreementRevoked(referral=REFERRAL, programme="toy", practice="toy"),
    "erased": PersonErased(referral=REFERRAL, programme="toy", practice="toy", person=uuid4()),
}
"""The facts that stop something, by what the toy writes for each."""


@pytest.mark.parametrize("effect", STOPS)
async def test_a_fact_that_stops_something_never_waits(toys: Bench, effect: str) -> None:
    await toys.deliver(closed("raise", REFERRAL))
    await toys.deliver(closed("behind", REFERRAL), STOPS[effect])
    assert await effects(toys) == [effect]
    assert [row["kind"] for row in await toys.parked()] == ["zero-division-error", "behind"]


async def test_a_fact_not_yet_there_is_tried_until_it_comes(toys: Bench) -> None:
    key = uuid4()
    await toys.deliver(closed("not-yet", key))
    assert [(row["kind"], row["state"]) for row in await toys.parked()] == [("not-yet", "waiting")]
    assert await toys.published(MessageParked) == [], "waiting for a fact is no event"
    await toys.rows("INSERT INTO known VALUES ($1)", str(key))
    assert await toys.redrive.due() == 1
    assert await effects(toys) == ["not-yet"]


async def test_a_message_that_waits_for_a_fact_does_not_block_the_topic_that_brings_it(toys: Bench) -> None:
    key = uuid4()
    await toys.deliver(closed("not-yet", key))
    await toys.deliver_records(record_of(closed("the-fact", key), topic="other"))
    assert await effects(toys) == ["the-fact"]


async def test_a_rejected_message_is_held_for_a_person_at_once(toys: Bench) -> None:
    await toys.deliver(closed("reject"))
    assert [(row["kind"], row["state"]) for row in await toys.parked()] == [("rejected-message", "held")]
    assert await toys.redrive.due() == 0


async def test_a_fault_is_retried_on_its_schedule_and_then_held(toys: Bench) -> None:
    await toys.deliver(closed("raise"))
    for _ in range(5):
        await toys.redrive.due()
    assert [(row["attempts"], row["state"]) for row in await toys.parked()] == [(3, "held")]


async def test_more_failing_keys_than_reruns_still_leave_every_other_handled(toys: Bench) -> None:
    await toys.deliver(*(closed("raise") for _ in range(6)), closed("fine"))
    assert await effects(toys) == ["fine"]
    assert len(await toys.parked()) == 6
    assert await toys.rows("SELECT FROM started") == [], "a message that ended leaves no mark"


POISON = {
    "no-value": Record("bench", 0, 0, b"k", None, record_of(closed()).headers),
    "bad-headers": Record("bench", 0, 0, b"k", b"{}", (("ce_id", b"\xff\xfe"), ("ce_specversion", b"1.0"))),
    "bad-json": Record("bench", 0, 0, b"k", b"\x00\xff" * 450_000, record_of(closed()).headers),
    "null-key": Record("bench", 0, 0, None, b"{}", ()),
    "unknown-type": Record(
        "bench",
        0,
        0,
        b"k",
        b"{}",
        tuple((n, b"linkway.what.ever.v1" if n == "ce_type" else v) for n, v in record_of(closed()).headers),
    ),
    "future-version": Record(
        "bench",
        0,
        0,
        b"k",
        b"{}",
        tuple((n, b"linkway.referral.closed.v9" if n == "ce_type" else v) for n, v in record_of(closed()).headers),
    ),
}


@pytest.mark.parametrize("kind", POISON)
async def test_each_poison_is_parked_once_with_its_bytes_and_the_others_flow(toys: Bench, kind: str) -> None:
    poison = POISON[kind]
    key = poison.key if kind == "null-key" else b"k"
    record = Record("bench", 0, 1, key, poison.value, poison.headers)
    await toys.deliver_records(
        record_of(closed("a"), topic="bench"), record, record_of(closed("b"), offset=2, topic="bench")
    )
    assert await effects(toys) == ["a", "b"]
    rows = await toys.parked()
    assert [row["kind"] for row in rows] == [kind]
    async with toys.database.transaction(Cause.tick("test", "view")) as tx:
        seen = await parking.view(tx, PARKING_KEY, rows[0]["id"], "tester", "look")
    assert seen == record, "the bytes, the key and every header come back to the bit"
    assert [row["viewed_by"] for row in await toys.rows("SELECT viewed_by FROM parked_view")] == ["tester"]


async def test_a_known_type_that_is_not_consumed_is_passed_and_not_parked(toys: Bench) -> None:
    await toys.deliver(
        ReferralReceived(
            referral=uuid4(),
            programme="toy",
            practice="toy",
            person=uuid4(),
            door="json",
            received_at="2026-01-01T00:00:00Z",
        )
    )
    assert await toys.parked() == []
    assert (await toys.rows("SELECT next_offset FROM position"))[0]["next_offset"] == 1


async def test_a_worker_whose_position_was_moved_by_another_changes_nothing(toys: Bench) -> None:
    zombie = Batcher(toys.database, toys.consumer, at={("linkway.referrals", 0): 0})
    await toys.deliver(closed("mine"))
    with pytest.raises(LostPartition):
        await zombie.run([sort(record_of(closed("late")), toys.handlers)])
    assert await effects(toys) == ["mine"]


async def test_an_unavailable_database_is_waited_for_and_counts_nothing(toys: Bench) -> None:
    await toys.deliver(closed("first"))
    async with toys.database.connection() as blocker, blocker.transaction():
        await blocker.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        await blocker.execute("SELECT FROM position FOR UPDATE")
        with pytest.raises(Unavailable):
            await toys.deliver(closed("blocked"))
    assert await toys.parked() == []


@pytest.mark.parametrize("how", ["slow", "cut"])
async def test_a_message_that_the_database_fails_under_a_third_time_is_parked_and_counted(
    toys: Bench, how: str
) -> None:
    """The database answers everybody else, so the message is at fault; what comes behind it must not wait for good."""
    key = uuid4()
    records = [record_of(closed(how, key), topic="bench"), record_of(closed("fine"), offset=1, topic="bench")]
    for _ in range(2):
        with pytest.raises(Unavailable):
            await toys.deliver_records(*records)
        assert await toys.parked() == [], "it may have been the database"
    before = metric("linkway_batch_reruns_total", why="set-aside")
    await toys.deliver_records(*records)
    assert await effects(toys) == ["fine"]
    (row,) = await toys.parked()
    assert (row["offset"], row["state"], row["blocks"]) == (0, "waiting", True)
    assert (await toys.rows("SELECT parked FROM subject WHERE key = $1", str(key)))[0]["parked"] == 1
    assert [event.parked for event in await toys.published(MessageParked)] == [row["id"]]
    assert metric("linkway_batch_reruns_total", why="set-aside") == before + 1


async def test_a_deadlock_reruns_the_batch_uncounted(toys: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []
    original = toys.handlers["linkway.referral.closed.v1"].handle

    async def once_deadlocked(event: ReferralClosed, tx: object) -> None:
        tries.append(event)
        if len(tries) == 1:
            raise asyncpg.DeadlockDetectedError("deadlock")
        await original(event, tx)  # type: ignore[arg-type]  # the bench's own transaction

    object.__setattr__(toys.handlers["linkway.referral.closed.v1"], "handle", once_deadlocked)
    await toys.deliver(closed("again"))
    assert await effects(toys) == ["again"]
    assert len(tries) == 2


async def test_a_discarded_message_lets_its_key_go_on(toys: Bench) -> None:
    key = uuid4()
    await toys.deliver(closed("reject", key))
    await toys.deliver(closed("next", key))
    row = (await toys.parked())[0]
    async with toys.database.transaction(Cause.request("discard", "1")) as tx:
        assert await parking.discard(tx, row["id"], "ops", "sent-in-error")
    assert await toys.redrive.due() == 1
    assert await effects(toys) == ["next"]


async def test_a_message_that_was_settled_while_its_redrive_failed_stays_settled(toys: Bench) -> None:
    await toys.deliver(closed("raise"))
    (row,) = await toys.parked()
    async with toys.database.transaction(Cause.tick("redrive", "ops")) as tx:
        due = await parking.lock_due(tx, "test", PARKING_KEY, row["id"])
    assert due is not None
    async with toys.database.transaction(Cause.request("discard", "1")) as tx:
        assert await parking.discard(tx, row["id"], "ops", "sent-in-error")
    async with toys.database.transaction(Cause.tick("redrive", "failed")) as tx:
        await parking.failed_again(tx, due, ValueError(), toys.consumer.schedule)
    (row,) = await toys.rows("SELECT state, next_attempt_at FROM parked")
    assert row == {"state": "discarded", "next_attempt_at": None}


async def test_a_person_cannot_redrive_past_an_earlier_message_of_the_key(toys: Bench) -> None:
    key = uuid4()
    await toys.deliver(closed("reject", key))
    await toys.deliver(closed("next", key))
    second = (await toys.parked())[1]
    assert not await toys.redrive.one(second["id"], "ops")
    assert await effects(toys) == []


async def test_two_replicas_redriving_handle_each_message_once(toys: Bench) -> None:
    keys = [uuid4() for _ in range(10)]
    await toys.deliver(*(closed("raise", key) for key in keys))
    await toys.rows("INSERT INTO known SELECT unnest($1::text[])", [str(key) for key in keys])
    await asyncio.gather(toys.redrive.due(), toys.redrive.due())
    assert len(await effects(toys)) == 10
