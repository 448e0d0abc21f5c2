"""Both doors of a person's agreement: recorded once, told once, and only while the referral is open."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from shared.contracts import AgreementChanged, AgreementRevoked, CaseClosed, ReferralAccepted
from tests.integration.referral_intake.intake_bench import Intake, a_body, at_once

AGREED, NOT_SHED, NOBODY = {"share_with_organisations": "agreed"}, {"revoke": "shed"}, {"revoke": "all"}

UNREACHABLE: dict[str, Any] = {"address": {"lines": []}, "phone": None}


async def refer(intake: Intake, **changes: Any) -> str:
    return str((await intake.post(a_body(**changes))).json()["referral"])


async def events(intake: Intake) -> list[str]:
    """What was told of agreements, in its order."""
    told = [event for event in await intake.bench.published() if isinstance(event, AgreementChanged | AgreementRevoked)]
    return [
        event.agreement.share_with_organisations
        if isinstance(event, AgreementChanged)
        else f"not {event.organisation or 'anybody'}"
        for event in told
    ]


async def heard(
    intake: Intake, referral: str, by: str = "ash", request_id: object = None, **said: str
) -> httpx.Response:
    """Record what a link worker heard."""
    headers = {"X-Request-ID": str(request_id or uuid4())}
    return await intake.internal(f"/internal/agreements/{referral}", {**said, "by": by}, **headers)


async def test_an_agreement_recorded_anew_is_told_and_shown(intake: Intake) -> None:
    referral = await refer(intake)
    answer = await intake.act(referral, "agreement", AGREED)
    assert (answer.status_code, answer.json()) == (200, {"referral": referral, "state": "accepted"})
    [changed] = await intake.bench.published(AgreementChanged)
    assert (str(changed.referral), changed.practice) == (referral, "north")
    assert changed.agreement.referral == "agreed"
    view = (await intake.get(referral)).json()
    assert view["agreement"] == {"referral": "agreed", "share_with_organisations": "agreed"}
    assert view["timeline"][-1]["what"] == "agreement-changed"
    assert view["timeline"][-1]["facts"] == {"agreement": {"share_with_organisations": "agreed"}}


async def test_taking_it_back_is_told_and_the_timeline_names_no_organisation(intake: Intake) -> None:
    referral = await refer(intake)
    await intake.act(referral, "agreement", NOT_SHED)
    await intake.act(referral, "agreement", NOBODY)
    assert await events(intake) == ["not shed", "declined", "not anybody"]
    view = (await intake.get(referral)).json()
    assert [step["what"] for step in view["timeline"][-3:]] == [
        "agreement-revoked",
        "agreement-changed",
        "agreement-revoked",
    ]
    assert "shed" not in str(view)
    assert view["agreement"]["share_with_organisations"] == "declined"


@pytest.mark.parametrize("said", [AGREED, NOT_SHED, NOBODY])
async def test_the_same_again_is_no_harm_and_is_told_once(intake: Intake, said: dict[str, str]) -> None:
    referral = await refer(intake)
    first = await intake.act(referral, "agreement", said)
    told, steps = await events(intake), len((await intake.get(referral)).json()["timeline"])
    again = await intake.act(referral, "agreement", said)
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert await events(intake) == told != []
    assert len((await intake.get(referral)).json()["timeline"]) == steps


async def test_the_same_request_is_done_once_whatever_was_said_since(intake: Intake) -> None:
    referral, request_id = await refer(intake), str(uuid4())
    first = await intake.act(referral, "agreement", NOT_SHED, **{"X-Request-ID": request_id})
    await intake.act(referral, "agreement", AGREED)
    again = await intake.act(referral, "agreement", NOT_SHED, **{"X-Request-ID": request_id})
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert await events(intake) == ["not shed", "agreed"]
    other = await intake.act(referral, "agreement", NOBODY, **{"X-Request-ID": request_id})
    assert (other.status_code, other.json()["title"]) == (422, "Another body")


async def test_two_at_the_same_moment_are_both_kept(intake: Intake) -> None:
    referral = await refer(intake)
    answers = await at_once(
        *(intake.act(referral, "agreement", {"revoke": name}) for name in ("shed", "choir", "shed", "choir"))
    )
    assert {answer.status_code for answer in answers} == {200}
    assert sorted(await events(intake)) == ["not choir", "not shed"]


async def test_another_practice_finds_no_such_referral(intake: Intake) -> None:
    referral = await refer(intake)
    other = await intake.act(referral, "agreement", NOBODY, practice="south")
    unknown = await intake.act(uuid4(), "agreement", NOBODY)
    assert (other.status_code, other.json()) == (404, unknown.json())
    assert other.headers["content-type"] == "application/problem+json"
    assert await events(intake) == []


async def test_a_withdrawn_or_closed_referral_has_no_agreement_to_record(intake: Intake) -> None:
    withdrawn, closed = await refer(intake), await refer(intake)
    await intake.act(withdrawn, "withdraw", {"reason": "person-asked"})
    await intake.bench.deliver(
        CaseClosed(referral=closed, programme="tayside", link_worker="ash", reason="completed", outcomes=())
    )
    for referral, state in ((withdrawn, "withdrawn"), (closed, "closed")):
        for answer in (await intake.act(referral, "agreement", AGREED), await heard(intake, referral, revoke="shed")):
            assert (answer.status_code, answer.json()["state"]) == (409, state)
    assert await events(intake) == []


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("nothing", {}, "body"),
    ("both", AGREED | NOT_SHED, "body"),
    ("another word", {"share_with_organisations": "perhaps"}, "share_with_organisations"),
    ("a name", {"revoke": "Quentina's Choir"}, "revoke"),
    ("a field that we do not know", AGREED | {"quentina": 1}, "body"),
]


@pytest.mark.parametrize(("body", "at"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
async def test_a_wrong_body_is_named_and_nothing_sent_is_repeated(intake: Intake, body: Any, at: str) -> None:
    referral = await refer(intake)
    answer = await intake.act(referral, "agreement", body)
    assert (answer.status_code, [fault["at"] for fault in answer.json()["errors"]]) == (422, [at])
    assert "uentina" not in answer.text
    assert await events(intake) == []


async def test_without_a_request_id_or_a_key_nothing_is_recorded(intake: Intake) -> None:
    referral = await refer(intake)
    path = f"/referrals/{referral}/agreement"
    assert (await intake.http.post(path, json=AGREED, headers=intake.headers("north"))).status_code == 422
    assert (await intake.http.post(path, json=AGREED, headers={"X-Request-ID": str(uuid4())})).status_code == 401
    without = {"X-Request-ID": str(uuid4()), "Authorization": "Bearer wrong"}
    answer = await intake.http.post(f"/internal/agreements/{referral}", json=AGREED | {"by": "ash"}, headers=without)
    assert answer.status_code == 401
    assert await events(intake) == []


async def test_what_a_link_worker_heard_is_recorded_once_with_their_name(intake: Intake) -> None:
    referral, request_id = await refer(intake), uuid4()
    answers = [await heard(intake, referral, request_id=request_id, revoke="shed") for _ in range(2)]
    assert [(answer.status_code, answer.json()) for answer in answers] == [
        (200, {"referral": referral, "state": "accepted"})
    ] * 2
    assert await events(intake) == ["not shed"]
    rows = await intake.bench.rows("SELECT referral::text AS referral, what, decided_by FROM decision")
    assert [tuple(row.values()) for row in rows] == [(referral, "agreement", "ash")]
    assert (await heard(intake, str(uuid4()), revoke="shed")).status_code == 404


async def test_what_was_said_before_triage_has_accepted_it_holds_afterwards(intake: Intake) -> None:
    referral = await refer(intake, person=UNREACHABLE)
    assert (await intake.get(referral)).json()["state"] == "needs-information"
    await intake.act(referral, "agreement", NOBODY)
    added = {"person": {"phone": "07700 900102"}, "agreement": {"referral": "agreed"}}
    assert (await intake.act(referral, "information", added)).json()["state"] == "accepted"
    [accepted] = await intake.bench.published(ReferralAccepted)
    assert accepted.agreement.share_with_organisations == "declined"
    assert await events(intake) == ["declined"]


async def test_further_information_that_says_otherwise_is_told_before_the_referral_is_accepted(intake: Intake) -> None:
    referral = await refer(intake, person=UNREACHABLE)
    added = {"person": {"phone": "07700 900102"}, "agreement": {"share_with_organisations": "agreed"}}
    await intake.act(referral, "information", added)
    kinds = [type(event) for event in await intake.bench.published()]
    assert kinds[-2:] == [AgreementChanged, ReferralAccepted]
    [accepted] = await intake.bench.published(ReferralAccepted)
    assert accepted.agreement.share_with_organisations == "agreed"
