"""The words around a phrase that say whether it is meant: denied, refused, past, or somebody else's.

Every pattern reads small words with single spaces, as `context` gives them: marks stand alone, other phrases are `%`.
Between a cue and its phrase only listed words may stand. So a cue that is too far away is not believed, and a risk
that is not plainly past, denied or another's counts as current: an alert too many is better than one too few.
"""

import re
from collections.abc import Sequence

from referral_intake.triage.phrases import Hit, Token
from referral_intake.triage.reading import RiskKind, Standing

_FILLER = (
    "any|an?|the|of|to|in|at|for|with|about|regarding|re|around|that|they|current(?:ly)?|active(?:ly)?|acute(?:ly)?|"
    "immediate(?:ly)?|obvious(?:ly)?|overt(?:ly)?|known|evidence|signs?|risks?|thoughts?|thinking|ideas?|ideation|plans?|"
    "planning|intent|intentions?|history|hx|concerns?|issues?|problems?|worries|mention|suggestion|indication|recent|"
    "previous|past|report(?:s|ed|ing)?|feel(?:s|ing)?|felt|express(?:es|ed|ing)?|disclos(?:es|ed|ing)|voic(?:es|ed|ing)|"
    "ha[ds]|have|having|been|being|be|is|was|are|were|particularly|especially|really|very|all|further|other|such|specific|"
    "safeguarding|longer|think|believe|consider(?:ed)?|need|wishe?s?|wish|wanting|want|formal"
)
_NOT = (
    "no|not|never|without|nil|nor|neither|nae|isnt|wasnt|arent|hasnt|havent|hadnt|doesnt|dont|didnt|isnae|wasnae|hasnae|"
    "doesnae|disnae|dinnae|didnae"
)
_RELATIVE = (
    "sons?|daughters?|husband|wife|partner|mother|father|mum|mam|maw|dad|parents?|brothers?|sisters?|siblings?|friends?|"
    "neighbours?|uncle|aunt|cousin|grandsons?|granddaughters?|grandchild|grandmother|grandfather|gran|granny|grandad|granda|"
    "nephew|niece|children|kids|bairns?|weans?|colleague|flatmate|boyfriend|girlfriend|ex"
)

_DENIED_BEFORE = (
    re.compile(rf"\b(?:denies|denied|denying|denial of|negative for)(?: (?:{_FILLER}|and|or|nor|,|/|%))*$"),
    re.compile(rf"\b(?:{_NOT})(?: (?:{_FILLER}|%(?: , %)*(?: ,)? (?:or|nor|/)))*$"),
    re.compile(r"\b(?:low|minimal)(?: current)? risk (?:of|for)$"),
    re.compile(
        rf"\b(?:if|should|unless|in case)(?: (?:{_FILLER}|there|becomes?|develops?|experiences?|new|worsening))*$"
    ),
)
_DENIED_BETWEEN = (
    (re.compile(rf"\b(?:{_NOT})(?: (?:{_FILLER}))* %(?: , %)* ,$"), re.compile(r"^(?:, % )*,? ?(?:or|nor)\b")),
    (re.compile(r"\b(?:low|minimal)$"), re.compile(r"^risk\b")),
)
_DENIED_AFTER = re.compile(
    r"^(?:(?:risk|thoughts?|ideation|plans?|concerns?|issues?|problems?|or|%) )*[:\-(]? ?"
    r"(?:(?:is|was|are|were|has|have|been|currently|all|assessed|felt|thought|to|be|as|very) )*"
    r"(?:denied|none|nil|absent|negative|ruled out|low(?= risk| at| $|$| ,)|not (?:an? |any )?(?:issue|problem|concern|"
    r"present|reported|disclosed|expressed|evident))\b|^[:\-] no(?: concerns?| issues?| problems?| worries)?(?= ,|$)"
)

_PAST_BEFORE = (
    re.compile(
        rf"\b(?:history of|hx of|h / o|previous|previously|past|prior|former|formerly|historic|historical|historically|"
        rf"childhood|used to|survivor of|survived|ex)"
        rf"(?: (?:{_FILLER}|% (?:and|or|/)|episodes?|attempts?|severe|significant))*$"
    ),
    re.compile(rf"\b(?:history of|hx of|h / o)(?: (?:{_FILLER}))* %(?: , %)*(?: ,)? (?:and|or)$"),
)
_LEFT_BEFORE = re.compile(r"\b(?:left|leaving|fled|fleeing|escaped|escaping)(?: (?:an?|the|their|from|long|very))*$")
_AGO = r"(?:years?|yrs?|decades?) ago|long ago|last year|in the (?:distant )?past|in childhood"
_YOUNG = (
    r"as an? (?:child|teenager|teen|adolescent|girl|boy|youth|young \w+|student)|"
    r"in their (?:teens|youth|childhood|(?:early |late )?(?:twenties|thirties|forties|\d0s))|"
    r"when they (?:was|were) (?:young|younger|little|wee|an? \w+|\d+|growing up)"
)
_YEAR = r"(?:19|20)\d\d"
_PAST_AFTER = re.compile(
    rf"^[(,]? ?(?:(?!and\b|now\b|still\b|since\b|again\b)\w+ ){{0,5}}?"
    rf"(?:{_AGO}|{_YOUNG}|(?:in|of|from) (?:early |late )?{_YEAR})|^\(? ?{_YEAR}"
)
_PAST_LEADING = re.compile(
    rf"^(?:(?:\w+ ){{0,3}}(?:{_AGO})|{_YOUNG}|in {_YEAR}|previously|historically)\b"
    r"(?!.*\b(?:is|are|now|since|says|wants|feels)\b)"
)
_NOW = re.compile(
    r"\b(?:still|again|ongoing|on going|current|currently|now|today|tonight|yesterday|this (?:week|morning|month)|"
    r"last (?:night|week|month)|recent|recently|continu\w+|since|at present|at the moment|(?:days?|weeks?|months?) ago|"
    r"past (?:few |couple of |two |three |four |six |several |\d+ )?(?:days?|weeks?|months?|fortnight)|"
    r"(?:days?|weeks?|months?|52|12|7) history)\b"
)
_PAST_NEED_BEFORE = re.compile(
    rf"\b(?:previous|previously|formerly|former|past|used to be|ex)(?: (?:{_FILLER}|% (?:and|or|/)))*$"
)

