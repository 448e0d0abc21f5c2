"""Facts of two topics may come in any order that each topic allows, and end in the same case."""

import itertools
import math
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.contracts import (
    Agreement,
    AgreementChanged,
    AgreementRevoked,
    ChoicesExhausted,
    Event,
    MatchNotFound,
    Miss,
    NeedRead,
    OfferExpired,
    OfferRefused,
    PersonErased,
    ReferralWithdrawn,
    RiskAlerted,
)
from shared.messaging.reading import sort
from tests.harness import record_of
from tests.integration.casework.scene import (
    ASH,
    BIRCH,
    PRACTICE,
    PROGRAMME,
    Scene,
    accepted,
    assigned,
    offer_made,
    proposal,
    proposed,
    received,
)

TIMES = ("accepted_at", "opened_at", "review_at", "ended_at", "risk_at", "exhausted_at")


async def state_of(scene: Scene, referral: UUID) -> dict[str, Any]:
    """Return everything kept of a case, times only as whether there is one."""
    (row,) = await scene.events.rows("SELECT * FROM cases WHERE referral = $1", referral)
    kept = {name: (value is not None if name in TIMES else value) for name, value in row.items()}
    for table in ("needs", "matches", "offers", "refusals"):
        rows = await scene.events.rows(f"SELECT * FROM {table} WHERE referral = $1", referral)
        kept[table] = [{n: v for n, v in each.items() if not n.endswith("_at") and n != "search"} for each in rows]
    return kept


async def deliver(scene: Scene, *events: Event) -> None:
    """Deliver one by one, each on its own topic."""
    bench = scene.events
    for event in events:
        lane = (event.topic_name, 0)
        if lane not in bench.batcher.at:
            bench.batcher.at[lane] = 0
            await bench.rows("INSERT INTO position VALUES ('test', $1, 0, 0)", event.topic_name)
        record = record_of(event, offset=bench.batcher.at[lane], topic=event.topic_name)
        await bench.batcher.run([sort(record, bench.handlers)])


async def settle(scene: Scene, *events: Event) -> None:
    """Deliver one by one, and try what is parked again until nothing is."""
    await deliver(scene, *events)
    for _ in range(4):
        for row in await scene.events.parked():
            await scene.events.redrive.one(row["id"], by="test")
    assert await scene.events.parked() == []


def interleavings(first: Sequence[Event], second: Sequence[Event]) -> list[list[Event]]:
    """Return every way to deal two topics into one order."""
    places = itertools.combinations(range(len(first) + len(second)), len(first))
    dealt = []
    for taken in places:
        one, two = iter(first), iter(second)
        dealt.append([next(one) if n in taken else next(two) for n in range(len(first) + len(second))])
    return dealt


def withdrawn(referral: UUID) -> ReferralWithdrawn:
    return ReferralWithdrawn(
        referral=referral, programme=PROGRAMME, practice=PRACTICE, reason="person-declined", by="person"
    )


@pytest.mark.parametrize("ends", [False, True], ids=["goes on", "withdrawn"])
async def test_every_order_of_the_two_topics_ends_in_the_same_case(scene: Scene, ends: bool) -> None:
    person, offer = uuid4(), uuid4()
    states = []
    for number in range(math.comb(6, 3)):
        referral = uuid4()
        referrals = [
            received(referral, person=person, received_at="2026-03-02T09:30:00Z"),
            accepted(referral, person=person),
            withdrawn(referral)
            if ends
            else RiskAlerted(referral=referral, programme=PROGRAMME, practice=PRACTICE, kinds=("abuse",)),
        ]
        routing = [
            assigned(referral),
            proposed(referral),
            offer_made(referral, offer=uuid4(), respond_by="2026-03-09T17:00:00Z"),
        ]
        await settle(scene, *interleavings(referrals, routing)[number])
        state = await state_of(scene, referral)
        state["offers"][0]["id"] = offer
        del state["version"]
        if ends:  # a case that was withdrawn before it opened has never been open
            del state["opened_at"]
        states.append(repr(state).replace(str(referral), "the referral"))
        expected = "withdrawn" if ends else "open"
        assert state["state"] == expected
    assert len(set(states)) == 1


async def test_proposals_for_a_referral_that_nobody_has_spoken_of_wait_for_it(scene: Scene) -> None:
    referral = uuid4()

    await deliver(scene, proposed(referral))
    (parked,) = await scene.events.parked()
    assert (parked["kind"], parked["state"]) == ("not-yet", "waiting")
    await settle(scene, accepted(referral), assigned(referral))

    state = await state_of(scene, referral)
    assert (state["state"], state["link_worker"], len(state["matches"])) == ("open", ASH, 1)


