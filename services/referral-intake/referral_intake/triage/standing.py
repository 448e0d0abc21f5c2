"""Judges a need that a phrase names: whether it is meant, and why not; and settles what a letter says twice."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from referral_intake.triage.answers import answered, drinks_little, says_no_trouble
from referral_intake.triage.bare_facts import is_bare
from referral_intake.triage.closing import taken_back
from referral_intake.triage.cues import context
from referral_intake.triage.letters import Clause
from referral_intake.triage.lexicon import LEXICON
from referral_intake.triage.patterns import Hit
from referral_intake.triage.reading import NeedSign, Why
from referral_intake.triage.scope import ruled_out_by
from referral_intake.triage.whose import Told, is_of_another, subject_is_another, writer_is_subject

Judgement = Why | Literal["meant", "unsaid"]
"""*unsaid* is what is only mentioned: neither a need nor ruled out."""

_OF_A_TIE = frozenset(
    {"bereavement", "suicide-bereavement", "carers", "respite", "parenting", "relationships", "domestic-abuse-support",
     "keeping-safe", "befriending", "peer-support", "food", "household-essentials", "housing", "energy-costs"}
)  # fmt: skip
"""Needs whose telling names somebody else, or that a household has."""

_FELT = frozenset({"stress", "low-mood", "anxiety", "sleep", "loneliness", "confidence", "literacy-and-numeracy"})
"""Needs that relatives who write tell of themselves beside the person's."""

_LABELS = frozenset(
    {"housing", "employment", "alcohol", "transport", "smoking", "mental health", "finance", "finances", "mobility",
     "sleep", "exercise", "drugs", "benefits", "money", "memory", "unemployed", "physical activity", "shopping",
     "falls", "drug use", "substance use", "alcohol use", "alcohol intake", "confidence"}
)  # fmt: skip
"""Words that forms have before a colon whatever stands after it."""

_AFFIRMED = re.compile(r": (?:yes|problems?|issues?|struggl|poor|bad|concern|x\b)")
_ASKED = re.compile(
    r"\b(?:want|wants|wanted|wanting|would|could|likes?|liked|loves?|loved|enjoys?|enjoyed|keen|interest\w*|asks?|asked|"
    r"asking|needs?|needing|needed|help|support|advice|assist\w*|refer|referral|referred|look|looking|struggl\w*|"
    r"difficult\w*|problems?|issues?|worr\w+|cannot|unable|miss|misses|missing|trouble|hard|please|pls|wish\w*|"
    r"hop(?:e|es|ing)|try|wonder\w*|used|benefit|find|finding|lack|lost|losing|poor|bad|worse|broken|concern\w*|reason|"
    r"newly|recently|join|start|access|afraid|stuck|limited|severe|suggest\w*|fancy|mentioned|regarding|presenting|"
    r"diagnosed|cope|coping|manag\w+|waiting|passion\w*|hobb\w+|barrier)\b|\?"
)
_NEGATIONS = frozenset({"no", "not", "without", "denies", "denied", "nor", "nil"})
_UNTICKED = re.compile(r"\[\s?\]\s*$")


@dataclass(frozen=True)
class Scene:
    """A clause with every phrase found in it, and what is known of who tells; `another`: so far of somebody else."""

    letter: str
    clause: Clause
    hits: Sequence[Hit]
    who: Told
    oldest_year: int
    another: bool

    @cached_property
    def words(self) -> str:
        """The words of the clause."""
        return " ".join(token.word for token in self.clause.tokens)

    def own(self, hit: Hit) -> str:
        """Give the words of a phrase that are its own."""
        return " ".join(self.clause.tokens[place].word for place in sorted(hit.own))

    def beside(self, hit: Hit) -> str:
        """Give the words of the clause that are not a phrase's own."""
        return " ".join(token.word for place, token in enumerate(self.clause.tokens) if place not in hit.own)


def judge(code: str, hit: Hit, scene: Scene) -> Judgement:
    """Say whether a need is the person's, now and wanted."""
    return next((found for check in _CHECKS if (found := check(code, hit, scene))), "meant")