_OTHERS_BEFORE = (
    re.compile(
        rf"\b(?:{_RELATIVE})(?: (?:who|is|was|has|had|have|been|also|recently|currently|previously|feels|felt|with|an?|"
        r"having|attempted|attempts|made|history|of|severe|% (?:and|or)))*$"
    ),
    re.compile(rf"\b(?:{_RELATIVE})s(?: (?:recent|attempted|own))*$"),
    re.compile(r"\b(?:family history|fh|fhx)(?: of)?(?: (?:%|,|and|or))*$"),
    re.compile(r"\b(?:lost|losing|loss of)(?: \w+){1,6} to$"),
)
_OTHERS_AFTER = re.compile(rf"^(?:in|of) (?:(?:their|the|an?|late|older|younger|other) )*(?:{_RELATIVE})\b")
# Their violence is the person's danger; only what one does to oneself can be another's and not theirs.
_ONES_OWN: frozenset[RiskKind] = frozenset({"suicide", "self-harm", "self-neglect"})

_REFUSED_BEFORE = (
    re.compile(
        rf"\b(?:declin(?:es|ed|ing)|refus(?:es|ed|ing)|turned down|no interest|hates|"
        rf"(?:{_NOT}) (?:keen|interested|willing|ready|wishing))"
        r"(?: (?:on|in|to|any|an?|the|referrals?|help|support|offers?|of|for|with|go|going|attend|attending|"
        r"join|joining|see|seeing|from|consider|take|taking|up|about|being|be|local|referred|try|trying|and|or|%))*$"
    ),
    re.compile(
        rf"\b(?:{_NOT})(?: (?:currently|really|feel|they|that))* (?:needs?|want|wants|require|wish)"
        r"(?: (?:to|any|an?|the|help|support|advice|with|for|about|be|referred|referral|discuss|join|attend|go|"
        r"take|see|try|at|present))*$"
    ),
)
_SECTION = re.compile(
    r"\s*(?:pmhx?|past medical history|medical history|current medications?|medications?|repeats?|meds|allergies|"
    r"drug history|dh|investigations|bloods)\s*[:\-\u2013]",
    re.IGNORECASE,
)


def is_history(sentence: str) -> bool:
    """Say whether a sentence is a list of old diagnoses or medicines by its heading."""
    return _SECTION.match(sentence) is not None


def context(tokens: Sequence[Token], hits: Sequence[Hit[str]], at: Hit[str]) -> tuple[str, str]:
    """Give the words before and after a phrase, with every other phrase as `%`."""
    return _words(tokens, hits, 0, at.first), _words(tokens, hits, at.after, len(tokens))


def _words(tokens: Sequence[Token], hits: Sequence[Hit[str]], start: int, end: int) -> str:
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
    if kind in _ONES_OWN and (_any(_OTHERS_BEFORE, before) or _OTHERS_AFTER.search(after)):
        return "others"
    if _NOW.search(_fragment_before(before)) or _NOW.search(_fragment_after(after)):
        return "current"
    left_it = kind == "abuse" and _LEFT_BEFORE.search(before)
    if left_it or _any(_PAST_BEFORE, before) or _PAST_AFTER.search(after) or _PAST_LEADING.search(before):
        return "past"
    return "current"


def is_meant(before: str, after: str) -> bool:
    """Say whether a need is the person's, now and wanted, from the words of its clause before and after it."""
    return not (
        _is_denied(before, after)
        or _any(_REFUSED_BEFORE, before)
        or _any(_OTHERS_BEFORE, before)
        or _PAST_NEED_BEFORE.search(before)
    )


def _is_denied(before: str, after: str) -> bool:
    between = any(left.search(before) and right.search(after) for left, right in _DENIED_BETWEEN)
    return bool(between or _any(_DENIED_BEFORE, before) or _DENIED_AFTER.search(after))


def _any(patterns: Sequence[re.Pattern[str]], words: str) -> bool:
    return any(pattern.search(words) for pattern in patterns)


_BREAK = re.compile(r" ?(?:[,:(/\-]|\band\b|\bor\b) ?")


def _fragment_before(words: str) -> str:
    return _BREAK.split(words)[-1]


def _fragment_after(words: str) -> str:
    return _BREAK.split(words.removeprefix("( "))[0]