async def test_a_link_worker_who_is_known_before_triage_has_spoken_waits_for_nothing(scene: Scene) -> None:
    referral = uuid4()

    await deliver(scene, assigned(referral))
    assert (await state_of(scene, referral))["state"] == "awaiting"
    await deliver(scene, received(referral), accepted(referral, urgency="urgent"))

    state = await state_of(scene, referral)
    assert (state["state"], state["link_worker"], state["review_rule"]) == ("open", ASH, "scotland.1: 1 working day")
    assert await scene.events.parked() == []


async def test_the_same_event_twice_changes_nothing(scene: Scene) -> None:
    referral, twice = uuid4(), uuid4()
    await scene.events.deliver(received(referral), accepted(referral))
    await scene.events.deliver(assigned(referral), event_id=twice)
    before = await state_of(scene, referral)

    await scene.events.deliver(assigned(referral), event_id=twice)

    assert await state_of(scene, referral) == before


async def test_another_link_worker_takes_a_case_over(scene: Scene) -> None:
    referral = await scene.open_case()

    await scene.events.deliver(assigned(referral, BIRCH))

    ash, birch = await scene.signed_in(), await scene.signed_in("birch@example.org")
    await ash.open(f"/referrals/{referral}")
    await birch.open(f"/referrals/{referral}")
    assert (ash.status, birch.status) == (404, 200)


async def test_what_one_search_says_belongs_together_and_an_older_one_is_over(scene: Scene) -> None:
    referral = await scene.open_case()
    worker = await scene.signed_in()
    nothing = MatchNotFound(
        referral=referral,
        programme=PROGRAMME,
        needs=("walking",),
        reasons=("too-far",),
        nearest=(Miss(service="walks", service_name="Walks of the North", need="walking", ruled_out_by="too-far"),),
        directory_version=2,
    )

    # Of one search: the bench gives every event the same cause.
    await scene.events.deliver(proposed(referral, proposal("debt-desk", "debt-advice")), nothing)
    await worker.open(f"/referrals/{referral}")
    assert worker.attributes("service") == ["debt-desk"]
    assert "Walks of the North" in worker.text("not-found")

    await scene.events.rows("UPDATE matches SET search = 'an older one'")
    await scene.events.deliver(nothing)
    await worker.open(f"/referrals/{referral}")
    assert worker.attributes("service") == []
    assert "unmet need: Walking" in worker.text("not-found")


async def test_choices_that_ran_out_are_a_task_until_there_are_new_ones(scene: Scene) -> None:
    referral = await scene.open_case()
    worker = await scene.signed_in()
    await worker.open(f"/referrals/{referral}")
    await worker.send("contact-form", kind="phone", reached="yes")
    refused = OfferRefused(
        referral=referral,
        programme=PROGRAMME,
        offer=uuid4(),
        service="debt-desk",
        organisation="kettle",
        need="debt-advice",
        reason="no-place",
    )

    await scene.events.deliver(
        refused, ChoicesExhausted(referral=referral, programme=PROGRAMME, tried=1, need="debt-advice")
    )

    await worker.open("/")
    assert worker.attributes("task") == ["exhausted"]
    await worker.open(f"/referrals/{referral}")
    assert "For Debt advice everyone chosen was asked or could not be" in worker.text()
    await worker.send("choices-form", agreed="yes", rank=["0", "1"])
    await worker.open("/")
    assert worker.attributes("task") == []


async def test_a_withdrawn_referral_ends_the_case_and_its_offers(scene: Scene) -> None:
    referral = await scene.open_case()
    _, path = await scene.offered(referral)
    worker, organisation = await scene.signed_in(), scene.browser()
    await organisation.open(path)
    accept = organisation.form("accept-form")

    await scene.events.deliver(withdrawn(referral))

    await organisation.post(*accept)
    assert (organisation.status, organisation.attributes("standing")) == (410, ["withdrawn"])
    assert "Debt advice" not in organisation.text()
    await worker.open(f"/referrals/{referral}")
    assert worker.attributes("state") == ["withdrawn"]
    assert not worker.has("contact-form")
    assert await scene.events.published() == []


async def test_who_was_erased_is_forgotten_here_whatever_comes_after(scene: Scene) -> None:
    referral = uuid4()
    erased = PersonErased(referral=referral, programme=PROGRAMME, practice=PRACTICE, person=uuid4())

    await scene.events.deliver(received(referral), erased, accepted(referral), assigned(referral))
    assert await scene.events.parked() == []

    (row,) = await scene.events.rows("SELECT * FROM cases WHERE referral = $1", referral)
    assert (row["state"], row["person"], row["age"], row["outward"], row["council"]) == ("erased", *(None,) * 4)


