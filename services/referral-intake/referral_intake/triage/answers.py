"""Reads what is said by an answer, a number or a year: forms' questions, units of alcohol, the time of a letter."""

import re
from typing import Literal

_UNITS = re.compile(r"\b(\d{1,2}) ?(?:units|unit|u)\b(?!.*\b(?:day|daily|night|nightly)\b)")
_A_LITTLE = 14
"""Units of alcohol a week that carry a low risk (UK Chief Medical Officers, 2016)."""


def drinks_little(words: str) -> bool:
    """Say whether a clause tells of no more alcohol in a week than carries a low risk."""
    units = [int(number) for number in _UNITS.findall(words)]
    return bool(units) and max(units) <= _A_LITTLE


_NO_TROUBLE = re.compile(
    r"^(?:no|nil|not|without|denies)\b.*\b(?:problems?|issues?|concerns?|worr(?:y|ies)|difficult(?:y|"
    r"ies)|trouble|needs?)$"
)


def says_no_trouble(own: str) -> bool:
    """Say whether a phrase itself denies: “no … problems”."""
    return _NO_TROUBLE.match(own) is not None


_FORM_QUESTION = re.compile(
    r"^(?:do|are|have|is|any|does|has|would|can|did|was|am|will|should)\b(?: \w+)? ?(?:you|they|"
    r"the patient|pt|the person|your|there|i|he|she)\b|^any\b",
    re.IGNORECASE,
)
_YOU = re.compile(r"\byou", re.IGNORECASE)
_NO = re.compile(r"^[\W_]*(?:no|none|nil|n/?a|never|not|nope|nothing)\b", re.IGNORECASE)
_YES = re.compile(r"^[\W_]*(?:yes|y\b|yeah|aye|often|sometimes|a lot)", re.IGNORECASE)


def answered(sentence: str, answer: str) -> Literal["meant", "denied", "unsaid"] | None:
    """Say of a question of a form what its answer makes of it; None for other questions."""
    if not _FORM_QUESTION.match(sentence.strip()):
        return None
    if _NO.match(answer):
        return "denied"
    if _YES.match(answer):
        return "meant"
    return "unsaid" if _YOU.search(sentence) else None


_LEAST_YEAR, _LAST_YEAR = 2025, 2040
"""Letters are not older than the first; what is beyond the last is no year but a number."""


def newest_year(letter: str) -> int:
    """Return the newest year that a letter names, which is about when it was written."""
    return max(
        (year for year in map(int, re.findall(r"\b(20[2-9]\d)\b", letter)) if year <= _LAST_YEAR), default=_LEAST_YEAR
    )
