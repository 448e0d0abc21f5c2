"""Reads needs, wishes and risks in a referral's letter and codes: phrases, and whose, when and how they are meant."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import get_args

from referral_intake.triage.answers import answered, newest_year
from referral_intake.triage.cues import context, risk_standing
from referral_intake.triage.giving_way import left_by_nearer
from referral_intake.triage.letters import Clause, clauses
from referral_intake.triage.lexicon import LEXICON
from referral_intake.triage.patterns import NOTHING, Hit
from referral_intake.triage.reading import Coding, NeedSign, Reading, RiskKind, RiskSign, RuledOut, Standing, Why
from referral_intake.triage.standing import Scene, gives_way, judge
from referral_intake.triage.tokens import tokens_of
from referral_intake.triage.told_risks import Around, names_whom, standing_in_sentence
from referral_intake.triage.whose import subject_is_another, told
from referral_intake.triage.wishes import WishesFound, gather
from shared.needs import needs_for_code
from shared.needs.systems import system_named

LONGEST_EVIDENCE = 400
_MOST_WEIGHT = 3
_YEARS_OF_NOW = 2

# SNOMED CT: social prescribing declined.
_DECLINED = ("snomed", "871711000000103")
_REFUSAL = re.compile(
    r"(?:declin(?:es|ed)|refus(?:es|ed)|has not (?:agreed|consented)|"
    r"(?:does|did)(?: not|n['\u2019]t) (?:want|wish|agree|consent))"
    r"(?: (?:to|an?|any|the|this|be|being|see|meet|with|speak|from|our|your|offer|of|for|referral|referred|contact))*"
    r" (?:social prescrib\w+|link worker|this referral|referred)\b(?! (?:alone|at|on|in|until|today))",
    re.IGNORECASE,
)
# PHQ-9's item 9 asks for thoughts of being better off dead or of self-harm; its four answers score 0 to 3.
_ITEM_NINE = re.compile(
    r"\b(?:item|question|q) ?(?:9|nine)\b[^\d.;\n]{0,30}?\b(?:(?P<score>[0-3])\b(?! ?/ ?27)|(?P<yes>positive))",
    re.IGNORECASE,
)
_BUT_NO = re.compile(r"[\s,]*\bbut (?:no|not|never)\b(?=[\s,.])", re.IGNORECASE)
# Under a heading of old diagnoses stands what is told of now, where it is a sentence about the person.
_OF_NOW = re.compile(r"\b(?:they|now|today|currently|still|again|says|feels|wants|this (?:week|morning))\b")

_OPENING = 40
_SPELLER = LEXICON.speller()
_KINDS: dict[str, RiskKind] = {kind: kind for kind in get_args(RiskKind)}
_WHYS: dict[str, Why] = {why: why for why in get_args(Why)}
_FOLLOWS: dict[RiskKind, str] = {"abuse": "domestic-abuse-support", "harm-by-others": "keeping-safe"}
"""The need that a current danger makes."""


@dataclass
class _Found:
    """What was gathered so far."""

    needs: dict[str, NeedSign] = field(default_factory=dict)
    ruled_out: dict[tuple[str, Why], RuledOut] = field(default_factory=dict)
    risks: dict[RiskSign, None] = field(default_factory=dict)
    wishes: WishesFound = field(default_factory=WishesFound)

    def need(self, sign: NeedSign) -> None:
        known = self.needs.get(sign.code)
        self.needs[sign.code] = replace(known, weight=min(_MOST_WEIGHT, known.weight + 1)) if known else sign


def read(letter: str, codes: Sequence[Coding] = ()) -> Reading:
    """Read the needs, wishes and risks of a referral; any text gives a reading.

    Needs are codes of the vocabulary, each once with its first evidence. Evidence from text is part of `letter`.
    """
    found = _Found()
    for coding in codes:
        for sign in _needs_of_coding(coding):
            found.needs.setdefault(sign.code, sign)
        found.risks |= dict.fromkeys(_risks_of_coding(coding))
    _read_text(letter, found)
    ruled_out = tuple(out for out in found.ruled_out.values() if out.code not in found.needs)
    needs, risks = tuple(found.needs.values()), tuple(found.risks)
    return Reading(needs, risks, _refusal(letter, codes), ruled_out, found.wishes.as_wishes())


def _needs_of_coding(coding: Coding) -> Iterator[NeedSign]:
    found = needs_for_code(coding.system, coding.code)
    if not found:
        hits = LEXICON.needs.find(tokens_of(coding.display))
        found = tuple(hit.meaning for hit in hits if hit.meaning != NOTHING and "!" not in hit.meaning)
    for code in found:
        yield NeedSign(code, "code", f"{coding.system}|{coding.code}")


def _risks_of_coding(coding: Coding) -> Iterator[RiskSign]:
    kind = LEXICON.risk_codes.get((system_named(coding.system), coding.code))
    if kind:
        yield RiskSign(kind, "current", f"{coding.system}|{coding.code}")


def _read_text(letter: str, found: _Found) -> None:
    who, oldest_year = told(letter), newest_year(letter) - _YEARS_OF_NOW
    another = False
    for clause in clauses(letter, _SPELLER):
        needs, risks = LEXICON.needs.find(clause.tokens), LEXICON.risks.find(clause.tokens)
        another = another and not clause.leading
        _read_needs(Scene(letter, clause, (*needs, *risks), who, oldest_year, another), needs, found)
        told_of = [hit for hit in risks if names_whom(clause.tokens, hit)]
        _read_risks(letter, clause, (needs, told_of), oldest_year, found)
        gather(clause, needs, who, found.wishes)
        another = subject_is_another(clause.tokens, len(clause.tokens), who, already=another)
    found.risks |= dict.fromkeys(_item_nine(letter))
    for risk in found.risks:
        need = _FOLLOWS.get(risk.kind) if risk.standing == "current" else None
        if need and need not in found.needs and "|" not in risk.evidence:
            found.need(NeedSign(need, "text", risk.evidence))
    for code, why in found.ruled_out:
        if code in found.needs and gives_way(found.needs[code], why):
            del found.needs[code]


def _read_needs(scene: Scene, hits: Sequence[Hit], found: _Found) -> None:
    meant: dict[str, list[str]] = {}
    for hit in hits:
        code, _, said = hit.meaning.partition("!")
        judgement = _WHYS.get(said) or judge(code, hit, scene)
        evidence = _evidence(scene.letter, scene.clause, hit)
        if judgement == "meant":
            meant.setdefault(code, []).append(evidence)
        elif judgement != "unsaid":
            found.ruled_out.setdefault((code, judgement), RuledOut(code, judgement, evidence))
    left = left_by_nearer(meant)
    for code in (code for code in meant if code not in left):
        for evidence in meant[code]:
            found.need(NeedSign(code, "text", evidence))


def _read_risks(
    letter: str, clause: Clause, hits: tuple[Sequence[Hit], Sequence[Hit]], oldest_year: int, found: _Found
) -> None:
    needs, risks = hits
    for hit in risks:
        # Needs that are named before a risk may stand in one list with it; what follows it may say when it was.
        listed = (*(need for need in needs if need.plain and need.after <= hit.first), *risks)
        kind = _KINDS[hit.meaning]
        standing = _standing(letter, clause, risk_standing(kind, *context(clause.tokens, listed, hit)))
        if standing == "current":
            standing = standing_in_sentence(kind, _around(letter, clause, hit), oldest_year)
        if standing:
            found.risks[RiskSign(kind, standing, _evidence(letter, clause, hit))] = None


def _around(letter: str, clause: Clause, hit: Hit) -> Around:
    """Give the words of a sentence around a phrase, inside it, and those that the next sentence opens with."""
    first, last = clause.tokens[hit.first], clause.tokens[hit.after - 1]
    start = max(0, letter.rfind(clause.sentence, 0, clause.tokens[0].start + len(clause.sentence)))
    end = max(last.end, start + len(clause.sentence))
    start, stop = max(start, first.start - LONGEST_EVIDENCE), min(end, last.end + LONGEST_EVIDENCE)
    parts = ((start, first.start), (first.start, last.end), (last.end, stop), (end, min(len(letter), end + _OPENING)))
    return Around(*(" ".join(token.word for token in tokens_of(letter, *part)) for part in parts))


def _standing(letter: str, clause: Clause, standing: Standing) -> Standing | None:
    """Say what stands around a clause makes of a current risk in it; None for a question that nobody answered."""
    if standing != "current":
        return standing
    if _BUT_NO.match(letter, clause.tokens[-1].end):
        return "denied"
    if clause.asked and (answer := answered(clause.sentence, clause.answer)):
        return "denied" if answer == "denied" else "current" if answer == "meant" else None
    if clause.section and not _OF_NOW.search(" ".join(token.word for token in clause.tokens)):
        return "others" if clause.section == "others" else "past"
    return "current"


def _evidence(letter: str, clause: Clause, hit: Hit) -> str:
    """Give the sentence, or of a very long one the part around the phrase."""
    if len(clause.sentence) <= LONGEST_EVIDENCE:
        return clause.sentence
    start = max(0, clause.tokens[hit.first].start - LONGEST_EVIDENCE // 2)
    return letter[start : start + LONGEST_EVIDENCE].strip()


def _item_nine(letter: str) -> Iterator[RiskSign]:
    for match in _ITEM_NINE.finditer(letter):
        yield RiskSign("suicide", "denied" if match["score"] == "0" else "current", match.group())


def _refusal(letter: str, codes: Sequence[Coding]) -> str:
    for coding in codes:
        if (system_named(coding.system), coding.code) == _DECLINED:
            return f"{coding.system}|{coding.code}"
    match = _REFUSAL.search(letter)
    return match.group() if match else ""
