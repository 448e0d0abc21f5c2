"""People: found again only by what is sure, released only for a purpose, and sealed part by part."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from referral_intake.domain import Address, PersonDetails, ReferralRequest, Referrer
from referral_intake.people.fingerprints import fingerprints
from referral_intake.people.keyring import MasterKeys
from referral_intake.people.release import PURPOSES, not_releasable, parts_for, released
from referral_intake.people.sealed import open_part, request_to_json, seal_part
from referral_intake.triage.reading import Coding
from shared.contracts import Agreement, Preferences
from shared.sealing import SealError, new_key

KEY = bytes(32)


def a_person(**changes: Any) -> PersonDetails:
    postcode = changes.pop("postcode", "DD3 6LX")
    values: dict[str, Any] = {
        "given_name": "Isla",
        "family_name": "Tosheach",
        "birth_date": date(1957, 8, 14),
        "nhs_number": "999 001 2172",
        "address": Address(("17 Pirnhouse Road",), postcode),
        "phone": "07700 900102",
    }
    return PersonDetails(**values | changes)


def are_one(one: PersonDetails, other: PersonDetails, programmes: tuple[str, str] = ("tayside", "tayside")) -> bool:
    """Say whether intake would take two descriptions for one person."""
    return not set(fingerprints(KEY, programmes[0], one)).isdisjoint(fingerprints(KEY, programmes[1], other))


@pytest.mark.parametrize(
    "changes",
    [
        {"phone": "07700 900999"},
        {"nhs_number": None},
        {"given_name": "ISLA", "family_name": "Tósheach", "nhs_number": None},
        {"postcode": "dd36lx", "nhs_number": None},
        {"postcode": "DD3 6LX ", "given_name": "Is-la", "nhs_number": "9990012171"},
        {"postcode": "PH1 5NB"},
        {"family_name": "Married-Name"},
    ],
)
def test_the_same_person_is_found_again(changes: dict[str, Any]) -> None:
    assert are_one(a_person(), a_person(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"given_name": "Rose", "nhs_number": None},  # a twin
        {"birth_date": date(1957, 8, 15)},  # the same number, mistyped from another person's
        {"nhs_number": None, "postcode": None},
        {"nhs_number": None, "postcode": "DD3"},  # an outward part is too coarse to merge on
        {"family_name": "Other", "nhs_number": "9990012171"},  # fails the check
    ],
)
def test_what_is_not_sure_makes_another_person(changes: dict[str, Any]) -> None:
    assert not are_one(a_person(), a_person(**changes))


def test_a_number_that_fails_its_check_merges_nobody() -> None:
    wrong = {"nhs_number": "9990012171"}
    assert not are_one(a_person(**wrong), a_person(**wrong, given_name="Other", postcode="PH1 5NB"))


def test_a_number_that_its_sender_did_not_verify_merges_nobody() -> None:
    assert not are_one(a_person(number_vouched=False), a_person(given_name="Other", postcode=None))


def test_a_person_is_another_one_in_each_programme() -> None:
    assert not are_one(a_person(), a_person(), ("tayside", "ayrshire"))


def test_fingerprints_cannot_be_made_without_the_key() -> None:
    assert set(fingerprints(KEY, "tayside", a_person())).isdisjoint(fingerprints(new_key(), "tayside", a_person()))


def test_the_keys_of_each_purpose_differ_and_a_short_key_is_refused() -> None:
    keys = MasterKeys.derive(KEY)
    assert len({KEY, keys.wrapping, keys.fingerprints, keys.bodies}) == 4
    with pytest.raises(ValueError, match="32 bytes"):
        MasterKeys.derive(b"short")


REQUEST = ReferralRequest(
    door="json",
    person=a_person(),
    referrer=Referrer("Dr Akinwale", "GP"),
    letter="A letter.",
    codes=(Coding("http://snomed.info/sct", "267076002", "Lonely"),),
    needs=(),
    preferences=Preferences(),
    agreement=Agreement(),
)


@given(st.text(), st.uuids())
def test_a_sealed_part_opens_only_as_itself(letter: str, referral: UUID) -> None:
    sealed = seal_part(KEY, referral, "letter", letter)
    assert open_part(KEY, referral, "letter", sealed) == letter
    for key, other, part in ((new_key(), referral, "letter"), (KEY, uuid4(), "letter"), (KEY, referral, "referrer")):
        with pytest.raises(SealError):
            open_part(key, other, part, sealed)


def test_every_purpose_has_only_fields_that_can_be_released() -> None:
    parts = orjson.loads(orjson.dumps({**request_to_json(REQUEST), "reading": {"needs": []}}))
    for purpose, fields in PURPOSES.items():
        assert not not_releasable(purpose, fields)
        assert {*parts_for(fields)} <= {*parts}
        assert released(sorted(fields), parts, date(2026, 3, 2)).keys() == fields


def test_an_organisation_is_never_given_a_letter_and_an_unknown_purpose_nothing() -> None:
    assert not_releasable("offer", ["name", "letter", "reading", "number"]) == {"letter", "reading", "number"}
    assert not_releasable("curiosity", ["name"]) == {"name"}


def test_released_fields_say_what_was_sent() -> None:
    fields = released(
        ["name", "age", "address", "email"], orjson.loads(orjson.dumps(request_to_json(REQUEST))), date(2026, 3, 2)
    )
    assert fields == {
        "name": "Isla Tosheach",
        "age": 68,
        "address": {"lines": ["17 Pirnhouse Road"], "postcode": "DD3 6LX"},
        "email": None,
    }


def test_no_personal_value_shows_when_a_record_is_printed() -> None:
    shown = f"{REQUEST!r} {REQUEST.person!r} {REQUEST.referrer!r} {REQUEST.person.address!r} {MasterKeys.derive(KEY)!r}"
    assert not [
        word for word in ("Isla", "Tosheach", "1957", "Akinwale", "letter", "Pirnhouse", "07700") if word in shown
    ]
