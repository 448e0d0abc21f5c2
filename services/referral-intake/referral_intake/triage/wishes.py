"""Reads what would suit a person: company, language, access and interests, as far as a letter says it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.resources import files

from referral_intake.triage.cues import context
from referral_intake.triage.letters import Clause
from referral_intake.triage.lexicon import PARAPHRASES, read_ways
from referral_intake.triage.patterns import Hit, Patterns
from referral_intake.triage.reading import Wishes
from referral_intake.triage.whose import Told, subject_is_another

_SORTS = ("company", "language", "access")
_FOUND = Patterns(
    {}, read_ways((files(__package__) / "wishes.yaml").read_text("utf-8"), "wishes.yaml", _SORTS), PARAPHRASES[1]
)

_NOT_SO = re.compile(
    r"\b(?:no|not|nil|without|never|denies|refuses|refused|declines|declined)(?: (?:need|needs|want|"
    r"an?|any|the|require[sd]?|for|do|really|on))*$"
)
_NOT_NEEDED = re.compile(
    r"^(?:(?:is|was|visit|visits|services?) )*(?:not (?:needed|required|wanted|necessary)|declined|refused|none)\b"
)
_NOT_A_WISH = re.compile(
    r"\b(?:declin\w+|refus\w+|not (?:keen|want|wish|interested|like|need|for|a)|hates?|no wish|"
    r"cannot|afraid of|stopped|used to|was|were)\b(?: [^ ,]+){0,6}$"
)
_SPEAKS = re.compile(
    r"\b(?:speaks?|speaker|speaking|language|interpreter|translator|interp|first|mother tongue|"
    r"fluent|only|understands?|reads|person|worker|please|in)\b"
)
_LEARNS = re.compile(r"\b(?:learn|class|classes|lessons|course|course in|food|restaurant|husband|wife|from)\b")

INTERESTS = frozenset(
    {"arts-and-crafts", "music-and-singing", "gardening", "walking", "physical-activity", "volunteering", "learning"}
)
"""Needs that are also what one likes doing."""

_LIKES = re.compile(
    r"\b(?:like|likes|liked|love|loves|loved|enjoy|enjoys|enjoyed|keen|interest\w*|passion\w*|"
    r"hobb\w+|used to|was an?|miss|misses|missing|"
    r"play(?:s|ed)|sings?|grow|grew|good at|ex|former|retired|into|favourite|always)\b"
)


@dataclass
class WishesFound:
    """What was gathered so far."""

    said: dict[str, dict[str, None]] = field(default_factory=lambda: {sort: {} for sort in _SORTS})
    interests: dict[str, None] = field(default_factory=dict)

    def as_wishes(self) -> Wishes:
        """Return them; one-to-one wins over groups, for who fears groups says so."""
        company = self.said["company"]
        language = next(iter(self.said["language"]), None)
        wanted = "one-to-one" if "one-to-one" in company else next(iter(company), None)
        return Wishes(wanted, language, tuple(self.said["access"]), tuple(self.interests))


def gather(clause: Clause, needs: Sequence[Hit], who: Told, wishes: WishesFound) -> None:
    """Add what a clause says of wishes."""
    if clause.section:
        return
    words = " ".join(token.word for token in clause.tokens)
    hits = _FOUND.find(clause.tokens)
    for hit in hits:
        sort, _, word = hit.meaning.partition(":")
        before, after = context(clause.tokens, (), hit)
        if not _is_so(sort, word, words, before, after) or subject_is_another(clause.tokens, hit.first, who):
            continue
        wishes.said[sort].setdefault(word)
    wishes.interests |= dict.fromkeys(_interests(needs, words))


def _is_so(sort: str, word: str, words: str, before: str, after: str) -> bool:
    if _NOT_SO.search(before) or _NOT_NEEDED.search(after):
        return False
    if sort == "language":
        return bool(_SPEAKS.search(words)) and not _LEARNS.search(words)
    return not (word == "groups" and _NOT_A_WISH.search(before))


def _interests(needs: Iterable[Hit], words: str) -> Iterator[str]:
    if _LIKES.search(words):
        yield from (hit.meaning for hit in needs if hit.meaning in INTERESTS)
