"""The words around a phrase that say whether it is meant: denied, refused, past, or somebody else's.

Every pattern reads small words with single spaces, as `context` gives them: marks stand alone, other phrases are `%`.
Between a cue and its phrase only listed words may stand. So a cue that is too far away is not believed, and a risk
that is not plainly past, denied or another's counts as current: an alert too many is better than one too few.
"""

import re
from collections.abc import Sequence

from referral_intake.triage.patterns import Hit
from referral_intake.triage.reading import RiskKind, Standing
from referral_intake.triage.tokens import Token

_FILLER = (
    "any|an?|the|of|to|in|at|for|with|about|regarding|re|around|that|they|current(?:ly)?|active(?:ly)?|acute(?:ly)?|"
    "immediate(?:ly)?|obvious(?:ly)?|overt(?:ly)?|known|evidence|signs?|risks?|thoughts?|thinking|ideas?|ideation|plans?|"
    "planning|intent|intentions?|history|hx|concerns?|issues?|problems?|worries|mention|suggestion|indication|recent|"
    "previous|past|report(?:s|ed|ing)?|feel(?:s|ing)?|felt|express(?:es|ed|ing)?|disclos(?:es|ed|ing)|voic(?:es|ed|ing)|"
    "ha[ds]|have|having|been|being|be|is|was|are|were|particularly|especially|really|very|all|further|other|such|specific|"
    "safeguarding|longer|think|believe|consider(?:ed)?|need|wishe?s?|wish|wanting|want|formal|going|do|doing|did|done|get|getting|"
    "ever|it|their|what|so|ever|you|themselves|would|ongoing|clear|apparent|perceived|identified|expressing|planned|fleeting|passive"
)
_NOT = "no|not|never|without|nil|nor|neither"
_RELATIVE = (
    "sons?|daughters?|husband|wife|partner|mum|dad|parents?|brothers?|brither|sisters?|siblings?|friends?|neighbours?|uncle|"
    "aunt|auntie|cousin|grandsons?|granddaughters?|grandchild|grandchildren|grandmother|grandfather|nephew|niece|bairns?|"
    "colleague|flatmate|boyfriend|girlfriend|ex|stepson|stepdaughter|lodger"
)

_DENIED_BEFORE = (
    re.compile(rf"\b(?:denies|denied|denying|denial of|negative for)(?: (?:{_FILLER}|and|or|nor|,|/|%))*$"),
    re.compile(rf"\b(?:{_NOT})(?: (?:{_FILLER}|%(?: , %)*(?: ,)? (?:or|nor|/)))*$"),
    re.compile(r"\b(?:low|minimal)(?: current)? risk (?:of|for)$"),
    re.compile(
        rf"\b(?:if|should|unless|in case)(?: (?:{_FILLER}|there|becomes?|develops?|experiences?|new|worsening))*$"
    ),
)
_NO_HISTORY = re.compile(
    r"\bno (?:\w+ )?(?:history|evidence|concerns?|signs?|thoughts?|indication) (?:of|about|re|"
    r"regarding|suggesting)(?: [^ .:;]+){0,8}$"
)
_ENDED = re.compile(
    r"\b(?:no contact|has no contact|has moved away|now dead|is dead|in prison|is away) (?:since|"
    r"at all|now|with|any more)\b|\bno contact since\b"
)
_DENIED_BETWEEN = (
    (re.compile(rf"\b(?:{_NOT})(?: (?:{_FILLER}))* %(?: , %)* ,$"), re.compile(r"^(?:, % )*,? ?(?:or|nor)\b")),
    (re.compile(r"\b(?:low|minimal)$"), re.compile(r"^risk\b")),
)
_DENIED_AFTER = re.compile(
    r"^(?:(?:risk|thoughts?|ideation|plans?|concerns?|issues?|problems?|or|%) )*[:\-(]? ?"
    r"(?:(?:is|was|are|were|has|have|been|currently|all|assessed|felt|thought|to|be|as|very|"
    r"screen(?:ed|ing)?|enquiry) )*"
    r"(?:denied|none|nil|absent|negative|ruled out|low(?= risk| at| $|$| ,)|not (?:an? |"
    r"any )?(?:issue|problem|concern|"
    r"present|reported|disclosed|expressed|evident))\b|^[:\-] no(?: concerns?| issues?| problems?| worries)?(?= ,|$)"
)

