"""Stories of referrals that come in: by both doors, twice at once, with a risk, with something missing."""

import asyncio
import json
from uuid import NAMESPACE_URL, uuid4, uuid5

import pytest

from deploy.demo.driver.calling import Call
from deploy.demo.driver.samples import XML, read_samples
from deploy.local.home import PROJECT
from tests.acceptance.people import a_person, a_referral
from tests.acceptance.users import Everybody

SAMPLES = PROJECT / "deploy/sample/referrals"
PUBLISHED = PROJECT.parent / "shared/data/fhir/bars/REFREQ07.xml"


async def a_current_risk_is_told_at_once_and_the_referral_goes_on(here: Everybody) -> str:
    """A letter tells of a current risk: practice and duty contact are told, and a link worker has the referral."""
    practice = here.practice("heddle-street")
    letter = "Low since the redundancy. PHQ-9 item 9 scored 2 today: he has thought of ending his life this week."
    referral = await practice.refer(a_referral("low-mood", letter=letter))
    worker = await here.worker_of(referral)
    for reader in (practice.party.mail, here.world.cast.duty_contact.mail):
        mail = await here.world.mailbox.wait(reader, saying="Current risk", about=referral)
        assert "call 999" in mail.text
    told = "A current risk was read"  # an event of its own, after the one that opens the case
    await worker.case(referral, lambda page: page.state == "open" and told in page.text, "the open case tells of it")
    await practice.sees(referral, "risk-alerted", "link-worker-assigned", state="accepted")
    return referral


async def a_missing_contact_is_asked_for_and_given(here: Everybody) -> str:
    """Nobody could reach the person: the practice is asked, answers, and the referral goes on."""
    practice = here.practice("sandwort-lane")
    address = {"postcode": "DD5 2AJ"}
    person = a_person(phone=None, email=None, contact_notes=None, address=address)
    referral = await practice.refer(a_referral("gardening", person=person))
    assert (await practice.read(referral))["missing"] == ["contact"]
    mail = await here.world.mailbox.wait(practice.party.mail, saying="Something is missing", about=referral)
    assert "contact" in mail.text
    answer = await practice.post(f"/referrals/{referral}/information", {"person": {"phone": "07700 900998"}})
    assert (answer.status_code, answer.json()["state"]) == (200, "accepted")
    await here.worker_of(referral)
    await practice.sees(referral, "link-worker-assigned", state="accepted")
    return referral


async def the_same_request_at_the_same_moment_is_one_referral(here: Everybody) -> str:
    """A request that is sent six times at once is one referral, and everybody gets the same answer."""
    practice, body, request_id = here.practice("dura-neuk"), a_referral("volunteering"), str(uuid4())
    referrals = set(await asyncio.gather(*(practice.refer(body, request_id) for _ in range(6))))
    assert len(referrals) == 1
    other = await practice.post("/referrals", a_referral("volunteering"), request_id)
    assert other.status_code == 422
    assert "another body" in other.json()["detail"]
    listed = [view["referral"] for view in (await practice.get("/referrals")).json()["referrals"]]
    assert listed.count(*referrals) == 1
    return referrals.pop()


async def a_practice_sees_its_own_referrals_only(here: Everybody) -> str:
    """Another practice's referral is not there, and without a key nobody is let in."""
    referral = await here.practice("bucklemaker").refer(a_referral("learning"))
    other = here.practice("dura-neuk")
    for answer in (
        await other.get(f"/referrals/{referral}"),
        await other.post(f"/referrals/{referral}/withdraw", {}),
        await other.post(f"/referrals/{referral}/information", {"person": {"phone": "07700 900997"}}),
    ):
        assert answer.status_code == 404, answer.text
    assert referral not in (await other.get("/referrals")).text
    nobody = here.world.caller("referral-intake")
    for method, path in (("GET", f"/referrals/{referral}"), ("GET", "/referrals"), ("POST", "/referrals")):
        assert (await nobody.send(Call(method, path))).status_code == 401
    return referral


async def a_message_in_which_nothing_usable_is_read_is_received(here: Everybody) -> str:
    """The published example, addressed to us: received and accepted, and the link worker is told to read it."""
    if not PUBLISHED.exists():
        pytest.skip("needs ../shared/data/fhir/bars/REFREQ07.xml")
    message = PUBLISHED.read_bytes()
    for theirs in (b"https://fhir.nhs.uk/Id/dos-service-id|111111111", b"a5t2"):
        assert message.count(b'"%s"' % theirs) == 1
        message = message.replace(theirs, b"linkway-social-prescribing")
    practice = here.practice("dura-neuk")
    referral = await practice.refer_by_fhir(message, XML)
    view = await practice.sees(referral, "link-worker-assigned", state="accepted")
    (accepted,) = [step["facts"] for step in view["timeline"] if step["what"] == "accepted"]
    assert (accepted["needs"], accepted["nothing_read"]) == ([], True)
    worker = await here.worker_of(referral)
    await here.world.mailbox.wait(worker.party.mail, saying="says nothing that we could read", about=referral)
    return referral


async def the_sample_referrals_are_triaged_as_their_files_say(here: Everybody) -> str:
    """Each sample is sent by its door, some twice; nobody is alerted but for those that tell of a current risk."""
    samples = {sample.name: sample for sample in read_samples(SAMPLES)}
    ids: dict[str, str] = {}
    for name, sample in samples.items():
        practice, expected = (
            here.practice(sample.practice),
            json.loads((SAMPLES / f"{name}.json").read_text())["expect"],
        )
        ids[name] = await practice.send_sample(sample, str(uuid5(NAMESPACE_URL, sample.repeat_of or name)))
        steps = [step["what"] for step in (await practice.read(ids[name]))["timeline"]]
        assert expected["triage"] in steps[:3], f"{name}: {steps}"
        if sample.repeat_of:
            assert ids[name] == ids[sample.repeat_of]
        if expected["alert"]:
            duty = here.world.cast.duty_contact.mail
            await here.world.mailbox.wait(duty, saying="Current risk", about=ids[name])
    return ids[next(iter(samples))]
