"""Bodies that cannot be taken in, each about somebody whose name may stand in no answer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from deploy.local.home import PROJECT
from tests.acceptance.people import a_person, a_referral

SAMPLES = PROJECT / "deploy/sample/referrals"
PRACTICE = json.loads((SAMPLES / "43-forty-pages.json").read_text())["practice"]
"""Who sent the message that is made bad here."""
MESSAGE: dict[str, Any] = json.loads((SAMPLES / "43-forty-pages.bundle.json").read_text())
MESSAGE_XML = (SAMPLES / "41-stent.bundle.xml").read_text()
PATIENT: dict[str, Any] = next(
    entry["resource"] for entry in MESSAGE["entry"] if entry["resource"]["resourceType"] == "Patient"
)
JSON, FHIR_JSON, FHIR_XML = "application/json", "application/fhir+json", "application/fhir+xml"

GIVEN, FAMILY = "Wolfhilde", "Zwetschkenbaum"


@dataclass(frozen=True)
class Bad:
    """Something that cannot be taken in: the answer's status, and a word of what it says is wrong."""

    status: int
    says: str
    body: bytes
    media_type: str = JSON
    path: str = "/referrals"
    headers: Mapping[str, str] = field(default_factory=dict)


def referral(person: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """Return a good referral with something changed; None takes a field of the person away."""
    whole = a_person(given_name=GIVEN, family_name=FAMILY) | (person or {})
    known = {name: value for name, value in whole.items() if value is not None}
    return a_referral("gardening", person=known, letter=f"{FAMILY} would like an allotment.") | changes


GOOD = json.dumps(referral())
DEEP = "[" * 100_000 + "]" * 100_000
DTD = f'<!DOCTYPE Bundle [<!ENTITY who "{FAMILY}"><!ENTITY file SYSTEM "file:///etc/hostname">]>'


def text(status: int, says: str, old: str, new: str) -> Bad:
    """A JSON referral in whose text something stands for something else."""
    assert old in GOOD, old
    return Bad(status, says, GOOD.replace(old, new, 1).encode())


def sent(status: int, says: str, person: dict[str, Any] | None = None, **changes: Any) -> Bad:
    """A JSON referral with something wrong."""
    return Bad(status, says, json.dumps(referral(person, **changes)).encode())


def fhir(status: int, says: str, old: str, new: str = "", media_type: str = FHIR_JSON, **headers: str) -> Bad:
    """A FHIR message in which something stands for something else."""
    message = json.dumps(MESSAGE).replace(PATIENT["name"][0]["family"], FAMILY)
    assert old in message, old
    body = message.replace(old, new, 1) if new or not headers else message
    return Bad(status, says, body.encode(), media_type, "/fhir/$process-message", headers)


def xml(says: str, old: str, new: str) -> Bad:
    """A FHIR message in XML in which something stands for something else."""
    assert old in MESSAGE_XML, old
    body = MESSAGE_XML.replace(old, new, 1).encode()
    return Bad(400, says, body, FHIR_XML, "/fhir/$process-message")


def raw(status: int, says: str, body: str, media_type: str = FHIR_JSON) -> Bad:
    """Something that is no message."""
    return Bad(status, says, body.encode(), media_type, "/fhir/$process-message")


BAD: dict[str, Bad] = {
    "malformed JSON": Bad(400, "line 1", GOOD[:-2].encode()),
    "JSON that is not UTF-8": Bad(400, "UTF-8", GOOD.encode("utf-16")),
    "a list": Bad(422, "body", f'["{FAMILY}"]'.encode()),
    "nothing": Bad(400, "line 1", b""),
    "5 MB of JSON": sent(413, "bytes", letter="Zwetschke " * 500_000),
    "deep nesting": Bad(400, "nested", DEEP.encode()),
    "deep nesting in a field": text(400, "nested", '"letter": ', f'"letter": {DEEP}, "also": '),
    "a lone surrogate": text(422, "surrogate", FAMILY, "Zwetschken\\ud83d"),
    "a null byte": sent(422, "null byte", letter=f"before\0after {FAMILY}"),
    "a null byte in a name": sent(422, "person.given_name", {"given_name": "Wolf\0hilde"}),
    "an unknown need": sent(422, "needs", needs=["zwetschkenbaum"]),
    "a date in 1850": sent(422, "person.birth_date", {"birth_date": "1850-02-03"}),
    "a day that is none": sent(422, "person.birth_date", {"birth_date": "1957-02-30"}),
    "a date to come": sent(422, "person.birth_date", {"birth_date": "2190-02-03"}),
    "no person": text(422, "person", '"person": ', '"referrer": '),
    "a person that is null": Bad(422, "person", json.dumps({**referral(), "person": None}).encode()),
    "a person without a name": sent(422, "person.family_name", {"family_name": None}),
    "an unknown field": sent(422, "not known", zwetschkenbaum=FAMILY),
    "a wrong type": sent(422, "letter", letter={"text": FAMILY}),
    "a huge number": text(422, "urgency", '"letter"', f'"urgency": {"9" * 4000}, "letter"'),
    "a number beyond all": text(400, "number", '"letter"', f'"urgency": {"9" * 9000}, "letter"'),
    "infinity": text(400, "number", '"letter"', '"urgency": Infinity, "letter"'),
    "another content type": Bad(415, "application/json", GOOD.encode(), "text/plain"),
    "a form": Bad(415, "application/json", b"person=Wolfhilde", "application/x-www-form-urlencoded"),
    "no request id": Bad(422, "equest-", GOOD.encode(), headers={"X-Request-ID": ""}),
    "a request id that is none": Bad(422, "equest-", GOOD.encode(), headers={"X-Request-ID": FAMILY}),
    "malformed FHIR JSON": raw(400, "line 1", json.dumps(MESSAGE)[:-3]),
    "5 MB of FHIR": raw(413, "bytes", json.dumps(MESSAGE) + " " * 5_000_000),
    "deep FHIR JSON": raw(400, "nested", DEEP),
    "a wrong resource": raw(422, "Bundle", json.dumps(PATIENT | {"name": [{"text": FAMILY}]})),
    "a lone surrogate in FHIR": fhir(400, "surrogate", FAMILY, "Zwetschken\\ud83d"),
    "a null byte in FHIR": fhir(400, "null byte", FAMILY, "Zwetschken\\u0000baum"),
    "a FHIR date in 1850": fhir(422, "Patient.birthDate", PATIENT["birthDate"], "1850-02-03"),
    "a FHIR date that is none": fhir(422, "Patient.birthDate", PATIENT["birthDate"], GIVEN),
    "no patient": fhir(422, "Patient", '"resourceType": "Patient"', '"resourceType": "Practitioner"'),
    "a Bundle that is no message": fhir(422, "message", '"type": "message"', '"type": "searchset"'),
    "another practice's sender": fhir(403, "sender", '"value": "Z99902"', '"value": "Z99901"'),
    "FHIR as text": fhir(415, "application/fhir+json", "", "", "text/plain"),
    "no correlation id": fhir(400, "X-Correlation-ID", "", **{"X-Correlation-ID": ""}),
    "malformed XML": xml("line", "</Patient>", ""),
    "XML that is JSON": raw(400, "XML", json.dumps(MESSAGE), FHIR_XML),
    "XML with a document type": xml("entity", "<Bundle", f"{DTD}<Bundle"),
    "XML with an unknown entity": xml("line", '<given value="', '<given value="&who;'),
    "deep XML": xml("nested", "<Patient>", f"<Patient>{'<contact>' * 90}{'</contact>' * 90}"),
    "very deep XML": xml("XML", "<Patient>", f"<Patient>{'<contact>' * 90_000}"),
}
