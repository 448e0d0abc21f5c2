"""Triage as a pure function of facts, a reading and rules that are data; a machine alone turns nobody away."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from yaml.nodes import Node

from referral_intake.triage.decisions import Accepted, Decision, NeedsInformation, Reason, ReturnProposed, RiskAlert
from referral_intake.triage.facts import RequestFacts, Urgency
from referral_intake.triage.reading import NeedSign, Reading
from shared.needs import NEEDS
from shared.needs.sheet import Sheet

SHIPPED_RULES = Path(__file__).with_name("rules.yaml")

_ACTIONS = ("propose-return", "ask-practice", "ask-later")
_URGENCY_TESTS = ("practice-asked", "current-risk", "needs")
_LEVELS: Mapping[str, Urgency] = MappingProxyType({"urgent": "urgent", "soon": "soon"})


@dataclass(frozen=True)
class Rule:
    """When something is so, do this, because of that; `missing` names what the practice is asked for."""

    when: str
    then: str
    because: str
    missing: str


@dataclass(frozen=True)
class UrgencyRule:
    """When something is so, a referral is at least this urgent."""

    level: Urgency
    when: str
    because: str
    needs: frozenset[str]


@dataclass(frozen=True)
class Rules:
    """A version of the rules; a programme with another minimum age replaces that field."""

    version: str
    minimum_age: int
    rules: tuple[Rule, ...]
    urgency: tuple[UrgencyRule, ...]


_Test = Callable[[RequestFacts, Reading, Rules], bool]
_TESTS: Mapping[str, _Test] = MappingProxyType(
    {
        # Where the practice says that the person agreed, words in the letter that look like a refusal are not believed.
        "person-declined": lambda facts, reading, _: (
            facts.agreement == "declined" or (facts.agreement == "not-stated" and bool(reading.refusal))
        ),
        "under-minimum-age": lambda facts, _, rules: (
            facts.age_years is not None and facts.age_years < rules.minimum_age
        ),
        "age-not-known": lambda facts, _reading, _rules: facts.age_years is None,
        "out-of-area": lambda facts, _reading, _rules: facts.in_area is False,
        "area-not-known": lambda facts, _reading, _rules: facts.in_area is None,
        "no-contact": lambda facts, _reading, _rules: not facts.contactable,
        "agreement-not-stated": lambda facts, _reading, _rules: facts.agreement == "not-stated",
        "nothing-read": lambda facts, reading, _: reading.nothing_usable and not facts.stated_needs,
    }
)


def decide(facts: RequestFacts, reading: Reading, rules: Rules, now: datetime) -> Decision:
    """Decide what becomes of a request; a current risk is alerted beside any decision."""
    needs = _needs(facts, reading)
    urgency, why_urgent = _urgency(facts, reading, needs, rules)
    kinds = reading.current_risks
    alert = RiskAlert(kinds) if kinds else None
    returns, asks, questions = (_applying(action, facts, reading, rules) for action in _ACTIONS)
    if returns:
        reasons = (*_reasons(returns, rules), *why_urgent)
        return ReturnProposed(urgency, needs, reasons, alert, rules.version, now, reason=returns[0].when)
    if asks:
        reasons = (*_reasons(asks, rules), *why_urgent)
        missing = tuple(rule.missing for rule in asks)
        return NeedsInformation(urgency, needs, reasons, alert, rules.version, now, missing=missing)
    questions_to_ask = _reasons(questions, rules)
    return Accepted(
        urgency, needs, why_urgent, alert, rules.version, now, nothing_read=not needs, questions=questions_to_ask
    )


def _needs(facts: RequestFacts, reading: Reading) -> tuple[NeedSign, ...]:
    stated = tuple(NeedSign(code, "stated", "") for code in dict.fromkeys(facts.stated_needs))
    return (*stated, *(sign for sign in reading.needs if sign.code not in facts.stated_needs))


def _applying(action: str, facts: RequestFacts, reading: Reading, rules: Rules) -> list[Rule]:
    return [rule for rule in rules.rules if rule.then == action and _TESTS[rule.when](facts, reading, rules)]


def _reasons(applying: Sequence[Rule], rules: Rules) -> tuple[Reason, ...]:
    return tuple(Reason(rule.when, rule.because.replace("{minimum_age}", str(rules.minimum_age))) for rule in applying)


def _urgency(
    facts: RequestFacts, reading: Reading, needs: Sequence[NeedSign], rules: Rules
) -> tuple[Urgency, tuple[Reason, ...]]:
    codes = {sign.code for sign in needs}
    for level in _LEVELS.values():
        reasons = tuple(
            Reason(rule.when, rule.because)
            for rule in rules.urgency
            if rule.level == level
            and (
                (rule.when == "practice-asked" and facts.urgency_asked == level)
                or (rule.when == "current-risk" and reading.current_risks)
                or (rule.when == "needs" and not rule.needs.isdisjoint(codes))
            )
        )
        if reasons:
            return level, reasons
    return "routine", ()


def load_rules(path: Path = SHIPPED_RULES) -> Rules:
    """Load rules from a file; raise FaultyFileError with every fault in it."""
    sheet = Sheet(path.name, path.read_text("utf-8"))
    top = sheet.fields(sheet.root, "the file", ("version", "minimum_age", "rules", "urgency"))
    version = sheet.text(top.get("version"), "the version")
    age = sheet.text(top.get("minimum_age"), "the minimum age")
    if age and not (age.isdecimal() and int(age) <= 120):
        sheet.fault(top["minimum_age"], f"the minimum age “{age}” is not a number of years")
    rules = tuple(_rules(sheet, sheet.items(top.get("rules"), "“rules”")))
    urgency = tuple(_urgency_rules(sheet, sheet.items(top.get("urgency"), "“urgency”")))
    sheet.raise_faults()
    return Rules(version, int(age), rules, urgency)


def _rules(sheet: Sheet, nodes: Sequence[Node]) -> Iterator[Rule]:
    for node in nodes:
        fields = sheet.fields(node, "this rule", ("when", "then", "because"), ("missing",))
        when = sheet.choice(fields.get("when"), "“when”", _TESTS)
        then = sheet.choice(fields.get("then"), "“then”", _ACTIONS)
        because = sheet.text(fields.get("because"), "“because”")
        if set("{}") & set(because.replace("{minimum_age}", "")):
            sheet.fault(fields["because"], "in “because”, only {minimum_age} may stand in curly brackets")
        missing = sheet.code(fields.get("missing"), "“missing”")
        if (then == "ask-practice") != ("missing" in fields):
            sheet.fault(node, "a rule needs “missing” with “then: ask-practice”, and only then")
        yield Rule(when, then, because, missing)


def _urgency_rules(sheet: Sheet, nodes: Sequence[Node]) -> Iterator[UrgencyRule]:
    for node in nodes:
        fields = sheet.fields(node, "this rule of urgency", ("level", "when", "because"), ("needs",))
        level = _LEVELS.get(sheet.choice(fields.get("level"), "the level", _LEVELS), "urgent")
        when = sheet.choice(fields.get("when"), "“when”", _URGENCY_TESTS)
        because = sheet.text(fields.get("because"), "“because”")
        items = sheet.items(fields.get("needs"), "the list of needs")
        needs = frozenset(sheet.choice(item, "the need", NEEDS) for item in items)
        if (when == "needs") != ("needs" in fields):
            sheet.fault(node, "a rule of urgency needs a list of “needs” with “when: needs”, and only then")
        yield UrgencyRule(level, when, because, needs)
