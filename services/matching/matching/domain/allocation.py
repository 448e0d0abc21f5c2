"""Gives a referral to a link worker or the queue: continuity first, then the smallest caseload, never past a limit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from matching.domain.referral import Referral
from shared.clocks import Clock
from shared.contracts import LinkWorkerAssigned, LinkWorkerAwaited


@dataclass(frozen=True, slots=True)
class Post:
    """A link worker's post at this moment, as the referral that asks for it sees it."""

    link_worker: str
    caseload_limit: int
    open_referrals: int
    waiting_before: int
    """Referrals that wait for this link worker's practices and come before this one."""
    serves_practice: bool = True
    knows_person: bool = False

    @property
    def has_room(self) -> bool:
        """Whether a place is left after everyone who has waited longer: so nobody is overtaken, and nobody starves."""
        return self.open_referrals + self.waiting_before < self.caseload_limit


@dataclass(frozen=True, slots=True)
class Assigned:
    """A link worker has the referral."""

    referral: Referral
    link_worker: str
    reasons: tuple[str, ...]

    def as_event(self) -> LinkWorkerAssigned:
        """Return the fact to publish."""
        return LinkWorkerAssigned(
            referral=self.referral.id,
            programme=self.referral.programme,
            link_worker=self.link_worker,
            practice=self.referral.practice,
            reasons=self.reasons,
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


def assign(referral: Referral, posts: Sequence[Post], now: datetime, clock: Clock) -> Assigned | Awaited:
    """Choose a link worker with room: who knows the person, else who serves the practice with the smallest caseload.

    Who knows the person is whoever had them last in this programme, even from a practice that they do not serve: people
    come back over years to someone they trust. The limit holds for them too; then another takes the referral.
    """
    free = sorted((post for post in posts if post.has_room), key=lambda post: (post.open_referrals, post.link_worker))
    known = [post for post in free if post.knows_person]
    serving = [post for post in free if post.serves_practice]
    if not known and not serving:
        reason = "all-full" if any(post.serves_practice for post in posts) else "no-link-worker"
        return Awaited(referral, (reason,), clock.due(now), clock.rule)
    chosen = (known or serving)[0]
    reasons = {
        "knows-person": chosen.knows_person,
        "serves-practice": chosen.serves_practice,
        "smallest-caseload": not known,
    }
    return Assigned(referral, chosen.link_worker, tuple(reason for reason, holds in reasons.items() if holds))
