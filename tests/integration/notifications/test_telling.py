"""What happened is told to whoever has to know, as deliveries of one transaction with the event."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from notifications.recipients import apply
from shared.contracts import (
    AgreementRevoked,
    CaseClosed,
    CaseReviewDue,
    ChoicesExhausted,
    LinkWorkerAssigned,
    LinkWorkerAwaited,
    MatchNotFound,
    NotificationCreated,
    NotificationUndeliverable,
    OfferAnswered,
    OfferExpired,
    PartnerOfferMade,
    PartnerOfferWithdrawn,
    ReferralAccepted,
    ReferralNeedsInformation,
    ReferralReturned,
    ReferralReturnProposed,
    ReferralWithdrawn,
    RiskAlerted,
)
from shared.needs import NEEDS
from tests.integration.notifications.conftest import EVERYBODY, PROGRAMME, REFERRAL, Notifications, of, offer


async def test_an_assignment_is_told_to_link_worker_and_practice(notifications: Notifications) -> None:
    await notifications.deliver(of(ReferralAccepted), of(LinkWorkerAssigned))
    assert await notifications.told() == [("assigned", "ash", "mail"), ("assigned", "heddle-street", "mail")]
    created = await notifications.published(NotificationCreated)
    assert {each.notification for each in created} == {row["id"] for row in await notifications.rows()}
    assert {(each.recipient_kind, each.recipient) for each in created} == {
        ("link-worker", "ash"),
        ("practice", "heddle-street"),
    }


async def test_an_assignment_that_overtook_its_acceptance_is_told_with_it(notifications: Notifications) -> None:
    await notifications.deliver(of(LinkWorkerAssigned))
    assert await notifications.told() == []
    await notifications.deliver(of(ReferralAccepted))
    assert await notifications.told() == [("assigned", "ash", "mail"), ("assigned", "heddle-street", "mail")]


async def test_an_assignment_keeps_its_ids_when_a_replay_brings_its_events_in_another_order(
    notifications: Notifications,
) -> None:
    events = {uuid4(): of(ReferralAccepted), uuid4(): of(LinkWorkerAssigned)}
    told = []
    for order in (events, dict(reversed(events.items()))):
        for event_id, event in order.items():
            await notifications.deliver(event, event_id=event_id)
        told.append({row["id"] for row in await notifications.rows()})
        async with notifications.database.connection() as connection:
            for table in ("delivery", "inbox", "referral"):
                await connection.execute(f"DELETE FROM {table}")
    assert len(told[0]) == 2
    assert told[0] == told[1]


async def redriven(notifications: Notifications) -> bool:
    await notifications.bench.redrive.due()
    return await notifications.bench.parked() == []


async def test_an_event_that_comes_twice_is_told_once(notifications: Notifications) -> None:
    event_id = uuid4()
    for _ in range(2):
        await notifications.deliver(of(RiskAlerted), event_id=event_id)
    assert len(await notifications.told()) == 2


async def test_a_replay_after_a_restore_makes_deliveries_with_the_same_ids(notifications: Notifications) -> None:
    event_id = uuid4()
    await notifications.deliver(of(RiskAlerted), event_id=event_id)
    before = await notifications.rows("SELECT id FROM delivery ORDER BY id")
    async with notifications.database.connection() as connection:
        await connection.execute("DELETE FROM delivery")
        await connection.execute("DELETE FROM inbox")
    await notifications.deliver(of(RiskAlerted), event_id=event_id)
    assert await notifications.rows("SELECT id FROM delivery ORDER BY id") == before


async def test_a_risk_is_told_at_once_and_again_to_the_link_worker_who_comes_later(
    notifications: Notifications,
) -> None:
    await notifications.deliver(of(ReferralAccepted), of(RiskAlerted))
    rows = await notifications.rows()
    assert {(row["recipient"], row["urgent"]) for row in rows} == {("heddle-street", True), (PROGRAMME, True)}
    await notifications.deliver(of(LinkWorkerAssigned))
    assigned = await notifications.rows("SELECT facts FROM delivery WHERE recipient = 'ash'")
    assert assigned[0]["facts"]["alerted"] is True


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (ReferralNeedsInformation, ("information-needed", "heddle-street", "mail")),
        (ReferralReturnProposed, ("return-proposed", PROGRAMME, "mail")),
        (ReferralReturned, ("returned", "heddle-street", "mail")),
        (CaseReviewDue, ("review-due", "ash", "mail")),
        (ChoicesExhausted, ("choices-exhausted", PROGRAMME, "mail")),
    ],
)
async def test_each_turn_is_told(notifications: Notifications, event: type, told: tuple[str, str, str]) -> None:
    await notifications.deliver(of(event))
    assert await notifications.told() == [told]


async def test_waiting_for_a_link_worker_is_told_once(notifications: Notifications) -> None:
    await notifications.deliver(of(LinkWorkerAwaited))
    await notifications.deliver(of(LinkWorkerAwaited))
    assert await notifications.told() == [("link-worker-awaited", PROGRAMME, "mail")]
    assert len(await notifications.published(NotificationCreated)) == 1


async def test_an_unmet_need_is_told_to_the_link_worker_now_or_with_the_first_mail(
    notifications: Notifications,
) -> None:
    await notifications.deliver(of(MatchNotFound, needs=("low-mood",)))
    assert await notifications.told() == []
    await notifications.deliver(of(ReferralAccepted), of(LinkWorkerAssigned))
    first = await notifications.rows("SELECT facts FROM delivery WHERE recipient = 'ash'")
    assert first[0]["facts"]["unmet"] == ["low-mood"]
    await notifications.deliver(of(MatchNotFound))
    assert ("match-not-found", "ash", "mail") in await notifications.told()


async def test_an_organisation_is_asked_by_its_own_channel(notifications: Notifications) -> None:
    await notifications.deliver(offer("plain", 1), offer("desk", 2), offer("kettle", 3))
    assert await notifications.told() == [
        ("offer", "plain", "mail"),
        ("offer", "desk", "webhook"),
        ("offer", "kettle", "partner-topic"),
        ("offer", "kettle", "mail"),
    ]


async def test_a_partner_topic_carries_what_that_organisation_may_see_and_no_link(notifications: Notifications) -> None:
    sensitive = next(need for need in NEEDS.values() if need.sensitive)
    await notifications.deliver(offer("kettle", 3, need=sensitive.code))
    rows = await notifications.rows("SELECT topic, key, value FROM outbox WHERE topic LIKE 'linkway.partner.%'")
    assert [(row["topic"], row["key"]) for row in rows] == [("linkway.partner.kettle", str(REFERRAL))]
    (event,) = await notifications.published(PartnerOfferMade)
    assert event.need == sensitive.shared_as
    assert b"http" not in rows[0]["value"]
    assert sensitive.code.encode() not in rows[0]["value"]


async def test_a_sensitive_need_is_in_no_delivery_to_an_organisation(notifications: Notifications) -> None:
    sensitive = next(need for need in NEEDS.values() if need.sensitive)
    await notifications.deliver(offer("plain", 1, need=sensitive.code), offer("desk", 2, need=sensitive.code))
    for row in await notifications.rows():
        assert row["facts"]["need"] == sensitive.shared_as


async def test_an_organisation_without_any_channel_is_the_duty_contacts_task(notifications: Notifications) -> None:
    await notifications.deliver(offer("mute"))
    (row,) = await notifications.rows()
    assert (row["template"], row["recipient"]) == ("undeliverable", PROGRAMME)
    assert (row["facts"]["name"], row["facts"]["template"]) == ("Mute House", "offer")


async def test_a_link_worker_whom_the_programme_does_not_list_is_the_duty_contacts_task(
    notifications: Notifications,
) -> None:
    await notifications.deliver(of(ReferralAccepted), of(LinkWorkerAssigned, link_worker="left-last-week"))
    assert ("undeliverable", PROGRAMME, "mail") in await notifications.told()


async def test_before_a_programme_is_applied_its_events_wait(notifications: Notifications) -> None:
    await notifications.deliver(of(RiskAlerted, programme="inverclyde"))
    (parked,) = await notifications.bench.parked()
    assert (parked["kind"], parked["state"]) == ("not-yet", "waiting")
    await apply(notifications.database, "inverclyde", [replace(EVERYBODY[0], id="inverclyde")])
    await notifications.until(lambda: redriven(notifications))
    assert ("risk-alert", "inverclyde", "mail") in await notifications.told()


async def test_an_offer_that_expired_before_it_left_is_neither_sent_nor_taken_back(
    notifications: Notifications,
) -> None:
    await notifications.deliver(offer("plain"), of(OfferExpired, offer=UUID(int=1)))
    (row,) = await notifications.rows()
    assert (row["template"], row["status"], row["reason"]) == ("offer", "permanent-failure", "superseded")
    (event,) = await notifications.published(NotificationUndeliverable)
    assert event.reason == "superseded"


async def test_a_withdrawal_reaches_everybody_who_may_expect_the_person(notifications: Notifications) -> None:
    notifications.start()
    await notifications.deliver(of(ReferralAccepted), of(LinkWorkerAssigned))
    await notifications.deliver(offer("plain", 1), offer("kettle", 2), offer("desk", 3))
    await notifications.deliver(of(OfferAnswered, organisation="plain", offer=UUID(int=1), answer="accepted"))
    await notifications.deliver(of(OfferAnswered, organisation="desk", offer=UUID(int=3), answer="declined"))
    await notifications.until_settled()
    await notifications.deliver(of(ReferralWithdrawn))
    told = [each for each in await notifications.told() if each[0] in ("withdrawn", "offer-withdrawn")]
    assert set(told) == {
        ("withdrawn", "heddle-street", "mail"),
        ("withdrawn", "ash", "mail"),
        ("offer-withdrawn", "plain", "mail"),
        ("offer-withdrawn", "kettle", "partner-topic"),
        ("offer-withdrawn", "kettle", "mail"),
    }
    (event,) = await notifications.published(PartnerOfferWithdrawn)
    assert event.reason == "referral-withdrawn"


async def test_a_withdrawal_that_overtakes_an_offer_keeps_it_from_leaving(notifications: Notifications) -> None:
    await notifications.deliver(of(ReferralWithdrawn))
    await notifications.deliver(offer("plain"))
    assert await notifications.told() == [("withdrawn", "heddle-street", "mail")]


async def test_agreement_taken_back_from_one_organisation_leaves_the_others(notifications: Notifications) -> None:
    notifications.start()
    await notifications.deliver(offer("plain", 1), offer("kettle", 2))
    await notifications.until_settled()
    await notifications.deliver(of(AgreementRevoked, organisation="plain"))
    told = [each for each in await notifications.told() if each[0] != "offer"]
    assert told == [("agreement-revoked", PROGRAMME, "mail"), ("offer-withdrawn", "plain", "mail")]


async def test_an_answer_is_told_to_the_link_worker_by_the_services_name(notifications: Notifications) -> None:
    await notifications.deliver(of(ReferralAccepted), of(LinkWorkerAssigned), offer("plain"))
    await notifications.deliver(of(OfferAnswered, offer=UUID(int=1)))
    (row,) = await notifications.rows("SELECT * FROM delivery WHERE template = 'offer-answered'")
    assert (row["recipient"], row["facts"]["service_name"]) == ("ash", "Hilltown Money Advice drop-in")


async def test_a_closed_case_is_filed_by_the_practice_and_frees_those_who_need_not_answer(
    notifications: Notifications,
) -> None:
    notifications.start()
    await notifications.deliver(of(ReferralAccepted), of(LinkWorkerAssigned), offer("plain", 1), offer("kettle", 2))
    await notifications.deliver(of(OfferAnswered, organisation="kettle", offer=UUID(int=2), answer="accepted"))
    await notifications.until_settled()
    await notifications.deliver(of(CaseClosed))
    told = [each for each in await notifications.told() if each[0] in ("closed", "offer-withdrawn")]
    assert told == [("closed", "heddle-street", "mail"), ("offer-withdrawn", "plain", "mail")]
