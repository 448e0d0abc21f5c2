"""Whether a need that a phrase names is the person's, now and wanted, by the words around the phrase in its clause.

Patterns read small words with single spaces, as `context` gives them: marks stand alone, other phrases are `%`.
"""

import re

from referral_intake.triage.reading import Why

_NEG = (
    r"(?:no|not|never|without|nil|neither|nor|none|denies|denied|denying|negative for|free of|rather than|instead of)"
)
_LIGHT = (
    "any|an?|the|of|to|in|at|for|with|about|regarding|re|around|that|they|current(?:ly)?|active(?:ly)?|acute(?:ly)?|"
    "obvious(?:ly)?|overt(?:ly)?|known|evidence|signs?|thoughts?|history|hx|concerns?|issues?|problems?|worries|mention|"
    "suggestion|indication|recent|previous|past|report(?:s|ed|ing)?|feel(?:s|ing)?|felt|express(?:es|ed|ing)?|ha[ds]|have|"
    "having|been|being|be|is|was|particularly|especially|really|very|all|further|other|such|specific|longer|think|believe|"
    "consider(?:ed)?|suffer(?:s|ing)?|from|formal|clinical(?:ly)?|describe[sd]?|their|say|says|would|particular|significant|"
    "major|real|serious|actual(?:ly)?|on|this|it|using|uses|use|does|doing|do|ever|drinker|much|sort|kind|as|so|called|"
    "identified|raised|noted|whatsoever|time|ongoing|wish(?:es)? to|seem(?:s|ed)?|appear(?:s|ed)?|up|under|into"
)
_DENIED_BEFORE = (
    re.compile(rf"\b{_NEG}(?: (?:{_LIGHT}|and|%|,|/|or|nor))*? ?(?:(?:%|[a-z]+)(?: (?:,|/|or|nor|and))+ )*$"),
    re.compile(rf"\b{_NEG}(?: (?:{_LIGHT}|%(?: , %)*(?: ,)? (?:or|nor|/|and)))*$"),
    re.compile(
        r"\b(?:denies|denied|denying|nil|no (?:concerns?|issues?|problems?|worries) (?:about|re|"
        r"regarding|with|over|around))(?: [^ :(]+){0,8}$"
    ),
    re.compile(r"\b(?:not|never)(?: (?:say|think|believe|consider|call|describe|see|feel|suggest))(?: [^ ,]+){0,5}$"),
    re.compile(r"\b(?:rule[sd]? out|excluded?|unlikely)(?: (?:any|an?|the|to|be))*$"),
)
_GOOD = (
    r"(?:ok|okay|fine|good|gd|great|excellent|normal|intact|stable|settled|secure|sorted|sufficient|"
    r"well|nil|none|no|nad|denied|"
    r"absent|negative|unremarkable|adequate|satisfactory|grand|brilliant|superb|euthymic|managed|"
    r"resolved|not (?:an? |any |the )?"
    r"(?:issue|problem|concern|present|reported|needed|required|sought|relevant|applicable|bad|noted|"
    r"evident|worry|thing)|"
    r"in hand|in place|in order|up to date|under control|no (?:concerns?|issues?|problems?|worries|"
    r"bother|need|trouble)|n / a|never|all right|alright|"
    r"in remission|well controlled|controlled|already|ruled out|warm enough|spotless|sharp)"
)
_DENIED_AFTER = re.compile(
    rf"^(?:(?:%|status|situation|support|levels?|intake|use|score|screen|screened|screening|enquiry|check|is|was|has|have|been|"
    rf"all|seems?|looks?|appears?|currently|"
    rf"very|quite|really|now|still|so far|:|-|\(|=|being|well|pretty|also|remains?|reported|as|their|"
    rf"objectively|on the whole|for|them|the|doctor|gp|dealt|with|taken|care|of) ){{0,5}}{_GOOD}(?= ,|"
    rf" -| \(| and\b| so\b| with\b| at\b| thanks?| just| now| no\b| on\b|$| /)"
)

