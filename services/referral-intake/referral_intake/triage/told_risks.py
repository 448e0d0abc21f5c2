"""What the whole sentence makes of a risk that is told in it: answered no, over long ago, or only spoken of.

The words nearest to a risk are judged in `cues`; these rules see further, so each needs plain words and gives way to
words that say that it is recent. Words are as tokens have them: he, she and I are “they”, “hadn't” is “not”.
"""

import re
from collections.abc import Iterable

from referral_intake.triage.reading import RiskKind, Standing

_ON = r"(?: (?!and\b|but\b|says?\b|said\b|tells?\b|told\b|because\b|feels?\b|,|:)\S+)"
"""A word that goes on with the same thing."""

_SPOKEN_OF = re.compile(
    rf"\b(?:leaflets?|booklets?|posters?|helplines?|safety net(?:ted|ting)?|training|charity|samaritans|polic(?:y|ies)|"
    rf"novels?|films?|dramas?|documentar(?:y|ies)|podcasts?|programmes? (?:about|on)|books? (?:about|on)|"
    rf"(?:watch|read|reads|watches|watching|reading)(?: \w+){{0,2}} (?:about|on))(?:{_ON}|,|what){{0,7}}$"
)
_WORK = re.compile(
    r"\b(?:was|is|as|retired|former|trained as) (?:an? )?(?:\w+ )?(?:social worker|polic\w+|nurse|soldier|teacher|doctor|"
    r"fire\w+|paramedic|foster carer|counsellor|bouncer|journalist|(?:prison|probation|welfare) officer|chaplain)"
    rf"(?: and (?:saw|dealt|attended|worked))?{_ON}{{0,6}}$"
    rf"|\bvolunteer(?:s|ed|ing)? (?:with|for|at)\b{_ON}{{0,8}}(?: ,{_ON}{{0,6}})?$"
    rf"|\bworks? (?:for|with|at) (?:the )?(?:samaritans|people|victims|survivors|offenders|police|an? (?:charity|refuge))\b"
    rf"{_ON}{{0,5}}(?: ,{_ON}{{0,6}})?$"
)
_IF = re.compile(r"\b(?:if|should|in case|in the event|were they to|when|signs?)\b(?! only)(?: (?!says?\b|said\b)\S+){0,9}$")
_HELP = re.compile(
    r"\b(?:call|phone|ring|contact|999|111|101|samaritans|a ?(?:& |and )?e|breathing space|crisis (?:line|team|plan|number)|"
    r"seek (?:help|urgent)|come back|return|advised|aware|urgent(?:ly)? review|speak to|get in touch|re refer|"
    r"let (?:us|them|me) know)\b"
)
_ASKED = re.compile(
    r"\b(?:asked|ask|asking|asks|enquired|inquired|enquiry|explored|discussed|screened|checked|whether|raised|questions?|"
    r"questioned|put it to)\b"
)
_ANSWERED_NO = re.compile(
    r"^(?:(?!(?:yes|admit\w*|disclosed|hesitat\w+|cried|unsure|sometimes)\b)\S+ ){0,12}?"
    r"(?:(?:they|and|but) (?:(?:has|had|was|is|have) )?(?:not|never|none)\b"
    r"(?! (?:answer|say|look|reply|discuss|be|commit|rule|promise|sure|meet|want|deny))|"
    r"(?:say|says|said|saying|answered|replied|told \w+) (?:that )?(?:they )?(?:no|not|never|none)\b(?! longer)|"
    r"clear(?:ly)? (?:that )?(?:they )?(?:not|would not|never|no)\b|shook their head|laughed|surprised|horrified|"
    r"(?:none|nil|negative|nothing|denie[sd]|adamant|reassur\w+)\b)"
)
_NEXT_SAYS_NO = re.compile(
    r"^(?:(?:they|\w+) )?(?:no\b|none\b|never\b|not\b|(?:says?|said|answered) (?:no|not|never)\b|denie[sd]\b|"
    r"(?:has|had|is|was) (?:no|not|never|none)\b)(?! (?:answer|longer|sure|want|say))"
)
_NO_SUCH = (
    re.compile(
        rf"\b(?:no (?:question|suggestion|hint|reason|sense|fear|indication)(?: to (?:think|suspect|fear|believe))?|"
        rf"nothing to suggest|(?:would|will|could|has|have|had) never|not going to|nobody (?:has|had|is)|"
        rf"(?:rather|other) than|instead of|no danger of|not (?:at risk|in danger|afraid|worried|concerned))"
        rf"(?: (?:of|that|ever|about|they|is|was|has|be|been|to|by|once|even|in|any|their|doing|being|really)){{0,4}}$"
    ),
    re.compile(
        r"\b(?:no (?:\w+ ){0,2}(?:thoughts?|history|risks?|evidence|signs?|concerns?|plans?|intent|ideation|suicidal|self|"
        r"abuse|violence|safeguarding|reports?|suggestion|disclosure|indication|mention|issues?|wish|desire)|denie[sd]|"
        r"denying|without|not (?:been|being|ever|felt|feeling|had|have))\b"
        r"(?: (?!but\b|has\b|says?\b|wants?\b|is\b|they\b)\S+){0,10} (?:or|nor)(?: (?:of|any|about|to|that|by|being|been)){0,2}$"
    ),
)
_SAID_NO_AFTER = re.compile(
    r"^[:\-,]? ?(?:(?:risk|concerns?|issues?|status|order|plan|register) )?[:\-]? ?"
    r"(?:n / a|na|n a|not applicable|nil|none|not known|not indicated|no(?: concerns?| issues?)?(?= ?(?:,|$|\.)))(?= |$)|"
    r"\b(?:denie[sd]|denying) (?:this|it|that|these|all|any)\b|"
    r"\bnone (?:identified|known|disclosed|reported|noted|raised)\b|\bnot (?:an? (?:issue|concern|worry)|a feature)\b"
)
_HARMLESS = re.compile(
    r"\b(?:no danger|no (?:real )?risk to|no threat|not an? (?:danger|risk|threat)|horrif\w+|ocd|obsess\w+|never acted|"
    r"never at an?|would never act|as anyone would|joking|joked|in jest|not literally|figure of speech|laughed about it)\b"
)
_RECENT = re.compile(
    r"\b(?:today|tonight|yesterday|this (?:week|morning|month|afternoon)|last (?:night|week|month|weekend)|recent|recently|"
    r"still|again|ongoing|continu\w+|(?:hours?|days?|weeks?|fortnight) ago|(?:on|since|last) (?:mon|tues|wednes|thurs|fri|"
    r"satur|sun)day|current|currently|now says|getting worse|every (?:day|night|week))\b"
)
_YOUNG = r"(?:seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|\d\d?)"
_OVER_AFTER = re.compile(
    r"\b(?:none|not|never|nothing|no \w+(?: \w+)?|well|safe|settled|fine) (?:at all )?since\b|\bnone now\b|\bnot now\b|"
    r"\bno longer (?:present|an? |the case|has|does|feels|in contact|with|together)|\bno (?:further|repeat|recurrence)\b|"
    r"\bno such (?:thoughts|feelings)\b|"
    r"\b(?:have|has|had|all|since|now) (?:since |now |all )?(?:gone|passed|resolved|settled|lifted|ended|faded|eased)\b|"
    r"\b(?:that|this|it|which) (?:has )?(?:stopped|ended|passed|is over|was over)\b|"
    r"\bnow (?:remanded|in custody|in prison|in jail|dead|abroad)\b|\bremanded in custody\b|\bjailed\b|"
    r"\b(?:refunded|got (?:it|them) (?:all )?back|dealt with|case (?:is |was )?closed|closed the case|content (?:that|with))\b|"
    r"\bin the (?:distant )?past\b|\bpolice have (?:it|them) in hand\b|\buntil they (?:left|died|moved|divorced|separated)\b"
)
_OVER_BEFORE = re.compile(
    rf"\b(?:used to|past history of|history of|previously|formerly|historically|once|years ago)"
    rf"(?: (?!now\b|says?\b|says\b|but\b|today\b)\S+){{0,4}}$|\bat (?:the age of )?{_YOUNG}(?! ?(?:am|pm|:|/))"
    r"(?: (?!now\b|says\b|said\b|but\b)\S+){0,6}$"
)
_OVER_AGE = re.compile(
    rf"^(?:(?!now\b|and\b|says\b)\S+ ){{0,4}}?(?:at|aged?|age of|when they (?:was|is)) (?:age )?{_YOUNG}\b"
    r"(?! ?(?:am|pm|:|/|oclock|months?|weeks?|times|units|every|per|or so))"
)
_LONG_AGO = re.compile(
    r"\b(?:as an? (?:bairn|girl|boy|lad|teenager|teen|student|youth|young \w+|child)|growing up|grew up|in childhood|"
    r"in their (?:teens|youth|childhood|early|late|twenties|thirties|forties)|in the (?:sixties|seventies|eighties|"
    r"nineties|noughties|19\d\ds?)|when they (?:was|were) (?:at school|small|young|younger|little|wee|(?:an? )?(?:bairn|"
    r"child|girl|boy|teenager|student))|(?:years?|decades) ago|(?:first|previous|former|late|dead|second) (?:husband|wife|"
    r"partner|marriage|relationship|boyfriend|dad|mum)|in (?:a |their )(?:previous|former|past) (?:marriage|relationship))\b"
)
_YEAR = re.compile(r"\b(?<!since )((?:19[3-9]|20[0-4])\d)\b(?! ?(?:£|calories|kcal|mg|ml|steps|words))")
_NEAR_WORDS = 9
_OF_PEOPLE: frozenset[RiskKind] = frozenset({"risk-to-others", "child-at-risk", "abuse"})


