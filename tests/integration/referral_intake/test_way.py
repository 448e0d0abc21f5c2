"""The way of a referral at intake: asked about, answered, returned by a person, followed, and closed with its case."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from referral_intake import programmes, storage
from referral_intake.clocks import OverdueClock, ask_next
from referral_intake.domain import Caller
from referral_intake.geography.records import PostcodeRecord
from shared.contracts import (
    CaseClosed,
    CaseReopened,
    ContactRecorded,
    LinkWorkerAssigned,
    OfferMade,
    Place,
    ProgrammeApplied,
    ReferralAccepted,
    ReferralClosed,
    ReferralNeedsInformation,
    ReferralReturned,
    ReferralReturnProposed,
    ReferralWithdrawn,
    RiskAlerted,
)
from shared.messaging import Cause
from tests.integration.referral_intake.intake_bench import PROGRAMME, Intake, a_body, at_once

UNREACHABLE = {"phone": None, "address": {"lines": [], "postcode": "DD3 6LX"}}
NOW = datetime.now(UTC)


async def refer(intake: Intake, **changes: Any) -> str:
    answer = await intake.post(a_body(**changes))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["referral"])


async def custody(intake: Intake, *referrals: str) -> Any:
    async with intake.bench.database.transaction(Cause.request("custody", "read")) as tx:
        return await storage.custody(tx, [*referrals])


async def overdue(intake: Intake) -> int:
    """Let every clock run out, and the worker look."""
    await intake.bench.rows("UPDATE referral SET due_at = due_at - interval '90 days' WHERE due_at IS NOT NULL")
    return await OverdueClock(intake.desk)(intake.bench.database, None)  # type: ignore[arg-type]  # unused


async def test_a_referral_that_lacks_something_waits_for_its_practice_and_goes_on_when_it_has_it(
    intake: Intake,
) -> None:
    referral = await refer(intake, person=UNREACHABLE)
    [asked] = await intake.bench.published(ReferralNeedsInformation)
    shown = (await intake.get(referral)).json()
    assert (shown["state"], shown["missing"]) == ("needs-information", ["contact"])
    assert datetime.fromisoformat(shown["answer_by"]) == asked.answer_by
    held = (await custody(intake, referral))[referral]
    assert (held.state, held.owner, held.deadline) == ("open", "north", asked.answer_by)
    answer = await intake.act(referral, "information", {"person": {"phone": "07700 900102"}})
    assert (answer.status_code, answer.json()["state"]) == (200, "accepted")
    assert len(await intake.bench.published(ReferralAccepted)) == 1
    held = (await custody(intake, referral))[referral]
    assert (held.state, held.next_service, held.deadline) == ("handed-on", "matching", None)


async def test_the_same_information_again_gets_the_same_answer_and_changes_nothing(intake: Intake) -> None:
    referral, request_id = await refer(intake, person=UNREACHABLE), str(uuid4())
    body = {"person": {"phone": "07700 900102"}}
    answers = await at_once(
        *(intake.act(referral, "information", body, **{"X-Request-ID": request_id}) for _ in range(3))
    )
    assert {(answer.status_code, answer.json()["state"]) for answer in answers} == {(200, "accepted")}
    assert len(await intake.bench.published(ReferralAccepted)) == 1
    for _ in range(2):
        late = await intake.act(referral, "information", body, **{"X-Request-ID": str(UUID(int=7))})
        assert (late.status_code, late.json()["state"]) == (409, "accepted")


async def test_information_that_does_not_fit_is_named_and_leaves_the_referral_as_it_was(intake: Intake) -> None:
    referral = await refer(intake, person=UNREACHABLE)
    for body, at in (
        ({"person": {"phone": "ring"}}, "person.phone"),
        ({"person": {"birth_date": "1850-01-01"}}, "person.birth_date"),
    ):
        answer = await intake.act(referral, "information", body)
        assert [fault["at"] for fault in answer.json()["errors"]] == [at]
    assert (await intake.get(referral)).json()["state"] == "needs-information"


async def test_silence_of_the_practice_proposes_a_return_and_nothing_more(intake: Intake) -> None:
    referral = await refer(intake, person=UNREACHABLE)
    assert await overdue(intake) == 1
    [proposed] = await intake.bench.published(ReferralReturnProposed)
    assert proposed.reason == "information-not-given"
    held = (await custody(intake, referral))[referral]
    assert (held.state, held.owner, held.deadline) == ("open", "duty-contact:tayside", proposed.decide_by)
    assert await overdue(intake) == 1  # nobody decided: they are reminded, with a new date
    assert [event.reason for event in await intake.bench.published(ReferralReturnProposed)] == [
        "information-not-given"
    ] * 2
    assert (await intake.get(referral)).json()["state"] == "return-proposed"


async def test_a_clock_that_was_answered_in_time_asks_nobody(intake: Intake) -> None:
    referral = await refer(intake, person=UNREACHABLE)
    await intake.act(referral, "information", {"person": {"phone": "07700 900102"}})
    assert await OverdueClock(intake.desk)(intake.bench.database, None) == 0  # type: ignore[arg-type]  # unused


async def test_two_workers_that_saw_the_same_clock_propose_once(intake: Intake) -> None:
    referral = UUID(await refer(intake, person=UNREACHABLE))
    [row] = await intake.bench.rows("SELECT due_at FROM referral")
    for worker in ("one", "other"):
        async with intake.bench.database.transaction(Cause.tick("overdue_clock", worker)) as tx:
            await ask_next(tx, intake.desk, referral, row["due_at"])
    assert len(await intake.bench.published(ReferralReturnProposed)) == 1


async def test_a_named_person_confirms_a_return(intake: Intake) -> None:
    referral = await refer(intake, agreement={"referral": "declined"})
    assert (await intake.get(referral)).json()["state"] == "return-proposed"
    answer = await intake.internal(f"/internal/returns/{referral}", {"by": "duty-lead"})
    assert (answer.status_code, answer.json()["state"]) == (200, "returned")
    [returned] = await intake.bench.published(ReferralReturned)
    assert returned.reason == "person-declined"
    assert await intake.bench.rows("SELECT what, decided_by FROM decision") == [
        {"what": "return-confirm", "decided_by": "duty-lead"}
    ]
    assert (await intake.internal(f"/internal/returns/{referral}", {"by": "duty-lead"})).status_code == 409
    assert (await custody(intake, referral))[referral].state == "closed"


async def test_a_named_person_lets_a_referral_through(intake: Intake) -> None:
    referral = await refer(intake, agreement={"referral": "declined"})
    answer = await intake.internal(f"/internal/returns/{referral}", {"by": "duty-lead", "decision": "keep"})
    assert (answer.status_code, answer.json()["state"]) == (200, "accepted")
    [accepted] = await intake.bench.published(ReferralAccepted)
    assert "loneliness" in {need.code for need in accepted.needs}


async def test_nobody_confirms_a_return_that_was_not_proposed(intake: Intake) -> None:
    referral = await refer(intake)
    assert (await intake.internal(f"/internal/returns/{referral}", {"by": "duty-lead"})).status_code == 409
    assert (await intake.internal(f"/internal/returns/{uuid4()}", {"by": "duty-lead"})).status_code == 404
    assert (await intake.internal(f"/internal/returns/{referral}", {"decision": "confirm"})).status_code == 422


async def test_a_practice_withdraws_once(intake: Intake) -> None:
    referral = await refer(intake)
    for _ in range(2):
        answer = await intake.act(referral, "withdraw", {"reason": "person-asked", "by": "person"})
        assert (answer.status_code, answer.json()["state"]) == (200, "withdrawn")
    [withdrawn] = await intake.bench.published(ReferralWithdrawn)
    assert (withdrawn.reason, withdrawn.by) == ("person-asked", "person")


async def test_a_current_risk_is_told_beside_the_normal_way(intake: Intake) -> None:
    await refer(intake, letter="She told me today that she wants to kill herself.")
    [alert] = await intake.bench.published(RiskAlerted)
    assert set(alert.kinds) <= {"suicide", "self-harm"}
    assert len(await intake.bench.published(ReferralAccepted)) == 1


async def test_a_postcode_in_the_table_is_told_to_a_kilometre_with_its_council(intake: Intake) -> None:
    async with intake.bench.database.transaction(Cause.request("load", "test")) as tx:
        await storage.save_postcodes(tx, [PostcodeRecord("DD3 6LX", 56.47561, -2.98544, "S12000042")])
    await refer(intake)
    await refer(intake, person={"address": {"postcode": "DD3 6ZZ"}})
    await refer(intake, person={"address": {"postcode": "none known"}})
    exact, near, unknown = [event.place for event in await intake.bench.published(ReferralAccepted)]
    assert exact == Place(
        council="S12000042",
        health_board="S08000030",
        integration_authority="S37000007",
        outward="DD3",
        latitude=56.48,
        longitude=-2.99,
        precision="postcode",
    )
    assert (near.precision, near.outward, unknown) == ("outward", "DD3", Place())


def names(referral: str) -> dict[str, Any]:
    return {"referral": UUID(referral), "programme": "tayside"}


def assigned(referral: str) -> LinkWorkerAssigned:
    return LinkWorkerAssigned(**names(referral), link_worker="ash", practice="north", reasons=("serves-practice",))


def contacted(referral: str) -> ContactRecorded:
    return ContactRecorded(**names(referral), link_worker="ash", kind="phone", reached=True, at=NOW)


def offered(referral: str) -> OfferMade:
    return OfferMade(
        **names(referral),
        offer=uuid4(),
        service="s",
        organisation="o",
        need="loneliness",
        service_name="Quernstone Shed",
        organisation_name="Quernstone",
        respond_by=NOW + timedelta(days=5),
        share=("name",),
        choice=1,
    )


def closed(referral: str) -> CaseClosed:
    return CaseClosed(**names(referral), link_worker="ash", reason="completed", outcomes=())


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
async def test_progress_is_the_same_in_whatever_order_topics_arrive(intake: Intake, order: tuple[int, ...]) -> None:
    referral = await refer(intake)
    events = [assigned(referral), contacted(referral), offered(referral)]
    for number in order:
        await intake.bench.deliver(events[number])
    shown = (await intake.get(referral)).json()
    assert (shown["state"], shown["stage"]) == ("accepted", "offered")
    assert {step["what"] for step in shown["timeline"]} == {
        "received", "accepted", "link-worker-assigned", "case-contact-recorded", "offer-made",
    }  # fmt: skip
    assert "Quernstone" not in str(shown)  # which organisation it is, the person tells


async def test_an_event_that_comes_twice_is_one_line(intake: Intake) -> None:
    referral, event_id = await refer(intake), uuid4()
    for _ in range(2):
        await intake.bench.deliver(assigned(referral), event_id=event_id)
    assert [step["what"] for step in (await intake.get(referral)).json()["timeline"]].count("link-worker-assigned") == 1


async def test_a_closed_case_closes_the_referral_and_a_reopened_one_opens_it(intake: Intake) -> None:
    referral = await refer(intake)
    await intake.bench.deliver(closed(referral))
    [told] = await intake.bench.published(ReferralClosed)
    assert (told.reason, told.practice) == ("completed", "north")
    assert (await intake.get(referral)).json()["state"] == "closed"
    assert (await custody(intake, referral))[referral].state == "closed"
    await intake.bench.deliver(CaseReopened(**names(referral), link_worker="ash"))
    assert (await intake.get(referral)).json()["state"] == "accepted"
    assert (await custody(intake, referral))[referral].state == "handed-on"


async def test_a_withdrawn_referral_stays_withdrawn_when_its_case_closes(intake: Intake) -> None:
    referral = await refer(intake)
    await intake.act(referral, "withdraw")
    await intake.bench.deliver(closed(referral))
    assert (await intake.get(referral)).json()["state"] == "withdrawn"
    assert await intake.bench.published(ReferralClosed) == []


async def test_a_referral_that_intake_lost_is_parked_for_a_person_and_not_in_its_custody(intake: Intake) -> None:
    lost = str(uuid4())
    await intake.bench.deliver(assigned(lost))
    [parked] = await intake.bench.parked()
    assert (parked["kind"], parked["key"]) == ("rejected-message", lost)
    assert await custody(intake, lost, "tayside") == {}


async def test_a_programme_file_is_applied_once_and_told_again_when_it_changes_back(intake: Intake) -> None:
    async def apply(text: str, digest: str) -> bool:
        async with intake.bench.database.transaction(Cause.request("apply_programme", digest)) as tx:
            return await programmes.apply(tx, programmes.read_programme(text), digest)

    assert not await apply(PROGRAMME, "digest")
    without_south = PROGRAMME.replace("  - {id: south, name: South Surgery, ods_code: Z99902}\n", "").replace(
        "[north, south]", "[north]"
    )
    assert await apply(without_south, "other")
    assert (await intake.post(a_body(), "south")).status_code == 401
    assert await apply(PROGRAMME, "digest")
    assert (await intake.post(a_body(), "south")).status_code == 201
    assert await apply(without_south, "other")
    applied = await intake.bench.published(ProgrammeApplied)
    assert [len(event.practices) for event in applied] == [2, 1, 2, 1]
    ids = await intake.bench.rows("SELECT DISTINCT event_id FROM outbox WHERE type = $1", ProgrammeApplied.type)
    assert len(ids) == 4  # one id would be one event to whoever reads it


async def test_a_revoked_key_is_nobodys(intake: Intake) -> None:
    async with intake.bench.database.transaction(Cause.request("revoke", "test")) as tx:
        assert await storage.revoke_keys(tx, Caller("tayside", "north")) == 1
    assert (await intake.post(a_body())).status_code == 401
    assert (await intake.post(a_body(), "south")).status_code == 201
