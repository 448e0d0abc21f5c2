"""FHIR: a BaRS message is read the same from JSON and XML, and what is refused is refused in our own words."""

import json
import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from referral_intake.domain import ReferralRequest
from referral_intake.fhir.answers import capability, received
from referral_intake.fhir.message import Intent, Message, read_message
from referral_intake.fhir.problem import FhirProblem
from referral_intake.fhir.referral import to_request
from referral_intake.fhir.tree import Node, read_json, read_xml
from referral_intake.fhir.write import JSON, XML, write
from referral_intake.triage.reader import read
from tests.unit.referral_intake.bundles import OURS, SERVICE_REQUEST, a_bundle, a_patient, as_json, reference_message

NAMES = st.text(st.characters(categories=["L", "N", "P", "Zs"]), min_size=1).filter(lambda name: name.strip())


def message_of(bundle: Node) -> Message:
    return read_message(bundle, endpoints=[OURS], use_cases=[OURS])


def request_of(**changes: Any) -> ReferralRequest:
    return to_request(message_of(read_json(as_json(a_bundle(**changes)))))


def refusal_of(body: bytes, *, xml: bool = False) -> FhirProblem:
    with pytest.raises(FhirProblem) as caught:
        to_request(message_of((read_xml if xml else read_json)(body)))
    return caught.value


@given(NAMES, NAMES, st.lists(NAMES, max_size=3))
def test_json_and_xml_say_the_same(given_name: str, letter: str, lines: list[str]) -> None:
    bundle = a_bundle(letter=letter, name=[{"family": "Mc Phee", "given": [given_name]}], address=[{"line": lines}])
    from_json, from_xml = read_json(as_json(bundle)), read_xml(write(bundle, XML))
    assert to_request(message_of(from_json)) == to_request(message_of(from_xml))


def test_a_referral_is_read_whole() -> None:
    request = request_of()
    person = request.person
    assert (person.given_name, person.family_name, person.birth_date.isoformat()) == (
        "Isla Rose",
        "Tosheach",
        "1957-08-14",
    )
    assert (person.nhs_number, person.address.lines, person.address.postcode) == (
        "9990012172",
        ("17 Pirnhouse Road", "Dundee"),
        "DD3 6LX",
    )
    assert (request.referrer.name, request.letter) == (
        "Una Auchterlonie",
        "Lonely since she moved, and short of money.",
    )
    assert [(code.system, code.code) for code in request.codes] == [("http://snomed.info/sct", "267076002")]
    assert (request.preferences.language, request.urgency, request.door) == ("pl", "soon", "fhir")
    assert (request.agreement.referral, request.sender_reference) == ("not-stated", SERVICE_REQUEST)


def test_the_persons_own_phone_is_taken_by_rank_and_never_the_emergency_contacts() -> None:
    person = request_of().person
    assert (person.phone, person.email) == ("07700 900102", "isla@example.org")
    only_emergency = [contact for contact in a_patient()["contact"] if "ECON" in json.dumps(contact)]
    assert request_of(contact=only_emergency).person.phone is None


def test_byte_order_marks_comments_and_odd_offsets_are_no_error() -> None:
    bundle = b"\xef\xbb\xbf" + as_json(a_bundle())
    assert to_request(message_of(read_json(bundle))) == request_of()
    xml = write(a_bundle(), XML).replace(b"<Patient>", b"<!-- a comment --><Patient><!-- and another -->")
    assert to_request(message_of(read_xml(b"\xef\xbb\xbf" + xml))) == request_of()


def test_resources_are_found_by_full_url_and_by_type_and_id() -> None:
    bundle = a_bundle()
    bundle["entry"][1]["resource"]["subject"]["reference"] = "Patient/p1"
    bundle["entry"][2]["resource"]["id"] = "p1"
    del bundle["entry"][2]["fullUrl"]
    assert to_request(message_of(read_json(as_json(bundle)))).person == request_of().person


