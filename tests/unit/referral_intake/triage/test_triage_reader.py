"""The reader: current risks are found, what is denied, past or another's is not, and any text is read."""

import html
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referral_intake.triage.reader import LONGEST_EVIDENCE, read
from referral_intake.triage.reading import Coding
from shared.needs import NEEDS
from tests.run import NO_DATA

BARS = Path(__file__).parents[5] / "shared" / "data" / "fhir" / "bars"
SNOMED = "http://snomed.info/sct"


def needs_of(letter: str) -> set[str]:
    return {sign.code for sign in read(letter).needs}


def standings_of(letter: str) -> set[tuple[str, str]]:
    return {(sign.kind, sign.standing) for sign in read(letter).risks}


@pytest.mark.parametrize(
    ("kind", "letter"),
    [
        ("suicide", "She is suicidal."),
        ("suicide", "Tells me he thinks about ending his life most nights."),
        ("suicide", "Previous overdose, lonely, suicidal."),
        ("suicide", "Suicidal thoughts - no plans."),
        ("suicide", "Suicidal ideation but denies intent."),
        ("suicide", "3 week history of suicidal thoughts."),
        ("suicide", "Over the past few weeks she has had thoughts of suicide."),
        ("suicide", "Loss of his job has led to suicidal thoughts."),
        ("suicide", "He says he disnae want tae be here."),
        ("suicide", "Feels the children would be better off without her."),
        ("suicide", "Not coping, wants to die."),
        ("suicide", "Not sleeping and suicidal."),
        ("suicide", "Her daughter phoned, worried that she is suicidal."),
        ("suicide", "Ten years ago her husband died and she is suicidal since."),
        ("suicide", "He has been stockpiling his tablets."),
        ("suicide", "PHQ-9 18, item 9 = 2"),
        ("suicide", "Q9 scored 1 today"),
        ("self-harm", "She has been cutting her arms again."),
        ("self-harm", "History of self-harm, still self-harming weekly."),
        ("self-harm", "Took an overdose 2 weeks ago."),
        ("self-harm", "No debts, self-harming."),
        ("self-harm", "I'm worried he'll harm himself."),
        ("abuse", "Discloses domestic abuse."),
        ("abuse", "Her husband hits her when he has been drinking."),
        ("abuse", "She is feart of her man."),
        ("abuse", "Living with a controlling partner, not allowed out."),
        ("child-at-risk", "He has hit the children in front of her."),
        ("child-at-risk", "The wee ones: bairns left alone most evenings."),
        ("self-neglect", "Since the funeral he is not looking after himself."),
        ("self-neglect", "Has stopped eating and the flat is squalid."),
        ("harm-by-others", "A nephew is taking her money every Monday."),
        ("harm-by-others", "Cuckooed by local dealers."),
        ("risk-to-others", "He has thoughts of harming others."),
    ],
)
def test_a_current_risk_is_found(kind: str, letter: str) -> None:
    assert kind in read(letter).current_risks


@pytest.mark.parametrize(
    ("sign", "letter"),
    [
        (("suicide", "denied"), "No suicidal thoughts."),
        (("suicide", "denied"), "Denies any current thoughts or plans of suicide."),
        (("self-harm", "denied"), "No thoughts of suicide, self-harm or harm to others."),
        (("risk-to-others", "denied"), "No thoughts of suicide, self-harm or harm to others."),
        (("self-harm", "denied"), "Denies suicidal ideation, self harm."),
        (("suicide", "denied"), "She isn't suicidal."),
        (("suicide", "denied"), "He disnae feel suicidal."),
        (("suicide", "denied"), "I do not think she is at risk of suicide."),
        (("suicide", "denied"), "Suicide risk: low."),
        (("suicide", "denied"), "Low risk of suicide."),
        (("suicide", "denied"), "Assessed as low suicide risk."),
        (("self-harm", "denied"), "Self-harm: nil"),
        (("suicide", "denied"), "Suicidal ideation denied."),
        (("suicide", "denied"), "PHQ9 11 (item 9 = 0)"),
        (("suicide", "denied"), "To call NHS 24 if suicidal thoughts."),
        (("abuse", "denied"), "There is no domestic abuse at home."),
        (("self-harm", "past"), "History of self-harm."),
        (("self-harm", "past"), "History of self-harm but currently well."),
        (("self-harm", "past"), "History of self-harm however currently well."),
        (("self-harm", "past"), "Previous overdose in 2015."),
        (("self-harm", "past"), "Overdose (2009)."),
        (("self-harm", "past"), "History of depression, anxiety and self-harm."),
        (("self-harm", "past"), "She self-harmed as a teenager."),
        (("self-harm", "past"), "In 2011 he took an overdose."),
        (("self-harm", "past"), "She used to self-harm."),
        (("self-harm", "past"), "PMH: asthma, overdose"),
        (("suicide", "past"), "Suicide attempt ten years ago."),
        (("abuse", "past"), "Survivor of childhood sexual abuse."),
        (("abuse", "past"), "She was abused as a child."),
        (("abuse", "past"), "She left an abusive relationship 5 years ago."),
        (("abuse", "past"), "Fled an abusive husband."),
        (("suicide", "others"), "Her son is suicidal."),
        (("suicide", "others"), "Found after his brother's suicide."),
        (("suicide", "others"), "Still grieving the suicide of her father."),
        (("self-harm", "others"), "Her daughter has been self-harming."),
        (("suicide", "others"), "Family history of suicide."),
    ],
)
def test_a_risk_that_is_denied_past_or_of_another_is_no_alert(sign: tuple[str, str], letter: str) -> None:
    assert sign in standings_of(letter)
    assert read(letter).current_risks == ()


