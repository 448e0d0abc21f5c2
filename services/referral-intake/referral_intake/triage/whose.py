"""Whose trouble a letter tells of: who wrote it, about whom, and who the subject of a clause is."""

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Literal

from referral_intake.triage.tokens import Token
from referral_intake.triage.words import WORDS

Writer = Literal["self", "family", "staff"]

RELATIVES = WORDS.lists["relatives"]
_MALE, _FEMALE = WORDS.lists["male"], WORDS.lists["female"]

_TITLE_MALE = re.compile(
    r"\b(?:mr|sir|gentleman|male|widower|father of|dad of|man|lad|chap|fellow|bloke|boy)\b|"
    r"\b\d{2,3} ?(?:yo|y/?o|yrs?)? ?m\b",
    re.IGNORECASE,
)
_TITLE_FEMALE = re.compile(
    r"\b(?:mrs|ms|miss|lady|female|woman|lassie|widow|girl|mum of|mother of|primip|primigravida)\b"
    r"|\b\d{2,3} ?(?:yo|y/?o|yrs?)? ?f\b",
    re.IGNORECASE,
)
_HE = re.compile(r"\b(?:he|his|him|himself|himsel|hes)\b", re.IGNORECASE)
_SHE = re.compile(r"\b(?:she|her|herself|hersel|shes)\b", re.IGNORECASE)
_I = re.compile(r"\b(?:i|im|ive|my|me|ah|ahm|ma|masel|myself|mysel|i['\u2019]m|i['\u2019]ve)\b", re.IGNORECASE)
_KIN = (
    r"mum|mam|mother|mummy|dad|father|husband|wife|partner|son|daughter|brother|sister|gran|granny|"
    r"nana?|grandad|aunt|auntie|uncle|neighbour|friend|pal"
)
_ABOUT_KIN = re.compile(
    rf"(?<!not )(?<!n't )(?<!n\u2019t )\b(?:about|behalf of|for|regarding|concerning|refer|re|is|"
    rf"it['\u2019]?s|with|to see|help) "
    rf"(?:my|our) (?:\w+ )?(?P<kin>{_KIN})\b|\b(?:about|re:?|it['\u2019]?s) (?P<named>mum|dad|mam|gran|nan|grandad)\b"
    rf"|^\W*(?:my|our) (?P<first>{_KIN})\b|\babout (?:the|an?|our) (?P<other>man|woman|lady|gentleman|"
    rf"neighbour|couple)\b",
    re.IGNORECASE | re.MULTILINE,
)
_SAME = {
    "mam": "mum", "mother": "mum", "mummy": "mum", "father": "dad", "gran": "grandmother", "granny": "grandmother",
    "nan": "grandmother", "nana": "grandmother", "grandad": "grandfather",
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """Who tells, and of whom: the person's gender ("m", "f" or "") and the words of kin that mean the person."""

    writer: Writer
    gender: str
    person: frozenset[str] = frozenset()


def told(letter: str) -> Told:
    """Say who wrote a letter and about whom, by its first words and by which pronouns it uses most."""
    first, he, she = (len(pattern.findall(letter)) for pattern in (_I, _HE, _SHE))
    kin = _ABOUT_KIN.search(letter[:600])
    if kin and he + she > 2:
        word = (kin["kin"] or kin["named"] or kin["first"] or kin["other"]).lower()
        word = _SAME.get(word, word)
        gender = "m" if word in _MALE | {"man", "gentleman"} else "f" if word in _FEMALE | {"woman", "lady"} else ""
        if kin["other"] or (first > 1 and (he + she > first or re.match(r"about|behalf", kin.group(), re.IGNORECASE))):
            return Told("family", gender or _more(he, she), frozenset({word, f"{word}s"}))
    spoken_of = _SPOKEN_OF.search(letter)
    if spoken_of and _CALLED.search(letter):
        word = spoken_of[1].lower()
        word = _SAME.get(word, word)
        return Told("staff", "m" if word in _MALE else "f", frozenset({word, f"{word}s"}))
    if first >= 3 and first > 1.5 * (he + she) and not _TITLE_FEMALE.search(letter[:150]):
        return Told("self", "")
    household = _HOUSEHOLD.search(letter[:400])
    return Told(
        "staff", "" if household else _titled(letter) or _more(he, she), _OF_A_HOUSEHOLD if household else frozenset()
    )


_SPOKEN_OF = re.compile(
    r"(?:^|[.!?]\s+|\n|, )(Mum|Mam|Dad|Gran|Granny|Grandad|Mother|Father)\b(?!['\u2019]s)", re.MULTILINE
)
_CALLED = re.compile(
    r"\b(?:daughter|son|niece|nephew|grandson|granddaughter)\b[^.]{0,30}\b(?:phoned|rang|called|"
    r"contacted|e?mailed|in touch|asked|asking|concerned|worried|works)\b",
    re.IGNORECASE,
)
_HOUSEHOLD = re.compile(
    r"\b(?:and (?:his |her |their )?family|(?:this|the|elderly|old|older|married|young|retired) couple|"
    r"mr (?:and|\+|&) mrs|family of|whole family|both of them)\b",
    re.IGNORECASE,
)
_OF_A_HOUSEHOLD = frozenset(
    ["mum", "dad", "husband", "wife", "parents", "parent", "partner", "bairn", "bairns", "son", "daughter"]
)


def _titled(letter: str) -> str:
    male, female = _TITLE_MALE.search(letter[:400]), _TITLE_FEMALE.search(letter[:400])
    if male and female:
        return "m" if male.start() < female.start() else "f"
    return "m" if male else "f" if female else ""


def _more(he: int, she: int) -> str:
    return "m" if he > 2 * she else "f" if she > 2 * he else ""


_ENDS_A_SUBJECT = frozenset(
    [",", ":", "/", "-", "and", "or", "but", "with", "to", "in", "on", "at", "from", "of", "for"]
)
_PEOPLE, _REPORTS = WORDS.lists["people"], WORDS.lists["reports"]


def subject_is_another(
    tokens: Sequence[Token], upto: int, who: Told, *, already: bool = False, own: Set[int] = frozenset()
) -> bool:
    """Say whether the last subject before a place in a clause is somebody else; kin named in `own` places are not."""
    another = already
    for place in range(upto):
        if place in own and tokens[place].word not in _REPORTS:
            continue
        token = tokens[place]
        base = token.word.removesuffix("s")
        if token.said in {"he", "she"} or token.said in {"hes", "shes"}:
            another = _pronoun_is_another(token.said[0], who)
        elif token.said in {"i", "im", "ive", "ah"}:
            another = False
        elif token.word in RELATIVES and not {token.word, base} & who.person:
            another = _begins_a_clause(tokens, place, upto) or (another and token.word in RELATIVES)
        elif token.word in _PEOPLE or token.word in who.person or token.word in _REPORTS:
            another = False
    return another


def _pronoun_is_another(initial: str, who: Told) -> bool:
    if who.writer == "self":
        return True
    return who.gender == ("f" if initial == "h" else "m")


def _begins_a_clause(tokens: Sequence[Token], place: int, upto: int) -> bool:
    """Say whether kin named at a place are the subject: not an object, and something is said of them."""
    if "'" in tokens[place].said or "\u2019" in tokens[place].said:
        return upto - place <= 3
    before = place - 1
    while before >= 0 and tokens[before].word in WORDS.lists["modifiers"]:
        before -= 1
    is_object = before >= 0 and tokens[before].word in WORDS.lists["before_an_object"]
    if is_object:
        return place + 1 < len(tokens) and tokens[place + 1].word in {"who", "("}
    after = tokens[place + 1].word if place + 1 < len(tokens) else ","
    return after not in _ENDS_A_SUBJECT


_MAY_HARM = {"husband", "wife", "partner", "boyfriend", "girlfriend", "ex", "carer"}
_SUFFERED = re.compile(
    rf"\b(?:{'|'.join(sorted(RELATIVES - _MAY_HARM))})"
    r"(?: (?:,|who|is|was|has|had|been|being|also|once|themselves|gets|got|suffered|experienced|in|an?))*$"
)
_NOT_KIN = frozenset(["neighbour", "friend", "colleague", "pal", "neighbours", "friends"])


def is_of_another(before: str, tokens: Sequence[Token], place: int) -> bool:
    """Say whether what befalls two people befell somebody else: “her sister was in an …”."""
    possessive = place > 0 and "'" in tokens[place - 1].said and tokens[place - 1].word.removesuffix("s") in _NOT_KIN
    return possessive or _SUFFERED.search(before) is not None


_NEAR_A_SUBJECT = 4


def writer_is_subject(tokens: Sequence[Token], place: int) -> bool:
    """Say whether the words right before a place speak of the one who writes: “I'm at the end of …”."""
    near = [token.said for token in tokens[max(0, place - _NEAR_A_SUBJECT) : place + 1]]
    speaks = any(said in {"i", "im", "ive", "ah"} for said in near)
    return speaks and not any(said in {"he", "she", "his", "her", "him"} for said in near)
