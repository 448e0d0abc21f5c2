"""The same service in two directories is found by what it is known by, kept apart where that is not sure, and the order
in which the directories came changes nothing."""

import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.directory.charity import charity_in, charity_of
from matching.directory.imports.gathering import Gathered, Settled, candidate_pairs, gather, pair_of
from matching.directory.imports.joining import compare, likeness, slip
from matching.directory.imports.traits import Traits, phones_of, traits_of, words_of
from matching.directory.record import read_record
from tests.unit.matching.test_directory_reader import a_record

SHED = {
    "name": "Broughty Men's Shed",
    "organization": {"id": "shed", "name": "Broughty Men's Shed SCIO", "description": "Charity SC012345."},
    "url": "https://www.broughtyshed.example/visit/",
    "email": "hello@broughtyshed.example",
    "phones": [{"number": "+44 (0)1382 496 0123"}],
    "service_at_locations": [{"location": {"addresses": [{"postal_code": "DD5 2AA"}]}}],
}


def traits(own: str, source: str, **changed: Any) -> Traits:
    return traits_of(own, source, own, read_record(a_record(**{"id": own, **SHED, **changed})))


def at(postcode: str) -> list[dict[str, Any]]:
    return [{"location": {"addresses": [{"postal_code": postcode}]}}]


ONE = traits("a-1", "aliss")


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"name": "The Broughty Mens Shed", "phones": []},
        {"name": "Brougthy Men\u2019s Shed"},
        {"name": "Men's Shed (Broughty Ferry)", "url": None},
        {"organization": {"id": "x", "name": "Broughty Sheds Ltd"}, "url": "http://broughtyshed.example"},
        {"phones": [{"number": "01382 4960123 or 0345 600 0000"}], "email": None, "url": None},
    ],
)
def test_one_service_as_two_directories_write_it_is_the_same(changed: dict[str, Any]) -> None:
    verdict = compare(ONE, traits("o-1", "oruk", **changed))
    assert verdict.answer == "same", verdict
    assert verdict.score == sum(part.points for part in verdict.parts)


@pytest.mark.parametrize(
    ("changed", "because"),
    [
        ({"service_at_locations": at("DD1 1AA")}, "They are at different postcodes."),
        ({"name": "Broughty Women's Shed"}, "The names differ by much."),
        ({"organization": {"id": "x", "name": "Broughty Men's Shed", "charity_number": "SC054321"}}, "numbers differ"),
    ],
)
def test_a_branch_or_a_sister_of_it_is_in_doubt_with_what_stands_against_it(
    changed: dict[str, Any], because: str
) -> None:
    verdict = compare(ONE, traits("o-1", "oruk", **changed))
    assert verdict.answer == "in-doubt", verdict
    assert any(because in reason for reason in verdict.reasons)


def test_two_branches_with_long_names_are_told_apart_by_the_word_that_differs() -> None:
    dundee, perth = (f"Alzheimer Scotland {town} Dementia Cafe" for town in ("Dundee", "Perth"))
    verdict = compare(traits("a-1", "aliss", name=dundee), traits("o-1", "oruk", name=perth))
    assert verdict.answer == "in-doubt"
    assert verdict.against == ("Each name has a word that the other has not.",)


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "Lunch Club"},
        {
            "organization": {"id": "x", "name": "Village Hall Committee"},
            "service_at_locations": at("KY16 9AA"),
            "phones": [{"number": "01334 496 0000"}],
            "url": "http://village.example",
            "email": None,
        },
    ],
)
def test_another_service_of_a_charity_and_a_namesake_elsewhere_are_different(changed: dict[str, Any]) -> None:
    assert compare(ONE, traits("o-1", "oruk", **changed)).answer == "different"


def test_words_phones_and_charity_numbers_are_put_into_one_form() -> None:
    assert words_of("The Café for Men's Sheds & Friends") == ("cafe", "friend", "men", "shed")
    assert words_of("At the Of") == ("at", "of", "the")
    assert phones_of("0131 496 0000 / +44 (0)131 4960001, ext 12") == ("01314960000", "01314960001")
    assert phones_of("999") == ()
    assert charity_in("a Scottish charity, SC 012345") == "SC012345"
    assert charity_in("Registered charity number 1098765.") == "1098765"
    assert charity_in("founded in 1998765") == ""
    told = [
        {"identifier": "1098765", "identifier_scheme": "GB-CHC"},
        {"identifier": "1", "identifier_scheme": "GB-COH"},
    ]
    assert charity_of({"organization": {"organization_identifiers": told}}) == "1098765"


