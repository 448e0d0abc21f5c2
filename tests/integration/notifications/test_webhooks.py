"""Webhooks are signed, come in order for each referral, and an endpoint that is gone is not asked again."""

import asyncio
import json
from uuid import UUID, uuid4

import pytest
from standardwebhooks import Webhook

from notifications.domain import Recipient, Role
from notifications.recipients import apply
from shared.contracts import (
    LinkWorkerAssigned,
    NotificationDelivered,
    OfferExpired,
    ReferralAccepted,
)
from tests.integration.notifications.conftest import EVERYBODY, PROGRAMME, REFERRAL, SECRET, Notifications, of, offer


async def test_an_endpoint_can_verify_what_it_gets_with_the_official_library(notifications: Notifications) -> None:
    notifications.start()
    await notifications.deliver(offer("desk"))
    (row,) = await notifications.until_settled()
    (post,) = notifications.hook.posts
    verified = Webhook(SECRET).verify(post.body, post.headers)
    assert verified["type"] == "linkway.partner.offer-made.v1"
    assert post.headers["webhook-id"] == str(row["id"])
    assert post.headers["host"] == f"127.0.0.1:{notifications.hook.port}"
    assert (row["status"], post.path) == ("delivered", "/linkway")
    (event,) = await notifications.published(NotificationDelivered)
    assert event.notification == row["id"]


async def test_a_webhook_says_no_more_than_the_organisation_may_see(notifications: Notifications) -> None:
    notifications.start()
    await notifications.deliver(offer("desk"))
    await notifications.until_settled()
    data = json.loads(notifications.hook.posts[0].body)["data"]
    assert data.keys() == {
        "referral", "offer", "organisation", "service", "service_name", "need", "respond_by", "answer_url"
    }  # fmt: skip


@pytest.mark.parametrize("answer", ["500 Oops", "429 Too Many", "307 Elsewhere\r\nLocation: /elsewhere", "404 No"])
async def test_an_answer_that_may_pass_is_tried_again_under_the_same_id_and_no_redirect_is_followed(
    notifications: Notifications, answer: str
) -> None:
    notifications.hook.answers = [answer]
    notifications.start()
    await notifications.deliver(offer("desk"))
    (row,) = await notifications.until_settled()
    assert (row["status"], row["attempts"]) == ("delivered", 2)
    assert notifications.hook.ids() == [str(row["id"])] * 2
    for post in notifications.hook.posts:
        assert post.path == "/linkway"
        Webhook(SECRET).verify(post.body, post.headers)


async def test_an_endpoint_that_hangs_up_is_asked_once_more_and_then_a_person_is(notifications: Notifications) -> None:
    notifications.hook.answers = ["drop", "drop"]
    notifications.start()
    await notifications.deliver(offer("desk"))
    rows = await notifications.until_settled()
    assert len(notifications.hook.posts) == 2
    assert [(row["template"], row["recipient"]) for row in rows] == [("offer", "desk"), ("undeliverable", PROGRAMME)]


async def test_an_endpoint_that_is_gone_is_told_to_a_person_and_not_asked_again(notifications: Notifications) -> None:
    notifications.hook.answers = ["410 Gone"]
    notifications.start()
    await notifications.deliver(of(ReferralAccepted), of(LinkWorkerAssigned), offer("desk", 1))
    await notifications.until_settled()
    assert "Not delivered: offer to The Desk" in notifications.office.subjects("ash@example.org")[1]
    await notifications.deliver(offer("desk", 2))
    await notifications.until_settled()
    assert len(notifications.hook.posts) == 1
    assert len(notifications.office.subjects("desk@example.org")) == 1


