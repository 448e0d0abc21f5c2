"""A BaRS message of our own in both forms, and the reference messages with our endpoint and use case put in."""

import json
from pathlib import Path
from typing import Any

import pytest

OURS = "linkway-social-prescribing"
SERVICE_REQUEST = "urn:uuid:0b6d3a0e-51f5-4a51-9a3e-6f0f2c1a7d01"
PATIENT = "urn:uuid:0b6d3a0e-51f5-4a51-9a3e-6f0f2c1a7d02"
SENDER = "urn:uuid:0b6d3a0e-51f5-4a51-9a3e-6f0f2c1a7d03"
REQUESTER = "urn:uuid:0b6d3a0e-51f5-4a51-9a3e-6f0f2c1a7d04"
USE_CASES = "https://fhir.nhs.uk/CodeSystem/usecases-categories-bars"
EVENTS = "https://fhir.nhs.uk/CodeSystem/message-events-bars"
REASONS = "https://fhir.nhs.uk/CodeSystem/message-reason-bars"


def a_bundle(
    *,
    endpoint: str = OURS,
    use_case: str = OURS,
    reason: str = "new",
    status: str = "active",
    event: str = "servicerequest-request",
    ods_code: str = "Z99901",
    letter: str = "Lonely since she moved, and short of money.",
    **patient: Any,
) -> dict[str, Any]:
    """A referral as a practice's system would send it; `patient` changes elements of the Patient."""
    header = {
        "resourceType": "MessageHeader",
        "eventCoding": {"system": EVENTS, "code": event},
        "destination": [{"endpoint": f"https://fhir.nhs.uk/Id/dos-service-id|{endpoint}"}],
        "sender": {"reference": SENDER},
        "source": {"name": "Sample system", "endpoint": "https://sender.example.org/fhir"},
        "reason": {"coding": [{"system": REASONS, "code": reason}]},
        "focus": [{"reference": SERVICE_REQUEST}],
    }
    service_request = {
        "resourceType": "ServiceRequest",
        "status": status,
        "intent": "plan",
        "category": [{"coding": [{"system": USE_CASES, "code": use_case}]}],
        "priority": "urgent",
        "subject": {"reference": PATIENT},
        "encounter": {"reference": "EpisodeOfCare/outside-of-this-bundle"},
        "requester": {"reference": REQUESTER},
        "reasonCode": [{"coding": [{"system": "http://snomed.info/sct", "code": "267076002", "display": "Lonely"}]}],
        "note": [{"text": letter}],
    }
    entries = {
        "urn:uuid:header": header,
        SERVICE_REQUEST: service_request,
        PATIENT: a_patient() | patient,
        SENDER: an_organisation(ods_code),
        REQUESTER: {"resourceType": "Practitioner", "name": [{"family": "Auchterlonie", "given": ["Una"]}]},
    }
    return {
        "resourceType": "Bundle",
        "id": "0b6d3a0e-51f5-4a51-9a3e-6f0f2c1a7d00",
        "type": "message",
        "timestamp": "2026-03-02T09:30:00.1234567+01:00",
        "entry": [{"fullUrl": url, "resource": resource} for url, resource in entries.items()],
    }


def a_patient() -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990012172"}],
        "name": [
            {"use": "usual", "family": "Nickname"},
            {"use": "official", "family": "Tosheach", "given": ["Isla", "Rose"]},
        ],
        "birthDate": "1957-08-14",
        "address": [{"use": "home", "line": ["17 Pirnhouse Road"], "city": "Dundee", "postalCode": "DD3 6LX"}],
        "contact": [
            {
                "relationship": [{"coding": [{"code": "ECON"}]}],
                "telecom": [{"system": "phone", "value": "07700 900999", "rank": 1}],
            },
            {
                "relationship": [{"coding": [{"code": "ONESELF"}]}],
                "telecom": [
                    {"system": "phone", "value": "01632 960001", "rank": 2},
                    {"system": "phone", "value": "07700 900102", "rank": 1},
                    {"system": "email", "value": "isla@example.org"},
                ],
            },
        ],
        "communication": [{"language": {"coding": [{"code": "pl"}]}, "preferred": True}],
    }


def an_organisation(ods_code: str) -> dict[str, Any]:
    identifier = {"system": "https://fhir.nhs.uk/id/ods-organization-code", "value": ods_code}
    return {"resourceType": "Organization", "identifier": [identifier], "name": "A surgery"}


def as_json(bundle: dict[str, Any]) -> bytes:
    return json.dumps(bundle).encode()


def reference_message(name: str, *, ours: bool) -> bytes:
    """A message that NHS England published, as it is or with our endpoint and use case in it."""
    file = Path(__file__).parents[4] / "shared/data/fhir/bars" / name
    if not file.is_file():
        pytest.skip("the folder of real data, ../shared/data, is not here")
    text = file.read_text("utf-8-sig")
    for theirs, own in OURS_FOR.items() if ours else ():
        text = text.replace(theirs, own)
    return text.encode()


OURS_FOR = {
    "dos-service-id|111111111": f"dos-service-id|{OURS}",
    'code value="a5t1"': f'code value="{OURS}"',
    'code value="a5t2"': f'code value="{OURS}"',
    'code value="a4t1"': f'code value="{OURS}"',
}
"""The endpoint and the use cases of the reference messages, and what stands in their place."""
