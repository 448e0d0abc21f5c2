"""Mails leave once, are tried again as long as it makes sense, and end with a person where they cannot arrive."""

import asyncio
import time
from uuid import UUID, uuid4

import pytest

from notifications import storage
from notifications.deliveries import record_lost
from shared.contracts import (
    LinkWorkerAssigned,
    NotificationDelivered,
    NotificationFailed,
    NotificationSent,
    NotificationUndeliverable,
    ReferralAccepted,
    ReferralReturned,
    RiskAlerted,
)
from shared.messaging import Cause
from tests.integration.notifications.conftest import PROGRAMME, Notifications, of, offer, open_transactions


async def test_a_mail_leaves_under_its_deliverys_id_and_the_attempt_is_kept(notifications: Notifications) -> None:
    notifications.start()
    await notifications.deliver(of(ReferralReturned))
    (row,) = await notifications.until_settled()
    assert notifications.office.ids == [f"<{row['id']}@linkway.example.org>"]
    assert (row["status"], row["attempts"]) == ("sending", 1)
    (attempt,) = await notifications.rows("SELECT * FROM attempt")
    assert (attempt["delivery"], attempt["result"], attempt["code"]) == (row["id"], "accepted", 250)
    assert attempt["ended_at"] >= attempt["started_at"]
    (sent,) = await notifications.published(NotificationSent)
    assert (sent.notification, sent.attempt, sent.recipient_kind) == (row["id"], 1, "practice")
    assert await notifications.published(NotificationDelivered) == []


async def test_what_is_not_taken_now_is_tried_again_under_the_same_message_id(notifications: Notifications) -> None:
    notifications.office.answers = ["451 greylisted", "452 busy"]
    notifications.start()
    await notifications.deliver(of(ReferralReturned))
    (row,) = await notifications.until_settled()
    assert (row["status"], row["attempts"]) == ("sending", 3)
    assert notifications.office.ids == [f"<{row['id']}@linkway.example.org>"]
    failed = await notifications.published(NotificationFailed)
    assert [(each.attempt, each.status) for each in failed] == [(1, "temporary-failure"), (2, "temporary-failure")]


@pytest.mark.parametrize("where", ["recipient", "message"])
async def test_a_refusal_for_good_goes_to_a_person_at_once(notifications: Notifications, where: str) -> None:
    if where == "recipient":
        notifications.office.refuse = {"plain@example.org": "550 no such mailbox"}
    else:
        notifications.office.answers = ["250 kept", "250 kept", "554 we do not want this"]
    notifications.start()
    await notifications.deliver(of(ReferralAccepted), of(LinkWorkerAssigned))
    await notifications.until_settled()
    await notifications.deliver(offer("plain"))
    rows = await notifications.until_settled()
    asked = next(row for row in rows if row["template"] == "offer")
    assert (asked["status"], asked["reason"], asked["attempts"]) == ("permanent-failure", f"{where}-refused", 1)
    (event,) = await notifications.published(NotificationUndeliverable)
    assert (event.notification, event.reason) == (asked["id"], f"{where}-refused")
    assert notifications.office.subjects("ash@example.org")[1].startswith("Not delivered: offer to Plain Page")


async def test_a_link_worker_who_cannot_be_reached_is_the_duty_contacts_task(notifications: Notifications) -> None:
    notifications.office.refuse = {"ash@example.org": "550 no such mailbox"}
    notifications.start()
    await notifications.deliver(of(ReferralAccepted), of(LinkWorkerAssigned))
    await notifications.until_settled()
    assert len(notifications.office.subjects("duty@example.org")) == 1


async def test_failures_of_everybody_end(notifications: Notifications) -> None:
    everybody = ("plain", "ash", "duty", "practice")
    notifications.office.refuse = {f"{name}@example.org": "550 no such mailbox" for name in everybody}
    notifications.start()
    await notifications.deliver(of(ReferralAccepted), of(LinkWorkerAssigned), offer("plain"), of(RiskAlerted))
    rows = await notifications.until_settled()
    assert {row["status"] for row in rows} == {"permanent-failure"}
    assert len(await notifications.published(NotificationUndeliverable)) == len(rows)


async def test_a_connection_lost_after_the_text_is_repeated_once_under_the_same_id(
    notifications: Notifications,
) -> None:
    notifications.office.answers = ["keep and drop"]
    notifications.start()
    await notifications.deliver(of(ReferralReturned))
    (row,) = await notifications.until_settled()
    assert notifications.office.ids == [f"<{row['id']}@linkway.example.org>"] * 2
    assert (row["status"], row["attempts"], row["unknowns"]) == ("sending", 2, 1)


