"""The language of patterns: choices, gaps, classes, forms, and which phrase wins; and the words behind it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referral_intake.triage.lexicon import read_lexicon, read_paraphrases
from referral_intake.triage.patterns import Patterns
from referral_intake.triage.reader import LONGEST_EVIDENCE, read
from referral_intake.triage.spelling import Speller, is_slip
from referral_intake.triage.tokens import tokens_of
from referral_intake.triage.word_forms import forms
from referral_intake.triage.words import read_words
from shared.needs.sheet import FaultyFileError

CLASSES = {"post": ("post", "mail", "brown envelopes"), "not": ("not", "no longer")}


def meanings(pattern: str, text: str) -> list[str]:
    return [hit.meaning for hit in Patterns({}, [(pattern, "m")], CLASSES).find(tokens_of(text))]


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("stop open <post>", "has stopped opening her mail"),
        ("stop open <post>", "stops opening the brown envelopes"),
        ("wife|husband .. die|pass_away", "his wife very sadly passed away"),
        ("owe #", "owes 3000"),
        ("fall the? stairs", "fell stairs"),
        ("stairs & cannot", "she cannot get up the stairs"),
        ("stairs & cannot", "the stairs she just cannot do"),
        ("not .. out", "hasn't been out"),
        ("cannot read", "cannae read"),
    ],
)
def test_a_pattern_is_found(pattern: str, text: str) -> None:
    assert meanings(pattern, text) == ["m"]


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("=open post", "opening post"),
        ("wife .. die", "wife and her aunt and uncle died"),
        ("wife .. die", "wife, he died"),
        ("wife .. die", "wife did not die"),
        ("stairs & cannot", "the stairs are steep and dark and long and old and worn and wet and he cannot hear"),
    ],
)
def test_a_pattern_is_not_found_where_words_differ_or_stand_too_far_apart(pattern: str, text: str) -> None:
    assert meanings(pattern, text) == []


@pytest.mark.parametrize("pattern", ["", ".. open", "the? open", "<nobody> open", "% open"])
def test_a_pattern_that_cannot_be_read_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Patterns({}, [(pattern, "m")], CLASSES)


def test_the_fuller_phrase_wins_and_what_means_nothing_takes_its_words() -> None:
    both = Patterns({"walking": "walking", "walking stick": "aids", "walking out": ""})
    assert [hit.meaning for hit in both.find(tokens_of("walking stick, walking out"))] == ["aids"]


def test_faults_in_files_are_named_with_their_line() -> None:
    with pytest.raises(FaultyFileError, match=r"line 5.*no class <nobody>"):
        read_paraphrases("classes:\n  a: [b]\nneeds:\n  food: |\n    <nobody> eats\n")
    with pytest.raises(FaultyFileError, match="dragons"):
        read_paraphrases("classes:\n  a: [b]\nneeds:\n  dragons: |\n    fire\n")
    with pytest.raises(FaultyFileError, match="should be two words"):
        read_words("together:\n  nobody: [no]\n")
    with pytest.raises(FaultyFileError, match="has no word in it"):
        read_lexicon(
            "risks:\n  suicide: ['...']\nrisk_codes:\n  suicide: [snomed 6471006]\nnot_risks: [a]\nnot_needs: [b]\n"
        )


@pytest.mark.parametrize(
    ("word", "some"),
    [
        ("stop", {"stop", "stops", "stopped", "stopping"}),
        ("care", {"cares", "cared", "caring"}),
        ("carry", {"carries", "carried", "carrying"}),
        ("lose", {"lost", "losing"}),
        ("bus", {"bus"}),
    ],
)
def test_the_forms_of_a_word(word: str, some: set[str]) -> None:
    assert some <= forms(word)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("lonley", "lonely"), ("benifits", "benefits"), ("seperated", "separated"), ("depresion", "depression"),
     ("isolatted", "isolated")],
)  # fmt: skip
def test_a_slip_of_the_pen_is_one(written: str, meant: str) -> None:
    assert is_slip(written, meant)


@pytest.mark.parametrize(("written", "other"), [("lovely", "lonely"), ("cares", "care"), ("fiend", "fried")])
def test_another_word_is_no_slip(written: str, other: str) -> None:
    assert not is_slip(written, other)


def test_names_and_known_words_are_not_mended() -> None:
    speller = Speller(["career", "denies"], ["carer"])
    text = "Seen with Denise the carer"
    assert [token.word for token in speller.mend(text, tokens_of(text))][2:] == ["denise", "the", "carer"]


WORDS = st.sampled_from(
    (*("she", "he", "her husband", "not", "no", "denies", "lonely", "suicidal", "counselling", "declined", "if", "but"),
     *("and", ",", ".", "?", "\n", "-", ":", "money", "wants", "groups", "used to", "2009", "previously", "speaks"),
     *("Polish", "wheelchair", "PMH:", "[ ]", "drinks", "since", "mum's", "can't", "Yes"))
)  # fmt: skip


@given(letter=st.lists(st.one_of(WORDS, st.text(max_size=6)), max_size=60).map(" ".join))
def test_any_text_gives_a_reading_whose_evidence_is_a_part_of_it(letter: str) -> None:
    reading = read(letter)
    evidence = [
        *(sign.evidence for sign in reading.needs),
        *(sign.evidence for sign in reading.risks),
        *(out.evidence for out in reading.ruled_out),
    ]
    assert all(each in letter and 0 < len(each) <= LONGEST_EVIDENCE for each in evidence)
    assert {out.code for out in reading.ruled_out}.isdisjoint({sign.code for sign in reading.needs})


@pytest.mark.parametrize("part", ["a", "not ", "she is not lonely, ", "no , or ", "( "])
def test_time_grows_with_the_length_of_a_text(part: str) -> None:
    assert read(part * (40_000 // len(part))) is not None