def standing_in_sentence(
    kind: RiskKind, before: str, after: str, following: str, oldest_year: int
) -> Standing | None:
    """Say of a risk that seems current what its whole sentence makes of it; None where it is only spoken of.

    `before` and `after` are the words of the sentence around it, `following` those that the next sentence opens with.
    A year before `oldest_year` is long ago.
    """
    if _SPOKEN_OF.search(before) or _WORK.search(before):
        return None
    if _is_answered_no(kind, before, after, following):
        return "denied"
    if _is_over(before, after, oldest_year):
        return "past"
    return "current"


def _is_answered_no(kind: RiskKind, before: str, after: str, following: str) -> bool:
    if _IF.search(before) and _HELP.search(f"{before} {after}"):
        return True
    if _ASKED.search(before) and (_ANSWERED_NO.search(after) or (not after and _NEXT_SAYS_NO.search(following))):
        return True
    if kind in _OF_PEOPLE and _HARMLESS.search(after):
        return True
    return _any(_NO_SUCH, before) or _SAID_NO_AFTER.search(after) is not None


def _is_over(before: str, after: str, oldest_year: int) -> bool:
    if _RECENT.search(before) or _RECENT.search(after):
        return False
    if _OVER_BEFORE.search(before) or _OVER_AFTER.search(after) or _OVER_AGE.search(after):
        return True
    if _LONG_AGO.search(before) or _LONG_AGO.search(after):
        return True
    near = " ".join((*before.split()[-_NEAR_WORDS:], "%", *after.split()[:_NEAR_WORDS]))
    return any(int(year) < oldest_year for year in _YEAR.findall(near))


def _any(patterns: Iterable[re.Pattern[str]], words: str) -> bool:
    return any(pattern.search(words) for pattern in patterns)
