"""FHIR's door: a message is received once, a cancellation withdraws, and every answer is FHIR."""

import json
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from lxml import etree

from referral_intake.fhir.tree import Node, read_json, read_xml
from referral_intake.fhir.write import XML, write
from shared.contracts import ReferralAccepted, ReferralWithdrawn
from tests.integration.referral_intake.intake_bench import Intake, a_body, at_once
from tests.unit.referral_intake.bundles import a_bundle, as_json, reference_message

JSON_TYPE = "application/fhir+json"


def outcome_of(answer: Any) -> Node:
    """Return the issue of an OperationOutcome, in whichever form it came."""
    is_xml = answer.headers["content-type"].startswith("application/fhir+xml")
    outcome = (read_xml if is_xml else read_json)(answer.content)
    assert outcome.kind == "OperationOutcome"
    [issue] = outcome.nodes("issue")
    return issue


async def test_a_published_message_addressed_to_us_is_received_and_nothing_usable_was_read(intake: Intake) -> None:
    answer = await intake.message(reference_message("REFREQ07.xml", ours=True))
    assert answer.status_code == 200, answer.text
    bundle = read_xml(answer.content)
    assert (bundle.kind, bundle.text("type")) == ("Bundle", "message")
    assert bundle.text("entry", "resource", "response", "identifier") == "8e5fc76d-e1cf-4004-b4b3-5717a5807e86"
    [accepted] = await intake.bench.published(ReferralAccepted)
    assert (accepted.nothing_read, accepted.needs) == (True, ())
    assert (accepted.place.outward, accepted.place.precision) == ("LS10", "outward")


async def test_a_published_message_is_refused_and_nothing_is_stored(intake: Intake) -> None:
    answer = await intake.message(reference_message("REFREQ07.xml", ours=False))
    assert answer.status_code == 422
    assert outcome_of(answer).text("code") == "not-supported"
    assert "not for us" in (outcome_of(answer).text("diagnostics") or "")
    assert [await intake.count(table) for table in ("referral", "person", "request")] == [0, 0, 0]


async def test_the_same_message_again_is_a_duplicate_and_stored_once(intake: Intake) -> None:
    ids = (uuid4(), uuid4())
    first = await intake.message(as_json(a_bundle()), kind=JSON_TYPE, ids=ids)
    again = await intake.message(as_json(a_bundle()), kind=JSON_TYPE, ids=ids)
    assert (first.status_code, again.status_code) == (200, 409)
    assert outcome_of(again).text("code") == "duplicate"
    assert await intake.count("referral") == 1


async def test_the_same_message_at_the_same_moment_is_received_once(intake: Intake) -> None:
    ids = (uuid4(), uuid4())
    answers = await at_once(*(intake.message(as_json(a_bundle()), kind=JSON_TYPE, ids=ids) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]
    assert await intake.count("referral") == 1


async def test_the_same_ids_with_another_body_are_no_duplicate_that_a_sender_would_take_for_success(
    intake: Intake,
) -> None:
    ids = (uuid4(), uuid4())
    await intake.message(as_json(a_bundle()), kind=JSON_TYPE, ids=ids)
    other = await intake.message(as_json(a_bundle(letter="Another.")), kind=JSON_TYPE, ids=ids)
    assert (other.status_code, outcome_of(other).text("code")) == (422, "business-rule")


async def test_a_new_correlation_id_is_another_message(intake: Intake) -> None:
    request_id = uuid4()
    for _ in range(2):
        answer = await intake.message(as_json(a_bundle()), kind=JSON_TYPE, ids=(request_id, uuid4()))
        assert answer.status_code == 200
    rows = await intake.bench.rows("SELECT same_person_as FROM referral ORDER BY received_at")
    assert [row["same_person_as"] is None for row in rows] == [True, False]


async def test_both_forms_are_taken_and_answered_in_kind(intake: Intake) -> None:
    for kind, body in ((JSON_TYPE, as_json(a_bundle())), ("application/fhir+xml", write(a_bundle(), XML))):
        answer = await intake.message(body, kind=kind)
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind)


async def test_a_sender_that_is_another_practice_is_refused(intake: Intake) -> None:
    answer = await intake.message(as_json(a_bundle(ods_code="Z99902")), kind=JSON_TYPE)
    assert (answer.status_code, outcome_of(answer).text("code")) == (403, "forbidden")
    assert await intake.count("referral") == 0
    assert (await intake.message(as_json(a_bundle(ods_code="z99901")), kind=JSON_TYPE)).status_code == 200


