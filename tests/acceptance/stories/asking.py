"""Stories of asking organisations: by mail, by webhook, on a topic; they say yes, no, or nothing."""

from typing import Any

from deploy.demo.driver.pages import Proposal
from shared.contracts import PartnerOfferMade
from tests.acceptance import books, topics
from tests.acceptance.browser import soon
from tests.acceptance.people import a_person, a_referral
from tests.acceptance.users import Everybody, LinkWorker, Organisation
from tests.acceptance.world import ANSWER_SECONDS


async def begin(here: Everybody, practice: str, *needs: str, **changes: Any) -> tuple[str, LinkWorker]:
    """Refer somebody and wait until a link worker has them."""
    referral = await here.practice(practice).refer(a_referral(*needs, **changes))
    return referral, await here.worker_of(referral)


def named(proposals: list[Proposal], name: str) -> Proposal:
    """Return the proposal of this name."""
    found = [proposal for proposal in proposals if name in proposal.name]
    assert found, f"{name} is not among {[proposal.name for proposal in proposals]}"
    return found[0]


async def the_whole_way_round(here: Everybody) -> str:
    """Posted, triaged, assigned, talked through, matched, offered, accepted, told of, closed; the practice reads it."""
    practice, body = here.practice("heddle-street"), a_referral("loneliness")
    referral = await practice.refer(body)
    worker = await here.worker_of(referral)
    await here.world.mailbox.wait(practice.party.mail, saying="has your referral", about=referral)
    name = f"{body['person']['given_name']} {body['person']['family_name']}"
    await worker.case(referral, lambda page: page.title == name, "the case says who it is")

    organisation = await talked_through_and_taken_on(here, worker, referral)
    await asked_for_details(here, organisation, body)
    assert (await organisation.press("attendance-form", attended="yes")).status == 200
    await tell_outcome(organisation, "less-lonely")

    await worker.close(referral, "new-networks", "2")
    asked = ("link-worker-assigned", "offer-made", "offer-answered", "offer-attendance-recorded")
    await practice.sees(referral, *asked, "case-outcome-recorded", "case-closed", state="closed")
    mail = await here.world.mailbox.wait(practice.party.mail, saying="is closed", about=referral)
    assert "completed" in mail.text
    assert "New people in their life: 2 people" in mail.text
    return referral


async def talked_through_and_taken_on(here: Everybody, worker: LinkWorker, referral: str) -> Organisation:
    """Let them talk, correct the needs and choose; an organisation says yes, and opening its link changed nothing."""
    await worker.talk(referral, "Wept over the gas letter; wants her pianola back from the pawnbroker first.")
    await worker.send(referral, "needs-form", ticks=["need-debt-advice"])
    proposals = await worker.proposals(referral, "debt-advice", "loneliness")
    chosen = next(proposal for proposal in proposals["loneliness"] if "Kettle" not in proposal.name)
    await worker.choose(referral, [(chosen, "loneliness")], "name", "phone", "need")
    organisation, subject = await here.organisation_asked(referral)
    assert chosen.name in subject
    for _ in range(2):  # as mail scanners do
        assert (await organisation.open()).standing == "open"
    assert (await organisation.accept()).standing == "accepted"
    await worker.case(referral, lambda page: [each.standing for each in page.asked] == ["accepted"], "the yes")
    await here.world.mailbox.wait(worker.party.mail, saying="Accepted:", about=referral)
    return organisation


async def asked_for_details(here: Everybody, organisation: Organisation, body: dict[str, Any]) -> None:
    """Let an organisation that accepted ask how to reach the person: by its registered address, and what was agreed."""
    before = len(here.world.mailbox.mails)
    await organisation.press("contact-details-form")

    async def mailed() -> str | None:
        mails = here.world.mailbox.mails[before:]
        own = here.world.cast.link_workers
        return next((m.letter.link for m in mails if m.letter.kind == "sign-in" and m.letter.to not in own), None)

    link = await soon(mailed, "the organisation's own link")
    page = await organisation.browser.press((await organisation.browser.open(link)).form("sign-in-confirm-form"))
    assert page.shared == ("name", "phone", "need"), page.title
    assert body["person"]["phone"] in page.text
    assert body["person"]["address"]["postcode"] not in page.text