@pytest.mark.parametrize(
    ("identifier", "vouched"),
    [({}, True), ({"code": "number-present-and-verified"}, True), ({"code": "number-present-but-not-traced"}, False)],
)
def test_what_the_sender_says_of_a_number_is_kept(identifier: dict[str, str], vouched: bool) -> None:
    extension = [{"url": "status", "valueCodeableConcept": {"coding": [identifier]}}] if identifier else []
    number = {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990012172", "extension": extension}
    assert request_of(identifier=[number]).person.number_vouched is vouched


def test_a_chi_number_is_told_by_its_system() -> None:
    """Of somebody born on 31 February, who cannot be."""
    number = {"system": "urn:oid:2.16.840.1.113883.2.1.3.2.4.16.53", "value": "3102571336"}
    person = request_of(identifier=[number]).person
    assert (person.nhs_number, person.chi_number) == (None, "3102571336")


def test_only_an_explicit_refusal_is_a_refusal() -> None:
    def with_consent(**consent: Any) -> str:
        bundle = a_bundle()
        bundle["entry"].append({"fullUrl": "urn:uuid:c", "resource": {"resourceType": "Consent", **consent}})
        return to_request(message_of(read_json(as_json(bundle)))).agreement.referral

    assert with_consent(status="active", policyRule={"coding": [{"code": "IMPLIED"}]}) == "not-stated"
    assert with_consent(status="active", provision={"type": "deny"}) == "declined"
    assert with_consent(status="rejected") == "declined"


@pytest.mark.parametrize(
    ("changes", "status", "code", "said"),
    [
        ({"endpoint": "111111111"}, 422, "not-supported", "not for us"),
        ({"use_case": "a5t2"}, 422, "not-supported", "use case"),
        ({"event": "booking-request"}, 422, "not-supported", "eventCoding"),
        ({"event": "servicerequest-response"}, 404, "not-found", "response.identifier"),
        ({"reason": "update"}, 422, "not-supported", "neither"),
        ({"status": "draft"}, 422, "not-supported", "neither"),
        ({"birthDate": "1957"}, 422, "value", "birthDate"),
        ({"birthDate": "Quentina"}, 422, "value", "birthDate"),
        ({"birthDate": None}, 422, "required", "birthDate"),
        ({"name": [{"family": "Quentina"}]}, 422, "required", "Patient.name"),
        ({"resourceType": "Group"}, 422, "required", "no Patient"),
    ],
)
def test_a_refusal_names_the_element_and_repeats_nothing(
    changes: dict[str, Any], status: int, code: str, said: str
) -> None:
    problem = refusal_of(as_json(a_bundle(**changes)))
    assert (problem.status, problem.code) == (status, code)
    assert said in problem.diagnostics
    assert "Quentina" not in json.dumps(problem.outcome())


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "line 1"),
        (b"{", "line 1"),
        (b"[]", "not a FHIR resource"),
        (b"\xff{}", "UTF-8"),
        (b'{"resourceType": "Patient"}', "Bundle"),
        (b'{"resourceType": "Bundle", "type": "transaction"}', "type message"),
        (b'{"resourceType": "Bundle", "type": "message"}', "MessageHeader"),
        (b'{"a": [[1]]}', "list"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": "\\ud83d"}', "surrogate"),
        (b'{"a": "\\u0000"}', "null byte"),
        (b'{"a":' * 100 + b"1" + b"}" * 100, "nested"),
        (b"[" * 200_000, "nested"),
    ],
)
def test_json_that_is_no_message_is_refused(body: bytes, said: str) -> None:
    assert said in refusal_of(body).diagnostics


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "line"),
        (b"<Bundle", "not well-formed"),
        (b"<Bundle/>", "namespace"),
        (b'<!DOCTYPE x [<!ENTITY e "Quentina">]><Bundle xmlns="http://hl7.org/fhir"/>', "refused"),
        (b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x"><Bundle xmlns="http://hl7.org/fhir"/>', "refused"),
        (b'<Bundle xmlns="http://hl7.org/fhir"><type value="&Quentina;"/></Bundle>', "not well-formed"),
        (b'<Bundle xmlns="http://hl7.org/fhir"><type value="&#xD800;"/></Bundle>', "not well-formed"),
        (b'<Bundle xmlns="http://hl7.org/fhir"><type value="a\x00b"/></Bundle>', "not well-formed"),
        ('<?xml version="1.0" encoding="utf-16"?><Bundle/>'.encode("utf-16"), "UTF-8"),
        (b'<Bundle xmlns="http://hl7.org/fhir">' + b"<a>" * 5000 + b"</a>" * 5000 + b"</Bundle>", ""),
    ],
)
def test_xml_that_is_no_message_is_refused(body: bytes, said: str) -> None:
    problem = refusal_of(body, xml=True)
    assert problem.status in {400, 422}
    assert said in problem.diagnostics
    assert "Quentina" not in problem.diagnostics


