"""The sample's BaRS bundles are messages for us, read by the reader that the door uses."""

from pathlib import Path
from typing import Any

import pytest

from referral_intake.domain import ReferralRequest
from referral_intake.fhir.message import Intent, read_message
from referral_intake.fhir.referral import to_request
from referral_intake.fhir.tree import Node, read_json, read_xml
from referral_intake.people.numbers import passes_modulus_11

OURS = ("linkway-social-prescribing",)
BUNDLES = sorted((Path(__file__).parents[3] / "deploy/sample/referrals").glob("*.bundle.*"))


def tree(path: Path) -> Node:
    return (read_xml if path.suffix == ".xml" else read_json)(path.read_bytes())


def request_in(path: Path) -> ReferralRequest:
    return to_request(read_message(tree(path), endpoints=OURS, use_cases=OURS))


@pytest.fixture(params=BUNDLES, ids=lambda path: path.name)
def bundle(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_each_bundle_belongs_to_a_referral(referrals: dict[str, Any]) -> None:
    named = {r["bundle"] for r in referrals.values() if r["door"] == "fhir"}
    assert named == {path.name for path in BUNDLES}
    assert {path.suffix for path in BUNDLES} == {".json", ".xml"}


def test_a_bundle_is_a_new_referral_from_its_practice(
    bundle: Path, referrals: dict[str, Any], programme: dict[str, Any]
) -> None:
    message = read_message(tree(bundle), endpoints=OURS, use_cases=OURS)
    codes = {practice["id"]: practice["ods_code"] for practice in programme["practices"]}
    practice = referrals[bundle.name.partition(".")[0]]["practice"]
    assert message.intent is Intent.REFER
    assert message.sender_ods_code == codes[practice]


def test_a_bundle_tells_of_an_invented_person_with_a_way_to_reach_them(bundle: Path) -> None:
    request = request_in(bundle)
    assert request.person.nhs_number
    assert request.person.nhs_number.startswith("999")
    assert passes_modulus_11(request.person.nhs_number)
    assert request.person.phone
    assert request.person.phone.startswith(("07700900", "01632960"))
    assert (request.person.email or "@example.org").endswith("@example.org")
    assert request.person.address.postcode
    assert request.letter
    assert request.referrer.name


def test_references_point_into_the_bundle_save_the_journey(bundle: Path) -> None:
    entries = tree(bundle).nodes("entry")
    urls = {entry.text("fullUrl") for entry in entries}
    request = next(n for entry in entries for n in entry.nodes("resource") if n.kind == "ServiceRequest")
    for path in (("subject",), ("requester",), ("performer",), ("encounter",), ("basedOn",)):
        assert set(request.texts(*path, "reference")) <= urls
    encounter = next(n for entry in entries for n in entry.nodes("resource") if n.kind == "Encounter")
    assert encounter.texts("episodeOfCare", "reference")[0] not in urls


def test_real_life_is_in_them() -> None:
    raw = {path.name: path.read_bytes() for path in BUNDLES}
    assert any(body.startswith(b"\xef\xbb\xbf") for body in raw.values()), "one begins with a byte-order mark"
    assert any(b"<!--" in body for body in raw.values()), "one has comments inside its resources"
    assert any(not n.text("id") for path in BUNDLES for e in tree(path).nodes("entry") for n in e.nodes("resource"))
