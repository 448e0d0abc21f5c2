"""Splits letters into words as they are compared: small, of one spelling, and without regard to who is spoken of."""

import re
from typing import NamedTuple

from referral_intake.triage.words import WORDS

_TOKEN = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*|[,:()/\u00a3?]|(?<=\s)[-\u2013\u2014](?=\s)")
_CLITIC = re.compile(
    r"(i|ah|he|she|it|they|we|you|there|that|who|what|whit|where|here|how)['\u2019](m|s|re|ve|d|ll)", re.IGNORECASE
)
_SAID_AS = {"m": "is", "s": "is", "re": "is", "ve": "have", "d": "had", "ll": "will"}

_ALIKE = {**WORDS.alike, ")": ",", "\u2013": "-", "\u2014": "-"}
"""Words and marks that are compared as if they were one."""

_TOGETHER = {**WORDS.together, ("w", "/"): "with"}
"""Two words that are compared as one."""


class Token(NamedTuple):
    """A word as it is compared, or a mark of punctuation, where it stands in the text, and how it is written there."""

    word: str
    start: int
    end: int
    said: str


def tokens_of(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """Split text[start:end] into small words without apostrophes and marks; a hyphen inside a word is a space."""
    tokens: list[Token] = []
    for match in _TOKEN.finditer(text, start, len(text) if end is None else end):
        for token in _split(match):
            together = _TOGETHER.get((tokens[-1].word, token.word)) if tokens else None
            if together:
                last = tokens.pop()
                token = Token(together, last.start, token.end, f"{last.said} {token.said}")  # noqa: PLW2901
            tokens.append(token)
    return tokens


def _split(match: re.Match[str]) -> list[Token]:
    """Return one token, or of “she's” and “I'm” two."""
    written = match.group()
    if clitic := _CLITIC.fullmatch(written):
        middle = match.start() + len(clitic[1])
        pronoun, verb = clitic[1].lower(), clitic[2].lower()
        return [
            Token(_ALIKE.get(pronoun, pronoun), match.start(), middle, pronoun),
            Token(_SAID_AS[verb], middle, match.end(), verb),
        ]
    said = written.lower()
    if written == "ME":  # the illness, in a letter that is not all in capitals
        return [Token("mecfs", match.start(), match.end(), said)]
    return [Token(compared(said), match.start(), match.end(), said)]


def compared(word: str) -> str:
    """Return the word that a small word is compared as."""
    word = word.replace("'", "").replace("\u2019", "")
    return _ALIKE.get(word, word)