@pytest.mark.parametrize(
    "letter",
    [
        "Her brother died by suicide in March.",
        "Alcohol abuse.",
        "He lost his wife, took early retirement and sits in.",
        "Low mood, tearful, anxious, stressed at work.",
        "Stroke hit him hard.",
    ],
)
def test_everyday_words_of_link_working_are_no_risk(letter: str) -> None:
    assert read(letter).current_risks == ()


@pytest.mark.parametrize(
    ("letter", "needs"),
    [
        (
            "Lonely since her husband died, and behind with the rent.",
            {"loneliness", "bereavement", "housing", "debt-advice"},
        ),
        ("Skint. Cannae heat the hoose. On the broo.", {"money-advice", "energy-costs", "benefits-advice"}),
        ("Struggling with debts and low mood.", {"debt-advice", "low-mood"}),
        ("No debts, but lonely.", {"loneliness"}),
        ("No debts or housing problems.", set()),
        ("Housing: no concerns. Mood: low in mood.", {"low-mood"}),
        ("She isn't lonely.", set()),
        ("Nae pals.", {"loneliness"}),
        ("Not managing with debts.", {"debt-advice"}),
        ("Declined referral to bereavement counselling, keen on a walking group.", {"walking"}),
        ("Not keen on lunch clubs.", set()),
        ("Does not want help with benefits.", set()),
        ("His wife has dementia.", set()),
        ("Caring for his wife.", {"carers"}),
        ("Previously homeless, now in his own flat.", set()),
        ("PMH: depression, alcohol misuse", set()),
        ("Uses a walking stick.", set()),
        ("Needs a walking stick.", {"home-adaptations"}),
        ("Lives in sheltered housing.", set()),
        ("No\nfriends nearby.", {"loneliness"}),
        ("Wants something to do: men\u2019s shed?", {"social-groups"}),
        ("Dr. Reid asked about debts. Mrs. Hay is lonely.", {"debt-advice", "loneliness"}),
        ("Kindly do the needful.", set()),
    ],
)
def test_needs_are_read_where_they_are_the_persons_now_and_wanted(letter: str, needs: set[str]) -> None:
    assert needs_of(letter) == needs


def test_every_synonym_alone_is_read_as_its_need() -> None:
    wrong = {
        phrase: needs_of(f"Needs: {phrase}.") for need in NEEDS.values() for phrase in need.synonyms
        if need.code not in needs_of(f"Needs: {phrase}.")
    }  # fmt: skip
    assert wrong == {}


def test_the_evidence_is_the_sentence_that_showed_it() -> None:
    reading = read("Known to us for years. She is lonely, poor soul.\nSuicidal last week.")
    assert [(sign.code, sign.source, sign.evidence) for sign in reading.needs] == [
        ("loneliness", "text", "She is lonely, poor soul")
    ]
    assert [sign.evidence for sign in reading.risks] == ["Suicidal last week"]


def test_the_full_stop_of_a_title_ends_no_sentence() -> None:
    assert [sign.evidence for sign in read("Seen with Dr. Reid and very lonely.").needs] == [
        "Seen with Dr. Reid and very lonely"
    ]


