"""The vocabulary that ships: complete, consistent, and safe to share."""

import dataclasses
import json
from pathlib import Path

import pytest

from shared.needs import NEED_GROUPS, NEEDS, OUTCOME_GROUPS, OUTCOMES, SYSTEMS, coarse, needs_for_code
from tests.run import NO_DATA

ALISS_CATEGORIES = Path(__file__).parents[4] / "shared" / "data" / "aliss" / "categories.json"


def test_there_are_about_sixty_needs_and_every_group_has_some() -> None:
    assert 55 <= len(NEEDS) <= 70
    assert {need.group for need in NEEDS.values()} == set(NEED_GROUPS)
    assert {outcome.group for outcome in OUTCOMES.values()} == set(OUTCOME_GROUPS)


def test_the_needs_that_programmes_name_are_there() -> None:
    named = "debt-advice loneliness low-mood walking food housing carers bereavement energy-costs benefits-advice"
    assert set(named.split()) | {"employment", "digital-skills", "domestic-abuse-support"} <= set(NEEDS)


def test_every_need_has_words_of_its_own_and_an_entry_in_another_list() -> None:
    assert [code for code, need in NEEDS.items() if len(need.synonyms) < 3] == []
    without = {code for code, need in NEEDS.items() if not need.crosswalks}
    # For these the other lists have nothing that fits.
    assert without == {"volunteering", "confidence", "suicide-bereavement", "shopping-and-errands"}


def test_what_is_shared_for_a_sensitive_need_is_another_need_that_is_not_sensitive() -> None:
    for need in NEEDS.values():
        shared = NEEDS[coarse(need.code)]
        assert not shared.sensitive
        assert (shared is not need) == need.sensitive


@pytest.mark.parametrize(
    "code", ["domestic-abuse-support", "trauma", "alcohol", "drugs", "lgbt-support", "immigration-advice"]
)
def test_what_could_hurt_if_it_went_astray_is_not_shared_by_its_name(code: str) -> None:
    assert coarse(code) != code


def test_an_unknown_need_cannot_be_shared_by_accident() -> None:
    with pytest.raises(KeyError):
        coarse("no-such-need")


@pytest.mark.parametrize(
    ("system", "code", "needs"),
    [
        ("aliss", "167", ("bereavement",)),
        ("aliss", "foodbank", ("food",)),
        ("https://www.aliss.org", "111", ("food",)),
        ("gravity", "food-insecurity", ("food",)),
        (
            "http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes",
            "homelessness",
            ("homelessness",),
        ),
        ("http://snomed.info/sct", "224484003", ("carers",)),
        ("read-v2", "1B17.", ("low-mood",)),
        ("gravity", "financial-insecurity", ("money-advice",)),
        ("http://snomed.info/sct", "871731000000106", ()),
        ("someone-else", "167", ()),
    ],
)
def test_a_code_of_another_list_leads_to_the_needs_that_mean_the_same(
    system: str, code: str, needs: tuple[str, ...]
) -> None:
    assert needs_for_code(system, code) == needs


def test_each_code_list_is_used() -> None:
    assert {walk.system for need in NEEDS.values() for walk in need.crosswalks} == set(SYSTEMS)


def test_amounts_are_measured_where_money_is_gained() -> None:
    assert OUTCOMES["income-gained"].measure == "amount_pounds"
    assert OUTCOMES["new-networks"].counts == "people"
    assert {outcome.measure for outcome in OUTCOMES.values()} == {"none", "amount_pounds", "count"}


def test_nobody_can_change_the_vocabulary_while_it_is_used() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        NEEDS["food"].name = "Something else"  # type: ignore[misc]  # the point of the test
    with pytest.raises(TypeError):
        NEEDS["food"] = NEEDS["walking"]  # type: ignore[index]  # the point of the test


@pytest.mark.skipif(not ALISS_CATEGORIES.exists(), reason=NO_DATA)
def test_every_aliss_category_named_is_one_of_aliss() -> None:
    listed = json.loads(ALISS_CATEGORIES.read_text("utf-8"))
    theirs = {str(entry["pk"]): entry["fields"]["slug"] for entry in listed}
    ours = {(w.code, w.alias) for need in NEEDS.values() for w in need.crosswalks if w.system == "aliss"}
    assert sorted(pair for pair in ours if theirs.get(pair[0]) != pair[1]) == []
