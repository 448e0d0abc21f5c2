"""An offer from choice to end, and what can come of it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from matching.domain.listing import Status
from matching.domain.referral import Referral
from shared.contracts import ChoicesExhausted, OfferExpired, OfferMade, OfferRefused

State = Literal["chosen", "passed-over", "refused", "open", "accepted", "declined", "expired", "ended"]
"""*chosen* is not asked yet; *passed-over* never will be; *open* is asked; *ended* was stopped from our side."""

TRIED: frozenset[State] = frozenset({"refused", "declined", "expired"})
"""States of a choice that was tried in vain."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A choice of the person's for one need, from when it was made until it is settled; its id is the offer's."""

    id: UUID
    referral: UUID
    programme: str
    need: str
    rank: int
    """1 is the person's first choice for the need."""
    service: str
    organisation: str
    share: tuple[str, ...]
    ranking: int
    """The how-manieth ranking of this referral's person the choice belongs to."""
    state: State = "chosen"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a service stands at this moment, its places counted under its lock; None places is *nobody knows*."""

    service: str
    service_name: str
    organisation: str
    organisation_name: str
    status: Status
    places: int | None
    taken: int
    limit: int | None = None
    """How many offers a week the service wants; None is no limit."""
    asked: int = 0
    """Offers made to the service this week."""
    organisation_limit: int | None = None
    organisation_asked: int = 0

    @property
    def has_place(self) -> bool:
        """Whether a place is free, or nobody can say that none is."""
        return self.places is None or self.taken < self.places

    @property
    def wants_more(self) -> bool:
        """Whether neither the service nor its organisation has had as many offers this week as it wants."""
        counts = ((self.limit, self.asked), (self.organisation_limit, self.organisation_asked))
        return all(limit is None or asked < limit for limit, asked in counts)

    def after(self, made: "Standing") -> "Standing":
        """Return how this service stands when an offer has been made to that one."""
        if made.organisation != self.organisation:
            return self
        ours = int(made.service == self.service)
        asked, all_asked = self.asked + ours, self.organisation_asked + 1
        return replace(self, taken=self.taken + ours, asked=asked, organisation_asked=all_asked)


@dataclass(frozen=True, slots=True)
class Made:
    """A place is held and the organisation is asked."""

    offer: Offer
    standing: Standing
    respond_by: datetime
    rule: str

    def as_event(self) -> OfferMade:
        """Return the fact to publish."""
        return OfferMade(
            **_about(self.offer),
            service_name=self.standing.service_name,
            organisation_name=self.standing.organisation_name,
            respond_by=self.respond_by,
            share=self.offer.share,
            choice=self.offer.rank,
        )


@dataclass(frozen=True, slots=True)
class Refused:
    """The organisation is not asked, and why."""

    offer: Offer
    reason: str

    def as_event(self) -> OfferRefused:
        """Return the fact to publish."""
        return OfferRefused(**_about(self.offer), reason=self.reason)


@dataclass(frozen=True, slots=True)
class Exhausted:
    """No choice is left for a need."""

    referral: Referral
    need: str
    tried: int

    def as_event(self) -> ChoicesExhausted:
        """Return the fact to publish."""
        return ChoicesExhausted(
            referral=self.referral.id, programme=self.referral.programme, need=self.need, tried=self.tried
        )


@dataclass(frozen=True, slots=True)
class Settled:
    """An offer came to an end: accepted, its place is used; else it is free again."""

    offer: Offer
    state: State
    reason: str | None = None
    next_choice: bool = False
    """Whether the next choice for the same need is to be asked."""

    def as_event(self) -> OfferExpired:
        """Return the fact to publish of a silence; an answer was published by who heard it."""
        return OfferExpired(**_about(self.offer))


@dataclass(frozen=True, slots=True)
class NoEffect:
    """An answer that came when nothing hung on it any more."""

    offer: Offer


Asked = Made | Refused | Exhausted


def _about(offer: Offer) -> dict[str, object]:
    return {
        "referral": offer.referral,
        "programme": offer.programme,
        "offer": offer.id,
        "service": offer.service,
        "organisation": offer.organisation,
        "need": offer.need,
    }