_PAST_BEFORE = (
    re.compile(
        rf"\b(?:history of|hx of|h / o|previous|previously|past|prior|former|formerly|historic|historical|"
        rf"historically|"
        rf"childhood|used to|survivor of|survived|ex)"
        rf"(?: (?:{_FILLER}|% (?:and|or|/)|episodes?|attempts?|severe|significant))*$"
    ),
    re.compile(rf"\b(?:history of|hx of|h / o)(?: (?:{_FILLER}))* %(?: , %)*(?: ,)? (?:and|or)$"),
)
_LEFT_BEFORE = re.compile(r"\b(?:left|leaving|fled|fleeing|escaped|escaping)(?: (?:an?|the|their|from|long|very))*$")
_AGO = r"(?:years?|yrs?|decades?) ago|long ago|last year|in the (?:distant )?past|in childhood"
_YOUNG = (
    r"as an? (?:bairn|teenager|teen|adolescent|girl|boy|youth|young \w+|student)|"
    r"in their (?:teens|youth|childhood|early years|(?:early |late )?(?:twenties|thirties|forties|\d0s))|"
    r"when they (?:was|were) (?:young|younger|little|wee|an? \w+|\d+|growing up)"
)
_YEAR = r"(?:19|20)\d\d"
_PAST_AFTER = re.compile(
    rf"^(?:is |was )?(?:historical|historic|in the past|resolved|past)\b|^[(,]? ?(?:(?!and\b|now\b|"
    rf"still\b|since\b|again\b)\w+ ){{0,5}}?"
    rf"(?:{_AGO}|{_YOUNG}|(?:in|of|from) (?:early |late )?{_YEAR})|^\(? ?{_YEAR}"
)
_PAST_LEADING = re.compile(
    rf"^(?:(?:\w+ ){{0,3}}(?:{_AGO})|{_YOUNG}|in {_YEAR}|previously|historically|"
    rf"(?:[^ ]+ : )?on admission|before admission|prior to|at the time|back then|initially)\b"
    r"(?!.*\b(?:is|are|now|since|says|wants|feels)\b)"
)
_NOW = re.compile(
    r"\b(?:still|again|ongoing|on going|current|currently|now|today|tonight|yesterday|this (?:week|morning|month)|"
    r"last (?:night|week|month)|recent|recently|continu\w+|since|at present|at the moment|(?:days?|"
    r"weeks?|months?) ago|"
    r"past (?:few |couple of |two |three |four |six |several |\d+ )?(?:days?|weeks?|months?|fortnight)|"
    r"(?:days?|weeks?|months?|52|12|7) history)\b"
)
_OTHERS_BEFORE = (
    re.compile(
        rf"\b(?:{_RELATIVE})(?: (?:who|is|was|has|had|have|been|also|recently|currently|previously|feels|"
        rf"felt|with|an?|"
        r"having|attempted|attempts|made|history|of|severe|under|known|attends?|sees|seen|by|camhs|"
        r"cmht|for|the|mental|health|team|"
        r"services|took|taken|tried|says|struggles|struggling|% (?:and|or)))*$"
    ),
    re.compile(rf"\b(?:{_RELATIVE})s(?: (?:recent|attempted|own))*$"),
    re.compile(r"\b(?:family history|fh|fhx)(?: of)?(?: (?:%|,|and|or))*$"),
    re.compile(r"\b(?:lost|losing|loss of)(?: \w+){1,6} to$"),
)
_OTHERS_AFTER = re.compile(
    rf"^belongs? to\b|^(?:in|of) (?:(?:their|the|an?|late|older|younger|other) )*(?:{_RELATIVE})\b"
)
_SUFFERED = re.compile(
    rf"\b(?:{_RELATIVE}) (?:(?:who|is|was|were|has|had|been|being|also|once|herself|themselves|gets|"
    rf"got|suffered|experienced|in|an?) )+$"
)
# Their violence is the person's danger; only what one does to oneself can be another's and not theirs.
_ONES_OWN: frozenset[RiskKind] = frozenset({"suicide", "self-harm", "self-neglect"})


def context(tokens: Sequence[Token], hits: Sequence[Hit], at: Hit) -> tuple[str, str]:
    """Give the words before and after a phrase, with every other phrase as `%`."""
    return _words(tokens, hits, 0, at.first), _words(tokens, hits, at.after, len(tokens))


def _words(tokens: Sequence[Token], hits: Sequence[Hit], start: int, end: int) -> str:
    words: list[str] = []
    at = start
    after = {
        hit.first: hit.after
        for hit in sorted(hits, key=lambda hit: hit.after)
        if start <= hit.first and hit.after <= end
    }
    while at < end:
        words.append("%" if at in after else tokens[at].word)
        at = after.get(at, at + 1)
    return " ".join(words)


def risk_standing(kind: RiskKind, before: str, after: str) -> Standing:
    """Say whose and when a risk is, from the words of its clause before and after it."""
    if _is_denied(before, after):
        return "denied"
    if _is_of_another(kind, before, after):
        return "others"
    if _NOW.search(_fragment_before(before)) or _NOW.search(_fragment_after(after)):
        return "current"
    left_it = kind == "abuse" and (_LEFT_BEFORE.search(before) or _ENDED.search(after))
    if left_it or _any(_PAST_BEFORE, before) or _PAST_AFTER.search(after) or _PAST_LEADING.search(before):
        return "past"
    return "current"


def _is_of_another(kind: RiskKind, before: str, after: str) -> bool:
    if kind == "abuse":
        return _SUFFERED.search(before) is not None
    return kind in _ONES_OWN and (_any(_OTHERS_BEFORE, before) or _OTHERS_AFTER.search(after) is not None)


def _is_denied(before: str, after: str) -> bool:
    if _NO_HISTORY.search(before):
        return True
    between = any(left.search(before) and right.search(after) for left, right in _DENIED_BETWEEN)
    return bool(between or _any(_DENIED_BEFORE, before) or _DENIED_AFTER.search(after))


def _any(patterns: Sequence[re.Pattern[str]], words: str) -> bool:
    return any(pattern.search(words) for pattern in patterns)


_BREAK = re.compile(r" ?(?:[,:(/\-]|\band\b|\bor\b) ?")


def _fragment_before(words: str) -> str:
    return _BREAK.split(words)[-1]


def _fragment_after(words: str) -> str:
    return _BREAK.split(words.removeprefix("( "))[0]
