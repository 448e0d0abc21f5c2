"""The forms that an English word is written in, made by rule; that some of them are no words does no harm."""

from referral_intake.triage.words import WORDS

_VOWELS = frozenset("aeiou")


def forms(word: str) -> frozenset[str]:
    """Give a word with its endings in s, ed and ing."""
    if word in WORDS.irregular:
        return WORDS.irregular[word]
    if len(word) < 3 or not word.isalpha():
        return frozenset({word})
    return plurals(word) | {f"{stem}{ending}" for stem, ending in _endings(word)}


def plurals(word: str) -> frozenset[str]:
    """Give a word and its plural."""
    if len(word) < 3 or not word.isalpha() or word.endswith("ss"):
        return frozenset({word})
    if word.endswith(("x", "ch", "sh", "z")):
        return frozenset({word, f"{word}es"})
    if word.endswith("y") and word[-2] not in _VOWELS:
        return frozenset({word, f"{word[:-1]}ies", f"{word}s"})
    return frozenset({word, f"{word}s"})


def _endings(word: str) -> list[tuple[str, str]]:
    if word.endswith("e"):
        return [(word, "d"), (word[:-1], "ing")]
    if word.endswith("y") and word[-2] not in _VOWELS:
        return [(word[:-1], "ied"), (word, "ing")]
    both = [(word, "ed"), (word, "ing")]
    if word[-1] not in "aeiouwxy" and word[-2] in _VOWELS and (len(word) < 3 or word[-3] not in _VOWELS):
        both += [(word + word[-1], "ed"), (word + word[-1], "ing")]
    return both
