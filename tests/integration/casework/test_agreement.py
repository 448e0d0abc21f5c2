"""What the person agrees to, as their link worker records it: intake is told first, and here it holds at once."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from shared.contracts import Agreement, AgreementChanged, AgreementRevoked
from tests.integration.casework.scene import ASH, PRACTICE, PROGRAMME, Browser, Scene, proposed


def changed(referral: UUID, sharing: str) -> AgreementChanged:
    agreement = Agreement(referral="agreed", share_with_organisations=sharing)
    return AgreementChanged(referral=referral, programme=PROGRAMME, practice=PRACTICE, agreement=agreement)


def revoked(referral: UUID, organisation: str | None) -> AgreementRevoked:
    return AgreementRevoked(referral=referral, programme=PROGRAMME, practice=PRACTICE, organisation=organisation)


def recorded(scene: Scene) -> list[dict[str, Any]]:
    return list(scene.door.agreed.values())


async def at_case(scene: Scene, referral: UUID) -> Browser:
    worker = await scene.signed_in()
    await worker.open(f"/referrals/{referral}")
    return worker


async def test_the_page_says_what_is_agreed_and_records_what_is_said_now(scene: Scene) -> None:
    referral = await scene.open_case()
    worker = await at_case(scene, referral)
    assert worker.attributes("sharing") == ["ask"]
    assert "Ask them each time" in worker.text("agreed-now")

    await worker.send("agreement-form", said="agreed")

    assert worker.has("done")
    assert worker.attributes("sharing") == ["agreed"]
    assert recorded(scene) == [{"referral": referral, "share_with_organisations": "agreed", "by": ASH}]
    assert await scene.published() == []  # intake owns the agreement, and its event comes round


async def test_one_organisation_stops_at_once_and_the_page_names_it(scene: Scene) -> None:
    referral = await scene.open_case()
    _, path = await scene.offered(referral)
    organisation = scene.browser()
    await organisation.open(path)
    await organisation.send("accept-form")
    worker = await at_case(scene, referral)

    await worker.send("agreement-form", said="revoke:kettle")

    assert recorded(scene) == [{"referral": referral, "revoke": "kettle", "by": ASH}]
    assert worker.attributes("revoked") == ["kettle"]
    assert "Kettle and Company" in worker.text("agreement")
    assert "Agreement taken back" in worker.text("proposal-1")
    assert not worker.has("said-revoke-1")
    await organisation.open(path)
    assert (organisation.status, organisation.attributes("standing")) == (410, ["withdrawn"])


async def test_whoever_agrees_to_nobody_any_more_stops_everybody(scene: Scene) -> None:
    referral = await scene.open_case()
    _, path = await scene.offered(referral)
    worker = await at_case(scene, referral)

    await worker.send("agreement-form", said="declined")

    assert worker.attributes("sharing") == ["declined"]
    assert "nobody will be asked" in worker.text("proposals")
    organisation = scene.browser()
    await organisation.open(path)
    assert organisation.status == 410


async def test_its_own_event_makes_no_page_old(scene: Scene) -> None:
    referral = await scene.open_case()
    await scene.offered(referral)
    worker = await at_case(scene, referral)
    await worker.send("agreement-form", said="revoke:kettle")

    await scene.events.deliver(revoked(referral, "kettle"))

    await worker.send("agreement-form", said="ask")
    assert worker.has("done")
    assert worker.attributes("revoked") == []


@pytest.mark.parametrize("event", [revoked, changed])
async def test_what_the_practice_recorded_meanwhile_is_seen_before_it_is_recorded_anew(
    scene: Scene, event: Any
) -> None:
    referral = await scene.open_case()
    worker = await at_case(scene, referral)
    await scene.events.deliver(event(referral, "kettle" if event is revoked else "declined"))

    await worker.send("agreement-form", said="agreed")

    assert worker.status == 409
    assert "Somebody else changed this case" in worker.text("refused")
    assert recorded(scene) == []
    await worker.send("agreement-form")  # what they chose is still there, and now they have seen it
    assert worker.has("done")
    assert worker.attributes("sharing") == ["agreed"]


async def test_taking_back_is_never_too_late(scene: Scene) -> None:
    referral = await scene.open_case()
    await scene.offered(referral)
    worker = await at_case(scene, referral)
    await scene.events.deliver(changed(referral, "agreed"))

    await worker.send("agreement-form", said="revoke:kettle")

    assert worker.has("done")
    assert (worker.attributes("sharing"), worker.attributes("revoked")) == (["agreed"], ["kettle"])


async def test_a_double_click_is_recorded_once(scene: Scene) -> None:
    referral = await scene.open_case()
    worker = await at_case(scene, referral)
    action, data = worker.form("agreement-form", said="agreed")

    answers = await asyncio.gather(*(worker.client.post(action, data=data) for _ in range(3)))
    again = await worker.client.post(action, data=data)

    assert {answer.status_code for answer in (*answers, again)} == {303}
    assert len(recorded(scene)) == 1


async def test_while_intake_is_away_nothing_is_recorded_and_what_was_chosen_stays(scene: Scene) -> None:
    referral = await scene.open_case()
    await scene.offered(referral)
    worker = await at_case(scene, referral)
    scene.door.away = True

    await worker.send("agreement-form", said="revoke:kettle")

    assert worker.status == 503
    assert "send it again in a minute" in worker.text("refused")
    assert worker.attributes("revoked") == []
    scene.door.away = False
    await worker.send("agreement-form")
    assert worker.has("done")
    assert worker.attributes("revoked") == ["kettle"]


async def test_a_referral_that_has_ended_in_intake_records_nothing(scene: Scene) -> None:
    referral = await scene.open_case()
    worker = await at_case(scene, referral)
    scene.door.ended.add(referral)

    await worker.send("agreement-form", said="declined")

    assert worker.status == 409
    assert worker.attributes("sharing") == ["ask"]


async def test_nobody_elses_case_is_touched(scene: Scene) -> None:
    referral = await scene.open_case()
    worker = await at_case(scene, referral)
    action, data = worker.form("agreement-form", said="declined")
    other = await scene.signed_in("birch@example.org")
    await other.open("/")
    await other.post(action, data)
    assert other.status in (403, 404)
    assert recorded(scene) == []


async def test_a_word_that_no_page_offers_is_refused(scene: Scene) -> None:
    referral = await scene.open_case()
    worker = await at_case(scene, referral)
    await worker.send("agreement-form", said="perhaps")
    assert worker.status == 422
    assert recorded(scene) == []


async def test_proposals_of_an_organisation_that_was_taken_back_say_so(scene: Scene) -> None:
    referral = await scene.open_case()
    await scene.events.deliver(revoked(referral, "kettle"), proposed(referral))
    worker = await at_case(scene, referral)
    assert "Agreement taken back" in worker.text("proposal-1")
