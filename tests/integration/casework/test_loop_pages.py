"""A case goes its whole way through the pages."""

from shared.contracts import (
    AttendanceRecorded,
    CaseClosed,
    ContactRecorded,
    NeedsRevised,
    OfferAnswered,
    OutcomeRecorded,
    ServicesChosen,
)
from tests.integration.casework.scene import ASH, PERSON, Scene


async def test_a_case_goes_from_the_desk_to_its_end_through_the_pages(scene: Scene) -> None:
    referral = await scene.open_case()
    worker = await scene.signed_in()

    await worker.open("/")
    assert str(referral) in worker.attributes("referral")
    assert worker.attributes("task") == ["new"]
    await worker.open(f"/referrals/{referral}")
    assert worker.status == 200
    assert str(PERSON["name"]) in worker.text()

    await worker.send("contact-form", kind="phone", reached="yes", note="She would like company.")
    assert worker.has("done")
    assert "She would like company." in worker.text("contacts")

    await worker.send("needs-form", need=["debt-advice", "loneliness", "walking"])
    assert "Walking" in worker.text("needs-now") or "walking" in worker.attributes("need")

    await worker.send(
        "choices-form", agreed="yes", rank=["1", "0"], share=["debt-desk:name", "debt-desk:phone", "tea-and-talk:name"]
    )
    assert worker.has("done"), worker.text()

    _, path = await scene.offered(referral)
    organisation = scene.browser()
    await organisation.open(path)
    await organisation.send("accept-form")
    assert organisation.attributes("standing") == ["accepted"]
    await organisation.send("attendance-form", attended="yes")
    await organisation.send("outcome-form", outcome=["debt-reduced", "", ""], amount=["1200", "", ""])
    assert organisation.has("done"), organisation.text()

    await worker.open(f"/referrals/{referral}")
    assert "£1,200" in worker.text("outcomes")
    await worker.send("close-form", reason="completed", outcome=["less-lonely", "", ""], amount=["", "", ""])
    assert worker.text("state") == "We have done what they wanted for now"

    told = await scene.events.published()
    assert [type(event) for event in told] == [
        ContactRecorded,
        NeedsRevised,
        ServicesChosen,
        OfferAnswered,
        AttendanceRecorded,
        OutcomeRecorded,
        CaseClosed,
    ]
    (chosen,) = [event for event in told if isinstance(event, ServicesChosen)]
    assert [(choice.service, choice.share) for choice in chosen.choices] == [("debt-desk", ("name", "phone"))]
    assert told[0].link_worker == ASH
