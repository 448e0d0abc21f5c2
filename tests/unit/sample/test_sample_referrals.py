"""The sample referrals have the shape that the doors take, invented people, and plans that can be played."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from referral_intake.people.numbers import passes_modulus_11
from shared.contracts import Agreement, Preferences
from shared.contracts.words import ContactKind, SharedField
from shared.needs import NEEDS, OUTCOMES

FOLDER = Path(__file__).parents[3] / "deploy/sample/referrals"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json") if not path.name.endswith(".bundle.json"))
SENT_AS_JSON = [name for name in NAMES if not list(FOLDER.glob(f"{name}.bundle.*"))]
DRAMA = re.compile(r"(07700 900|01632 960)\d{3}")
PERSON = {"given_name", "family_name", "birth_date", "nhs_number", "address", "phone", "email", "contact_notes"}
PLAN = {
    "information", "return", "contact", "needs", "choose", "share", "answers",
    "attended", "withdraw", "outcomes", "close",
}  # fmt: skip
DECLINED = {"full", "not-suitable", "out-of-area", "could-not-reach", "closed", "other"}
CLOSED = {"completed", "no-contact", "declined-by-person", "moved-away", "died", "withdrawn"}


@pytest.fixture(params=NAMES)
def referral(request: pytest.FixtureRequest, referrals: dict[str, Any]) -> Any:
    return referrals[request.param]


@pytest.fixture(params=SENT_AS_JSON)
def sent(request: pytest.FixtureRequest, referrals: dict[str, Any]) -> Any:
    return referrals[request.param]["request"]


def test_a_referral_has_its_parts_and_a_practice_of_the_programme(
    referral: dict[str, Any], programme: dict[str, Any]
) -> None:
    body = "request" if referral["door"] == "json" else "bundle"
    optional = {"repeat_of", "same_person_as"}
    assert set(referral) - optional == {"about", "door", "practice", body, "expect", "person_plan"}
    assert referral["practice"] in {practice["id"] for practice in programme["practices"]}
    assert referral["about"].endswith(".")


def test_a_request_has_the_shape_that_the_door_takes(sent: dict[str, Any]) -> None:
    assert set(sent) == {
        "person", "referrer", "letter", "codes", "needs", "preferences", "agreement", "urgency",
    }  # fmt: skip
    assert set(sent["referrer"]) == {"name", "role"}
    assert all(set(code) == {"system", "code", "display"} for code in sent["codes"])
    assert set(sent["needs"]) <= set(NEEDS)
    assert sent["urgency"] in {None, "routine", "soon"}
    Agreement.model_validate(sent["agreement"])
    assert set(Preferences.model_validate(sent["preferences"]).interests) <= set(NEEDS)


def test_a_person_is_invented(sent: dict[str, Any]) -> None:
    person = sent["person"]
    assert set(person) <= PERSON
    assert date(1920, 1, 1) < date.fromisoformat(person["birth_date"]) < date(2026, 1, 1)
    assert person["nhs_number"].startswith("999")
    assert len(person["nhs_number"]) == 10
    assert passes_modulus_11(person["nhs_number"])
    assert DRAMA.fullmatch(person.get("phone", "07700 900000"))
    assert person.get("email", "x@example.org").endswith("@example.org")


def test_an_expectation_speaks_the_vocabulary(referral: dict[str, Any]) -> None:
    expect = referral["expect"]
    assert set(expect) == {"needs", "triage", "alert", "match"}
    assert expect["needs"]
    assert set(expect["needs"]) <= set(NEEDS)
    assert expect["triage"] in {"accepted", "needs-information", "return-proposed"}
    assert isinstance(expect["alert"], bool)
    assert expect["match"] in {"some", "none"}


def test_a_plan_can_be_played(referral: dict[str, Any]) -> None:
    plan = referral["person_plan"]
    assert set(plan) <= PLAN
    if contact := plan.get("contact"):
        assert set(contact) == {"kind", "reached", "note"}
        TypeAdapter(ContactKind).validate_python(contact["kind"])
    changed = plan.get("needs", {"add": [], "remove": []})
    assert set(changed["add"]) <= set(NEEDS)
    assert set(changed["remove"]) <= set(referral["expect"]["needs"])
    TypeAdapter(list[SharedField]).validate_python(plan.get("share", []))
    assert len(plan.get("answers", [])) <= len(plan.get("choose", []))
    assert len(set(plan.get("choose", []))) == len(plan.get("choose", []))
    assert plan.get("close", "completed") in CLOSED
    assert plan.get("return", "keep") in {"keep", "confirm"}


def test_organisations_answer_in_words_that_exist(referral: dict[str, Any]) -> None:
    for answer in referral["person_plan"].get("answers", []):
        assert answer["answer"] in {"accepted", "declined", "silent"}
        assert (answer["answer"] == "declined") == ("reason" in answer)
        assert answer.get("reason", "full") in DECLINED


def test_an_outcome_has_an_amount_where_its_code_counts(referral: dict[str, Any]) -> None:
    for outcome in referral["person_plan"].get("outcomes", []):
        assert ("amount" in outcome) == (OUTCOMES[outcome["code"]].measure != "none"), outcome


def test_a_closed_case_says_what_came_of_it(referral: dict[str, Any]) -> None:
    plan = referral["person_plan"]
    assert "close" not in plan or plan["outcomes"]


def test_a_repeat_is_the_same_request_and_a_second_referral_the_same_person(referrals: dict[str, Any]) -> None:
    repeats = [r for r in referrals.values() if "repeat_of" in r]
    again = [r for r in referrals.values() if "same_person_as" in r]
    assert [r["request"] for r in repeats] == [referrals[r["repeat_of"]]["request"] for r in repeats] != []
    first = [referrals[r["same_person_as"]]["request"] for r in again]
    assert [r["request"]["person"] for r in again] == [r["person"] for r in first] != []
    assert all(r["request"]["letter"] != before["letter"] for r, before in zip(again, first, strict=True))


def test_nobody_else_is_referred_twice(referrals: dict[str, Any]) -> None:
    own = [r["request"]["person"] for r in referrals.values()
           if "request" in r and not {"repeat_of", "same_person_as"} & set(r)]  # fmt: skip
    for field in ("nhs_number", "phone", "email", "family_name"):
        values = [person[field] for person in own if field in person]
        assert len(values) == len(set(values)), field


def test_the_sample_shows_what_it_must(referrals: dict[str, Any]) -> None:
    all_of = list(referrals.values())
    assert len(all_of) >= 34
    assert sum(r["expect"]["alert"] for r in all_of) == 2
    assert sum(r["expect"]["match"] == "none" and r["expect"]["triage"] == "accepted" for r in all_of) >= 3
    assert {r["expect"]["triage"] for r in all_of} == {"accepted", "needs-information", "return-proposed"}
    assert sum("withdraw" in r["person_plan"] for r in all_of) >= 2
    assert sum(r["door"] == "fhir" for r in all_of) >= 4
    answers = [answer["answer"] for r in all_of for answer in r["person_plan"].get("answers", [])]
    assert {"accepted", "declined", "silent"} == set(answers)
    assert any("close" not in r["person_plan"] and "choose" in r["person_plan"] for r in all_of)


def test_nearly_every_need_has_somebody_who_has_it(referrals: dict[str, Any]) -> None:
    shown = {code for r in referrals.values() for code in r["expect"]["needs"]}
    assert len(shown) >= 0.9 * len(NEEDS), sorted(set(NEEDS) - shown)
