"""A practice's system finds the referral's id in an acknowledgement of either door."""

import json

import pytest

from deploy.demo.driver.calling import Surprised
from deploy.demo.driver.practice import referral_in

REFERRAL = "3f2a9c1d-1111-4222-8333-444444444444"
BUNDLE = {
    "resourceType": "Bundle",
    "entry": [
        {"resource": {"resourceType": "MessageHeader", "response": {"identifier": "b", "code": "ok"}}},
        {
            "resource": {
                "resourceType": "ServiceRequest",
                "identifier": [{"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{REFERRAL}"}],
            }
        },
    ],
}
XML = (
    '<Bundle xmlns="http://hl7.org/fhir"><entry><resource><ServiceRequest><identifier>'
    f'<system value="urn:ietf:rfc:3986"/><value value="urn:uuid:{REFERRAL}"/></identifier></ServiceRequest></resource>'
    "</entry></Bundle>"
)


@pytest.mark.parametrize(
    ("answer", "media_type"),
    [
        (json.dumps({"referral": REFERRAL, "state": "accepted"}), "application/json"),
        (json.dumps(BUNDLE), "application/fhir+json; charset=utf-8"),
        (XML, "application/fhir+xml"),
    ],
)
def test_every_door_s_acknowledgement_names_the_referral(answer: str, media_type: str) -> None:
    assert referral_in(answer.encode(), media_type) == REFERRAL


def test_an_acknowledgement_that_names_none_is_no_acknowledgement() -> None:
    with pytest.raises(Surprised):
        referral_in(b'{"state": "accepted"}', "application/json")
    with pytest.raises(Surprised):
        referral_in(b'<Bundle xmlns="http://hl7.org/fhir"/>', "application/fhir+xml")
