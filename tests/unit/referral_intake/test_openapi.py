"""The OpenAPI document: a practice's programmer needs nothing else to send a referral and to read every refusal."""

from typing import Any

import jsonschema
import pytest

from referral_intake.api import ROUTERS
from referral_intake.api.agreement import SaidBody
from referral_intake.api.body import ReferralBody
from referral_intake.domain import Recorded, TakenBack
from shared.service.http import application

DOCUMENT: dict[str, Any] = application("referral-intake", ROUTERS).openapi()
POST = DOCUMENT["paths"]["/referrals"]["post"]
BODY = POST["requestBody"]["content"]["application/json"]["schema"]


def references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if "$ref" in part else []
        return own + [found for value in part.values() for found in references(value)]
    return [found for item in part for found in references(item)] if isinstance(part, list) else []


def test_every_reference_leads_somewhere() -> None:
    for reference in references(DOCUMENT):
        part: Any = DOCUMENT
        for name in reference.removeprefix("#/").split("/"):
            part = part[name]


def test_the_example_fits_the_documented_schema_and_the_door() -> None:
    [example] = BODY["examples"]
    jsonschema.validate(example, BODY)
    assert ReferralBody.model_validate(example).to_request().needs == ("loneliness",)


def test_the_documented_schema_refuses_what_the_door_refuses() -> None:
    [example] = BODY["examples"]
    for wrong in ({"person": None}, {"urgency": "at once"}, {"somebody": 1}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(example | wrong, BODY)


def test_each_example_of_an_agreement_fits_the_documented_schema_and_the_door() -> None:
    post = DOCUMENT["paths"]["/referrals/{referral_id}/agreement"]["post"]
    schema = post["requestBody"]["content"]["application/json"]["schema"]
    said = [SaidBody.model_validate(example).to_said() for example in schema["examples"]]
    assert said == [Recorded("agreed"), TakenBack("hilltown-advice-hub"), Recorded("declined")]
    for example in schema["examples"]:
        jsonschema.validate(example, schema)
    assert [parameter["name"] for parameter in post["parameters"] if parameter["required"]] == [
        "referral_id",
        "X-Request-ID",
    ]


@pytest.mark.parametrize(
    ("path", "method", "statuses"),
    [
        ("/referrals", "post", {"201", "400", "401", "413", "415", "422", "503"}),
        ("/referrals/{referral_id}", "get", {"200", "401", "404", "503"}),
        ("/referrals/{referral_id}/information", "post", {"400", "401", "404", "409", "413", "415", "422", "503"}),
        ("/referrals/{referral_id}/agreement", "post", {"400", "401", "404", "409", "413", "415", "422", "503"}),
        ("/referrals/{referral_id}/withdraw", "post", {"400", "401", "404", "409", "413", "415", "422", "503"}),
    ],
)
def test_every_error_is_documented_as_problem_details(path: str, method: str, statuses: set[str]) -> None:
    responses = DOCUMENT["paths"][path][method]["responses"]
    assert statuses <= responses.keys()
    for status in statuses - {"200", "201"}:
        assert "application/problem+json" in responses[status]["content"], status


def test_fhirs_door_tells_its_forms_and_each_refusal() -> None:
    post = DOCUMENT["paths"]["/fhir/$process-message"]["post"]
    assert post["requestBody"]["content"].keys() == {"application/fhir+json", "application/fhir+xml"}
    for status in ("400", "401", "403", "404", "409", "413", "415", "422", "503"):
        assert post["responses"][status]["content"].keys() == {"application/fhir+json", "application/fhir+xml"}
        assert "description" in post["responses"][status]


def test_the_internal_doors_are_not_for_practices() -> None:
    assert not [path for path in DOCUMENT["paths"] if path.startswith(("/internal", "/fhir/{"))]
