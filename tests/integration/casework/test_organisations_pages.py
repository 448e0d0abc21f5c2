"""What an organisation sees and does by the link in its mail, and what that link can never show."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from shared.contracts import NeedRead, OfferAnswered, OfferExpired, OutcomeRecorded
from tests.integration.casework.scene import KETTLE, PERSON, PROGRAMME, Browser, Scene


def names_nobody(page: Browser) -> bool:
    """Say whether a page holds nothing of the person."""
    text = page.text()
    personal = (PERSON["name"], PERSON["phone"], PERSON["email"], "Sample Row", "DD4 7HW", "58", PERSON["letter"])
    return not any(str(word) in text for word in personal)


async def test_the_mailed_link_shows_what_is_asked_and_names_nobody(scene: Scene) -> None:
    referral = await scene.open_case()
    _, path = await scene.offered(referral)
    organisation = scene.browser()

    await organisation.open(path)

    assert organisation.status == 200
    assert names_nobody(organisation)
    assert (organisation.text("offer-age"), organisation.text("offer-area")) == ("50 to 64", "the DD4 area")
    assert scene.door.released == []


async def test_opening_the_link_however_often_changes_nothing(scene: Scene) -> None:
    _, path = await scene.offered(await scene.open_case())
    scanner = scene.browser()

    for _ in range(3):
        await scanner.client.head(path)
        await scanner.open(path)

    assert scanner.attributes("standing") == ["open"]
    assert await scene.published() == []
    assert await scene.events.rows("SELECT * FROM acts") == []


async def test_a_sensitive_need_is_shown_as_a_coarser_one(scene: Scene) -> None:
    referral = await scene.open_case(needs=(NeedRead(code="domestic-abuse-support", source="text"),))
    _, path = await scene.offered(referral, need="domestic-abuse-support", share=("need",))
    organisation = scene.browser()

    await organisation.open(path)
    assert organisation.text("offer-need") == "Emotional support and counselling"
    await organisation.send("accept-form")
    await organisation.send("contact-details-form")
    await scene.send_mails()
    await organisation.open(scene.links()[-1])
    await organisation.send("sign-in-confirm-form")

    assert organisation.text("shared-need") == "Emotional support and counselling"
    assert "abuse" not in organisation.text().lower()


async def test_a_no_is_told_with_its_reason(scene: Scene) -> None:
    offer, path = await scene.offered(await scene.open_case())
    organisation = scene.browser()
    await organisation.open(path)

    await organisation.send("decline-form", reason="full")

    assert organisation.attributes("standing") == ["declined"]
    (told,) = await scene.published(OfferAnswered)
    assert (told.offer, told.answer, told.reason, told.organisation) == (offer, "declined", "full", KETTLE.id)


async def test_two_answers_at_once_are_one_and_the_first_stands(scene: Scene) -> None:
    _, path = await scene.offered(await scene.open_case())
    one, other = scene.browser(), scene.browser()
    await one.open(path)
    await other.open(path)

    await asyncio.gather(one.send("accept-form"), other.send("decline-form", reason="full"))

    assert len(await scene.published(OfferAnswered)) == 1
    assert sorted((one.status, other.status)) == [200, 409]
    assert one.attributes("standing") == other.attributes("standing")


async def test_a_double_click_answers_once(scene: Scene) -> None:
    _, path = await scene.offered(await scene.open_case())
    organisation = scene.browser()
    await organisation.open(path)
    action, data = organisation.form("accept-form")

    answers = await asyncio.gather(*(organisation.client.post(action, data=data) for _ in range(3)))

    assert {answer.status_code for answer in answers} == {303}
    assert len(await scene.published(OfferAnswered)) == 1


async def test_a_yes_after_the_clock_is_late_and_told(scene: Scene) -> None:
    referral = await scene.open_case()
    offer, path = await scene.offered(referral)
    await scene.events.deliver(
        OfferExpired(
            referral=referral,
            programme=PROGRAMME,
            offer=offer,
            service="debt-desk",
            organisation=KETTLE.id,
            need="debt-advice",
        )
    )
    organisation, worker = scene.browser(), await scene.signed_in()

    await organisation.open(path)
    assert organisation.status == 200
    assert "The time to answer is over" in organisation.text()
    await organisation.send("accept-form")

    assert organisation.attributes("standing") == ["late-accepted"]
    assert [event.answer for event in await scene.published(OfferAnswered)] == ["accepted"]
    assert "late-answer" in await tasks_of(worker)


async def tasks_of(worker: Browser) -> list[str]:
    await worker.open("/")
    return worker.attributes("task")


async def test_what_comes_after_a_yes_is_not_there_before_it(scene: Scene) -> None:
    _, path = await scene.offered(await scene.open_case())
    organisation = scene.browser()

    for act in ("attendance", "outcome", "contact-details"):
        await organisation.open(path)
        assert not organisation.has(f"{act}-form")
        _, guard = organisation.form("accept-form")
        forged = {**guard, "attended": "yes", "outcome": ["less-lonely"], "amount": [""]}
        await organisation.post(f"{path}/{act}", forged)
        assert organisation.status == 422, act

    assert await scene.published() == []
    assert await scene.events.rows("SELECT * FROM sign_in") == []


async def test_an_outcome_that_an_organisation_tells_is_of_its_offer(scene: Scene) -> None:
    offer, path = await scene.offered(await scene.open_case())
    organisation = scene.browser()
    await organisation.open(path)
    await organisation.send("accept-form")

    await organisation.send("outcome-form", outcome=["joined-groups", "less-lonely", ""], amount=["2", "", ""])

    (told,) = await scene.published(OutcomeRecorded)
    assert told.offer == offer
    assert [(outcome.code, outcome.amount) for outcome in told.outcomes] == [
        ("joined-groups", 2),
        ("less-lonely", None),
    ]


async def test_contact_details_are_shown_behind_the_registered_address_and_only_what_was_agreed(scene: Scene) -> None:
    _, path = await scene.offered(await scene.open_case(), share=("name", "need"))
    organisation = scene.browser()
    await organisation.open(path)
    await organisation.send("accept-form")
    assert names_nobody(organisation)
    scene.door.released.clear()

    await organisation.send("contact-details-form")
    await scene.send_mails()
    assert scene.mailbox.mails[-1]["To"] == KETTLE.mail
    assert "Morag" not in str(scene.mailbox.mails[-1])
    await organisation.open(scene.links()[-1])
    assert names_nobody(organisation)
    await organisation.send("sign-in-confirm-form")

    assert organisation.text("shared-name") == PERSON["name"]
    assert str(PERSON["phone"]) not in organisation.text()
    assert scene.door.released == [("offer", ("name",), KETTLE.id)]


async def test_another_organisation_and_whoever_is_not_signed_in_see_no_details(scene: Scene) -> None:
    offer, path = await scene.offered(await scene.open_case())
    other_offer, _ = await scene.offered(await scene.open_case(), organisation="somebody-else")
    organisation, worker = scene.browser(), await scene.signed_in()
    await organisation.open(path)
    await organisation.send("accept-form")

    await organisation.open(f"/organisation/offers/{offer}")
    assert organisation.status == 403
    await worker.open(f"/organisation/offers/{offer}")
    assert worker.status == 403
    await organisation.open(path)
    await organisation.send("contact-details-form")
    await scene.send_mails()
    await organisation.open(scene.links()[-1])
    await organisation.send("sign-in-confirm-form")
    assert organisation.status == 200
    await organisation.open(f"/organisation/offers/{other_offer}")
    assert organisation.status == 404


async def test_details_that_intake_cannot_give_are_asked_for_again(scene: Scene) -> None:
    offer, path = await scene.offered(await scene.open_case())
    organisation = scene.browser()
    await organisation.open(path)
    await organisation.send("accept-form")
    await organisation.send("contact-details-form")
    await scene.send_mails()
    scene.door.away = True

    await organisation.open(scene.links()[-1])
    await organisation.send("sign-in-confirm-form")
    assert organisation.status == 503
    scene.door.away = False
    await organisation.open(f"/organisation/offers/{offer}")
    assert organisation.status == 200


async def test_an_organisation_without_an_address_is_told_that_the_link_worker_introduces_it(scene: Scene) -> None:
    _, path = await scene.offered(await scene.open_case(), organisation="nowhere")
    organisation = scene.browser()
    await organisation.open(path)
    await organisation.send("accept-form")

    await organisation.send("contact-details-form")

    assert organisation.status == 422
    assert "holds no address" in organisation.text("refused")


async def test_links_that_are_cut_expired_or_too_early_say_so(scene: Scene) -> None:
    offer, path = await scene.offered(await scene.open_case())
    organisation = scene.browser()

    await organisation.open(path[:-3])
    assert organisation.status == 404
    await organisation.open(scene.offer_path(offer, until=datetime.now(UTC) - timedelta(minutes=1)))
    assert organisation.status == 410
    await organisation.open(scene.offer_path(uuid4()))
    assert organisation.status == 503
    assert "on its way" in organisation.text()


async def test_a_form_made_for_one_offer_answers_no_other(scene: Scene) -> None:
    referral = await scene.open_case()
    _, first = await scene.offered(referral)
    _, second = await scene.offered(referral, service="tea-and-talk", need="loneliness")
    organisation = scene.browser()
    await organisation.open(first)
    _, data = organisation.form("accept-form")

    await organisation.post(f"{second}/accept", data)

    assert organisation.status == 403
    assert await scene.published() == []


async def test_an_offer_of_a_case_that_closed_is_over(scene: Scene) -> None:
    referral = await scene.open_case()
    _, path = await scene.offered(referral)
    worker, organisation = await scene.signed_in(), scene.browser()
    await organisation.open(path)
    await worker.open(f"/referrals/{referral}")
    await worker.send("close-form", reason="declined-by-person")

    await organisation.send("accept-form")

    assert (organisation.status, organisation.attributes("standing")) == (410, ["ended"])
    assert await scene.published(OfferAnswered) == []
