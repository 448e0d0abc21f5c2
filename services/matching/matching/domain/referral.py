"""What matching keeps of a referral from the day it was accepted to the day its case ends."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from matching.domain.area import Home
from matching.domain.constraints import Wanted
from shared.contracts import NeedRead, Place, Preferences, ReferralAccepted

State = Literal["waiting", "assigned", "ended"]

HEAD_START = {"urgent": timedelta(days=14), "soon": timedelta(days=5), "routine": timedelta(0)}
"""How much earlier an urgency counts in the queue: the urgent come first, and still nobody waits for ever."""


@dataclass(frozen=True, slots=True)
class Referral:
    """A referral as matching sees it; nothing in it names the person."""

    id: UUID
    programme: str
    practice: str
    person: UUID
    needs: tuple[str, ...]
    age: int | None
    place: Place
    preferences: Preferences
    sharing: str = "ask"
    refused: frozenset[str] = frozenset()
    """Organisations that the person took their agreement back from."""
    state: State = "waiting"
    urgency: str = "soon"
    at_risk: bool = False
    weight: int = 1
    """How much of a caseload it takes."""
    required: frozenset[str] = frozenset()
    """What its link worker must meet."""
    handed_over: bool = False
    """Whether it was taken over from a link worker who left."""
    turn_at: datetime | None = None
    """Orders the queue for a link worker."""
    try_again_at: datetime | None = None
    attempts: int = 0

    @classmethod
    def accepted(cls, event: ReferralAccepted, now: datetime) -> "Referral":
        """Take over a referral that passed triage."""
        return cls(
            id=event.referral,
            programme=event.programme,
            practice=event.practice,
            person=event.person,
            needs=codes_of(event.needs),
            age=event.age,
            place=event.place,
            preferences=event.preferences,
            sharing=event.agreement.share_with_organisations,
            urgency=event.urgency if event.urgency in HEAD_START else "soon",
            turn_at=now - HEAD_START.get(event.urgency, HEAD_START["soon"]),
        )

    @property
    def is_open(self) -> bool:
        """Whether anything is still to be done for it."""
        return self.state != "ended"

    @property
    def speaks(self) -> frozenset[str]:
        """The language in which the person asks to be met, as a word; none for English."""
        language = self.preferences.language
        return frozenset() if language == "en" else frozenset({language_word(language)})

    @property
    def asks(self) -> frozenset[str]:
        """What the person asks of a link worker, as words."""
        return self.speaks | set(self.preferences.access)

    def rests(self, now: datetime) -> bool:
        """Say whether the queue's clock still runs, so that going on waiting is no news."""
        return self.try_again_at is not None and now < self.try_again_at

    def wants(self, today: date) -> Wanted:
        """Return what this referral asks of the directory."""
        return Wanted(self.needs, self.age, Home.of(self.place), self.preferences, today)

    def with_needs(self, needs: Iterable[NeedRead]) -> "Referral":
        """Return the referral with its needs as the link worker corrected them."""
        return replace(self, needs=codes_of(needs))

    def may_ask(self, organisation: str) -> bool:
        """Say whether this organisation may be told: a choice names it, so only a refusal stands against."""
        return self.is_open and self.sharing != "declined" and organisation not in self.refused


def language_word(language: str) -> str:
    """Return the word for meeting somebody in a language."""
    return f"language-{language}"


def codes_of(needs: Iterable[NeedRead]) -> tuple[str, ...]:
    """Return the codes of needs, each once, in the order they were read."""
    return tuple(dict.fromkeys(need.code for need in needs))