async def test_erasing_ends_an_open_case_and_empties_its_page(scene: Scene) -> None:
    referral = await scene.open_case()
    worker = await scene.signed_in()

    await scene.events.deliver(PersonErased(referral=referral, programme=PROGRAMME, practice=PRACTICE, person=uuid4()))

    scene.door.released.clear()
    await worker.open(f"/referrals/{referral}")
    assert worker.attributes("state") == ["erased"]
    assert "Morag" not in worker.text()
    assert scene.door.released == []


async def test_an_agreement_taken_back_hides_the_person_from_that_organisation(scene: Scene) -> None:
    referral = await scene.open_case()
    offer, path = await scene.offered(referral)
    organisation = scene.browser()
    await organisation.open(path)
    await organisation.send("accept-form")
    await organisation.send("contact-details-form")
    await scene.send_mails()
    await organisation.open(scene.links()[-1])
    await organisation.send("sign-in-confirm-form")
    assert "Morag Testcase" in organisation.text()

    revoked = AgreementRevoked(referral=referral, programme=PROGRAMME, practice=PRACTICE, organisation="kettle")
    await scene.events.deliver(revoked)

    await organisation.open(f"/organisation/offers/{offer}")
    assert organisation.status == 410
    assert "Morag" not in organisation.text()
    await organisation.open(path)
    assert (organisation.status, organisation.attributes("standing")) == (410, ["withdrawn"])


async def test_an_agreement_taken_back_before_the_offer_arrives_holds_for_it(scene: Scene) -> None:
    referral = await scene.open_case()
    worker = await scene.signed_in()
    await worker.open(f"/referrals/{referral}")
    await worker.send("choices-form", agreed="yes", rank=["1", "0"])
    everyone = AgreementRevoked(referral=referral, programme=PROGRAMME, practice=PRACTICE)

    await scene.events.deliver(everyone)
    _, before = await scene.offered(referral)
    await worker.open(f"/referrals/{referral}")
    await worker.send("choices-form", agreed="yes", rank=["1", "0"])
    _, after = await scene.offered(referral)

    organisation = scene.browser()
    await organisation.open(before)
    assert organisation.attributes("standing") == ["withdrawn"]
    await organisation.open(after)
    assert organisation.attributes("standing") == ["open"], "choosing again is agreeing again"


async def test_a_refusal_to_share_is_shown_before_anyone_is_chosen(scene: Scene) -> None:
    referral = await scene.open_case()
    declined = Agreement(referral="agreed", share_with_organisations="declined")
    await scene.events.deliver(
        AgreementChanged(referral=referral, programme=PROGRAMME, practice=PRACTICE, agreement=declined)
    )

    worker = await scene.signed_in()
    await worker.open(f"/referrals/{referral}")

    assert "does not agree that organisations are told" in worker.text("choices-form")


async def test_an_expiry_that_crosses_an_answer_makes_it_late(scene: Scene) -> None:
    referral = await scene.open_case()
    worker = await scene.signed_in()
    await worker.open(f"/referrals/{referral}")
    await worker.send("contact-form", kind="phone", reached="yes")
    offer, path = await scene.offered(referral)
    organisation = scene.browser()
    await organisation.open(path)
    await organisation.send("accept-form")

    await scene.events.deliver(
        OfferExpired(
            referral=referral,
            programme=PROGRAMME,
            offer=offer,
            service="debt-desk",
            organisation="kettle",
            need="debt-advice",
        )
    )

    await organisation.open(path)
    assert organisation.attributes("standing") == ["late-accepted"]
    assert not organisation.has("contact-details-form")
    await worker.open("/")
    assert worker.attributes("task") == ["late-answer"]


async def test_a_referral_of_which_nothing_was_read_says_so(scene: Scene) -> None:
    referral = await scene.open_case(needs=(), nothing_read=True)
    worker = await scene.signed_in()

    await worker.open(f"/referrals/{referral}")

    assert "Nothing that could be used was read" in worker.text("needs")


async def test_needs_that_this_release_does_not_know_are_shown_by_their_code_and_not_passed_on(scene: Scene) -> None:
    referral = await scene.open_case(needs=(NeedRead(code="moon-walking", source="text"),))
    _, path = await scene.offered(referral, need="moon-walking")
    worker, organisation = await scene.signed_in(), scene.browser()

    await worker.open(f"/referrals/{referral}")
    await organisation.open(path)

    assert "moon walking" in worker.text("needs-now")
    assert organisation.text("offer-need") == "Support in the community"
