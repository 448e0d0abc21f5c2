"""Facts that are told without a trouble or a wish: a diagnosis in a heading, a team's name, what somebody once was."""

import re

CONDITIONS = frozenset({"long-term-condition"})
"""Needs that a fact of somebody's life is near to, and that the fact alone does not make."""

_TROUBLE = re.compile(
    r"\b(?:not|no|never|nobody|nothing|cannot|afraid|frighten\w*|terrified|petrified|fear\w*|worr\w+|dread\w*|"
    r"alone|lonely|lost|tired|exhaust\w*|struggl\w*|difficult\w*|hard|bad|worse|poor\w*|severe\w*|constant\w*|"
    r"confus\w*|overwhelm\w*|limit\w*|stop\w*|since|still|after|recent\w*|newly|new|last|weeks|months|start\w*|"
    r"under way|spread|advanc\w*|early|increasing\w*|help|support|advice|group|information|talk|meet|want\w*|"
    r"wish\w*|would|like|love|keen|ask\w*|need\w*|hop\w+|look\w*|miss\w*|how|what|where|understand\w*|cope|coping|"
    r"manag\w*|adjust\w*|accept\w*|live|living|liv(?:es|e) with|learn\w*|please|refer\w*|pain\w*|sleep|cry\w*|"
    r"tear\w*|upset|shock\w*|stunned|angry|ashamed|embarrass\w*|haunt\w*|nightmares?|flashbacks?|relive\w*|grief|"
    r"griev\w*|wander\w*|forget\w*|relaps\w*|wait\w*|told|floored|rules?|worn|fatigue|symptoms|died|daily|every|"
    r"benefit|due|leaving|struck|declin\w*|fail\w*|going|getting|out|stuck|suffer\w*|awful|terrible|isolat\w*|"
    r"anxious|low|plan\w*|probable|query|assess\w*|progress\w*|behav\w*|memory|weeks?|short|trouble|debilitat\w*|"
    r"flar\w+|crippl\w*|using|use|off|shot|high|up)\b"
)
_ROLE = re.compile(
    r"\b(?:nurses?|midwi(?:fe|ves)|team|services?|clinic|department|outreach|summary|report|specialist|liaison|"
    r"unit|ward|"
    r"therapists?|practitioner|coordinator|prescriber|nursing|consultant|psychology|oncology|letter|hospital)\b",
    re.IGNORECASE,
)
_TELLS = re.compile(
    r"\b(?:is|are|was|were|has|had|have|needs?|wants?|would|could|feels?|lives?|cannot|can|says?|said|struggl\w+|"
    r"asks?|asked|"
    r"refer\w*|please|help|support|keen|wait\w*|told|declin\w+|gets?|goes|does|did|likes?|lost|no|not|for|to|under)\b|['\u2019]s\b",
    re.IGNORECASE,
)
_LONGEST_HEADING_WORDS = 10


def is_bare(code: str, words: str, sentence: str) -> bool:
    """Say whether a need's words stand in a heading or a signature, or name a condition and no more.

    `words` are those of the clause, as they are compared.
    """
    if len(sentence.split()) <= _LONGEST_HEADING_WORDS and _ROLE.search(sentence) and not _TELLS.search(sentence):
        return True
    return code in CONDITIONS and not _TROUBLE.search(words)
