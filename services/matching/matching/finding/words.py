"""Turns text into the words that are compared: lower case, without what says nothing, and without endings."""

import re
import unicodedata
from functools import lru_cache

import snowballstemmer  # type: ignore[import-untyped]  # ships without types

_WORD = re.compile(r"[a-z0-9]+")
_APOSTROPHE = re.compile(r"(?<=[a-z])['\u2019](?=[a-z])")
_ACCENT = re.compile("[\u0300-\u036f]")

STOP_WORDS = frozenset(
    """
    a about after all also am an and any anyone are as at be because been being both but by can cannot could did do does
    doing don each etc even every for from get gets getting go going got had has have having he her hers herself him
    himself his how i if im in into is it its itself ive just like lot made make makes many may me might more most much
    must my myself no nor not now of off on once one only or other others our out over own per please put really said
    same say says see she should since so some someone still such than that the their them themselves then there these
    they thing things this those through to too until up upon us use used using very via want wants was we were what
    when where which while who whom whose why will with within without would you your yours yourself
    """.split()  # noqa: SIM905  # a list of quoted words hides a wrong one
)
"""Words that stand in every text and tell none from another."""

_stemmer = snowballstemmer.stemmer("english")


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """Return a word without its ending (Snowball's English stemmer)."""
    return str(_stemmer.stemWord(word))


def words_of(text: str) -> list[str]:
    """Return the stems of a text's words in order, without stop words and accents: a café is a cafe."""
    plain = text if text.isascii() else _ACCENT.sub("", unicodedata.normalize("NFD", text))
    found = _WORD.findall(_APOSTROPHE.sub("", plain.lower()))
    return [stem(word) for word in found if word not in STOP_WORDS and (len(word) > 1 or word.isdigit())]
