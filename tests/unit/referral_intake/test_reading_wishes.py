"""What would suit a person is read in words of vocabularies, and what was stated wins over what was read."""

from dataclasses import replace

import pytest

from referral_intake.domain.words import ACCESS
from referral_intake.triage.reader import read
from shared.contracts import Preferences, ReferralAccepted
from tests.unit.referral_intake.test_assessing import assessed
from tests.unit.referral_intake.test_people import REQUEST


@pytest.mark.parametrize(
    ("company", "letter"),
    [
        ("one-to-one", "She would like company but not groups."),
        ("one-to-one", "Prefers one to one support."),
        ("one-to-one", "He hates groups."),
        ("one-to-one", "Just one person please."),
        ("groups", "Keen to join a choir and a lunch club."),
        ("groups", "Would like to meet people at a group."),
        (None, "Low mood, poor sleep."),
    ],
)
def test_whether_somebody_wants_company_in_groups_or_one_to_one(company: str | None, letter: str) -> None:
    assert read(letter).wishes.company == company


@pytest.mark.parametrize(
    ("language", "letter"),
    [
        ("pl", "Polish speaker, needs an interpreter."),
        ("ur", "Speaks Urdu only."),
        ("cy", "He is in Welsh first, so somebody Welsh speaking please."),
        (None, "She would like to learn Italian."),
        (None, "Likes Chinese food."),
    ],
)
def test_the_language_somebody_speaks(language: str | None, letter: str) -> None:
    assert read(letter).wishes.language == language


@pytest.mark.parametrize(
    ("word", "letter"),
    [
        ("interpreter", "Please book an interpreter."),
        ("wheelchair", "Uses a wheelchair."),
        ("step-free", "She can't manage stairs."),
        ("large-print", "Large print please."),
        ("sign-language", "BSL user."),
        ("home-visit", "Housebound, please see her at home."),
        ("female-worker", "Female worker only."),
        ("male-worker", "Would talk to someone if it was a bloke."),
        ("hearing-loop", "Hearing aids both sides."),
        ("transport", "Needs transport for appointments."),
        ("easy-read", "Mild learning disability."),
    ],
)
def test_what_eases_access(word: str, letter: str) -> None:
    assert word in read(letter).wishes.access


def test_what_is_not_needed_is_no_wish() -> None:
    assert read("No interpreter needed.").wishes.access == ()


def test_what_somebody_likes_is_told_in_codes_of_needs() -> None:
    assert read("He used to love his allotment and plays the fiddle.").wishes.interests == (
        "gardening",
        "music-and-singing",
    )


def test_the_event_carries_what_was_read_in_words_of_the_vocabulary() -> None:
    letter = "Lonely. Polish speaker, needs an interpreter, uses a wheelchair, female worker only. Loves gardening."
    [accepted] = assessed(replace(REQUEST, letter=letter, codes=(), preferences=Preferences())).events
    assert isinstance(accepted, ReferralAccepted)
    assert accepted.preferences.language == "pl"
    assert set(accepted.preferences.access) == {"interpreter", "step-free"}
    assert set(accepted.preferences.access) <= ACCESS
    assert accepted.preferences.interests == ("gardening",)


def test_what_the_practice_stated_wins_over_what_was_read() -> None:
    stated = Preferences(interests=("walking",), access=("hoist",), language="ur", company="groups")
    letter = "Prefers one to one. Polish speaker, needs an interpreter. Loves gardening."
    [accepted] = assessed(replace(REQUEST, letter=letter, codes=(), preferences=stated)).events
    assert isinstance(accepted, ReferralAccepted)
    assert accepted.preferences == stated


def test_what_was_ruled_out_and_wished_stays_with_the_sealed_reading() -> None:
    reading = assessed(replace(REQUEST, letter="Lonely. Declined counselling. No groups.", codes=())).reading
    assert {(out["code"], out["why"]) for out in reading["ruled_out"]} >= {("emotional-support", "refused")}
    assert reading["wishes"]["company"] == "one-to-one"
    assert not reading["nothing_usable"]


def test_nothing_usable_is_a_question_for_the_link_worker() -> None:
    request = replace(REQUEST, letter="Please see.", codes=(), needs=())
    reading = assessed(request).reading
    assert reading["nothing_usable"]
    assert "nothing-read" in {question["code"] for question in reading["questions"]}
