"""The finer terms lead from people's words to needs: each has its need, a name of its own, and ways of saying it."""

from collections import Counter
from importlib.resources import files

import pytest
import yaml

from shared.needs import NEEDS
from shared.needs.sheet import CODE, FaultyFileError
from shared.needs.terms import Term, read_terms, terms

GOOD = """\
- code: debt-advice
  term: Debt advice
  need: debt-advice
  also: [debt counselling]
  lay: [bailiffs at the door, I owe money everywhere]
- {code: choir, term: Choir, need: music-and-singing, lay: [I love to sing, sing in the shower]}
"""


def faults_of(content: str) -> list[tuple[int, str]]:
    with pytest.raises(FaultyFileError) as caught:
        read_terms(content)
    return [(fault.line, fault.text) for fault in caught.value.faults]


def changed(old: str, new: str, content: str = GOOD) -> str:
    assert content.count(old) == 1, old
    return content.replace(old, new)


def test_a_file_without_mistakes_is_read_in_its_order() -> None:
    found = read_terms(GOOD)
    assert list(found) == ["debt-advice", "choir"]
    assert found["choir"] == Term("choir", "Choir", "music-and-singing", (), ("I love to sing", "sing in the shower"))
    assert found["debt-advice"].phrases[:2] == ("Debt advice", "debt counselling")


@pytest.mark.parametrize(
    ("old", "new", "entry", "words"),
    [
        ("need: music-and-singing", "need: singing", 2, "there is no need “singing”"),
        ("code: choir", "code: Choir!", 2, "“Choir!” is no code"),
        ("code: choir", "code: debt-advice", 2, "“debt-advice” is no code, or another term's"),
        ("term: Choir", "term: debt Advice", 2, "“debt Advice” is already “debt-advice”"),
        ("term: Choir", "term: Choir, also: [Debt Counselling]", 2, "“Debt Counselling” is already “debt-advice”"),
    ],
)
def test_a_mistake_is_told_with_its_entry(old: str, new: str, entry: int, words: str) -> None:
    faults = faults_of(changed(old, new))
    assert any(at == entry and f"entry {entry}: " in text and words in text for at, text in faults), faults


def test_all_mistakes_are_told_at_once() -> None:
    faults = faults_of(changed("need: debt-advice", "need: debt", changed("need: music-and-singing", "need: song")))
    assert [entry for entry, _ in faults] == [1, 2]


def test_what_is_found_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        terms()["debt-advice"] = None  # type: ignore[index]  # that it is refused is what is shown


def test_every_term_has_a_need_of_the_vocabulary_and_every_need_a_term() -> None:
    assert {term.need for term in terms().values()} == set(NEEDS)


def test_every_code_is_one_and_is_its_own() -> None:
    assert all(CODE.fullmatch(code) and code == term.code for code, term in terms().items())


def test_a_term_that_is_called_like_a_need_stands_under_it() -> None:
    assert [code for code, term in terms().items() if code in NEEDS and term.need != code] == []


def test_names_are_unique() -> None:
    named = Counter(name.lower() for term in terms().values() for name in {term.name, *term.also})
    assert [name for name, times in named.items() if times > 1] == []


def test_every_term_has_at_least_two_lay_phrases() -> None:
    assert [code for code, term in terms().items() if len(term.lay) < 2] == []


def test_no_lay_phrase_stands_twice_in_the_file() -> None:
    said = Counter(phrase.lower() for term in terms().values() for phrase in term.lay)
    assert [phrase for phrase, times in said.items() if times > 1] == []


def test_no_phrase_is_empty_or_was_read_as_something_else_than_text() -> None:
    phrases = [phrase for term in terms().values() for phrase in term.phrases]
    assert [each for each in phrases if not isinstance(each, str) or each != each.strip() or not each] == []


def test_the_file_says_nothing_that_is_not_read() -> None:
    written = yaml.load((files("shared.needs") / "terms.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader)
    assert {key for entry in written for key in entry} == {"code", "term", "need", "also", "lay"}