async def tell_outcome(organisation: Organisation, code: str) -> None:
    """Let an organisation tell what came of it."""
    form = (await organisation.open()).form("outcome-form")
    form.fill_field("told-outcome-1", code)
    assert (await organisation.browser.press(form)).status == 200


async def a_no_asks_the_next_choice(here: Everybody) -> str:
    """An organisation declines; the next choice is asked by itself, and the link worker reads both answers."""
    referral, worker = await begin(here, "dura-neuk", "walking", "gardening")
    first, second = (await worker.proposals(referral, "walking"))["walking"][:2]
    await worker.choose(referral, [(first, "walking"), (second, "walking")], "name")
    organisation, subject = await here.organisation_asked(referral)
    assert first.name in subject
    assert (await organisation.decline("full")).standing == "declined"
    organisation, subject = await here.organisation_asked(referral, after=1)
    assert second.name in subject
    assert (await organisation.accept()).standing == "accepted"
    page = await worker.case(referral, lambda page: len(page.asked) == 2, "both offers")
    assert sorted(each.standing for each in page.asked) == ["accepted", "declined"]
    await here.world.mailbox.wait(worker.party.mail, saying="Declined:", about=referral)
    return referral


async def silence_asks_the_next_and_gives_the_task_back_at_last(here: Everybody) -> str:
    """Two organisations stay silent past their clocks; then the link worker has it as a task."""
    referral, worker = await begin(here, "sandwort-lane", "arts-and-crafts")
    first, second = (await worker.proposals(referral, "arts-and-crafts"))["arts-and-crafts"][:2]
    await worker.choose(referral, [(first, "arts-and-crafts"), (second, "arts-and-crafts")], "name")
    silent, subject = await here.organisation_asked(referral)
    assert first.name in subject
    assert (await silent.open()).standing == "open"
    await let_offer_wait(here, referral)
    _, subject = await here.organisation_asked(referral, after=1)
    assert second.name in subject
    await let_offer_wait(here, referral)

    async def over() -> bool:
        return (await silent.open()).standing == "expired"

    await soon(over, "the first offer is over")
    page = await worker.case(referral, lambda page: page.exhausted, "no choice is left")
    assert [each.standing for each in page.asked] == ["expired", "expired"]
    await here.world.mailbox.wait(worker.party.mail, saying="No choice left", about=referral)
    assert "exhausted" in (await worker.open("/")).tasks(referral)
    return referral


async def let_offer_wait(here: Everybody, referral: str) -> None:
    """Let all the time pass that an organisation has to answer, and not a second more."""
    async with books.looking(here.world) as connection:
        asked = await connection.fetch(
            """
            UPDATE matching.offer SET respond_by = respond_by - make_interval(secs => $2)
            WHERE referral = $1::uuid AND state = 'open' RETURNING service
            """,
            referral,
            ANSWER_SECONDS,
        )
    assert len(asked) == 1, asked


async def a_withdrawal_ends_what_is_under_way(here: Everybody) -> str:
    """The practice withdraws while an organisation is asked; nobody is asked any more, and everybody is told."""
    practice = here.practice("bucklemaker")
    referral, worker = await begin(here, "bucklemaker", "digital-skills")
    first = (await worker.proposals(referral, "digital-skills"))["digital-skills"][0]
    await worker.choose(referral, [(first, "digital-skills")], "name")
    organisation, _ = await here.organisation_asked(referral)
    answer = await practice.post(f"/referrals/{referral}/withdraw", {"reason": "moved-away"})
    assert (answer.status_code, answer.json()["state"]) == (200, "withdrawn")

    async def gone() -> bool:
        page = await organisation.open()
        return (page.status, page.standing) == (410, "withdrawn")

    await soon(gone, "the offer is withdrawn")
    await here.world.mailbox.wait(worker.party.mail, saying="Please do not contact the person", about=referral)
    taken_back = [mail for mail in here.world.mailbox.about(referral) if mail.letter.subject.startswith("Taken back")]
    assert len(taken_back) <= 1
    page = await worker.case(referral, lambda page: page.state == "withdrawn", "the case has ended")
    assert [each.standing for each in page.asked] == ["withdrawn"]
    await practice.sees(referral, state="withdrawn")
    return referral


