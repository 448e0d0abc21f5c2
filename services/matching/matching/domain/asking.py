"""Asks organisations one after another for each need, and settles what they answer or leave unsaid."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from matching.domain.listing import GONE
from matching.domain.offers import TRIED, Asked, Exhausted, Made, NoEffect, Offer, Refused, Settled, Standing
from matching.domain.referral import Referral
from shared.clocks import Clock
from shared.contracts import Choice
from shared.contracts.words import UNRECOGNISED


@dataclass(frozen=True, slots=True)
class Chain:
    """What is left to ask for one need, in the person's order, and how many of that ranking were tried in vain."""

    need: str
    tried: int
    waiting: tuple[Offer, ...]


def choose(
    referral: Referral, choices: Iterable[Choice], ids: Iterable[UUID], before: Iterable[Offer]
) -> tuple[Offer, ...]:
    """Rank a person's choices for each need, beside those of `before`; a service named twice for a need counts once.

    For a referral that has ended nothing is chosen. What may be shared in words that are new to us is not shared.
    """
    if not referral.is_open:
        return ()
    ranking = 1 + max((offer.ranking for offer in before), default=0)
    offers: dict[tuple[str, str], Offer] = {}
    ranks: Counter[str] = Counter()
    for choice, offer_id in zip(choices, ids, strict=True):
        if (choice.need, choice.service) in offers:
            continue
        ranks[choice.need] += 1
        offers[choice.need, choice.service] = Offer(
            id=offer_id,
            referral=referral.id,
            programme=referral.programme,
            need=choice.need,
            rank=ranks[choice.need],
            service=choice.service,
            organisation=choice.organisation,
            share=tuple(field for field in choice.share if field != UNRECOGNISED),
            ranking=ranking,
        )
    return tuple(offers.values())


def chains(offers: Sequence[Offer], needs: Collection[str]) -> tuple[Chain, ...]:
    """Return what is left to ask for those of the needs for which nobody is being asked and nobody has accepted.

    Each ranking begins anew: what was tried or accepted in an earlier one does not count.
    """
    found = []
    for need in sorted(needs):
        ours = [offer for offer in offers if offer.need == need]
        if not ours or any(offer.state == "open" for offer in ours):
            continue
        latest = max(offer.ranking for offer in ours)
        if any(offer.state == "accepted" and offer.ranking == latest for offer in ours):
            continue
        waiting = sorted((offer for offer in ours if offer.state == "chosen"), key=lambda offer: offer.rank)
        tried = sum(offer.state in TRIED and offer.ranking == latest for offer in ours)
        found.append(Chain(need, tried, tuple(waiting)))
    return tuple(found)


def ask(
    referral: Referral, left: Iterable[Chain], standings: Mapping[str, Standing], now: datetime, clock: Clock
) -> tuple[Asked, ...]:
    """Ask the first organisation that can be asked for each need, refusing on the way those that cannot.

    Needs run beside each other, choices for one need one after another. A place that one need takes, and an offer that
    counts against what an organisation wants in a week, are gone for the next.
    """
    standings = dict(standings)
    asked: list[Asked] = []
    for chain in left:
        for offer in chain.waiting:
            standing = standings.get(offer.service)
            reason = _against(referral, offer, standing)
            if standing is not None and reason is None:
                standings = {service: each.after(standing) for service, each in standings.items()}
                asked.append(Made(replace(offer, state="open"), standing, clock.due(now), clock.rule))
                break
            asked.append(Refused(replace(offer, state="refused"), reason or "listing-ended"))
        else:
            asked.append(Exhausted(referral, chain.need, chain.tried + len(chain.waiting)))
    return tuple(asked)


def _against(referral: Referral, offer: Offer, standing: Standing | None) -> str | None:
    """Return the code of what stands against asking, or None."""
    if not referral.may_ask(offer.organisation):
        return "not-agreed"
    if standing is None or standing.organisation != offer.organisation or standing.status in GONE:
        return "listing-ended"
    if standing.status == "temporarily-closed":
        return "closed"
    if not standing.has_place:
        return "no-place"
    return None if standing.wants_more else "intake-limit"


def answer(
    referral: Referral,
    offer: Offer,
    said: Literal["accepted", "declined"],
    reason: str | None,
    standing: Standing | None,
) -> Settled | NoEffect:
    """Settle an offer by its organisation's answer.

    An acceptance after the clock ran out still counts if a place is free: somebody wants the person. It stops nothing:
    a next choice that was asked meanwhile keeps its clock, and the link worker sees both. Any other late answer has no
    effect.
    """
    if offer.state == "open" and said == "accepted":
        return Settled(replace(offer, state="accepted"), "accepted")
    if offer.state == "open":
        return Settled(replace(offer, state="declined"), "declined", reason, next_choice=True)
    late_but_wanted = offer.state == "expired" and said == "accepted" and referral.may_ask(offer.organisation)
    if late_but_wanted and standing is not None and standing.has_place:
        return Settled(replace(offer, state="accepted"), "accepted", "late")
    return NoEffect(offer)


def keeps_place(reason: str) -> bool:
    """Say whether who ended their case for this reason goes on using the places that they have."""
    return reason == "completed"


def expire(offer: Offer) -> Settled:
    """Settle an open offer whose clock ran out."""
    return Settled(replace(offer, state="expired"), "expired", next_choice=True)