async def test_a_new_address_of_a_gone_endpoint_is_used_again(notifications: Notifications) -> None:
    notifications.hook.answers = ["410 Gone"]
    notifications.start()
    await notifications.deliver(offer("desk", 1))
    await notifications.until_settled()
    for url, asked in ((notifications.hook.url, 1), (notifications.hook.url + "/new", 2)):
        desk = Recipient(Role.ORGANISATION, "desk", "The Desk", "d@example.org", ("webhook",), url, "DESK_SECRET")
        await apply(notifications.database, PROGRAMME, (*EVERYBODY, desk))
        await notifications.deliver(offer("desk", 10 + asked))
        await notifications.until_settled()
        assert len(notifications.hook.posts) == asked


async def test_what_concerns_one_referral_comes_in_order(notifications: Notifications) -> None:
    notifications.hook.answers = ["503 Later", "503 Later"]
    notifications.start()
    await notifications.deliver(offer("desk", 1))
    await notifications.until(lambda: bool(notifications.hook.posts))
    await notifications.deliver(offer("desk", 2))
    await notifications.deliver(offer("desk", 3, uuid4()))
    rows = await notifications.until_settled()
    ids = {row["facts"]["offer"]: str(row["id"]) for row in rows}
    ours = [each for each in notifications.hook.ids() if each != ids[str(UUID(int=3))]]
    first, second = ids[str(UUID(int=1))], ids[str(UUID(int=2))]
    assert len(ours) in {3, 4}, "the other referral's post may have met one of the two refusals"
    assert ours == [first] * (len(ours) - 1) + [second]


async def test_an_offer_that_stopped_mattering_while_it_waited_is_not_posted(notifications: Notifications) -> None:
    notifications.hook.answers = ["503 Later"]
    notifications.start(retry_seconds=(60,))
    await notifications.deliver(offer("desk"))
    await notifications.until(lambda: bool(notifications.hook.posts))

    async def failed() -> bool:
        return [row["status"] for row in await notifications.rows()] == ["temporary-failure"]

    await notifications.until(failed)
    await notifications.deliver(of(OfferExpired, organisation="desk", offer=UUID(int=1)))
    (row,) = await notifications.until_settled()
    assert row["reason"] == "superseded"
    assert len(notifications.hook.posts) == 1


async def test_this_machine_is_not_posted_to_unless_allowed(notifications: Notifications) -> None:
    notifications.start(webhook_allow_loopback=False)
    await notifications.deliver(offer("desk"))
    rows = await notifications.until_settled()
    assert (rows[0]["status"], rows[0]["reason"]) == ("permanent-failure", "address-refused")
    assert notifications.hook.posts == []
    assert rows[1]["template"] == "undeliverable"


async def test_without_its_secret_a_webhook_waits_unsigned_nowhere(
    notifications: Notifications, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DESK_SECRET")
    notifications.start(retry_seconds=(0.1,) * 100)
    await notifications.deliver(offer("desk"))

    async def failed() -> bool:
        return [row["reason"] for row in await notifications.rows()] == ["no-secret"]

    await notifications.until(failed)
    monkeypatch.setenv("DESK_SECRET", SECRET)
    await notifications.until_settled()
    assert len(notifications.hook.posts) == 1


async def test_one_slow_endpoint_holds_only_its_own_part_of_the_workers(notifications: Notifications) -> None:
    asked: list[asyncio.StreamWriter] = []

    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(writer)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(never, "127.0.0.1", 0)
    slow_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    slow = Recipient(Role.ORGANISATION, "slow", "Slow House", None, ("webhook",), slow_url, "DESK_SECRET")
    desk = Recipient(Role.ORGANISATION, "desk", "Desk", None, ("webhook",), notifications.hook.url, "DESK_SECRET")
    await apply(notifications.database, PROGRAMME, (*EVERYBODY, slow, desk))
    notifications.start(send_seconds=90, lease_seconds=100, webhooks_at_once=4, webhooks_at_once_each=2)
    await notifications.deliver(*(offer("slow", number, uuid4()) for number in range(10, 20)))
    await notifications.deliver(offer("desk", 1, REFERRAL))
    await notifications.until(lambda: bool(notifications.hook.posts))
    server.close()
    for writer in asked:
        writer.close()
    await notifications.stop()
