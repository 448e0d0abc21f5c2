"""Triage: what is decided, with which reasons, and that a machine alone turns nobody away."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referral_intake.triage.decisions import Accepted, NeedsInformation, ReturnProposed, RiskAlert
from referral_intake.triage.facts import RequestFacts
from referral_intake.triage.lexicon import read_lexicon
from referral_intake.triage.reader import read
from referral_intake.triage.reading import Reading
from referral_intake.triage.rules import SHIPPED_RULES, decide, load_rules
from shared.needs import NEEDS
from shared.needs.sheet import FaultyFileError

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
RULES = load_rules()
NOTHING = Reading((), ())
LONELY = read("She is lonely.")
SUICIDAL = read("She is lonely and suicidal.")


def some_facts(**changes: object) -> RequestFacts:
    usual = RequestFacts(age_years=50, contactable=True, agreement="agreed", in_area=True)
    return replace(usual, **changes)  # type: ignore[arg-type]  # each test changes fields of its own


def codes_of(decision: Accepted | NeedsInformation | ReturnProposed) -> list[str]:
    return [reason.code for reason in decision.reasons]


def test_a_plain_referral_is_accepted_as_routine_without_questions() -> None:
    decision = decide(some_facts(), LONELY, RULES, NOW)
    assert isinstance(decision, Accepted)
    assert [sign.code for sign in decision.needs] == ["loneliness"]
    assert (decision.urgency, decision.reasons, decision.questions) == ("routine", (), ())
    assert (decision.nothing_read, decision.alert) == (False, None)
    assert (decision.rules_version, decision.decided_at) == (RULES.version, NOW)


def test_stated_needs_come_first_and_are_not_doubled_by_what_is_read() -> None:
    decision = decide(some_facts(stated_needs=("loneliness", "food")), read("Lonely and skint."), RULES, NOW)
    assert [(sign.code, sign.source) for sign in decision.needs] == [
        ("loneliness", "stated"),
        ("food", "stated"),
        ("money-advice", "text"),
    ]


def test_nothing_usable_is_still_accepted_and_the_link_worker_is_told() -> None:
    decision = decide(some_facts(), NOTHING, RULES, NOW)
    assert isinstance(decision, Accepted)
    assert decision.nothing_read
    assert [question.code for question in decision.questions] == ["nothing-read"]


def test_a_stated_need_is_enough_where_nothing_could_be_read() -> None:
    decision = decide(some_facts(stated_needs=("food",)), NOTHING, RULES, NOW)
    assert isinstance(decision, Accepted)
    assert (decision.nothing_read, decision.questions) == (False, ())


def test_what_is_not_known_is_a_question_and_no_refusal() -> None:
    decision = decide(some_facts(age_years=None, in_area=None, agreement="not-stated"), LONELY, RULES, NOW)
    assert isinstance(decision, Accepted)
    assert [q.code for q in decision.questions] == ["agreement-not-stated", "age-not-known", "area-not-known"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"agreement": "declined"}, "person-declined"),
        ({"age_years": 15}, "under-minimum-age"),
        ({"in_area": False}, "out-of-area"),
    ],
)
def test_a_return_is_only_proposed_and_says_why(changes: dict[str, object], reason: str) -> None:
    decision = decide(some_facts(**changes), LONELY, RULES, NOW)
    assert isinstance(decision, ReturnProposed)
    assert decision.reason == reason
    assert codes_of(decision) == [reason]


def test_every_reason_for_a_return_is_given() -> None:
    decision = decide(some_facts(agreement="declined", age_years=9, contactable=False), LONELY, RULES, NOW)
    assert isinstance(decision, ReturnProposed)
    assert codes_of(decision) == ["person-declined", "under-minimum-age"]
    assert "younger than 16" in decision.reasons[1].sentence


def test_the_minimum_age_itself_is_old_enough_and_a_programme_may_have_its_own() -> None:
    assert isinstance(decide(some_facts(age_years=16), LONELY, RULES, NOW), Accepted)
    assert isinstance(decide(some_facts(age_years=16), LONELY, replace(RULES, minimum_age=18), NOW), ReturnProposed)


def test_a_refusal_in_the_letter_counts_unless_the_practice_says_that_the_person_agreed() -> None:
    refused = read("I offered but she does not want to be referred.")
    assert isinstance(decide(some_facts(agreement="not-stated"), refused, RULES, NOW), ReturnProposed)
    assert isinstance(decide(some_facts(agreement="agreed"), refused, RULES, NOW), Accepted)


def test_without_a_way_to_reach_the_person_the_practice_is_asked() -> None:
    decision = decide(some_facts(contactable=False), LONELY, RULES, NOW)
    assert isinstance(decision, NeedsInformation)
    assert decision.missing == ("contact",)


@pytest.mark.parametrize("changes", [{}, {"contactable": False}, {"age_years": 12}])
def test_a_current_risk_is_alerted_beside_every_decision_and_makes_it_urgent(changes: dict[str, object]) -> None:
    decision = decide(some_facts(**changes), SUICIDAL, RULES, NOW)
    assert decision.alert == RiskAlert(("suicide",))
    assert decision.urgency == "urgent"
    assert type(decision) is type(decide(some_facts(**changes), LONELY, RULES, NOW))


def test_past_risk_alerts_nobody() -> None:
    assert decide(some_facts(), read("History of self-harm. Lonely."), RULES, NOW).alert is None


@pytest.mark.parametrize(
    ("asked", "letter", "urgency", "why"),
    [
        ("urgent", "Lonely.", "urgent", ["practice-asked"]),
        ("soon", "Lonely.", "soon", ["practice-asked"]),
        ("routine", "Lonely.", "routine", []),
        (None, "Homeless.", "soon", ["needs"]),
        ("routine", "Homeless.", "soon", ["needs"]),
        ("soon", "Homeless and suicidal.", "urgent", ["current-risk"]),
    ],
)
def test_the_highest_urgency_that_applies_counts(asked: str | None, letter: str, urgency: str, why: list[str]) -> None:
    decision = decide(some_facts(urgency_asked=asked), read(letter), RULES, NOW)
    assert (decision.urgency, codes_of(decision)) == (urgency, why)


def test_a_stated_need_that_nobody_knows_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="not in the vocabulary"):
        RequestFacts(stated_needs=("no-such-need",))


FACTS = st.builds(
    RequestFacts,
    stated_needs=st.lists(st.sampled_from(sorted(NEEDS)), max_size=3).map(tuple),
    age_years=st.none() | st.integers(0, 110),
    contactable=st.booleans(),
    agreement=st.sampled_from(["agreed", "not-stated", "declined"]),
    urgency_asked=st.sampled_from([None, "routine", "soon", "urgent"]),
    in_area=st.sampled_from([None, True, False]),
)
LETTERS = [
    "",
    "Lonely.",
    "Suicidal.",
    "Homeless, in debt.",
    "History of overdose.",
    "She does not want to be referred.",
]
READINGS = st.sampled_from([read(letter) for letter in LETTERS])


@given(facts=FACTS, reading=READINGS)
def test_whatever_is_asked_a_decision_has_its_reasons_and_never_loses_a_need_or_a_risk(
    facts: RequestFacts, reading: Reading
) -> None:
    decision = decide(facts, reading, RULES, NOW)
    assert decision == decide(facts, reading, RULES, NOW)
    assert {sign.code for sign in decision.needs} == set(facts.stated_needs) | {sign.code for sign in reading.needs}
    assert (decision.alert.kinds if decision.alert else ()) == reading.current_risks
    assert isinstance(decision, Accepted) or decision.reasons
    assert all(reason.sentence and "{" not in reason.sentence for reason in decision.reasons)
    levels = ["routine", "soon", "urgent"]
    assert levels.index(decision.urgency) >= levels.index(facts.urgency_asked or "routine")


@given(facts=FACTS, reading=READINGS)
def test_only_three_facts_may_propose_a_return(facts: RequestFacts, reading: Reading) -> None:
    young = facts.age_years is not None and facts.age_years < RULES.minimum_age
    refused = facts.agreement == "declined" or (facts.agreement == "not-stated" and reading.refusal != "")
    proposed = isinstance(decide(facts, reading, RULES, NOW), ReturnProposed)
    assert proposed == (young or refused or facts.in_area is False)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("when: person-declined", "when: person-decline", "did you mean “person-declined”?"),
        ("then: ask-practice", "then: ask-later", "needs “missing” with “then: ask-practice”, and only then"),
        ("    missing: contact\n", "", "needs “missing”"),
        ("minimum_age: 16", "minimum_age: sixteen", "is not a number of years"),
        ("minimum_age: 16", "minimum_age: 160", "is not a number of years"),
        ("version: triage-2026.1", "version:", "the version is empty"),
        ("{minimum_age}, for", "{min_age}, for", "only {minimum_age} may stand in curly brackets"),
        ("[homelessness,", "[homelesness,", "did you mean “homelessness”?"),
        ("    needs: [homelessness, food, domestic-abuse-support, end-of-life]\n", "", "needs a list of “needs”"),
        (
            "  - level: urgent\n    when: current-risk",
            "  - level: now\n    when: current-risk",
            "it can be: urgent, soon",
        ),
    ],
)
def test_a_mistake_in_the_rules_is_named(tmp_path: Path, old: str, new: str, words: str) -> None:
    content = SHIPPED_RULES.read_text("utf-8")
    assert content.count(old) == 1
    faulty = tmp_path / "rules.yaml"
    faulty.write_text(content.replace(old, new), "utf-8")
    with pytest.raises(FaultyFileError) as caught:
        load_rules(faulty)
    assert words in str(caught.value)


SIGNS = """\
risks:
  suicide: [suicidal]
  self-harm: [self-harm]
risk_codes:
  suicide: [snomed 6471006]
not_risks: [died by suicide]
not_needs: [sheltered housing]
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("  self-harm: [self-harm]", "  selfharm: [self-harm]", "did you mean “self-harm”?"),
        ("[self-harm]", "[self-harm, Suicidal]", "line 3: “Suicidal” under self-harm is already under suicide"),
        ("snomed 6471006", "snomed 6471007", "line 5: “snomed 6471007” is no code"),
        ("snomed 6471006", "snomd 6471006", "is no code"),
        ("[died by suicide]", "['!']", "line 6: “!” in “not_risks” has no word in it"),
        ("not_needs: [sheltered housing]\n", "", "the file has no not_needs"),
    ],
)
def test_a_mistake_in_the_signs_is_named(old: str, new: str, words: str) -> None:
    assert read_lexicon(SIGNS).risk_codes == {("snomed", "6471006"): "suicide"}
    with pytest.raises(FaultyFileError) as caught:
        read_lexicon(SIGNS.replace(old, new))
    assert words in str(caught.value)