_PAST_BEFORE = (
    re.compile(
        rf"\b(?:history of|hx of|h / o|ho|previous|previously|past|prior|prev|former|formerly|historic|"
        rf"historical|historically|"
        rf"used to(?: be)?|survivor of|survived|recovered from|no longer|long gone|ex|in the past|"
        rf"got over|over the|behind them the|"
        rf"as an? (?:bairn|teenager|teen|student|young \w+))(?: (?:{_LIGHT}|%|,|/|and|or|episodes?|severe|"
        rf"heavy|heavily|iv|intravenous|"
        rf"bouts?|attempts?|struggled|struggling|issues))*$"
    ),
    re.compile(
        r"\b(?:stopped|quit|gave up|given up|packed in|kicked|came off|come off|beat|overcame|"
        r"overcome)(?: (?:the|all|their|using|taking|%))*$"
    ),
)
_AGO = (
    r"(?:years?|yrs?|decades?|y) ago|long ago|long time ago|last decade|in the (?:distant |"
    r"dim )?past|in childhood|back in the day|in another life"
)
_YOUNG = (
    r"as an? (?:bairn|teenager|teen|adolescent|girl|boy|youth|young \w+|student)|"
    r"in their (?:teens|youth|bairnhood|childhood|(?:early |late |mid )?(?:twenties|thirties|forties|\d0s))|"
    r"when they (?:was|is) (?:young|younger|little|at (?:school|university|uni)|an? \w+|\d+|growing up)"
)
_PAST_AFTER = re.compile(
    rf"^[(,]? ?(?:(?!and\b|now\b|still\b|since\b|again\b|but\b|%|with\b)[^ ]+ ){{0,5}}?"
    rf"(?:{_AGO}|{_YOUNG}|(?:is |was |now |all )*(?:behind (?:them|their)|resolved|in remission|"
    rf"over now|finished|is finish|long gone|in the past|sorted|settled|none since|drug free|"
    rf"clean since|sober|nothing since))\b|^\(? ?past\b"
)
_YEARS = re.compile(r"^[^%]{0,12}?\b(\d{1,2}) ?(?:yrs?|years?)\b")
_LONG_MOURNED = 5
_OVER = re.compile(
    r"^(?:[^ ]+ ){0,6}?(?:(?:none|nothing|clean|sober|dry|not|well|fine|free) since|(?:remains|now|"
    r"been) (?:clean|sober|dry))\b"
)
_YEAR_AFTER = re.compile(r"^(?:(?!and\b|now\b|still\b|since\b|again\b|%|but\b)[^ ]+ ){0,4}?(?P<year>(?:19|20)\d\d)\b")
_SPAN_AFTER = re.compile(r"^(?:[^ ]+ ){0,3}?\( ?(?:(?:19|20)\d\d ?(?:-|to)? ?)?(?P<year>(?:19|20)\d\d)\b")
_YEAR_BEFORE = re.compile(r"^(?:[-*]? ?)?(?:in |since |\w+ )?(?P<year>(?:19|20)\d\d)(?: [^ ]+){0,2}$")
_NOW = re.compile(
    r"\b(?:still|again|ongoing|current|currently|now|today|tonight|this (?:week|morning|month)|"
    r"last (?:night|week|month)|recent|recently|"
    r"continues?|at present|at the moment|relapsed?|back on|since|lately|struggling|worse)\b"
)
_PERSISTS = frozenset(
    {"bereavement", "suicide-bereavement", "long-term-condition", "sensory-loss", "veterans", "neurodiversity",
     "dementia", "trauma", "carers", "disability-support", "employment", "sexual-violence-support", "chronic-pain",
     "loneliness", "confidence", "leaving-prison", "falls-prevention", "social-groups",
     "volunteering", "walking", "gardening", "arts-and-crafts", "respite", "transport", "music-and-singing",
     "physical-activity", "benefits-advice", "end-of-life", "mental-health-support", "english-language"}
)  # fmt: skip
"""Needs that go on when what began them lies years back."""

_FOR_LIFE = frozenset({"veterans", "bereavement", "suicide-bereavement", "leaving-prison", "trauma", "neurodiversity"})
"""Needs that having been something makes."""