async def test_a_second_unknown_outcome_goes_to_a_person(notifications: Notifications) -> None:
    notifications.office.answers = ["drop", "drop"]
    notifications.start()
    await notifications.deliver(of(ReferralReturned))
    rows = await notifications.until_settled()
    assert [(row["template"], row["status"], row["reason"]) for row in rows] == [
        ("returned", "permanent-failure", "connection-lost"),
        ("undeliverable", "sending", "accepted"),
    ]
    (event,) = await notifications.published(NotificationUndeliverable)
    assert event.reason == "unknown-outcome"


async def test_while_the_mail_server_is_away_nothing_is_lost(notifications: Notifications) -> None:
    port = notifications.office.port
    first = notifications.start(smtp="127.0.0.1:1", retry_seconds=(0.05,) * 200)
    await notifications.deliver(of(ReferralReturned))

    async def failed() -> bool:
        return len(await notifications.published(NotificationFailed)) >= 2

    await notifications.until(failed)
    await asyncio.gather(*(worker.stop() for worker in first))
    (row,) = await notifications.rows()
    assert (row["status"], row["reason"], row["unknowns"]) == ("technical-failure", "mail-server-unreachable", 0)
    notifications.start(smtp=f"127.0.0.1:{port}", retry_seconds=(0.05,) * 200)
    await notifications.until_settled()
    assert len(notifications.office.mails) == 1


async def test_one_slow_mailbox_does_not_hold_up_the_others(notifications: Notifications) -> None:
    notifications.office.held = {"practice@example.org": asyncio.Event()}
    notifications.start(send_seconds=90, lease_seconds=100)
    await notifications.deliver(of(ReferralReturned))
    await notifications.until(lambda: bool(notifications.office.sessions))
    await notifications.deliver(offer("plain"))
    await notifications.until(lambda: bool(notifications.office.subjects("plain@example.org")))
    assert notifications.office.subjects("practice@example.org") == []
    notifications.office.held["practice@example.org"].set()


async def test_no_transaction_is_open_while_a_mail_is_on_its_way(notifications: Notifications) -> None:
    notifications.office.held = {"practice@example.org": asyncio.Event()}
    notifications.start(delivery_poll_seconds=60, send_seconds=90, lease_seconds=100)
    await notifications.deliver(of(ReferralReturned))
    await notifications.until(lambda: bool(notifications.office.sessions))

    async def none_is_open() -> bool:
        return await open_transactions(notifications.database) == 0  # who looks for lost ones has one now and then

    await notifications.until(none_is_open)
    assert notifications.office.mails == []
    notifications.office.held["practice@example.org"].set()


async def test_a_server_slower_than_an_attempt_may_be_is_an_unknown_outcome(notifications: Notifications) -> None:
    notifications.office.slow = {"practice@example.org": 1}
    notifications.start(send_seconds=0.2, retry_seconds=(0.05,) * 200)
    await notifications.deliver(of(ReferralReturned))
    await notifications.until_settled()
    attempts = await notifications.rows(
        "SELECT a.* FROM attempt a JOIN delivery d ON d.id = delivery WHERE template = 'returned'"
    )
    results = {(attempt["result"], attempt["reason"]) for attempt in attempts}
    # On a busy machine the time may be over before the server has the mail.
    assert results - {("broken", "mail-server-unreachable")} == {("unknown", "connection-lost")}


async def test_a_worker_that_dies_while_sending_leaves_an_unknown_outcome(notifications: Notifications) -> None:
    await notifications.deliver(of(ReferralReturned))
    async with notifications.database.transaction(Cause.request("a worker", "that dies")) as tx:
        assert (await storage.claim(tx, "mail", room=1, per_recipient=4, lease_seconds=0.3))[0]
    notifications.start()
    await notifications.until(lambda: bool(notifications.office.mails))
    (row,) = await notifications.until_settled()
    assert (row["attempts"], row["unknowns"], row["status"]) == (2, 1, "sending")
    attempts = await notifications.rows("SELECT number, reason FROM attempt ORDER BY number")
    assert attempts == [{"number": 1, "reason": "worker-lost"}, {"number": 2, "reason": "accepted"}]
    assert notifications.office.ids == [f"<{row['id']}@linkway.example.org>"]