@pytest.mark.parametrize("status", ["revoked", "entered-in-error"])
async def test_a_cancellation_withdraws_what_the_sender_calls_by_this_name(intake: Intake, status: str) -> None:
    await intake.message(as_json(a_bundle()), kind=JSON_TYPE)
    cancellation = as_json(a_bundle(reason="update", status=status))
    ids = (uuid4(), uuid4())
    assert (await intake.message(cancellation, kind=JSON_TYPE, ids=ids)).status_code == 200
    [withdrawn] = await intake.bench.published(ReferralWithdrawn)
    assert withdrawn.by == "practice"
    again = await intake.message(cancellation, kind=JSON_TYPE, ids=ids)
    assert (again.status_code, outcome_of(again).text("code")) == (409, "duplicate")
    later = await intake.message(cancellation, kind=JSON_TYPE)
    assert (later.status_code, outcome_of(later).text("code")) == (409, "conflict")


async def test_nobody_cancels_what_they_did_not_send(intake: Intake) -> None:
    await intake.message(as_json(a_bundle()), kind=JSON_TYPE)
    other = a_bundle(reason="update", status="revoked", ods_code="Z99902")
    answer = await intake.message(as_json(other), kind=JSON_TYPE, practice="south")
    assert (answer.status_code, outcome_of(answer).text("code")) == (404, "not-found")
    assert await intake.bench.published(ReferralWithdrawn) == []


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"{", JSON_TYPE, 400, "structure"),
        (b"<Bundle", "application/fhir+xml", 400, "structure"),
        (b"{}", "text/plain", 415, "not-supported"),
        (b" " * 5_000_001, JSON_TYPE, 413, "too-long"),
        (as_json(a_bundle(birthDate="1850-01-01")), JSON_TYPE, 422, "value"),
        (as_json(a_bundle(birthDate="2999-01-01")), JSON_TYPE, 422, "value"),
        (json.dumps({"resourceType": "Patient"}).encode(), JSON_TYPE, 422, "invalid"),
    ],
    ids=["json", "xml", "type", "size", "past", "future", "resource"],
)
async def test_what_does_not_fit_is_refused_in_fhir(
    intake: Intake, body: bytes, kind: str, status: int, code: str
) -> None:
    answer = await intake.message(body, kind=kind)
    assert (answer.status_code, outcome_of(answer).text("code")) == (status, code)
    assert [await intake.count(table) for table in ("referral", "person", "request")] == [0, 0, 0]


async def test_every_error_on_the_fhir_paths_is_fhir(intake: Intake) -> None:
    body, key = as_json(a_bundle()), intake.headers("north")
    ids = {"X-Request-ID": str(uuid4()), "X-Correlation-ID": str(uuid4())}
    wrong: list[tuple[str, str, dict[str, str], int, str]] = [
        ("POST", "/fhir/$process-message", ids, 401, "login"),
        ("POST", "/fhir/$process-message", key, 400, "required"),
        ("POST", "/fhir/$process-message", key | ids | {"X-Request-ID": "Quentina"}, 400, "required"),
        ("GET", "/fhir/$process-message", key, 404, "not-found"),
        ("GET", "/fhir/Patient?name=Quentina", key, 404, "not-found"),
    ]
    for method, path, headers, status, code in wrong:
        content = body if method == "POST" else None
        answer = await intake.http.request(
            method, path, content=content, headers={"Content-Type": JSON_TYPE, **headers}
        )
        assert (answer.status_code, outcome_of(answer).text("code")) == (status, code), path
        assert "Quentina" not in answer.text


async def test_while_the_keys_are_away_a_sender_is_told_to_try_again(intake: Intake) -> None:
    await intake.desk.vault.keyring.close()
    answer = await intake.message(as_json(a_bundle()), kind=JSON_TYPE)
    assert (answer.status_code, outcome_of(answer).text("code")) == (503, "transient")
    assert "retry-after" in answer.headers


async def test_a_fault_of_ours_is_told_in_fhir_and_leaves_nothing_half_stored(intake: Intake) -> None:
    connection = await asyncpg.connect(intake.data_dsn)
    await connection.execute("REVOKE INSERT ON intake.sealed_part FROM intake")
    try:
        answer = await intake.message(as_json(a_bundle()), kind=JSON_TYPE)
    finally:
        await connection.execute("GRANT INSERT ON intake.sealed_part TO intake")
        await connection.close()
    assert (answer.status_code, outcome_of(answer).text("code")) == (500, "exception")
    assert [await intake.count(table) for table in ("referral", "person", "request")] == [0, 0, 0]


async def test_what_we_can_do_is_told_without_a_key(intake: Intake) -> None:
    answer = await intake.http.get("/fhir/metadata", headers={"Accept": "application/fhir+xml"})
    assert answer.status_code == 200
    assert etree.fromstring(answer.content).tag == "{http://hl7.org/fhir}CapabilityStatement"


async def test_both_doors_know_the_same_person(intake: Intake) -> None:
    await intake.message(as_json(a_bundle()), kind=JSON_TYPE)
    await intake.post(a_body(person={"given_name": "Isla Rose"}))
    assert await intake.count("person") == 1