async def an_agreement_taken_back_stops_who_was_asked(here: Everybody) -> str:
    """The person takes it back from one: the next is asked; then from all: nobody is, and the task is back."""
    practice = here.practice("sandwort-lane")
    referral, worker = await begin(here, "sandwort-lane", "gardening")
    proposals = (await worker.proposals(referral, "gardening"))["gardening"]
    page = await worker.open(f"/referrals/{referral}")
    organisation_of = {proposal.service: page.organisation(proposal.service) for proposal in proposals}
    first = proposals[0]
    asked_first = organisation_of[first.service]
    second = next(each for each in proposals if organisation_of[each.service] != asked_first)
    await worker.choose(referral, [(first, "gardening"), (second, "gardening")], "name")
    organisation, subject = await here.organisation_asked(referral)
    assert first.name in subject

    page = await worker.send(referral, "agreement-form", {"said": f"revoke:{asked_first}"})
    assert page.asked[0].standing == "withdrawn"
    assert await is_over(organisation)
    organisation, subject = await here.organisation_asked(referral, after=1)
    assert second.name in subject

    answer = await practice.post(f"/referrals/{referral}/agreement", {"revoke": "all"})
    assert (answer.status_code, answer.json()["state"]) == (200, "accepted")
    await soon(lambda: is_over(organisation), "the second offer is over")
    await worker.case(referral, lambda page: page.exhausted, "the task is back")
    view = await practice.sees(referral, "agreement-changed", state="accepted")
    assert view["agreement"]["share_with_organisations"] == "declined"
    steps = [step for step in view["timeline"] if step["what"] == "agreement-revoked"]
    assert [step["facts"] for step in steps] == [{}, {}]
    assert len(here.world.mailbox.offers(referral)) == 2
    return referral


async def is_over(organisation: Organisation) -> bool:
    """Say whether an offer's page tells that it was withdrawn."""
    page = await organisation.open()
    return (page.status, page.standing) == (410, "withdrawn")


async def an_organisation_with_an_endpoint_answers_by_the_address_in_its_webhook(here: Everybody) -> str:
    """An organisation with a webhook is told by it alone, signed, and answers where it says."""
    referral, worker = await begin(here, "heddle-street", "debt-advice")
    proposals = await worker.proposals(referral, "debt-advice")
    await worker.choose(referral, [(named(proposals["debt-advice"], "Tay Money Desk"), "debt-advice")], "name")

    async def hooked() -> dict[str, Any] | None:
        found = [each.data for each in here.world.webhooks if each.data["referral"] == referral]
        return found[0] if found else None

    data = await soon(hooked, "the webhook")
    assert data.keys() == {*PartnerOfferMade.model_fields, "answer_url"}
    assert (await Organisation(here.world, data["answer_url"]).accept()).standing == "accepted"
    await worker.case(referral, lambda page: [each.standing for each in page.asked] == ["accepted"], "the yes")
    assert not here.world.mailbox.offers(referral)
    return referral


async def an_organisation_with_a_topic_reads_what_it_may_see(here: Everybody) -> str:
    """An organisation with a topic of its own finds the offer there, with only what it may see."""
    referral, worker = await begin(here, "bucklemaker", "befriending", person=a_person(birth_date="1944-05-19"))
    proposals = await worker.proposals(referral, "befriending")
    await worker.choose(referral, [(named(proposals["befriending"], "Kettle"), "befriending")], "name")
    organisation, _ = await here.organisation_asked(referral)
    assert (await organisation.accept()).standing == "accepted"
    (party,) = here.world.cast.with_topic.values()

    async def told() -> list[topics.Message]:
        every = await topics.read(here.world.stack.addresses.kafka, f"linkway.partner.{party.id}")
        own = {message.id: message for message in every if message.key == referral.encode()}
        return list(own.values())  # each once, also if a relay had to send it again

    (message,) = await soon(told, "the partner's topic")
    assert set(message.json) == set(PartnerOfferMade.model_fields), message.json
    assert message.json["need"] == "befriending", message.json
    return referral
