"""Mistakes in the files that people maintain: each is named with its line, all at once, and nothing else happens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.needs.sheet import Fault, FaultyFileError
from shared.needs.systems import SYSTEMS, has_check_digit
from shared.needs.vocabulary import read_needs, read_outcomes

GOOD = """\
groups:
  money: Money
  mind: Mind
needs:
  - code: debt-advice
    name: Debt advice
    group: money
    synonyms: [debt, in arrears]
    wider:
      gravity: [financial-insecurity]
  - code: listening
    name: Someone to listen
    group: mind
    synonyms: [listening ear]
  - code: trauma
    name: Trauma
    group: mind
    synonyms: [trauma, flashbacks]
    sensitive: true
    shared_as: listening
    same:
      aliss: [157 money-advice]
      snomed: ["32911000"]
      read-v2: [137R.]
"""

GOOD_OUTCOMES = """\
groups:
  money: Money
outcomes:
  - {code: income-gained, name: Income gained, group: money, measure: amount_pounds}
  - {code: new-networks, name: New networks, group: money, measure: count, counts: people}
"""


def faults_of(content: str) -> list[tuple[int, str]]:
    with pytest.raises(FaultyFileError) as caught:
        read_needs(content)
    return [(fault.line, fault.text) for fault in caught.value.faults]


def changed(old: str, new: str, content: str = GOOD) -> str:
    assert content.count(old) == 1, old
    return content.replace(old, new)


def test_a_file_without_mistakes_is_read_in_its_order() -> None:
    vocabulary = read_needs(GOOD)
    assert list(vocabulary.entries) == ["debt-advice", "listening", "trauma"]
    assert dict(vocabulary.groups) == {"money": "Money", "mind": "Mind"}
    trauma = vocabulary.entries["trauma"]
    assert (trauma.shared_as, trauma.synonyms) == ("listening", ("trauma", "flashbacks"))
    assert [(w.system, w.code, w.alias, w.match) for w in trauma.crosswalks] == [
        ("aliss", "157", "money-advice", "same"),
        ("snomed", "32911000", "", "same"),
        ("read-v2", "137R.", "", "same"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("code: listening", "code: debt-advice", 11, "the code “debt-advice” of the need “debt-advice” is already"),
        ("code: listening", "code: Listening Ear", 11, "may only have small letters"),
        ("code: listening", "cod: listening", 11, "did you mean “code”?"),
        ("  - code: listening\n    name", "  - name", 11, "this need has no code"),
        ("name: Someone to listen", "name:", 12, "the name of the need “listening” is empty"),
        ("name: Someone to listen", "name: ''", 12, "is empty"),
        ("name: Someone to listen", "name: debt advice", 12, "already used by the need “debt-advice” on line 6"),
        ("    name: Someone to listen\n", "", 11, "has no name"),
        ("    group: money", "    group: monye", 7, "did you mean “money”?"),
        ("[listening ear]", "[listening ear, In-Arrears]", 14, "already used by the need “debt-advice” on line 8"),
        ("[trauma, flashbacks]", "[trauma, Trauma]", 18, "already used by the need “trauma” on line 18"),
        ("[listening ear]", "[]", 14, "empty list"),
        ("[listening ear]", "listening ear", 14, "should be a list"),
        ("[listening ear]", "[listening ear,, a chat]", 14, "cannot be read"),
        ("[listening ear]", "['']", 14, "is empty"),
        ("[listening ear]", "[someone who would sit down with her and listen]", 14, "is a comma missing?"),
        ("[listening ear]", "[listening ear; a chat]", 14, "has a sign that is no letter"),
        ("    synonyms: [listening ear]\n", "", 11, "has no synonyms"),
        ("[listening ear]\n", "[listening ear]\n    synonyms: [a chat]\n", 15, "twice; the first is on line 14"),
        ("    shared_as: listening\n", "", 19, "does not say as what it is shared"),
        ("sensitive: true", "sensitive: yes", 19, "it can be: true, false"),
        ("    sensitive: true\n", "", 19, "but not “sensitive: true”"),
        ("shared_as: listening", "shared_as: listning", 20, "did you mean “listening”?"),
        ("shared_as: listening", "shared_as: trauma", 20, "which is sensitive itself"),
        ("same:", "sames:", 21, "did you mean “same”?"),
        ("aliss: [157 money-advice]", "aliss: [money-advice]", 22, "the number and the short name of a category"),
        ("aliss: [157 money-advice]", "alis: [157 money-advice]", 22, "did you mean “aliss”?"),
        ("aliss: [157 money-advice]", "aliss: [157 money-advice, 157 money]", 22, "twice"),
        ("32911000", "32910100", 23, "the last of which fits the others"),
        ("137R.", "137R", 24, "five characters"),
        ("financial-insecurity", "financial-insecure", 10, "one of Gravity's domains"),
        ("  mind: Mind\n", "  mind: Mind\n  mind: Mood\n", 4, "has mind twice"),
        ("needs:\n", "need:\n", 4, "did you mean “needs”?"),
        ("    name: Someone to listen", "   name: Someone to listen", 12, "further left or right"),
        ("[debt, in arrears]", "[debt, in arrears", 9, "closing bracket"),
        ("[debt, in arrears]", "[debt\x07]", 8, "a character here that text files may not hold"),
    ],
)  # fmt: skip
def test_a_mistake_that_looks_right_is_named_with_its_line(old: str, new: str, line: int, words: str) -> None:
    faults = faults_of(changed(old, new))
    assert any(at == line and words in text for at, text in faults), faults


def test_all_mistakes_are_listed_at_once_and_in_order() -> None:
    content = changed(
        "group: money", "group: cash", changed("[listening ear]", "[debt]", changed("32911000", "32911001"))
    )
    with pytest.raises(FaultyFileError) as caught:
        read_needs(content, "our-needs.yaml")
    assert [fault.line for fault in caught.value.faults] == [7, 14, 23]
    assert str(caught.value).startswith("our-needs.yaml has 3 mistakes:\n  line 7: ")


@pytest.mark.parametrize(
    "content", ["", "just words", "- a\n- list", "groups: {}\nneeds: []", "groups: 3\nneeds: 4", "needs: [[a], b, 3]"]
)
def test_a_file_of_another_shape_is_refused_in_words(content: str) -> None:
    assert faults_of(content)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("measure: amount_pounds", "measure: pounds", "did you mean “amount_pounds”?"),
        ("measure: amount_pounds", "measure: count", "needs “counts” with “measure: count”"),
        (
            "measure: amount_pounds",
            "measure: none, counts: people",
            "needs “counts” with “measure: count”, and only then",
        ),
        (", measure: amount_pounds", "", "this outcome has no measure"),
        ("code: new-networks", "code: income-gained", "already used by the outcome “income-gained” on line 4"),
    ],
)
def test_a_mistake_among_the_outcomes_is_named(old: str, new: str, words: str) -> None:
    with pytest.raises(FaultyFileError, match=words.replace("(", r"\(")):
        read_outcomes(changed(old, new, GOOD_OUTCOMES))


def test_outcomes_without_mistakes_are_read() -> None:
    outcomes = read_outcomes(GOOD_OUTCOMES).entries
    assert (outcomes["income-gained"].measure, outcomes["new-networks"].counts) == ("amount_pounds", "people")


LINES = st.lists(
    st.sampled_from([*GOOD.splitlines(), "  - code: x", "    name: [", "needs:", "", "    same: {aliss: }"]),
    max_size=40,
)


@given(content=st.one_of(st.text(), LINES.map("\n".join)))
def test_whatever_the_file_holds_it_is_read_or_refused_with_lines(content: str) -> None:
    faults: tuple[Fault, ...] = ()
    try:
        read_needs(content)
    except FaultyFileError as error:
        faults = error.faults or (Fault(0, "refused without saying why"),)
    assert all(1 <= fault.line <= content.count("\n") + 2 for fault in faults)


@given(digits=st.integers(min_value=10**5, max_value=10**17).map(str), place=st.integers(0, 16), by=st.integers(1, 9))
def test_one_wrong_digit_of_a_snomed_code_is_always_noticed(digits: str, place: int, by: int) -> None:
    whole = next(digits + check for check in "0123456789" if has_check_digit(digits + check))
    place %= len(whole)
    wrong = whole[:place] + str((int(whole[place]) + by) % 10) + whole[place + 1 :]
    assert not has_check_digit(wrong)


@pytest.mark.parametrize("system", SYSTEMS)
def test_an_empty_code_fits_no_list(system: str) -> None:
    assert SYSTEMS[system].shape.fullmatch("") is None
