"""What the whole sentence makes of a risk that is told in it: answered no, over long ago, or only spoken of.

The words nearest to a risk are judged in `cues`; these rules see further, so each needs plain words and gives way to
words that say that it is recent. Words are as tokens have them: he, she and I are “they”, “hadn't” is “not”.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from referral_intake.triage.patterns import Hit
from referral_intake.triage.reading import RiskKind, Standing
from referral_intake.triage.tokens import Token

_ON = r"(?: (?!and\b|but\b|says?\b|said\b|tells?\b|told\b|because\b|feels?\b|,|:)\S+)"
"""A word that goes on with the same thing."""

_SPOKEN_OF = re.compile(
    rf"\b(?:leaflets?|booklets?|posters?|helplines?|safety net(?:ted|ting)?|training|charity|samaritans|polic(?:y|ies)|"
    rf"novels?|films?|dramas?|documentar(?:y|ies)|podcasts?|programmes? (?:about|on)|talk (?:about|on)|"
    rf"this service|we (?:support|offer|work with)|group for|exclusions?|criteria|eligib\w+|refuge work)(?:{_ON}| ,|"
    rf" :){{0,14}}$"
)
_WORK = re.compile(
    r"\b(?:was|is|as|retired|former|trained as) (?:an? )?(?:\w+ )?(?:social worker|polic\w+|nurse|soldier|teacher|"
    r"doctor|"
    r"fire\w+|paramedic|foster carer|counsellor|bouncer|journalist|(?:prison|probation|welfare) officer|chaplain)"
    rf"(?: and (?:saw|dealt|attended|worked))?{_ON}{{0,6}}$"
    rf"|\bvolunteer(?:s|ed|ing)? (?:with|for|at)\b{_ON}{{0,8}}(?: ,{_ON}{{0,6}})?$"
    rf"|\bworks? (?:for|with|at) (?:the )?(?:samaritans|people|victims|survivors|offenders|police|an? (?:charity|"
    rf"refuge))\b"
    rf"{_ON}{{0,5}}(?: ,{_ON}{{0,6}})?$"
)
_IF = re.compile(r"\b(?:if|should|in case|in the event|were they to)\b(?! only)(?: (?!says?\b|said\b)\S+){0,9}$")
_HELP = re.compile(
    r"\b(?:call|phone|ring|contact|999|111|101|samaritans|a ?(?:& |and )?e|breathing space|crisis (?:line|team|plan|"
    r"number)|"
    r"seek (?:help|urgent)|come back|return|advised|aware|urgent(?:ly)? review|speak to|get in touch|re refer|"
    r"let (?:us|them|me) know)\b"
)
_ASKED = re.compile(
    r"\b(?:asked|ask|asking|asks|enquired|inquired|enquiry|explored|discussed|screened|checked|whether|raised|"
    r"questions?|"
    r"questioned|put it to)\b"
)
_ANSWERED_NO = re.compile(
    r"^(?:(?!(?:yes|admit\w*|disclosed|hesitat\w+|cried|unsure|sometimes)\b)\S+ ){0,12}?"
    r"(?:(?:they|and|but) (?:(?:has|had|was|is|have|would|does|did) )?(?:not|never)"
    r"(?: (?:done|ever|had|thought|so|any|at all|been|would|at|since|harmed|hurt|felt|do))*(?: (?:,|and|in|so|but|"
    r"this|it|that)\b|$| ,)|"
    r"(?:say|says|said|saying|answered|replied|told \w+) (?:that )?(?:they )?(?:no|not|never|none)\b(?! (?:longer|"
    r"point|way|reason))|"
    r"clear(?:ly)? (?:that )?(?:they )?(?:not|would not|never|no)\b|shook their head|looked at \w+ as if|"
    r"(?:none|nil|negative|denie[sd]|adamant|reassur\w+)\b)"
)
_LAUGHED = re.compile(r"\b(?:laughed|smiled|surprised|horrified|amused)\b(?: \S+){0,3} (?:asked|asking|question)\b")
_FORM_ASKS = re.compile(r"^ ?(?:q : )?(?:is|are|do|does|did|have|has|had|any|can|will|would|ever|thoughts?)\b")
_FORM_SAYS_NO = re.compile(
    r"^\? (?:no|none|nil|never|not|nope|n / a|n|na)\b(?! (?:point|one|way|use|reason|hope|body|more))"
)
_NEXT_SAYS_NO = re.compile(
    r"^(?:(?:they|\w+) )?(?:no\b|none\b|never\b|not\b|(?:says?|said|answered) (?:no|not|never)\b|denie[sd]\b|"
    r"(?:has|had|is|was) (?:no|not|never|none)\b)(?! (?:answer|longer|sure|want|say))"
)
_NO_SUCH = (
    re.compile(
        r"\b(?:no (?:question|suggestion|hint|reason|sense|fear|indication)(?: to (?:think|suspect|fear|believe))?|"
        r"nothing to suggest|(?:would|will|could|has|have|had) never|not going to|nobody (?:has|had|is)|"
        r"(?:rather|other) than|instead of|no danger of|not (?:at risk|in danger|afraid|worried|concerned))"
        r"(?: (?:of|that|ever|about|they|is|was|has|be|been|to|by|once|even|in|any|their|doing|being|really)){0,4}$"
    ),
    re.compile(
        r"\b(?:no (?:\w+ ){0,2}(?:thoughts?|history|risks?|evidence|signs?|concerns?|plans?|intent|ideation|"
        r"suicidal|self|"
        r"abuse|violence|safeguarding|reports?|suggestion|disclosure|indication|mention|issues?|wish|desire)|denie[sd]|"
        r"denying|not (?:been |ever |being )+(?:hit|hurt|threatened|harmed|abused|bullied|violent|suicidal|"
        r"pressured))\b"
        r"(?: (?!but\b|has\b|says?\b|wants?\b|is\b|they\b)\S+){0,10} (?:or|nor)(?: (?:of|any|about|to|that|by|being|"
        r"been)){0,2}$"
    ),
)
_SAID_NO_AFTER = re.compile(
    r"^[:\-,]? ?(?:(?:risk|concerns?|issues?|status|order|plan|register) )?[:\-]? ?"
    r"(?:n / a|na|n a|not applicable|nil|none|not known|not indicated|no(?: concerns?| issues?)?(?= ?(?:,|$|"
    r"\.)))(?= |$)|"
    r"\b(?:denie[sd]|denying) (?:this|it|that|these|all|any)\b|"
    r"\bnone (?:identified|known|disclosed|reported|noted|raised)\b|\bnot (?:an? (?:issue|concern|worry)|a feature)\b|"
    r"^:? ?not at all\b"
)
_HARMLESS = re.compile(
    r"\b(?:no danger|no (?:real )?risk to|no threat|not an? (?:danger|risk|threat)|horrif\w+|ocd|obsess\w+|never acted|"
    r"agreed (?:with|by|this)|by agreement|their (?:own )?request|with their (?:consent|agreement)|witnessed by|"
    r"accidental|"
    r"and explained|looked into|thriving|sensible|wanders|gets lost|"
    r"never at an?|would never act|as anyone would|joking|joked|in jest|not literally|figure of speech|"
    r"laughed about it)\b"
)
_AT_PEACE = re.compile(
    r"\b(?:at peace with|as anybody (?:of|at|would)|in (?:the )?abstract|philosophical\w*|not in that way)\b"
)
_CARED_FOR = re.compile(
    r"\b(?:supports?|supporting|car(?:es|ing) for|looks? after|looking after)(?: \S+){1,3} ,? ?who(?: \S+){0,4}$"
)
_RECENT = re.compile(
    r"\b(?:today|tonight|yesterday|this (?:week|morning|month|afternoon)|last (?:night|week|month|weekend)|recent|"
    r"recently|"
    r"(?:days?|weeks?|months?) history|still|again|ongoing|continu\w+|(?:hours?|days?|weeks?|fortnight) ago|(?:on|"
    r"since|last) (?:mon|tues|wednes|thurs|fri|"
    r"satur|sun)day|current|currently|now says|getting worse|every (?:day|night|week))\b"
)
_YOUNG = (
    r"(?:seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|\d\d?)"
)
_OVER_AFTER = re.compile(
    r"\b(?:none(?: of (?:that|this|those|it))?|not|never|nothing|no (?:such|further|more|contact|thoughts|feelings|"
    r"repeat)(?: \w+)?|well|safe|settled|fine) (?:at all )?since\b|\bnone now\b|\bnot now\b|"
    r"\bno longer (?:present|an? |the case|has|does|feels|in contact|with|together)|\bno (?:further|repeat|"
    r"recurrence)\b|"
    r"\bno such (?:thoughts|feelings)\b|"
    r"\b(?:which|these|those|thoughts|feelings|that|it) (?:have|has|had) (?:since |now |all )?(?:gone|passed|ended)\b|"
    r"\b(?:have|has|had) (?:since|now|all) (?:gone|passed|ended)\b|\b(?:have|has|had) (?:resolved|settled|lifted|"
    r"faded|eased)\b|"
    r"\b(?:that|this|it|which) (?:has )?(?:stopped|ended|passed|is over|was over)\b|"
    r"\bnow (?:remanded|in custody|in prison|in jail|dead|abroad)\b|\bremanded in custody\b|\bjailed\b|"
    r"\b(?:refunded|got (?:it|them) (?:all )?back|dealt with|worked through|therapy for|come to terms|(?:nurse|bank|"
    r"police|family|was) sorted|case (?:is |was )?closed|closed the case|content (?:that|with))\b|"
    r"\bin the (?:distant )?past\b|^(?:the )?past\b|\bpolice have (?:it|them) in hand\b|\buntil they (?:left|died|"
    r"moved|divorced|separated)\b"
)
_OVER_BEFORE = re.compile(
    rf"^(?:\S+ )?(?:pph|psych\w* (?:history|hx)|problem list)\b|\bhistory of(?: (?!now\b|says?\b|but\b|"
    rf"today\b)\S+){{0,5}}$|\b(?:used to|previously|formerly|historically|once|years ago)"
    rf"(?: (?!now\b|says?\b|and\b|but\b|today\b)\S+){{0,4}}$|\bat (?:the age of )?{_YOUNG}(?! ?(?:am|pm|:|/))"
    r"(?: (?!now\b|says\b|said\b|but\b)\S+){0,6}$"
)
_OVER_AGE = re.compile(
    rf"^(?:(?!now\b|and\b|says\b)\S+ ){{0,4}}?(?:at|aged?|age of|when they (?:was|is)) (?:age )?{_YOUNG}\b"
    r"(?! ?(?:am|pm|:|/|oclock|months?|weeks?|times|units|every|per|or so))"
)
_LONG_AGO = re.compile(
    r"\b(?:as an? (?:bairn|girl|boy|lad|teenager|teen|student|youth|young \w+|child)|growing up|grew up|in childhood|"
    r"in their (?:teens|youth|childhood|early|late|twenties|thirties|forties)|in the (?:sixties|seventies|eighties|"
    r"nineties|noughties|19\d\ds?)|when they (?:was|were) (?:at school|small|young|younger|little|wee|"
    r"(?:an? )?(?:bairn|"
    r"child|girl|boy|teenager|student))|(?:years?|decades) ago|back then|at that time|(?:believed|thought|was) then|"
    r"(?:first|previous|former|late|dead|"
    r"second) (?:husband|wife|"
    r"partner|marriage|relationship|boyfriend|dad|mum)|in (?:a |their )(?:previous|former|past) (?:marriage|"
    r"relationship))\b"
)
_YEAR = re.compile(r"\b(?<!since )((?:19[3-9]|20[0-4])\d)\b(?! ?(?:£|calories|kcal|mg|ml|steps|words))")
_NEAR_WORDS = 9
_OTHER_MATTER = re.compile(r"\b(?:and|but|so|because|says?|said|now|since)\b")
_OF_PEOPLE: frozenset[RiskKind] = frozenset({"risk-to-others", "child-at-risk", "abuse", "harm-by-others"})
_ONES_OWN: frozenset[RiskKind] = frozenset({"suicide", "self-harm"})


_WHOM = frozenset({"him", "them", "me", "us", "hers"})
_HOLDS = frozenset(
    {"has", "have", "had", "hold", "holds", "keep", "keeps", "kept", "got", "use", "uses", "using", "take", "takes"}
)
_ONE_AND_THE_SAME = frozenset({("she", "her"), ("he", "his"), ("i", "my"), ("they", "their")})
_NO_NOUNS = frozenset(
    {",", ":", "/", "(", "-", "?", "a", "about", "after", "again", "all", "and", "as", "at", "because", "before",
     "but", "by", "down", "every", "for", "from", "if", "in", "into", "like", "now", "of", "off", "often", "on",
     "once", "or", "out", "over", "since", "so", "sometimes", "that", "the", "there", "this", "till", "to",
     "today", "too", "twice", "until", "up", "when", "while", "who", "with", "yesterday", "last"}
)  # fmt: skip
"""What may follow “her” where it means her, and nothing that is hers."""


class Around(NamedTuple):
    """The words of a sentence before, inside and after a risk, and those that the next sentence opens with."""

    before: str
    inside: str
    after: str
    following: str


def standing_in_sentence(kind: RiskKind, around: Around, oldest_year: int) -> Standing | None:
    """Say of a risk that seems current what its whole sentence makes of it; None where it is only spoken of.

    A year before `oldest_year` is long ago.
    """
    if _SPOKEN_OF.search(around.before) or _WORK.search(around.before):
        return None
    if _is_answered_no(kind, around):
        return "denied"
    if kind in _ONES_OWN and _CARED_FOR.search(around.before):
        return "others"
    return "past" if _is_over(around, oldest_year) else "current"


def _is_answered_no(kind: RiskKind, around: Around) -> bool:
    before, after = around.before, around.after
    if _IF.search(before) and _HELP.search(f"{before} {after}"):
        return True
    if _ASKED.search(before) and (_ANSWERED_NO.search(after) or (not after and _NEXT_SAYS_NO.search(around.following))):
        return True
    if kind in _OF_PEOPLE and _HARMLESS.search(after):
        return True
    if kind in _ONES_OWN and (_LAUGHED.search(before) or _AT_PEACE.search(after)):
        return True
    if _FORM_ASKS.search(f"{before} {around.inside}") and _FORM_SAYS_NO.search(around.following):
        return True
    return _any(_NO_SUCH, before) or _SAID_NO_AFTER.search(after) is not None


def _is_over(around: Around, oldest_year: int) -> bool:
    before, inside, after, _ = around
    if any(_RECENT.search(words) for words in around[:3]):
        return False
    if _OVER_BEFORE.search(before) or _OVER_AFTER.search(after) or _OVER_AGE.search(after):
        return True
    before, after = _OTHER_MATTER.split(before)[-1], _OTHER_MATTER.split(after)[0]
    if " used to " in f" {inside} " or _LONG_AGO.search(f"{before} {inside} {after}"):
        return True
    near = " ".join((*before.split()[-_NEAR_WORDS:], "%", *after.split()[:_NEAR_WORDS]))
    return any(int(year) < oldest_year for year in _YEAR.findall(near))


def _any(patterns: Iterable[re.Pattern[str]], words: str) -> bool:
    return any(pattern.search(words) for pattern in patterns)


def names_whom(tokens: Sequence[Token], hit: Hit) -> bool:
    """Say whether “her” or “him” in a phrase means another: not so in “afraid of her shadow”, “she has her card”."""
    first, last = tokens[hit.first], tokens[max(hit.own)]
    if hit.meaning == "harm-by-others" and first.word in _HOLDS:
        whose = next((tokens[place].said for place in sorted(hit.own) if tokens[place].word == "their"), "")
        before = [token.said for token in tokens[max(0, hit.first - 3) : hit.first] if token.word == "they"]
        return not before or (before[-1], whose) not in _ONE_AND_THE_SAME
    if first.word != "afraid" or last.word != "their":
        return True
    following = tokens[hit.after].word if hit.after < len(tokens) else ""
    return last.said in _WHOM or (last.said == "her" and (following == "" or following in _NO_NOUNS))
