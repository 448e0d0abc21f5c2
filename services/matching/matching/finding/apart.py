"""Keeps away what is near in words or meaning and would hurt who asks: divorce is not bereavement."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from matching.domain import Listing
from matching.finding.described import labels_of
from matching.finding.question import Question
from shared.needs import NEEDS
from shared.needs.terms import terms

LEAST_SHARE = 0.2
"""A term that a question is about by less than this does not count as asked."""

_ENDING = r"(?:s|d|ed|t?ing|ness)?\b"
"""How a word that makes right may end: a refuge is none of refugees, and who is quite near helps nobody to quit."""


@dataclass(frozen=True, slots=True)
class Apart:
    """What must not be offered for needs and terms that were asked, unless a listing also says certain words."""

    asked: frozenset[str]
    never: re.Pattern[str]
    unless: re.Pattern[str]


@cache
def entries() -> tuple[Apart, ...]:
    """Read the file; KeyError where it names a need or term that there is not."""
    read = yaml.safe_load((files("matching.finding") / "apart.yaml").read_text("utf-8"))
    for code in (code for entry in read for code in entry["asked"]):
        if code not in NEEDS and code not in terms():
            raise KeyError(f"apart.yaml: there is no need or term “{code}”")
    return tuple(
        Apart(frozenset(each["asked"]), _any_of(each["never"]), _any_of(each["unless"], _ENDING)) for each in read
    )


def is_harmful(asked: str, question: Question, listing: Listing) -> bool:
    """Say whether a listing must not be offered for a question."""
    about = {asked}
    for near in question.near:
        if near.share >= LEAST_SHARE:
            about |= {near.term.code, near.term.need}
    said = ""
    for entry in entries():
        if entry.asked.isdisjoint(about):
            continue
        said = said or " ".join((listing.name, *labels_of(listing), listing.description)).lower().replace("\u2019", "'")
        if entry.never.search(said) and not entry.unless.search(said):
            return True
    return False


def _any_of(phrases: Sequence[str], ending: str = "") -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(re.escape(phrase) for phrase in phrases)}){ending}")
