"""Takes a letter apart: sections by their headings, sentences, and clauses that say one thing each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from referral_intake.triage.spelling import Speller
from referral_intake.triage.tokens import Token, tokens_of

# Text without an end, which no letter has, is cut, so that time grows with length and not with its square.
LONGEST_CLAUSE_WORDS = 60

Section = Literal["", "past", "others", "none"]
"""What a heading makes of what stands under it: history, family's history, or nothing to read."""

_SENTENCE_END = re.compile(
    r"(?<!\bDr)(?<!\bMr)(?<!\bMs)(?<!\bMrs)(?<!\bSt)(?<!\be\.g)(?<!\bi\.e)(?<!\bapprox)(?<!\bRd)(?<!\bpt)(?<!\betc)"
    r"[.!?]+(?![\"')]*\s+(?:or|nor)\b)(?=[\"'\u201d\u2019)]*(?:\s|$))"
    r"|\r?\n(?=[ \t]*(?:\r?\n|[-*\u2022\u00b7=]|\d+[.)]|[A-Z]))"
)
_CLAUSE_END = re.compile(
    r";|(?<!nothing )(?<!anything )\b(?:but|however|although|though|whereas|except)\b"
    r"|,?\s+(?:and|so|because|as|while)\s+(?=(?:he|she|they|i|there|it)\b)"
    r"|,\s+(?=(?:he|she|i|there)(?:['\u2019]\w+)?\s)",
    re.IGNORECASE,
)
# What a comma after these ends is when or whether, and belongs to what follows.
_LEADS = re.compile(
    r"\s*(?:in|as|when|if|should|unless|after|before|at|while|during|since|until|previously|"
    r"historically|\d+|\w+ (?:years?|yrs|months|weeks) ago)\b",
    re.IGNORECASE,
)
_PAST = (
    r"pmhx?|past medical(?: and psychiatric)? history|past (?:medical )?history|medical history|significant past|"
    r"past problems|(?:minor|inactive|previous|past|resolved) (?:past )?(?:problems?|history|"
    r"conditions)|past psychiatric history|background pmh"
)
_NONE = (
    r"(?:current |repeat |regular )?(?:medications?|meds|drugs)(?: list)?|repeats?|repeat medication|"
    r"current repeat medication|"
    r"therapy|allerg(?:y|ies)(?: and sensitivities)?|drug history|dhx?|investigations|bloods|results|"
    r"immunisations?|vaccinations?"
)
_OTHERS = r"f(?:amily )?h(?:istory|x)?|fh"
_HEADING = re.compile(
    rf"[ \t=*#\u2022-]*(?:(?P<past>{_PAST})|(?P<none>{_NONE})|"
    rf"(?P<others>{_OTHERS}))[ \t=*]*(?P<end>[:\-\u2013]|$|(?=  )|(?=\t))",
    re.IGNORECASE,
)
_OTHER_HEADING = re.compile(
    r"[ \t]*(?:={2,}.*|[A-Z][^.!?]{1,50}:[ \t]*|[A-Z][\w/ ]{2,40}:.*|"
    r"[A-Z][A-Za-z]+(?: [a-z]+){0,2}[ \t]*|\d{1,2}[./-]\w+[./-]\d{2,4}.*)$"
)


@dataclass(frozen=True)
class Clause:
    """A part of a sentence that says one thing: its words, its sentence, and what its section makes of it."""

    sentence: str
    section: Section
    tokens: tuple[Token, ...]
    leading: bool
    asked: bool
    answer: str


def clauses(letter: str, speller: Speller) -> Iterator[Clause]:
    """Give the clauses of a letter in order, with slips of the pen mended."""
    sections = list(_sections(letter))
    bounds = list(_parts(_SENTENCE_END, letter, 0, len(letter)))
    for number, (start, end) in enumerate(bounds):
        sentence = letter[start:end].strip()
        asked = letter[end : end + 1] == "?"
        following = _opening(letter, bounds[number + 1][0]) if asked and number + 1 < len(bounds) else ""
        place = end - len(letter[start:end].lstrip())
        section: Section = next((kind for begin, finish, kind in sections if begin <= place < finish), "")
        for order, (first, last) in enumerate(_clause_bounds(letter, start, end)):
            tokens = speller.mend(letter, tokens_of(letter, first, last))
            for at in range(0, len(tokens), LONGEST_CLAUSE_WORDS):
                part = tuple(tokens[at : at + LONGEST_CLAUSE_WORDS])
                yield Clause(sentence, section, part, not order, asked, following)


def _opening(letter: str, at: int) -> str:
    return letter[at : at + 60].strip().lower()


def _clause_bounds(letter: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    begun = start
    for match in _CLAUSE_END.finditer(letter, start, end):
        if match.group().strip() == "," and _LEADS.match(letter, begun, match.start()):
            continue
        yield begun, match.start()
        begun = match.end()
    yield begun, end


def _sections(letter: str) -> Iterator[tuple[int, int, Section]]:
    """Give where sections begin and end that hold no present trouble of the person."""
    kind: Section = ""
    at = begun = 0
    for line in letter.splitlines(keepends=True):
        heading = _HEADING.match(line.rstrip("\r\n"))
        if heading or not _goes_on(line.rstrip("\r\n")):
            if kind:
                yield begun, at, kind
            kind = _kind(heading) if heading else ""
            begun = at
        at += len(line)
    if kind:
        yield begun, at, kind


def _goes_on(line: str) -> bool:
    """Say whether a line goes on a list under a heading: indented, with a bullet, or as short as a diagnosis."""
    if not line.strip() or (_OTHER_HEADING.match(line) and not line.startswith((" ", "\t"))):
        return False
    return line.startswith(_BULLETS) or len(line.split()) <= _LONGEST_ENTRY_WORDS


_BULLETS = (" ", "\t", "-", "*", "\u2022", "\u00b7")
_LONGEST_ENTRY_WORDS = 6


def _kind(heading: re.Match[str]) -> Section:
    return "past" if heading["past"] else "none" if heading["none"] else "others"


def _parts(end_of_part: re.Pattern[str], text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for match in end_of_part.finditer(text, start, end):
        yield start, match.start()
        start = match.end()
    yield start, end