def test_of_a_sentence_without_an_end_the_part_around_the_phrase_is_the_evidence() -> None:
    letter = "and so on " * 100 + "she is lonely " + "and so forth " * 100
    (sign,) = read(letter).needs
    assert "she is lonely" in sign.evidence
    assert sign.evidence in letter
    assert len(sign.evidence) <= LONGEST_EVIDENCE


def test_a_code_is_read_as_the_need_that_means_the_same_and_comes_before_the_text() -> None:
    reading = read("Lonely and homeless.", [Coding(SNOMED, "32911000", "Homeless"), Coding("gravity", "stress")])
    assert [(sign.code, sign.source) for sign in reading.needs] == [
        ("homelessness", "code"),
        ("stress", "code"),
        ("loneliness", "text"),
    ]
    assert reading.needs[0].evidence == f"{SNOMED}|32911000"


def test_a_code_of_an_unknown_list_is_read_by_its_display() -> None:
    assert [sign.code for sign in read("", [Coding("urn:local", "x1", "Debt problem")]).needs] == ["debt-advice"]


def test_the_referral_itself_is_no_need() -> None:
    reading = read("", [Coding(SNOMED, "871731000000106", "Referral to social prescribing service")])
    assert reading.nothing_usable
    assert reading.refusal == ""


def test_a_code_that_says_a_risk_outright_is_a_current_risk() -> None:
    assert read("", [Coding(SNOMED, "6471006", "Suicidal thoughts")]).current_risks == ("suicide",)


@pytest.mark.skipif(not BARS.exists(), reason=NO_DATA)
@pytest.mark.parametrize("example", ["REFREQ03.xml", "REFREQ07.xml"])
def test_a_referral_to_a_pharmacy_holds_nothing_for_us(example: str) -> None:
    values = re.findall(r'value="([^"]*)"', (BARS / example).read_text("utf-8"))
    reading = read("\n".join(html.unescape(value) for value in values))
    assert reading.nothing_usable
    assert (reading.risks, reading.refusal) == ((), "")


def test_a_refusal_is_read_from_its_code_and_from_plain_words() -> None:
    assert read("", [Coding(SNOMED, "871711000000103")]).refusal == f"{SNOMED}|871711000000103"
    assert read("I offered, he declined referral to the link worker.").refusal
    assert read("She does not want to be referred.").refusal
    assert read("She declined counselling but would see the link worker.").refusal == ""
    assert read("She does not want to see the link worker at home.").refusal == ""


PHRASES = st.sampled_from([phrase for need in NEEDS.values() for phrase in need.synonyms[:4]])
CUES = st.sampled_from(
    [
        "no",
        "denies",
        "but",
        "and",
        "or",
        ",",
        ".",
        "\n",
        "her son",
        "history of",
        "since",
        "(",
        ":",
        "-",
        "if",
        "in 2012",
    ]
)
RISKS = st.sampled_from(["suicidal", "self-harm", "abused", "item 9 = 3", "took her own life"])
ANY_TEXT = st.text(st.characters(codec=None), max_size=300)
LETTERS = st.one_of(ANY_TEXT, st.lists(st.one_of(PHRASES, RISKS, CUES, st.text(max_size=8)), max_size=30).map(" ".join))
CODINGS = st.lists(
    st.builds(Coding, st.sampled_from(["snomed", "aliss", SNOMED, ""]), st.text(max_size=9), ANY_TEXT), max_size=2
)


@given(letter=LETTERS, codes=CODINGS)
def test_any_text_gives_a_reading_with_needs_of_the_vocabulary_and_evidence_from_the_letter(
    letter: str, codes: list[Coding]
) -> None:
    reading = read(letter, codes)
    read_codes = [sign.code for sign in reading.needs]
    assert set(read_codes) <= set(NEEDS)
    assert len(read_codes) == len(set(read_codes))
    codings = {f"{coding.system}|{coding.code}" for coding in codes}
    for evidence in [sign.evidence for sign in reading.needs] + [sign.evidence for sign in reading.risks]:
        assert evidence in codings or (evidence in letter and 0 < len(evidence) <= LONGEST_EVIDENCE)
    assert reading.nothing_usable == (not reading.needs)


@given(letter=LETTERS)
def test_a_plain_sentence_of_current_risk_is_found_after_any_letter(letter: str) -> None:
    assert "suicide" in read(f"{letter}\n\nShe is suicidal.").current_risks


@given(letter=LETTERS)
def test_a_plain_denial_after_any_letter_adds_no_alert(letter: str) -> None:
    assert read(f"{letter}\n\nNo suicidal thoughts.").current_risks == read(letter).current_risks
