"""The archive keeps every event once, in the month in which it came."""

from datetime import UTC, datetime
from uuid import uuid4

from operations import handlers
from operations.storage import archive
from shared.contracts import EVENTS, ReferralClosed
from shared.messaging import Cause
from shared.service import Service
from tests.harness import bench
from tests.integration.operations.conftest import Office

CLOSED = ReferralClosed(referral=uuid4(), programme="toy-programme", practice="toy-practice", reason="completed")


async def test_an_event_is_kept_with_its_envelope_and_facts(service_dsn: str) -> None:
    async with bench(service_dsn, "operations", handlers) as desk:
        await desk.deliver(CLOSED)
        (row,) = await desk.rows("SELECT * FROM event")
    assert (row["topic"], row["key"], row["type"]) == ("linkway.referrals", str(CLOSED.referral), CLOSED.type)
    assert (row["source"], row["correlation_id"]) == ("test", "test")
    assert row["data"]["reason"] == "completed"


async def test_an_event_whose_inbox_row_is_long_gone_is_still_kept_once(service_dsn: str) -> None:
    event_id = uuid4()
    async with bench(service_dsn, "operations", handlers) as desk:
        await desk.deliver(CLOSED, event_id=event_id)
        await desk.rows("DELETE FROM inbox")
        await desk.deliver(CLOSED, event_id=event_id)
        assert len(await desk.rows("SELECT FROM event")) == 1


def test_every_type_of_the_registry_is_kept(office: Office) -> None:
    assert set(office.service.handlers) == set(EVENTS)
    assert "linkway.partner" not in office.service.topics


async def test_months_past_their_time_are_dropped_and_coming_ones_made(office: Office) -> None:
    await office.loop.admin.execute(
        "CREATE TABLE operations.event_202001 PARTITION OF operations.event"
        " FOR VALUES FROM ('2020-01-01 00:00+00') TO ('2020-02-01 00:00+00')"
    )
    await office.loop.admin.execute("ALTER TABLE operations.event_202001 OWNER TO operations_owner")
    assert "event_202001" in await months(office.service)
    await maintain(office.service, months_kept=0)
    assert "event_202001" in await months(office.service)
    await maintain(office.service, months_kept=84 - 12)
    left = await months(office.service)
    assert "event_202001" not in left
    assert f"event_{datetime.now(UTC):%Y%m}" in left
    assert len(left) >= 4


async def maintain(service: Service, months_kept: int) -> None:
    async with service.database.transaction(Cause.tick("test", "maintain")) as tx:
        await archive.maintain(tx, months_kept)


async def months(service: Service) -> list[str]:
    async with service.database.connection() as connection:
        rows = await connection.fetch(
            "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid"
            " WHERE inhparent = 'event'::regclass"
        )
    return [row["relname"] for row in rows]
