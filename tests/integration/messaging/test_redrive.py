"""What is parked is tried again as long as that is safe, counted as it is, and forgotten once settled long enough."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from prometheus_client import REGISTRY

from shared.contracts import EVENTS, ReferralWithdrawn
from shared.messaging import Cause, parking
from shared.messaging.reading import Record
from shared.messaging.redrive import Redrive
from tests.harness import PARKING_KEY, Bench, bench, record_of
from tests.integration.messaging import toy
from tests.integration.messaging.conftest import closed


@pytest_asyncio.fixture
async def toys(service_dsn: str) -> AsyncIterator[Bench]:
    async with bench(service_dsn, "toy", toy) as made:
        yield made


async def effects(toys: Bench) -> list[str]:
    return [row["reason"] for row in await toys.rows("SELECT reason FROM effect ORDER BY n")]


async def make_due(toys: Bench) -> None:
    """Let the time of the next attempt come."""
    await toys.rows("UPDATE parked SET next_attempt_at = now() WHERE state = 'waiting'")


def aged(record: Record, days: int) -> Record:
    """Return a record whose event happened so many days ago."""
    at = (datetime.now(UTC) - timedelta(days=days)).isoformat().encode()
    return replace(record, headers=tuple((name, at if name == "ce_time" else value) for name, value in record.headers))


async def parked_and_mended(toys: Bench, days: int) -> None:
    """Park a message so many days old, then take away why it failed, and let it come due."""
    key = uuid4()
    await toys.deliver_records(aged(record_of(closed("raise", key), topic="bench"), days))
    await toys.rows("INSERT INTO known VALUES ($1)", str(key))
    await make_due(toys)


async def test_a_message_that_the_inbox_may_have_forgotten_is_held_and_not_handled_again(toys: Bench) -> None:
    await parked_and_mended(toys, days=36)
    assert await toys.redrive.due() == 0
    assert await effects(toys) == []
    assert [(row["state"], row["kind"], row["detail"]) for row in await toys.parked()] == [
        ("held", "rejected-message", "older than the inbox")
    ]


async def test_a_message_that_the_inbox_would_still_know_is_handled_again(toys: Bench) -> None:
    await parked_and_mended(toys, days=34)
    assert await toys.redrive.due() == 1
    assert await effects(toys) == ["raise"]


async def settle(toys: Bench, parked: UUID, days_ago: int) -> None:
    """Look into a parked message and give it up, so many days ago."""
    async with toys.database.transaction(Cause.request("discard", str(parked))) as tx:
        await parking.view(tx, PARKING_KEY, parked, "tester", "look")
        assert await parking.discard(tx, parked, "ops", "sent-in-error")
    ago = timedelta(days=days_ago)
    await toys.rows("UPDATE parked SET settled_at = now() - $2::interval WHERE id = $1", parked, ago)


async def test_only_what_was_settled_longer_ago_than_the_given_days_is_forgotten(toys: Bench) -> None:
    await toys.deliver(closed("reject"), closed("reject"), closed("reject"))
    long_ago, lately, open_still = [row["id"] for row in await toys.parked()]
    await settle(toys, long_ago, 31)
    await settle(toys, lately, 29)
    await toys.rows("UPDATE parked SET parked_at = now() - interval '100 days'")
    async with toys.database.transaction(Cause.tick("upkeep", "hourly")) as tx:
        await parking.forget_settled(tx, 30)
    assert [row["id"] for row in await toys.rows("SELECT id FROM parked ORDER BY seq")] == [lately, open_still]
    assert [row["parked"] for row in await toys.rows("SELECT parked FROM parked_view")] == [lately]


async def test_an_unknown_type_waits_for_the_upgrade_that_knows_it_and_is_handled_then(
    toys: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = ReferralWithdrawn(referral=uuid4(), programme="toy", practice="toy", reason="asked", by="person")
    with monkeypatch.context() as before_the_upgrade:
        before_the_upgrade.delitem(EVENTS, event.type)
        known = {name: handler for name, handler in toys.handlers.items() if name != event.type}
        older = Redrive(toys.database, toys.consumer, known)
        await toys.deliver(event)
        for attempts in range(8):  # more than a fault has
            (row,) = await toys.parked()
            assert (row["kind"], row["state"], row["attempts"]) == ("unknown-type", "waiting", attempts)
            await make_due(toys)
            assert await older.due() == 0
    (row,) = await toys.parked()
    assert row["detail"] == "still not known"
    assert row["next_attempt_at"] - datetime.now(UTC) > timedelta(minutes=30), "an hour, less what the machine took"
    await make_due(toys)
    assert await Redrive(toys.database, toys.consumer, toys.handlers).due() == 1
    assert await effects(toys) == ["withdrawn-asked"]
    assert await toys.parked() == []


async def test_a_message_whose_connection_is_lost_as_it_is_tried_again_has_failed_again(toys: Bench) -> None:
    """The database answers everybody else; uncounted, it would be the first that is due for good."""
    key = uuid4()
    await toys.deliver(closed("reject", key), closed("cut", key))
    first, second = await toys.parked()
    await settle(toys, first["id"], 0)
    assert await toys.redrive.due() == 0
    (row,) = await toys.parked()
    assert (row["id"], row["state"], row["attempts"]) == (second["id"], "waiting", 1)


def figures() -> dict[str, float]:
    """Return what was counted so far for the bench's consumer."""
    asked = {
        "parked": ("linkway_messages_total", {"outcome": "parked-zero-division-error"}),
        "done": ("linkway_messages_total", {"outcome": "done"}),
        "set aside": ("linkway_batch_reruns_total", {"why": "set-aside"}),
        "failed": ("linkway_redrives_total", {"outcome": "failed"}),
        "settled": ("linkway_redrives_total", {"outcome": "settled"}),
    }
    return {
        short: REGISTRY.get_sample_value(name, {"consumer": "test", **labels}) or 0
        for short, (name, labels) in asked.items()
    }


async def test_what_is_parked_run_again_and_redriven_is_counted(toys: Bench) -> None:
    def counted() -> dict[str, float]:
        return {name: value - before[name] for name, value in figures().items()}

    key, before = uuid4(), figures()
    await toys.deliver(closed("raise", key), closed("fine"))
    assert counted() == {"parked": 1, "done": 1, "set aside": 1, "failed": 0, "settled": 0}
    await make_due(toys)
    await toys.redrive.due()
    assert counted() == {"parked": 1, "done": 1, "set aside": 1, "failed": 1, "settled": 0}
    await toys.rows("INSERT INTO known VALUES ($1)", str(key))
    await make_due(toys)
    await toys.redrive.due()
    assert counted() == {"parked": 1, "done": 1, "set aside": 1, "failed": 1, "settled": 1}
