"""What is near in words or meaning and would hurt who asks is never offered, and what helps is."""

from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest
import yaml

from matching.domain import Area, Label
from matching.finding.apart import LEAST_SHARE, entries, is_harmful
from matching.finding.bridge import Near
from matching.finding.question import Question, question_of
from shared.needs import NEEDS
from shared.needs.terms import terms
from tests.unit.matching.builders import ANGUS, a_listing, wanted
from tests.unit.matching.searching import a_bridge, a_finder, services

WRITTEN: list[dict[str, Any]] = yaml.safe_load((files("matching.finding") / "apart.yaml").read_text("utf-8"))

PAIRS = [
    ("bereavement", "Divorce recovery evenings", "Widowed and separated: a grief group for any loss"),
    ("suicide-bereavement", "Speed dating", "Bereaved by suicide: after a separation or a death"),
    ("separation-and-divorce-support", "Funeral advice", "Bereaved or divorced: starting again"),
    ("relationships", "Widowed friends", "Couple counselling, also when bereaved"),
    ("baby-loss-support", "Bumps and babies", "Stillbirth support by parents from the baby group"),
    ("domestic-abuse-support", "Couples counselling", "Women's Aid: never mediation with who hurts you"),
    ("sexual-violence-support", "A behaviour change programme", "Rape crisis line for survivors of a perpetrator"),
    ("alcohol", "Real ale ramblers", "Sober nights out: no brewery in sight"),
    ("drugs", "Pharmaceutical research panel", "Addiction counselling, pharmaceutical or other"),
    ("gambling", "Bingo on Tuesdays", "Problem gambling: bingo, casino or phone"),
    ("smoking", "Cloud nine vape shop", "Stop smoking clinic, beside the vape shop"),
    ("debt-advice", "Doorstep lending", "Free advice on a payday loan that cannot be paid"),
    ("money-advice", "The investment club", "Money advice, also on payday loans"),
    ("eating-disorder-support", "Slimming together", "Anorexia and fasting: a group for families"),
    ("self-harm-support", "Murder mystery night", "A listening line; no escape room"),
    ("mental-health-crisis-line", "Ghost walks", "Crisis cafe beside the escape room"),
    ("homelessness", "Estate agents", "A bed for homeless people in a holiday let"),
    ("housing", "Luxury apartments", "Housing advice against estate agents"),
]


def bare(text: str = "") -> Question:
    """A question that leads to no term."""
    return Question(text, {}, None, None, ())


@pytest.mark.parametrize(("asked", "wrong", "right"), PAIRS)
def test_each_entry_catches_what_is_wrong_and_lets_pass_what_is_right(asked: str, wrong: str, right: str) -> None:
    for where in ("name", "description"):
        assert is_harmful(asked, bare(), a_listing(needs=(), **{where: wrong}))
        assert not is_harmful(asked, bare(), a_listing(needs=(), **{where: right}))
    assert is_harmful(asked, bare(), a_listing(needs=(), labels=(Label(name=wrong),)))
    assert not is_harmful("walking", bare(), a_listing(needs=(), name=wrong))


def test_every_entry_has_its_pair_for_each_thing_that_may_be_asked() -> None:
    assert sorted(asked for asked, _, _ in PAIRS) == sorted(code for entry in WRITTEN for code in entry["asked"])


def test_every_code_that_is_asked_exists() -> None:
    assert [set(entry["asked"]) for entry in WRITTEN] == [set(entry.asked) for entry in entries()]
    assert {code for entry in WRITTEN for code in entry["asked"]} <= {*NEEDS, *terms()}


@pytest.mark.parametrize("entry", WRITTEN, ids=lambda entry: "-".join(entry["asked"]))
def test_every_word_of_an_entry_does_what_it_is_there_for(entry: dict[str, Any]) -> None:
    asked = entry["asked"][0]
    for never in entry["never"]:
        assert is_harmful(asked, bare(), a_listing(needs=(), name=f"The {never.title()}")), never
        assert is_harmful(asked, bare(), a_listing(needs=(), name=f"All about {never}s, here")), never
        for unless in entry["unless"]:
            listing = a_listing(needs=(), name=never, description=f"It is {unless.capitalize()}.")
            assert not is_harmful(asked, bare(), listing), (never, unless)


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("smoking", "A vape shop quite near you"),
        ("domestic-abuse-support", "Couples counselling for refugees"),
        ("sexual-violence-support", "Relationship counselling for refugee couples"),
    ],
)
def test_a_word_that_only_begins_like_a_right_one_makes_nothing_right(asked: str, name: str) -> None:
    assert is_harmful(asked, bare(), a_listing(needs=(), name=name))


@pytest.mark.parametrize("name", ["Breakfasting together", "A meditation hour", "Updating your CV"])
def test_a_word_that_only_ends_like_a_wrong_one_makes_nothing_wrong(name: str) -> None:
    assert not any(is_harmful(code, bare(), a_listing(needs=(), name=name)) for code, _, _ in PAIRS)


def test_an_apostrophe_may_be_of_either_kind() -> None:
    listing = a_listing(needs=(), name="Women\u2019s Aid", description="Why mediation is not for you.")
    assert not is_harmful("domestic-abuse-support", bare(), listing)


def test_what_a_question_is_about_counts_as_asked_from_a_share_on() -> None:
    divorce = a_listing(needs=(), name="Divorce evenings")
    grief = next(term for term in terms().values() if term.need == "bereavement")

    def about(share: float) -> Question:
        return Question("lost", {}, None, None, (Near(grief, 1.0, share),))

    assert is_harmful("asked", about(LEAST_SHARE), divorce)
    assert not is_harmful("asked", about(LEAST_SHARE - 0.01), divorce)


def test_own_words_are_kept_apart_by_what_they_lead_to() -> None:
    question = question_of(LOST, a_bridge(with_meaning=False, whole=True))
    assert is_harmful("asked", question, a_listing(needs=(), name="Divorced and single again"))


LOST = "my husband died and the grief is too much"
DIVORCE = a_listing(
    "divorce",
    name="Divorce club",
    needs=(),
    description="My husband left; counselling is too much. Not a death of one.",
)


GRIEF = a_listing("grief", name="Bereavement counselling", needs=(), labels=(Label(name="Bereavement counselling"),))


@pytest.mark.parametrize("with_meaning", [True, False])
def test_divorce_is_not_offered_for_bereavement(with_meaning: bool) -> None:
    assert services(a_finder(DIVORCE, GRIEF, with_meaning=with_meaning), wanted("asked"), asked=LOST) == ["grief"]


@pytest.mark.parametrize("with_meaning", [True, False])
def test_nor_is_it_named_among_what_came_near(with_meaning: bool) -> None:
    elsewhere = (Area("gss", ANGUS),)
    away = replace(DIVORCE, areas=elsewhere), replace(GRIEF, id="grief-away", areas=elsewhere)
    candidates = a_finder(GRIEF, *away, with_meaning=with_meaning).find(wanted("asked"), {"asked": LOST}).candidates
    assert [candidate.listing.id for candidate in candidates] == ["grief", "grief-away"]
