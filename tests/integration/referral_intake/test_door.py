"""The practice's door: what is acknowledged is stored once, and what does not fit leaves nothing behind."""

import json
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest

from shared.clocks import PLACE
from shared.contracts import ReferralAccepted, ReferralReceived
from tests.integration.referral_intake.intake_bench import Intake, a_body, at_once

TABLES = ("referral", "person", "person_match", "sealed_part", "request", "timeline", "subject", "outbox")


async def test_a_referral_is_acknowledged_stored_and_told(intake: Intake) -> None:
    before = _age()
    answer = await intake.post(a_body())
    assert answer.status_code == 201, answer.text
    referral = answer.json()["referral"]
    assert answer.headers["location"] == f"/referrals/{referral}"
    [received], [accepted] = (
        await intake.bench.published(ReferralReceived),
        await intake.bench.published(ReferralAccepted),
    )
    assert str(received.referral) == str(accepted.referral) == referral
    assert (accepted.practice, accepted.programme) == ("north", "tayside")
    assert {need.code for need in accepted.needs} >= {"loneliness"}
    assert (accepted.place.outward, accepted.place.precision) == ("DD3", "outward")
    assert accepted.age in {before, _age()}, "it may have become a birthday meanwhile"
    shown = (await intake.get(referral)).json()
    assert [step["what"] for step in shown["timeline"]] == ["received", "accepted"]
    assert (shown["state"], shown["stage"]) == ("accepted", "accepted")


def _age() -> int:
    today = datetime.now(PLACE).date()
    return today.year - 1957 - ((today.month, today.day) < (8, 14))


async def test_the_same_request_is_the_same_referral_and_gets_the_same_answer(intake: Intake) -> None:
    request_id = uuid4()
    first = await intake.post(a_body(), request_id=request_id)
    reordered = json.loads(json.dumps(dict(reversed(a_body().items()))))
    again = await intake.post(reordered, request_id=request_id)
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert await intake.count("referral") == 1
    assert len(await intake.bench.published(ReferralReceived)) == 1


async def test_the_same_answer_is_given_after_the_referral_has_moved_on(intake: Intake) -> None:
    request_id = uuid4()
    first = await intake.post(a_body(), request_id=request_id)
    await intake.act(first.json()["referral"], "withdraw", {"reason": "duplicate"})
    again = await intake.post(a_body(), request_id=request_id)
    assert (again.status_code, again.json()) == (first.status_code, first.json())


async def test_the_same_request_id_with_another_body_is_refused(intake: Intake) -> None:
    request_id = uuid4()
    await intake.post(a_body(), request_id=request_id)
    other = await intake.post(a_body(letter="Another letter altogether."), request_id=request_id)
    assert other.status_code == 422
    assert other.json()["title"] == "Another body"
    assert await intake.count("referral") == 1


async def test_two_practices_may_use_the_same_request_id(intake: Intake) -> None:
    request_id = uuid4()
    north = await intake.post(a_body(), request_id=request_id)
    south = await intake.post(a_body(letter="Something else."), "south", request_id)
    assert (north.status_code, south.status_code) == (201, 201)
    assert north.json()["referral"] != south.json()["referral"]


async def test_at_the_same_moment_the_second_waits_and_gets_the_same_answer(intake: Intake) -> None:
    request_id = uuid4()
    answers = await at_once(*(intake.post(a_body(), request_id=request_id) for _ in range(6)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["referral"] for answer in answers}) == 1
    assert await intake.count("referral") == 1
    assert await intake.count("person") == 1


async def test_two_bodies_under_one_request_id_at_the_same_moment_give_one_referral(intake: Intake) -> None:
    request_id = uuid4()
    answers = await at_once(
        intake.post(a_body(), request_id=request_id), intake.post(a_body(letter="Other."), request_id=request_id)
    )
    assert sorted(answer.status_code for answer in answers) == [201, 422]
    assert await intake.count("referral") == 1


async def test_two_first_referrals_of_a_person_at_the_same_moment_make_one_person(intake: Intake) -> None:
    await at_once(*(intake.post(a_body()) for _ in range(4)))
    assert await intake.count("referral") == 4
    assert await intake.count("person") == 1
    rows = await intake.bench.rows("SELECT same_person_as IS NULL AS first FROM referral")
    assert sorted(row["first"] for row in rows) == [False, False, False, True]