def _by_section(_code: str, hit: Hit, scene: Scene) -> Judgement | None:
    if _UNTICKED.search(scene.letter, 0, scene.clause.tokens[hit.first].start):
        return "denied"
    match scene.clause.section:
        case "past" | "others" as why:
            return why
        case "none":
            return "unsaid"
    return None


def _by_answer(_code: str, _hit: Hit, scene: Scene) -> Judgement | None:
    return answered(scene.clause.sentence, scene.clause.answer) if scene.clause.asked else None


def _by_words_within(_code: str, hit: Hit, scene: Scene) -> Judgement | None:
    tokens = scene.clause.tokens
    denied = any(
        place not in hit.own and place + 1 in hit.own and tokens[place].word in _NEGATIONS
        for place in range(hit.first, hit.after)
    )
    return "denied" if denied else None


def _by_words_around(code: str, hit: Hit, scene: Scene) -> Judgement | None:
    before, after = context(scene.clause.tokens, scene.hits, hit)
    why = ruled_out_by(code, scene.clause.tokens[hit.first].word, before, after, oldest_year=scene.oldest_year)
    if why is None and code in _OF_A_TIE and is_of_another(before, scene.clause.tokens, hit.first):
        return "others"
    return why


def _by_its_own_words(code: str, hit: Hit, scene: Scene) -> Judgement | None:
    return "denied" if says_no_trouble(scene.own(hit)) or (code == "alcohol" and drinks_little(scene.words)) else None


def _by_being_a_label(_code: str, hit: Hit, scene: Scene) -> Judgement | None:
    after = " ".join(token.word for token in scene.clause.tokens[hit.after : hit.after + 3])
    if not after.startswith(":") or scene.own(hit) not in _LABELS:
        return None
    return "meant" if _AFFIRMED.match(after) else "unsaid"


def _by_being_a_bare_name(_code: str, hit: Hit, scene: Scene) -> Judgement | None:
    own = scene.own(hit)
    is_topic = hit.plain and (own in LEXICON.topics or own.removesuffix("s") in LEXICON.topics)
    return "unsaid" if is_topic and not scene.clause.asked and not _ASKED.search(scene.beside(hit)) else None


def _by_being_a_bare_fact(code: str, _hit: Hit, scene: Scene) -> Judgement | None:
    return "unsaid" if is_bare(code, scene.words, scene.clause.sentence) else None


def _by_the_rest(_code: str, hit: Hit, scene: Scene) -> Judgement | None:
    place = scene.clause.tokens[hit.first]
    begun = scene.letter.rfind(scene.clause.sentence, 0, place.start + len(scene.clause.sentence))
    return taken_back(scene.clause.sentence, place.end - begun)


def _by_subject(code: str, hit: Hit, scene: Scene) -> Judgement | None:
    if scene.who.writer == "family" and code in _FELT and writer_is_subject(scene.clause.tokens, hit.first):
        return "others"
    if code in _OF_A_TIE:
        return None
    of_another = subject_is_another(scene.clause.tokens, max(hit.own), scene.who, already=scene.another, own=hit.own)
    return "others" if of_another else None


_CHECKS: tuple[Callable[[str, Hit, Scene], Judgement | None], ...] = (
    _by_section,
    _by_answer,
    _by_words_within,
    _by_words_around,
    _by_its_own_words,
    _by_being_a_label,
    _by_being_a_bare_name,
    _by_being_a_bare_fact,
    _by_the_rest,
    _by_subject,
)

_HABITS = frozenset({"alcohol", "drugs", "gambling", "smoking"})
_CHOSEN = frozenset(
    {"social-groups", "emotional-support", "weight-management", "befriending", "physical-activity", "volunteering",
     "learning", "english-language", "peer-support", "smoking", "practical-support", "respite", "walking",
     "digital-skills"}
)  # fmt: skip
"""What one may have or not as one likes."""


def gives_way(sign: NeedSign, why: Why) -> bool:
    """Say whether a need that was read once gives way to words elsewhere that rule it out.

    A habit that is said to be past is past, and what one may choose is refused where it is said to be refused.
    """
    if sign.source != "text" or sign.weight > 1:
        return False
    return (sign.code in _HABITS and why in {"past", "denied"}) or (
        sign.code in _CHOSEN and why in {"refused", "denied"}
    )
