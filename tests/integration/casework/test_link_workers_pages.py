"""What a link worker sees and does, and what happens when two do it, or one twice, or intake is away."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from shared.contracts import (
    CaseClosed,
    CaseReopened,
    CaseReviewDue,
    ContactRecorded,
    NeedsRevised,
    OutcomeRecorded,
    RiskAlerted,
)
from tests.integration.casework.scene import ASH, BIRCH, PRACTICE, PROGRAMME, Scene, accepted, assigned, received


async def test_an_empty_desk_says_so(scene: Scene) -> None:
    worker = await scene.signed_in()

    assert "Nobody waits for you right now." in worker.text()


async def test_who_waits_is_listed_with_names_by_weight(scene: Scene) -> None:
    routine = await scene.open_case()
    soon = await scene.open_case(urgency="soon")
    risky = await scene.open_case()
    await scene.events.deliver(RiskAlerted(referral=risky, programme=PROGRAMME, practice=PRACTICE, kinds=("abuse",)))

    worker = await scene.signed_in()

    assert worker.attributes("referral") == [str(risky), str(soon), str(routine)]
    assert worker.text("waiting").count("Morag Testcase") == 3
    assert "Toy Practice" in worker.text("waiting")


async def test_the_desk_works_without_names_when_intake_is_away(scene: Scene) -> None:
    referral = await scene.open_case()
    worker = await scene.signed_in()
    scene.door.away = True

    await worker.open("/")
    assert worker.status == 200
    assert "Names cannot be shown just now" in worker.text()
    await worker.open(f"/referrals/{referral}")

    assert worker.status == 200
    assert "Name and letter cannot be shown just now" in worker.text()
    await worker.send("contact-form", kind="phone", reached="no")
    assert worker.has("done")
    assert len(await scene.published(ContactRecorded)) == 1


async def test_a_note_that_cannot_be_sealed_is_not_lost_and_nothing_is_recorded(scene: Scene) -> None:
    referral = await scene.open_case()
    worker = await scene.signed_in()
    await worker.open(f"/referrals/{referral}")
    scene.door.away = True

    await worker.send("contact-form", kind="visit", reached="yes", note="Her sister will come along.")

    assert worker.status == 503
    assert worker.text("note") == "Her sister will come along."
    assert await scene.published() == []
    scene.door.away = False
    await worker.send("contact-form")
    assert worker.has("done")
    assert "Her sister will come along." in worker.text("contacts")
    (contact,) = await scene.published(ContactRecorded)
    assert (contact.kind, contact.reached) == ("visit", True)


async def test_words_and_goals_are_sealed_and_none_of_them_is_kept_here(scene: Scene) -> None:
    referral = await scene.open_case()
    worker = await scene.signed_in()
    await worker.open(f"/referrals/{referral}")
    await worker.send("note-form", kind="goal", text="To open the post without shaking.")
    await worker.send("contact-form", kind="phone", reached="yes", note="She laughed about the seagulls.")

    assert "To open the post without shaking." in worker.text("words")
    for table in ("acts", "contacts", "cases", "outbox"):
        rows = await scene.events.rows(f"SELECT * FROM {table}")
        assert "shaking" not in repr(rows), table
        assert "seagulls" not in repr(rows), table
        assert "Morag" not in repr(rows), table


async def test_what_was_read_stands_beside_the_letter_with_what_was_not_taken_as_a_need_and_why(scene: Scene) -> None:
    referral = await scene.open_case()
    worker = await scene.signed_in()
    await worker.open(f"/referrals/{referral}")

    beside = worker.text("letter")
    assert "Debt advice" in beside
    assert "“is behind with bills”" in beside
    assert "not taken as a need: it is past“no longer drinks”" in beside


async def test_a_letter_of_which_nothing_could_be_read_says_so(scene: Scene) -> None:
    referral = await scene.open_case()
    scene.door.people[referral]["reading"] = {"needs": [], "risks": [], "ruled_out": [], "nothing_usable": True}
    worker = await scene.signed_in()
    await worker.open(f"/referrals/{referral}")

    assert "No need could be read in it" in worker.text("letter")


async def test_each_look_at_a_person_is_by_name_and_for_a_purpose(scene: Scene) -> None:
    referral = await scene.open_case()
    worker = await scene.signed_in()
    scene.door.released.clear()

    await worker.open(f"/referrals/{referral}")

    assert {(purpose, by) for purpose, _, by in scene.door.released} == {("conversation", ASH)}
    assert any("letter" in fields for _, fields, _ in scene.door.released)


async def test_a_double_click_is_one_act(scene: Scene) -> None:
    referral = await scene.open_case()
    worker = await scene.signed_in()
    await worker.open(f"/referrals/{referral}")
    action, data = worker.form("contact-form", kind="phone", reached="yes", note="Once.")

    answers = await asyncio.gather(*(worker.client.post(action, data=data) for _ in range(3)))

    assert {answer.status_code for answer in answers} == {303}
    assert len(await scene.published(ContactRecorded)) == 1
    assert len(scene.door.notes[referral]) == 1
    await worker.open(f"/referrals/{referral}")
    assert worker.text("contacts").count("Once.") == 1


async def test_whoever_decides_on_an_older_page_is_shown_how_it_stands_now(scene: Scene) -> None:
    referral = await scene.open_case()
    one, other = await scene.signed_in(), await scene.signed_in()
    await one.open(f"/referrals/{referral}")
    await other.open(f"/referrals/{referral}")

    await one.send("needs-form", need=["walking"])
    await other.send("close-form", reason="completed")

    assert other.status == 409
    assert "Somebody else changed this case" in other.text("refused")
    assert other.attributes("need") == ["walking"]
    assert await scene.published(CaseClosed) == []
    await other.send("close-form", reason="completed")
    assert len(await scene.published(CaseClosed)) == 1


SENSELESS: list[tuple[str, dict[str, object], str]] = [
    ("contact-form", {"kind": "phone", "reached": "yes", "review_on": "2020-01-01"}, "after today"),
    ("needs-form", {"need": []}, "at least one need"),
    ("choices-form", {"rank": ["0", "0"], "agreed": "yes"}, "at least one service"),
    ("choices-form", {"rank": ["1", "1"], "agreed": "yes"}, "rank of its own"),
    ("choices-form", {"rank": ["1", "2"]}, "agreement. Tick it"),
    ("outcomes-form", {"outcome": ["", "", ""]}, "at least one outcome"),
    ("outcomes-form", {"outcome": ["debt-reduced"], "amount": ["-5"]}, "does not fit"),
    ("outcomes-form", {"outcome": ["less-lonely"], "amount": ["5"]}, "does not fit"),
    ("outcomes-form", {"outcome": ["debt-reduced"], "amount": ["9" * 5000]}, "does not fit"),
    ("outcomes-form", {"outcome": ["no-such-outcome"], "amount": [""]}, "does not fit"),
    ("close-form", {"reason": "withdrawn"}, "why the case is closed"),
]


async def test_a_form_that_makes_no_sense_says_what_to_do(scene: Scene) -> None:
    referral = await scene.open_case()
    worker = await scene.signed_in()

    for form, fields, says in SENSELESS:
        await worker.open(f"/referrals/{referral}")
        await worker.send(form, **fields)
        assert worker.status == 422, fields
        assert says in worker.text("refused"), fields

    assert await scene.published() == []


UNREADABLE: list[tuple[str, dict[str, object]]] = [
    ("contact-form", {"kind": "telepathy", "reached": "yes"}),
    ("contact-form", {"kind": "phone", "reached": "yes", "note": "a\x00b"}),
    ("contact-form", {"kind": "phone", "reached": "yes", "note": "x" * 8001}),
    ("contact-form", {"kind": "phone", "reached": "yes", "review_on": "someday"}),
    ("contact-form", {"kind": "phone", "reached": "yes", "form_id": "not-an-id"}),
    ("needs-form", {"need": ["moon-walking"]}),
    ("needs-form", {"need": ["walking"], "version": "99999999999999999999"}),
    ("choices-form", {"rank": ["first", "second"], "agreed": "yes"}),
    ("note-form", {"kind": "note", "text": "  "}),
]


async def test_a_form_that_no_page_of_ours_sends_is_refused_without_an_echo(scene: Scene) -> None:
    referral = await scene.open_case()
    worker = await scene.signed_in()

    for form, fields in UNREADABLE:
        await worker.open(f"/referrals/{referral}")
        await worker.send(form, **fields)
        assert worker.status == 422, fields
        assert "telepathy" not in worker.text()
        assert "someday" not in worker.text()

    assert await scene.published() == []
    assert scene.door.notes == {}


async def test_nobody_but_the_cases_own_link_worker_sees_or_changes_it(scene: Scene) -> None:
    referral = await scene.open_case()
    own, other = await scene.signed_in(), await scene.signed_in("birch@example.org")
    await own.open(f"/referrals/{referral}")
    _, data = own.form("contact-form", kind="phone", reached="yes", note="Mine.")

    await other.open(f"/referrals/{referral}")
    assert other.status == 404
    await other.open("/")
    token = other.form("sign-out-form")[1]["csrf"]
    for note in ("Mine.", ""):
        await other.post(f"/referrals/{referral}/contacts", {**data, "csrf": token, "note": note})
        assert other.status == 404
    await other.open(f"/referrals/{uuid4()}")
    assert other.status == 404
    await other.open("/referrals/not-an-id")
    assert other.status == 404
    assert scene.door.notes == {}
    assert await scene.published() == []


async def test_a_form_of_another_session_is_refused(scene: Scene) -> None:
    referral = await scene.open_case()
    one, other = await scene.signed_in(), await scene.signed_in()
    await one.open(f"/referrals/{referral}")

    await other.post(*one.form("contact-form", kind="phone", reached="yes"))

    assert other.status == 403
    assert await scene.published() == []


async def test_attendance_and_outcomes_are_told_of_a_place_that_was_taken(scene: Scene) -> None:
    referral = await scene.open_case()
    offer, path = await scene.offered(referral)
    organisation, worker = scene.browser(), await scene.signed_in()
    await organisation.open(path)
    await organisation.send("accept-form")
    await worker.open(f"/referrals/{referral}")

    await worker.send("attendance-form-1", attended="no")

    assert "They did not come" in worker.text("offers")
    await worker.send("attendance-form-1", attended="yes", offer=str(uuid4()))
    assert worker.status == 422
    told = await scene.events.published()
    assert [(event.offer, event.attended) for event in told if hasattr(event, "attended")] == [(offer, False)]


async def test_a_closed_case_takes_outcomes_and_opens_again_for_the_same_link_worker(scene: Scene) -> None:
    referral = await scene.open_case()
    worker = await scene.signed_in()
    await worker.open(f"/referrals/{referral}")
    await worker.send("close-form", reason="no-contact")
    assert worker.attributes("state") == ["closed"]

    await worker.send("outcomes-form", outcome=["less-lonely"], amount=[""])
    await worker.send("reopen-form")
    assert worker.attributes("state") == ["open"]
    await worker.open("/")
    assert worker.attributes("task") == ["new"]

    told = [event for event in await scene.events.published() if not isinstance(event, ContactRecorded)]
    assert [type(event) for event in told] == [CaseClosed, OutcomeRecorded, CaseReopened]
    assert told[-1].link_worker == ASH


async def test_a_review_that_falls_due_is_told_once_for_each_date(scene: Scene) -> None:
    referral = await scene.open_case()
    await scene.events.rows("UPDATE cases SET review_at = now() - interval '1 minute' WHERE referral = $1", referral)

    await asyncio.gather(scene.tell_reviews(), scene.tell_reviews())
    assert await scene.tell_reviews() == 0
    (due,) = await scene.published(CaseReviewDue)
    assert (due.referral, due.link_worker) == (referral, ASH)

    worker = await scene.signed_in()
    assert "review-due" in worker.attributes("task")
    await worker.open(f"/referrals/{referral}")
    tomorrow = (datetime.now(UTC) + timedelta(days=3)).date()
    await worker.send("contact-form", kind="phone", reached="yes", review_on=tomorrow.isoformat())
    await worker.open("/")
    assert worker.attributes("task") == []
    assert await scene.tell_reviews() == 0


async def test_the_ledger_hears_who_holds_a_case_and_until_when(scene: Scene) -> None:
    held = await scene.open_case()
    closed, before_assignment = await scene.open_case(), uuid4()
    await scene.events.deliver(received(before_assignment), accepted(before_assignment))
    worker = await scene.signed_in()
    await worker.open(f"/referrals/{closed}")
    await worker.send("close-form", reason="moved-away")

    custody = await custody_of(scene, held, closed, before_assignment)

    assert (custody[held]["state"], custody[held]["owner"], custody[held]["stage"]) == ("open", ASH, "first-contact")
    assert custody[held]["deadline"] is not None
    assert (custody[closed]["state"], custody[closed]["next_service"]) == ("closed", "referral-intake")
    assert custody[before_assignment] is None, "matching answers for it"


async def custody_of(scene: Scene, *referrals: UUID) -> dict[UUID, dict[str, object]]:
    """Ask as operations does."""
    answer = await scene.browser().client.post(
        "/internal/operations/custody",
        json={"keys": [*map(str, referrals), "x" * 36]},
        headers={"Authorization": f"Bearer {scene.door.key}"},
    )
    return {referral: answer.json()["keys"][str(referral)]["custody"] for referral in referrals}


async def test_needs_that_are_the_same_are_not_told_again(scene: Scene) -> None:
    referral = await scene.open_case()
    worker = await scene.signed_in()
    await worker.open(f"/referrals/{referral}")

    await worker.send("needs-form")

    assert worker.has("done")
    assert await scene.published(NeedsRevised) == []


async def test_a_case_that_was_given_away_while_its_page_was_open_is_out_of_reach(scene: Scene) -> None:
    referral = await scene.open_case()
    worker = await scene.signed_in()
    await worker.open(f"/referrals/{referral}")

    await scene.events.deliver(assigned(referral, BIRCH))
    await worker.send("close-form", reason="completed")

    assert worker.status == 404
    assert await scene.published() == []
