"""Words in which a sentence takes back what it told before: “… but that is long over”, “…, and wants nothing done”."""

import re

from referral_intake.triage.reading import Why

_PAST = (
    r"no longer (?:needs?|feels? the need|requires?|wants?)|long (?:since|over)\b|at peace with|(?:put|is|was|"
    r"are) (?:it |that |all )*behind (?:him|her|them)|(?:now )?back to normal|done its work|(?:made|"
    r"makes) all the difference|(?:attacks|flashbacks|symptoms) have (?:all )?gone\b|(?:has|have) (?:never|"
    r"not) come back|\b(?:restored|refunded|cleared) (?:it|her|him|up)\b|(?:now|and) (?:is )?content\b|"
    r"settled entirely|with good effect|in remission|(?:put|set) that right|since resolved|resolved since|"
    r"\bnow (?:secure|done|wise|sober|stable)\b|is (?:now )?done\b|none since|(?:not|never) troubled by it|"
    r"not needed anything since|until (?:she|he|they) died in|already been completed|(?:sleeps|eats|sees|hears|"
    r"cooks|manages) (?:soundly|well|fine|every night) now|came to terms with it|years ago\b|gave it up when|"
    r"(?:managing|coping|doing) (?:very )?well now|job done"
)
_DENIED = (
    r"(?:causes|gives|is) (?:him |her |them )?no (?:bother|trouble|problem)|needs? (?:nothing|no (?:help|more|"
    r"support))|wants? for nothing|does(?: not|n['\u2019]t) need (?:one|more|any|anything|it|help)|"
    r"nothing (?:further|more|else) (?:is )?needed|well (?:supported|controlled|looked after)|\bby choice\b|"
    r"everything in order|no room for more|fully independent|(?:asks?|asking) for no (?:support|help|services)|"
    r"does not have it\b|all the \w+(?: \w+)? (?:he|she|they) needs?|no (?:help|support) (?:is )?(?:needed|"
    r"required|wanted)|\b(?:himself|herself) (?:no|never)\b|\bowes nobody\b|happy to carry on|full diary|"
    r"has ample|plenty of (?:friends|support)"
)
_REFUSED = (
    r"(?:wants?|wanted|wishes|asks? for) (?:nothing|no (?:one|services|help|part))|(?:would|"
    r"['\u2019]d) (?:much )?(?:rather|sooner) (?:not|deal|die|manage|be left|stay)|prefers? (?:to|not)|"
    r"preferred (?:to|not)|(?:did|does|do)(?: not|n['\u2019]t) (?:want|wish|see the need|hold with|care for|"
    r"regard)(?: (?:it|to|any|this|one|that|a stranger)\b|[.,;]|$)|\bleave (?:it|him|her|them) be\b|not (?:minded|"
    r"ready) to|turn(?:ed|s)? (?:it |them |that )?down|\bsa(?:id|ys) (?:never|no)\b|sees? no problem|(?:he|she|"
    r"they)(?:['\u2019]s| is| was) happy (?:with|as)|fine as (?:he|she|they)|would(?: not|n['\u2019]t) (?:hear of|"
    r"thank|entertain|consider)|won['\u2019]t hear of|will not hear of|(?:was|were|is) not (?:keen|interested)|"
    r"not for (?:him|her|me|them)\b|had (?:his|her|their) fill|"
    r"(?<!factor )(?<!landlord )(?<!council )(?<!agents )not interested|feels? unable to leave|"
    r"would not know what to say|keeps? (?:himself|herself) to (?:himself|herself)|(?:politely )?(?:declined|"
    r"refused)\b(?= and|[.,;]|$)"
)
_ONE_DAY = (
    r"\bone day\b|(?:some )?years from now|in (?:a (?:few|couple of)|a few) years|in but not yet|or might not|"
    r"when (?:the )?\w+ (?:are|is) older|next (?:winter|year|summer)\b.{0,30}\b(?:may|might)"
)
_CUES: tuple[tuple[Why, re.Pattern[str]], ...] = (
    ("refused", re.compile(_REFUSED)),
    ("denied", re.compile(_DENIED)),
    ("past", re.compile(_PAST)),
    ("hypothetical", re.compile(_ONE_DAY)),
)
_SUPPOSED = re.compile(
    r"^\W*(?:if|when|were|should)\b.{3,60}?\b(?:may|might|would|['\u2019]d|['\u2019]ll) (?:want|need|look|"
    r"be entitled|require)|\b(?:can imagine|can see how easy|could see (?:him|her)self|might (?:dent|be wanted)|"
    r"dreads? the day|expects? (?:he|she) will|(?:may|might) (?:one day|want|look|need|get|be entitled)|worr(?:y|"
    r"ies) (?:that )?(?:she|he) may get)\b"
)
_GOES_ON = re.compile(
    r"\b(?:but|however|although)\b.{0,40}\b(?:now|would|wants?|is|has|needs?|struggl\w+|still|keen|like)\b"
)


def taken_back(sentence: str, end: int) -> Why | None:
    """Say why what a sentence tells up to `end` is no need after all, by the rest of it; None where it stands."""
    said = sentence.lower()
    for why, cue in _CUES:
        for match in cue.finditer(said, max(0, end - 1)):
            if not _GOES_ON.search(said, match.end()):
                return why
    supposed = _SUPPOSED.search(said)
    return "hypothetical" if supposed and supposed.start() < end else None
