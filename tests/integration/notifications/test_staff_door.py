"""Staff see who was told, and take up what did not get through; the ledger hears how far telling has come."""

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest_asyncio

from notifications import api, storage
from shared.contracts import ReferralReturned
from shared.messaging import Cause
from shared.service.http import application
from tests.integration.notifications.conftest import REFERRAL, Notifications, of


@pytest_asyncio.fixture
async def door(notifications: Notifications) -> AsyncIterator[httpx.AsyncClient]:
    app = application("notifications", [api.router])
    app.state.database, app.state.internal_key = notifications.database, "internal"
    transport = httpx.ASGITransport(app)
    headers = {"authorization": "Bearer internal"}
    async with httpx.AsyncClient(transport=transport, base_url="http://notifications", headers=headers) as client:
        yield client


async def stage(notifications: Notifications) -> str:
    async with notifications.database.transaction(Cause.request("custody", "read")) as tx:
        return (await storage.custody(tx, [str(REFERRAL)]))[str(REFERRAL)].stage


async def undelivered(notifications: Notifications) -> str:
    """Let the mail to the practice fail for good, and return its id."""
    notifications.office.refuse = {"practice@example.org": "550 no such mailbox"}
    notifications.start()
    await notifications.deliver(of(ReferralReturned))
    rows = await notifications.until_settled()
    return str(rows[0]["id"])


async def test_staff_see_who_was_told_and_how_far_it_came(
    notifications: Notifications, door: httpx.AsyncClient
) -> None:
    await undelivered(notifications)
    seen = (await door.get(f"/internal/deliveries/of/{REFERRAL}")).json()
    assert [(each["recipient"], each["template"], each["status"], each["reason"]) for each in seen] == [
        ("heddle-street", "returned", "permanent-failure", "recipient-refused"),
        ("dundee", "undeliverable", "sending", "accepted"),
    ]
    assert not {"facts", "mail", "endpoint"} & seen[0].keys()


async def test_the_door_is_for_linkways_own_services(notifications: Notifications, door: httpx.AsyncClient) -> None:
    for method, path in (("GET", f"/of/{REFERRAL}"), ("POST", f"/{uuid4()}/retry"), ("POST", f"/{uuid4()}/taken-up")):
        answer = await door.request(method, f"/internal/deliveries{path}", headers={"authorization": "Bearer no"})
        assert answer.status_code == 401


async def test_a_corrected_address_gets_the_message_under_its_old_id(
    notifications: Notifications, door: httpx.AsyncClient
) -> None:
    delivery = await undelivered(notifications)
    notifications.office.refuse = {}
    assert (await door.post(f"/internal/deliveries/{delivery}/retry")).status_code == 200
    await notifications.until(lambda: bool(notifications.office.subjects("practice@example.org")))
    assert notifications.office.ids[-1] == f"<{delivery}@linkway.example.org>"
    await notifications.until_settled()
    assert (await door.post(f"/internal/deliveries/{delivery}/retry")).status_code == 409
    assert await stage(notifications) == "told"


async def test_what_a_person_took_up_waits_no_more(notifications: Notifications, door: httpx.AsyncClient) -> None:
    assert await stage(notifications) == "nothing-to-tell"
    await notifications.deliver(of(ReferralReturned))
    assert await stage(notifications) == "telling"
    delivery = await undelivered(notifications)
    assert await stage(notifications) == "undelivered"
    by = {"by": "duty@example.org", "what": "telephoned"}
    assert (await door.post(f"/internal/deliveries/{delivery}/taken-up", json=by)).status_code == 200
    (row,) = await notifications.rows("SELECT * FROM delivery WHERE id = $1", delivery)
    assert (row["taken_up_by"], row["taken_up"]) == ("duty@example.org", "telephoned")
    assert (await door.post(f"/internal/deliveries/{delivery}/taken-up", json=by)).status_code == 409