BAD: list[tuple[str, bytes, int, str]] = [
    ("not JSON", b"{", 400, "line 1"),
    ("not UTF-8", b'{"letter": "\xff"}', 400, "UTF-8"),
    ("a list", b"[]", 422, "body"),
    ("deep", b'{"letter":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400, "nested"),
    ("not a number", b'{"letter": NaN}', 400, "none that JSON knows"),
    ("a long number", b'{"letter": ' + b"9" * 9000 + b"}", 400, "number"),
]


@pytest.mark.parametrize(("body", "status", "said"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
async def test_what_is_no_json_object_is_refused(intake: Intake, body: bytes, status: int, said: str) -> None:
    answer = await intake.http.post(
        "/referrals",
        content=body,
        headers=intake.headers("north", **{"X-Request-ID": str(uuid4()), "Content-Type": "application/json"}),
    )
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.json()["detail"]
    assert await _nothing_stored(intake)


FIELDS: list[tuple[str, dict[str, Any], str]] = [
    ("a lone surrogate", {"letter": "she said \ud83d"}, "letter"),
    ("a null byte", {"letter": "quiet\x00voice"}, "letter"),
    ("a null byte in a name", {"person": {"given_name": "Mo\x00rag"}}, "person.given_name"),
    ("an unknown need", {"needs": ["loneliness", "levitation"]}, "needs.1"),
    ("a date in 1850", {"person": {"birth_date": "1850-01-31"}}, "person.birth_date"),
    ("a future birth date", {"person": {"birth_date": "2999-01-01"}}, "person.birth_date"),
    ("no day of the calendar", {"person": {"birth_date": "1970-02-30"}}, "person.birth_date"),
    ("a birth date as a number", {"person": {"birth_date": 0}}, "person.birth_date"),
    ("a short number", {"person": {"nhs_number": "12345"}}, "person.nhs_number"),
    ("an empty name", {"person": {"family_name": "   "}}, "person.family_name"),
    ("a name as a list", {"person": {"given_name": ["Quentina"]}}, "person.given_name"),
    ("free text as an interest", {"preferences": {"interests": ["quentina-likes-cats"]}}, "preferences.interests.0"),
    ("free text as access", {"preferences": {"access": ["quentinas-stairs"]}}, "preferences.access.0"),
    ("an unknown field", {"quentina": 1}, "body"),
    ("another programme", {"programme": "elsewhere"}, "programme"),
    ("a wrong agreement", {"agreement": {"referral": "yes"}}, "agreement.referral"),
]


@pytest.mark.parametrize(("changes", "at"), [case[1:] for case in FIELDS], ids=[case[0] for case in FIELDS])
async def test_a_wrong_field_is_named_and_nothing_sent_is_repeated(
    intake: Intake, changes: dict[str, Any], at: str
) -> None:
    content = json.dumps(a_body(**changes)).encode()
    answer = await intake.http.post(
        "/referrals",
        content=content,
        headers=intake.headers("north", **{"X-Request-ID": str(uuid4()), "Content-Type": "application/json"}),
    )
    assert answer.status_code == 422
    assert [fault["at"] for fault in answer.json()["errors"]] == [at]
    assert "uentina" not in answer.text
    assert "levitation" not in answer.text
    assert await _nothing_stored(intake)


async def test_a_referral_without_a_person_is_refused_by_name_of_the_field(intake: Intake) -> None:
    body = a_body()
    del body["person"]
    answer = await intake.post(body)
    assert answer.status_code == 422
    assert [fault["at"] for fault in answer.json()["errors"]] == ["person"]
    assert await _nothing_stored(intake)


async def test_a_body_over_a_mebibyte_is_refused(intake: Intake) -> None:
    assert (await intake.post(a_body(letter="x" * 1024 * 1024))).status_code == 413

    async def chunks() -> Any:
        for _ in range(40):
            yield b" " * 65_536

    headers = intake.headers("north", **{"X-Request-ID": str(uuid4()), "Content-Type": "application/json"})
    streamed = await intake.http.post("/referrals", content=chunks(), headers=headers)
    assert streamed.status_code == 413
    assert await _nothing_stored(intake)


async def test_another_content_type_is_refused(intake: Intake) -> None:
    headers = intake.headers("north", **{"X-Request-ID": str(uuid4()), "Content-Type": "text/plain"})
    assert (await intake.http.post("/referrals", content=b"{}", headers=headers)).status_code == 415


async def test_without_a_request_id_nothing_is_taken(intake: Intake) -> None:
    answer = await intake.http.post("/referrals", json=a_body(), headers=intake.headers("north"))
    assert answer.status_code == 422
    assert "X-Request-ID" in answer.text
    assert await _nothing_stored(intake)


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer ", "Bearer lw_wrong", "Basic bm9ydGg6"])
async def test_without_a_key_nobody_comes_in(intake: Intake, authorization: str | None) -> None:
    headers = {"X-Request-ID": str(uuid4())} | ({"Authorization": authorization} if authorization is not None else {})
    for method, path in (("POST", "/referrals"), ("GET", "/referrals"), ("GET", f"/referrals/{uuid4()}")):
        answer = await intake.http.request(method, path, json=a_body() if method == "POST" else None, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
    assert await _nothing_stored(intake)


async def test_another_practice_finds_no_such_referral(intake: Intake) -> None:
    referral = (await intake.post(a_body())).json()["referral"]
    unknown, other = await intake.get(uuid4(), "south"), await intake.get(referral, "south")
    assert (other.status_code, other.json()) == (404, unknown.json())
    assert (await intake.act(referral, "withdraw", practice="south")).status_code == 404
    assert (await intake.act(referral, "information", {"letter": "x"}, practice="south")).status_code == 404
    assert (await intake.http.get("/referrals", headers=intake.headers("south"))).json()["referrals"] == []
    assert (await intake.get(referral)).json()["state"] == "accepted"


async def test_a_practice_lists_its_open_referrals_newest_first(intake: Intake) -> None:
    ids = [(await intake.post(a_body(letter=f"Letter {n}"))).json()["referral"] for n in range(3)]
    await intake.act(ids[1], "withdraw", {"reason": "person-asked", "by": "person"})
    listed = (await intake.http.get("/referrals?open=true", headers=intake.headers("north"))).json()["referrals"]
    assert [referral["referral"] for referral in listed] == [ids[2], ids[0]]


async def test_while_the_keys_are_away_nothing_is_half_stored(intake: Intake) -> None:
    await intake.desk.vault.keyring.close()
    answer = await intake.post(a_body())
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert await _nothing_stored(intake)


async def _nothing_stored(intake: Intake) -> bool:
    kept = {table: await intake.count(table) for table in TABLES}
    # Applying the programme has published one event under the programme's own key.
    return kept == dict.fromkeys(TABLES, 0) | {"subject": 1, "outbox": 1}