@pytest.mark.parametrize(
    ("one", "other", "is_slip"),
    [
        ("alzheimer", "alzeimer", True),
        ("befriending", "befreinding", True),
        ("group", "groups", True),
        ("monday", "sunday", False),
        ("12345", "12346", False),
        ("tea", "sea", False),
    ],
)
def test_a_slip_is_one_letter_of_a_long_word(one: str, other: str, is_slip: bool) -> None:
    assert slip(one, other) is slip(other, one) is is_slip


words = st.lists(
    st.sampled_from(["men", "shed", "dundee", "perth", "lunch", "club", "befriending", "befreinding"]), max_size=4
)
some = st.sampled_from([(), ("1",), ("2",), ("1", "2")])


@st.composite
def records(draw: st.DrawFn) -> list[Traits]:
    """A few records of three directories that have much in common."""
    made = []
    for number in range(draw(st.integers(2, 9))):
        name = tuple(sorted(set(draw(words)))) or ("shed",)
        source = draw(st.sampled_from("abc"))
        made.append(
            Traits(
                f"{source}{number}",
                source,
                str(number),
                name,
                draw(st.sampled_from([("shed",), ("hall", "trust")])),
                draw(some),
                draw(some),
                charity=draw(st.sampled_from(["", "SC012345", "SC054321"])),
                mails=draw(st.sampled_from([(), ("a@b.example",)])),
            )
        )
    return made


@given(words, words)
def test_likeness_is_symmetric_and_between_none_and_all(one: list[str], other: list[str]) -> None:
    ours, theirs = tuple(sorted(set(one))), tuple(sorted(set(other)))
    assert likeness(ours, theirs) == likeness(theirs, ours)
    assert 0 <= likeness(ours, theirs) <= 1
    assert not ours or likeness(ours, ours) == 1


@given(records())
def test_comparing_is_symmetric(made: list[Traits]) -> None:
    one, other = made[0], made[1]
    assert compare(one, other) == compare(other, one)


@given(records(), st.randoms(use_true_random=False))
def test_the_order_of_import_does_not_matter_for_which_are_the_same(made: list[Traits], chance: random.Random) -> None:
    settled = Settled(
        frozenset({pair_of(made[0].own, made[-1].own)} if chance.random() < 0.3 else set()),
        frozenset({pair_of(made[0].own, made[1].own)} if chance.random() < 0.3 else set()),
    )
    before = gather(made, settled)
    chance.shuffle(made)
    assert gather(made, settled) == before


@given(records())
def test_a_record_is_in_one_group_and_a_group_has_one_of_a_directory(made: list[Traits]) -> None:
    found = gather(made, Settled())
    assert sorted(own for group in found.groups for own in group) == sorted(each.own for each in made)
    source = {each.own: each.source for each in made}
    for group in found.groups:
        assert len({source[own] for own in group}) == len(group)
    for one, other in found.doubts:
        assert found.group_of[one] != found.group_of[other]


def of_three(settled: Settled = Settled()) -> Gathered:
    return gather([ONE, traits("o-1", "oruk"), traits("x-1", "other", name="Broughty Mens Shed")], settled)


def test_one_service_in_three_directories_is_one() -> None:
    assert of_three().groups == (frozenset({"a-1", "o-1", "x-1"}),)


def test_what_people_keep_apart_is_in_no_group_also_not_by_way_of_a_third() -> None:
    found = of_three(Settled(apart=frozenset({("a-1", "o-1")})))
    assert found.group_of["a-1"] != found.group_of["o-1"]
    assert ("a-1", "o-1") not in found.doubts, "it is settled, and nobody is asked again"


def test_what_people_join_is_joined_though_nothing_speaks_for_it() -> None:
    other = traits("o-2", "aliss", name="Blokes who build", url=None)
    assert gather([ONE, other], Settled(joined=frozenset({("a-1", "o-2")}))).groups == (frozenset({"a-1", "o-2"}),)


def test_two_of_one_directory_that_fit_one_of_another_are_a_doubt_and_not_a_guess() -> None:
    found = gather([ONE, traits("o-1", "oruk"), traits("o-2", "oruk")], Settled())
    assert len(found.groups) == 3
    assert set(found.doubts) == {("a-1", "o-1"), ("a-1", "o-2")}


def test_few_pairs_are_compared_however_much_two_directories_share() -> None:
    host = [
        replace(ONE, own=f"{source}-{n}", source=source, name=(f"name{n}", f"word{n % 97}", "group"), phones=())
        for source in ("a", "b")
        for n in range(1000)
    ]
    pairs = candidate_pairs(host)
    assert {pair_of(f"a-{n}", f"b-{n}") for n in range(1000)} <= pairs
    assert len(pairs) < 30_000, "all against all are a million"
