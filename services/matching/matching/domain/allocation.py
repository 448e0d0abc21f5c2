"""Gives a referral to a link worker or the queue, as the programme wants it, and never past a limit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from matching.domain.programme import Mode, Programme
from matching.domain.referral import Referral, language_word
from matching.domain.rota import ALWAYS, Rota
from shared.clocks import Clock
from shared.contracts import LinkWorkerAssigned, LinkWorkerAwaited


@dataclass(frozen=True, slots=True)
class Post:
    """A link worker's post at this moment, as the referral that asks for it sees it."""

    link_worker: str
    caseload_limit: int
    load: int = 0
    """The weights of their open referrals together."""
    names_practice: bool = True
    serves_area: bool = False
    knows_person: bool = False
    conversations_a_week: int | None = None
    begun_this_week: int = 0
    """Referrals that they were given this week, each a first conversation."""
    languages: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    rota: Rota = ALWAYS
    programme: str = ""
    others_first: bool = False
    """Whether somebody waits for this link worker who comes before the referral: nobody is overtaken."""

    @property
    def serves(self) -> bool:
        """Whether the referral comes from where they work."""
        return self.names_practice or self.serves_area

    @property
    def room(self) -> int:
        """How much weight they can still take."""
        return max(0, self.caseload_limit - self.load)

    @property
    def slots(self) -> int | None:
        """How many people they can still meet for the first time this week; None where nothing limits it."""
        limit = self.conversations_a_week
        return None if limit is None else max(0, limit - self.begun_this_week)

    @property
    def is_free(self) -> bool:
        """Whether there is any room and any conversation left."""
        return self.room > 0 and self.slots != 0

    @property
    def fullness(self) -> Fraction:
        """The load in relation to the limit."""
        return Fraction(self.load, self.caseload_limit) if self.caseload_limit else Fraction(1)

    @property
    def offers(self) -> frozenset[str]:
        """What they meet, in the words in which referrals ask for it."""
        return self.skills | {language_word(language) for language in self.languages}

    def takes(self, weight: int) -> int:
        """Return the weight that a referral has for them: one that weighs more than the whole limit fills it."""
        return min(weight, self.caseload_limit)


@dataclass(frozen=True, slots=True)
class Assigned:
    """A link worker has the referral."""

    referral: Referral
    link_worker: str
    reasons: tuple[str, ...]
    weight: int = 1

    def as_event(self) -> LinkWorkerAssigned:
        """Return the fact to publish."""
        return LinkWorkerAssigned(
            referral=self.referral.id,
            programme=self.referral.programme,
            link_worker=self.link_worker,
            practice=self.referral.practice,
            reasons=self.reasons,
            attempt=self.referral.attempts + 1,
        )


@dataclass(frozen=True, slots=True)
class Awaited:
    """Nobody has room; the referral keeps its place in the queue and is tried again."""

    referral: Referral
    reasons: tuple[str, ...]
    try_again_at: datetime
    rule: str

    def as_event(self) -> LinkWorkerAwaited:
        """Return the fact to publish."""
        return LinkWorkerAwaited(
            referral=self.referral.id,
            programme=self.referral.programme,
            practice=self.referral.practice,
            reasons=self.reasons,
            try_again_at=self.try_again_at,
        )


@dataclass(frozen=True, slots=True)
class Times:
    """The moment of a decision, by when the person is to hear from somebody, and how long a referral may wait."""

    now: datetime
    meet_by: datetime
    wait: Clock


def assign(referral: Referral, programme: Programme, posts: Sequence[Post], times: Times) -> Assigned | Awaited:
    """Choose a link worker for a referral that was weighed: the first, as the programme wants it, who can take it.

    Who knows the person is whoever had them last in this programme, even from a practice that they do not serve: people
    come back over years to someone they trust. The limit holds for them too; then another takes the referral.
    """
    asked = [post for post in posts if post.serves or (post.knows_person and programme.mode in _FROM_ANYWHERE)]
    against = {post.link_worker: objection(referral, post, times) for post in asked}
    able = [post for post in asked if against[post.link_worker] is None]
    if programme.mode == "manual-queue" or not able:
        told = [reason for post in asked if post.serves and (reason := against[post.link_worker])]
        reasons = ("manual-queue",) if programme.mode == "manual-queue" else (*sorted(set(told)),)
        return Awaited(
            referral, _handed(referral, reasons or ("no-link-worker",)), times.wait.due(times.now), times.wait.rule
        )
    order = _ORDERS.get(programme.mode, _continuity)
    chosen = min(
        able, key=lambda post: (order(post), -len(referral.asks & post.offers), post.fullness, post.link_worker)
    )
    return Assigned(
        referral, chosen.link_worker, _reasons(referral, chosen, able, programme), chosen.takes(referral.weight)
    )


def urgencies_met(post: Post, now: datetime, meet_by: Mapping[str, datetime]) -> tuple[str, ...]:
    """Return the urgencies of which a link worker would be there in time for somebody who is given to them now."""
    return tuple(urgency for urgency, due in meet_by.items() if post.rota.can_meet(now, due))


def give(referral: Referral, post: Post) -> Assigned | None:
    """Give a referral to the link worker whom a person named, None where it would pass the limit."""
    weight = post.takes(referral.weight)
    fits = 0 < weight <= post.room
    return Assigned(referral, post.link_worker, _handed(referral, ("given-by-hand",)), weight) if fits else None


def objection(referral: Referral, post: Post, times: Times) -> str | None:
    """Return the code of what stands against giving a referral to a link worker, or None."""
    missing = referral.required - post.offers
    if missing:
        return "language-required" if missing & set(referral.speaks) else "skills-required"
    if not post.rota.can_meet(times.now, times.meet_by):
        return "away"
    if post.slots == 0:
        return "no-conversation-free"
    fits = 0 < post.takes(referral.weight) <= post.room
    return None if fits and not post.others_first else "all-full"


def _continuity(post: Post) -> tuple[bool, ...]:
    return (not post.knows_person,)


def _smallest_caseload(_post: Post) -> tuple[bool, ...]:
    return ()


def _named_practice(post: Post) -> tuple[bool, ...]:
    return (not post.names_practice, not post.knows_person)


_ORDERS: dict[Mode, Callable[[Post], tuple[bool, ...]]] = {
    "smallest-caseload": _smallest_caseload,
    "named-practice": _named_practice,
}
_FROM_ANYWHERE: tuple[Mode, ...] = ("continuity", "unrecognised")
"""Modes in which who knows the person is asked wherever they work."""


def _handed(referral: Referral, reasons: tuple[str, ...]) -> tuple[str, ...]:
    return ("handed-over", *reasons) if referral.handed_over else reasons


def _reasons(referral: Referral, chosen: Post, able: Sequence[Post], programme: Programme) -> tuple[str, ...]:
    """Return the codes of what spoke for a link worker, and of what was asked for and they do not meet."""
    known = chosen.knows_person and programme.mode != "smallest-caseload"
    words = referral.asks - set(referral.speaks)
    skills = words & frozenset().union(*(post.skills for post in able))
    reasons = {
        "knows-person": known,
        "serves-practice": chosen.names_practice,
        "serves-area": chosen.serves_area and not chosen.names_practice,
        "speaks-language": bool(referral.speaks & chosen.offers),
        "language-not-met": not referral.speaks <= chosen.offers,
        "has-skills": bool(skills & chosen.skills),
        "skills-not-met": not skills <= chosen.skills,
        "smallest-caseload": not known and chosen.fullness == min(post.fullness for post in able),
    }
    return _handed(referral, tuple(reason for reason, holds in reasons.items() if holds))