_LIST = (
    r"(?: (?!(?:but|keen|would|happy|prefers?|wants|likes|loves|willing|open|asks|interested|just|"
    r"only|rather|instead|:)(?: |$))[^ ]+)"
)
_REFUSED_BEFORE = (
    re.compile(
        r"\b(?:declin(?:e|es|ed|ing)|refus(?:e|es|ed|ing)|turn(?:s|ed)? down|no (?:interest|wish|desire|"
        r"need|time)|hate[sd]?|dislike[sd]?|"
        r"resist(?:s|ant|ed)?|reluctant|against|averse|would sooner not|rejected?)" + _LIST + r"{0,7}$"
    ),
    re.compile(
        r"\bnot(?: \w+){0,2} (?:keen|interested|willing|ready|wishing|wish|want|wants|wanting|wanted|"
        r"need|needs|require|accept|consider|entertain|agree|"
        r"engage|like|fancy|fussed|bothered|go|attend|looking|asking|comfortable|suit|suited|seek|"
        r"seeking|appropriate|hear of|up|send)\b"
        r"(?! (?:to )?(?:lose|end|be an?|become|burden|worry|bother|go back|die|move|leave|"
        r"talk to anybody|see anybody|eat|get up|go out|leave the|be alone|be on|be a|cope|trouble))"
        + _LIST
        + r"{0,6}$"
    ),
    re.compile(
        r"^(?:[^ ]+ )?not (?:for|up for|into|a fan of)(?: [^ ]+){0,4}$|\bnot (?:for|up for|into|a fan of|"
        r"a)(?: (?:the|any|an?|that))*$"
    ),
    re.compile(
        r"\bdo not (?:even )?(?:suggest|offer|send|mention|refer)(?: [^ ]+){0,5}$|"
        r"\bnot (?:even )?(?:suggest|offer|send|mention|refer)(?: [^ ]+){0,5}$"
    ),
)
_REFUSED_AFTER = re.compile(
    r"^(?:(?:and|is|was|or|%|has|been|referral|group|groups|support|offered|service|therapy|,|:|-|\(|"
    r"they|but|cafe|again|already|though|which) ){0,5}"
    r"(?:declined|refused|not wanted|no thanks?|no more|not (?:for (?:them|their)|their (?:thing|"
    r"cup of tea)|interested|keen|want(?:ed)?|ready|at this time)|turned down|x \d declined|declines|"
    r"refuses|"
    r"was(?: not)? (?:the last thing|no use)|not (?:attend|engage)|dna)\b"
)
_IF = re.compile(
    r"\b(?:if|should|unless|in case|were they to|in the event|once|when ready|conditional)\b"
    r"(?! (?:you|there|anybody|somebody|possible|anything|we|i|it was|your?|at all|so|they could be|"
    r"any|appropriate|available|ok|okay|needed please))"
)
_NOT_A_CONDITION = re.compile(
    r"\b(?:wonder\w*|see|ask\w*|grateful|appreciate\w*|know|check|unsure|sure|sees|even|as|great|"
    r"good|glad|help|lovely|only|better|best|hoping) (?:if|whether)\b"
)
_LATER = re.compile(
    r"\b(?:in (?:the )?future|later on|at a later (?:date|stage)|down the line|in due course|"
    r"eventually|at some (?:stage|point)|"
    r"further down|longer term|once (?:they|their)|in time)\b"
)
_RISK_OF = re.compile(r"\b(?:might|may|could) (?:become|develop|end up|lead to|turn into)(?: [^ ]+){0,3}$")


_WANTING = re.compile(
    r"(?:keen|would|wants?|likes?|loves?|willing|interested|asks|asking|happy|open|enjoys|wanting|needs?)"
)

_NOT_WANTED = re.compile(r"\bnot(?: really| even| particularly)?$")


def ruled_out_by(code: str, first: str, before: str, after: str, *, oldest_year: int) -> Why | None:
    """Say why a need is none now, from the words of its clause before and after it; None where it is meant.

    `first` is the first word of the phrase, `oldest_year` the first year that counts as now.
    """
    if _WANTING.fullmatch(first):
        before = before.rpartition(",")[2]
        if _NOT_WANTED.search(before) and not first.startswith("need"):
            return "refused"
    said: tuple[tuple[Why, bool], ...] = (
        ("refused", _is_refused(before, after)),
        ("denied", _is_denied(before, after)),
        ("past", _is_past(code, before, after, oldest_year)),
        ("hypothetical", _is_hypothetical(before, after)),
    )
    return next((why for why, so in said if so), None)


def _is_refused(before: str, after: str) -> bool:
    return any(pattern.search(before) for pattern in _REFUSED_BEFORE) or bool(_REFUSED_AFTER.search(after))


def _is_denied(before: str, after: str) -> bool:
    if re.search(r"\bnot (?:without|that they not)\b", before):
        return False
    return any(pattern.search(before) for pattern in _DENIED_BEFORE) or bool(_DENIED_AFTER.search(after))


def _is_past(code: str, before: str, after: str, oldest_year: int) -> bool:
    if code not in _FOR_LIFE and any(pattern.search(before) for pattern in _PAST_BEFORE):
        return True
    if code == "bereavement" and (long := _YEARS.search(after[:24])):
        return int(long[1]) > _LONG_MOURNED
    if code in _PERSISTS:
        return False
    if _OVER.search(after):
        return True
    is_of_now = _NOW.search(after[:60]) or _NOW.search(before[-40:])
    return not is_of_now and (bool(_PAST_AFTER.search(after)) or _is_dated(before, after, oldest_year))


def _is_dated(before: str, after: str, oldest_year: int) -> bool:
    dated = _SPAN_AFTER.search(after) or _YEAR_AFTER.search(after) or _YEAR_BEFORE.search(before)
    return bool(dated and int(dated["year"]) < oldest_year)


def _is_hypothetical(before: str, after: str) -> bool:
    condition = _IF.search(before)
    if condition and not _NOT_A_CONDITION.search(before):
        return True
    if _LATER.search(before[-60:]) or _LATER.match(after.lstrip(", ")[:40]):
        return True
    late = _IF.search(after)
    return bool(
        _RISK_OF.search(before)
        or (
            late and re.search(r"\b(?:consider|could|would|may|might)\b", before) and not _NOT_A_CONDITION.search(after)
        )
    )