async def test_a_claim_that_has_not_run_out_is_left_alone(notifications: Notifications) -> None:
    await notifications.deliver(of(ReferralReturned))
    async with notifications.database.transaction(Cause.request("a worker", "that is slow")) as tx:
        assert (await storage.claim(tx, "mail", room=1, per_recipient=4, lease_seconds=60))[0]
    assert await record_lost(notifications.database, notifications.settings()) == 0
    (row,) = await notifications.rows()
    assert (row["status"], row["attempts"], row["unknowns"]) == ("sending", 1, 0)


async def test_two_replicas_send_each_mail_once(notifications: Notifications) -> None:
    notifications.start()
    notifications.start()
    await notifications.deliver(*(of(ReferralReturned, uuid4()) for _ in range(40)))
    await notifications.until_settled()
    assert len(notifications.office.ids) == len(set(notifications.office.ids)) == 40


async def test_connections_are_kept_between_mails(notifications: Notifications) -> None:
    notifications.start(mails_at_once=2)
    await notifications.deliver(*(of(ReferralReturned, uuid4()) for _ in range(12)))
    await notifications.until_settled()
    assert len(notifications.office.mails) == 12
    assert len(notifications.office.sessions) <= 2


async def test_a_mail_leaves_within_moments_of_the_commit(notifications: Notifications) -> None:
    notifications.start(delivery_poll_seconds=90)
    await notifications.deliver(of(ReferralReturned, UUID(int=1)))
    await notifications.until(lambda: len(notifications.office.mails) == 1)
    began = time.monotonic()
    await notifications.deliver(of(ReferralReturned, UUID(int=2)))
    await notifications.until(lambda: len(notifications.office.mails) == 2)
    assert time.monotonic() - began < 40, "woken by the commit and not by its clock"


async def test_an_alert_passes_everything_that_waits(notifications: Notifications) -> None:
    await notifications.deliver(*(of(ReferralReturned, uuid4()) for _ in range(20)))
    await notifications.deliver(of(RiskAlerted))
    notifications.start(mails_at_once=1)
    await notifications.until_settled()
    assert [str(mail["Subject"]).startswith("Current risk") for mail in notifications.office.mails[:2]] == [True, True]


async def test_an_alert_does_not_wait_for_an_earlier_mail_of_its_referral(notifications: Notifications) -> None:
    notifications.office.answers = ["451 later"] * 2
    notifications.start(retry_seconds=(60, 60))
    await notifications.deliver(of(ReferralReturned))
    await notifications.until(lambda: len(notifications.office.answers) == 1)
    notifications.office.answers = []
    await notifications.deliver(of(RiskAlerted))
    await notifications.until(lambda: bool(notifications.office.subjects("practice@example.org")))


async def test_stopping_finishes_what_is_on_its_way(notifications: Notifications) -> None:
    notifications.office.held = {"practice@example.org": asyncio.Event()}
    workers = notifications.start()
    await notifications.deliver(of(ReferralReturned))
    await notifications.until(lambda: bool(notifications.office.sessions))
    stopping = asyncio.create_task(notifications.stop())
    await notifications.until(lambda: all(worker._task and worker._task.cancelling() > 0 for worker in workers))
    notifications.office.held["practice@example.org"].set()
    await stopping
    (row,) = await notifications.rows()
    assert (row["status"], row["attempts"]) == ("sending", 1)
    assert row["settled_at"]


async def test_mails_of_a_referral_to_one_recipient_are_one_thread(notifications: Notifications) -> None:
    notifications.start()
    await notifications.deliver(of(ReferralAccepted), of(LinkWorkerAssigned))
    await notifications.until_settled()
    await notifications.deliver(of(ReferralReturned))
    await notifications.until_settled()
    to_practice = [mail for mail in notifications.office.mails if "practice@example.org" in str(mail["To"])]
    assert to_practice[1]["In-Reply-To"] == to_practice[0]["Message-ID"]
    assert to_practice[0]["In-Reply-To"] is None


async def test_the_events_of_an_attempt_carry_the_request_that_began_it_all(notifications: Notifications) -> None:
    notifications.start()
    await notifications.deliver(of(ReferralReturned))
    await notifications.until_settled()
    rows = await notifications.rows("SELECT DISTINCT headers::json ->> 'ce_correlationid' AS id FROM outbox")
    assert rows == [{"id": "test"}]


async def test_the_duty_contact_goes_by_the_programmes_id(notifications: Notifications) -> None:
    notifications.start()
    await notifications.deliver(of(RiskAlerted))
    await notifications.until_settled()
    sent = await notifications.published(NotificationSent)
    assert ("duty-contact", PROGRAMME) in {(each.recipient_kind, each.recipient) for each in sent}
