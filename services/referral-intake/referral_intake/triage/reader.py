"""Reads needs and risks in a referral's letter and codes, plainly: known phrases, and the words right around them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import get_args

from referral_intake.triage.cues import context, is_history, is_meant, risk_standing
from referral_intake.triage.lexicon import LEXICON, NOTHING
from referral_intake.triage.phrases import Hit, Token, tokens_of
from referral_intake.triage.reading import Coding, NeedSign, Reading, RiskKind, RiskSign
from shared.needs import needs_for_code
from shared.needs.systems import system_named

LONGEST_EVIDENCE = 400
# Text without an end, which no letter has, is cut, so that time grows with length and not with its square.
LONGEST_CLAUSE_WORDS = 60

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
_SENTENCE_END = re.compile(
    r"(?<!\bDr)(?<!\bMr)(?<!\bMs)(?<!\bMrs)(?<!\bSt)(?<!\be\.g)(?<!\bi\.e)[.!?](?=\s|$)"
    r"|\r?\n(?=[ \t]*(?:\r?\n|[-*\u2022\u00b7]|\d+[.)]|[A-Z]))"
)
_CLAUSE_END = re.compile(r";|\b(?:but|however|although|though|whereas|except)\b", re.IGNORECASE)


@dataclass(frozen=True)
class _Clause:
    """A part of a sentence that says one thing, with the phrases in it."""

    sentence: str
    history: bool
    tokens: tuple[Token, ...]
    needs: tuple[Hit[str], ...]
    risks: tuple[Hit[str], ...]

    def around(self, hit: Hit[str]) -> tuple[str, str]:
        return context(self.tokens, (*self.needs, *self.risks), hit)

    def evidence(self, letter: str, hit: Hit[str]) -> str:
        """Give the sentence, or of a very long one the part around the phrase."""
        if len(self.sentence) <= LONGEST_EVIDENCE:
            return self.sentence
        start = max(0, self.tokens[hit.first].start - LONGEST_EVIDENCE // 2)
        return letter[start : start + LONGEST_EVIDENCE].strip()


def read(letter: str, codes: Sequence[Coding] = ()) -> Reading:
    """Read the needs and risks of a referral; any text gives a reading.

    Needs are codes of the vocabulary, each once with its first evidence. Evidence from text is part of `letter`.
    """
    needs: dict[str, NeedSign] = {}
    risks: dict[RiskSign, None] = {}
    for coding in codes:
        for sign in _needs_of_coding(coding):
            needs.setdefault(sign.code, sign)
        risks |= dict.fromkeys(_risks_of_coding(coding))
    for clause in _clauses(letter):
        for need in _needs_of_clause(clause, letter):
            needs.setdefault(need.code, need)
        risks |= dict.fromkeys(_risks_of_clause(clause, letter))
    risks |= dict.fromkeys(_item_nine(letter))
    return Reading(tuple(needs.values()), tuple(risks), _refusal(letter, codes))


def _needs_of_coding(coding: Coding) -> Iterator[NeedSign]:
    found = needs_for_code(coding.system, coding.code)
    if not found:
        found = tuple(hit.meaning for hit in LEXICON.needs.find(tokens_of(coding.display)) if hit.meaning != NOTHING)
    for code in found:
        yield NeedSign(code, "code", f"{coding.system}|{coding.code}")


def _risks_of_coding(coding: Coding) -> Iterator[RiskSign]:
    kind = LEXICON.risk_codes.get((system_named(coding.system), coding.code))
    if kind:
        yield RiskSign(kind, "current", f"{coding.system}|{coding.code}")


def _needs_of_clause(clause: _Clause, letter: str) -> Iterator[NeedSign]:
    for hit in clause.needs:
        if hit.meaning != NOTHING and not clause.history and is_meant(*clause.around(hit)):
            yield NeedSign(hit.meaning, "text", clause.evidence(letter, hit))


def _risks_of_clause(clause: _Clause, letter: str) -> Iterator[RiskSign]:
    for hit in clause.risks:
        if hit.meaning != NOTHING:
            kind = _KINDS[hit.meaning]
            standing = risk_standing(kind, *clause.around(hit))
            past = clause.history and standing == "current"
            yield RiskSign(kind, "past" if past else standing, clause.evidence(letter, hit))


_KINDS: dict[str, RiskKind] = {kind: kind for kind in get_args(RiskKind)}


def _item_nine(letter: str) -> Iterator[RiskSign]:
    for match in _ITEM_NINE.finditer(letter):
        yield RiskSign("suicide", "denied" if match["score"] == "0" else "current", match.group())


def _refusal(letter: str, codes: Sequence[Coding]) -> str:
    for coding in codes:
        if (system_named(coding.system), coding.code) == _DECLINED:
            return f"{coding.system}|{coding.code}"
    match = _REFUSAL.search(letter)
    return match.group() if match else ""


def _clauses(letter: str) -> Iterator[_Clause]:
    for start, end in _parts(_SENTENCE_END, letter, 0, len(letter)):
        sentence = letter[start:end].strip()
        for clause_start, clause_end in _parts(_CLAUSE_END, letter, start, end):
            all_tokens = tokens_of(letter, clause_start, clause_end)
            for first in range(0, len(all_tokens), LONGEST_CLAUSE_WORDS):
                tokens = all_tokens[first : first + LONGEST_CLAUSE_WORDS]
                needs, risks = LEXICON.needs.find(tokens), LEXICON.risks.find(tokens)
                if needs or risks:
                    yield _Clause(sentence, is_history(sentence), tuple(tokens), tuple(needs), tuple(risks))


def _parts(end_of_part: re.Pattern[str], text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for match in end_of_part.finditer(text, start, end):
        yield start, match.start()
        start = match.end()
    yield start, end