@given(st.binary(max_size=300))
def test_no_bytes_at_all_break_a_reader(body: bytes) -> None:
    for reader in (read_json, read_xml):
        try:
            assert isinstance(reader(body), Node)
        except FhirProblem as problem:
            assert problem.status == 400  # noqa: PT017  # either outcome is right, any other exception is not


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(["entry", "type", "id"]), st.integers(0, 4), st.text(max_size=12), JSON_VALUES)
def test_whatever_stands_in_a_bundle_is_read_or_refused(part: str, number: int, element: str, value: object) -> None:
    bundle = a_bundle()
    bundle["entry"][number]["resource"][element] = value
    bundle["entry"][number]["resource"]["identifier"] = value
    if part != "entry":
        bundle[part] = value
    try:
        to_request(message_of(read_json(json.dumps(bundle).encode())))
    except FhirProblem as problem:
        assert problem.status in {400, 404, 422}  # noqa: PT017  # as above


@pytest.mark.parametrize("name", ["REFREQ03.xml", "REFREQ07.xml"])
def test_published_messages_are_for_another_service(name: str) -> None:
    problem = refusal_of(reference_message(name, ours=False), xml=True)
    assert (problem.status, problem.code) == (422, "not-supported")
    assert "not for us" in problem.diagnostics


@pytest.mark.parametrize("name", ["REFREQ03.xml", "REFREQ07.xml"])
def test_published_messages_addressed_to_us_are_read_and_hold_nothing_usable(name: str) -> None:
    body, count = re.subn(rb'value="07\d{9}"', b'value="07700900123"', reference_message(name, ours=True))
    assert count == 1
    request = to_request(message_of(read_xml(body)))
    assert request.person.phone == "07700900123"
    assert request.letter
    reading = read(request.letter, request.codes)
    assert (reading.needs, reading.risks) == ((), ())


def test_a_published_cancellation_addressed_to_us_is_a_cancellation() -> None:
    message = message_of(read_xml(reference_message("SERVREQ01.xml", ours=True)))
    assert message.intent is Intent.CANCEL
    assert message.reference == "urn:uuid:236bb75d-90ef-461f-b71e-fde7f899802c"


@pytest.mark.parametrize("reason", ["update", "delete"])
@pytest.mark.parametrize("status", ["revoked", "entered-in-error"])
def test_a_cancellation_is_told_by_status_and_reason(reason: str, status: str) -> None:
    message = message_of(read_json(as_json(a_bundle(reason=reason, status=status))))
    assert message.intent is Intent.CANCEL


def test_the_answer_says_received_to_the_message_that_it_answers() -> None:
    message = message_of(read_json(as_json(a_bundle())))
    answer = received(
        message, answer_id=UUID(int=1), referral=UUID(int=2), endpoint=OURS, now=datetime(2026, 3, 2, tzinfo=UTC)
    )
    header = answer["entry"][0]["resource"]
    assert header["response"] == {"identifier": "0b6d3a0e-51f5-4a51-9a3e-6f0f2c1a7d00", "code": "ok"}
    assert header["destination"] == [{"endpoint": "https://sender.example.org/fhir"}]
    root = etree.fromstring(write(answer, XML))
    [identifier] = root.findall(".//{*}response/{*}identifier")
    assert identifier.get("value") == header["response"]["identifier"]
    assert json.loads(write(answer, JSON)) == answer


def test_what_we_can_do_is_a_resource_in_both_forms() -> None:
    statement = capability([OURS], [OURS], "0.1.0")
    assert read_xml(write(statement, XML)) == read_json(write(statement, JSON))
