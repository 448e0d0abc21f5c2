"""What notifications does on each event: note what messages will say, and make a delivery for whoever must be told."""

from dataclasses import replace

from notifications import storage
from notifications.domain import Offer
from notifications.notices import end_offers, tell
from shared.contracts import (
    AgreementRevoked,
    CaseClosed,
    CaseReopened,
    CaseReviewDue,
    ChoicesExhausted,
    LinkWorkerAssigned,
    LinkWorkerAwaited,
    MatchNotFound,
    MatchProposed,
    OfferAnswered,
    OfferExpired,
    OfferMade,
    ReferralAccepted,
    ReferralNeedsInformation,
    ReferralReturned,
    ReferralReturnProposed,
    ReferralWithdrawn,
    RiskAlerted,
)
from shared.messaging import NotYet, Tx, consumes


@consumes(RiskAlerted)
async def on_risk_alerted(event: RiskAlerted, tx: Tx) -> None:
    """Tell the practice, the duty contact and the link worker of a current risk, at once."""
    referral = await storage.learn(tx, event.referral, event.programme, practice=event.practice, alerted=True)
    await tell(tx, event, referral)


@consumes(ReferralNeedsInformation)
async def on_referral_needs_information(event: ReferralNeedsInformation, tx: Tx) -> None:
    """Ask the practice for what is missing."""
    referral = await storage.learn(tx, event.referral, event.programme, practice=event.practice)
    await tell(tx, event, referral)


@consumes(ReferralReturnProposed)
async def on_referral_return_proposed(event: ReferralReturnProposed, tx: Tx) -> None:
    """Ask the duty contact to decide whether a referral goes back."""
    referral = await storage.learn(tx, event.referral, event.programme, practice=event.practice)
    await tell(tx, event, referral)


@consumes(ReferralReturned)
async def on_referral_returned(event: ReferralReturned, tx: Tx) -> None:
    """Tell the practice that it has a referral back."""
    referral = await storage.learn(tx, event.referral, event.programme, practice=event.practice)
    await tell(tx, event, referral)


@consumes(ReferralAccepted)
async def on_referral_accepted(event: ReferralAccepted, tx: Tx) -> None:
    """Note what was read; a link worker who is known already is told now."""
    needs = [need.code for need in event.needs]
    referral = await storage.learn(
        tx, event.referral, event.programme, practice=event.practice, urgency=event.urgency, needs=needs
    )
    await tell(tx, event, referral)


@consumes(ReferralWithdrawn)
async def on_referral_withdrawn(event: ReferralWithdrawn, tx: Tx) -> None:
    """Tell the practice, the link worker and every organisation that may expect the person."""
    referral = await storage.learn(tx, event.referral, event.programme, practice=event.practice, withdrawn=True)
    offers = await storage.end_offers(tx, event.referral)
    await end_offers(tx, event, referral, offers, "referral-withdrawn")


@consumes(AgreementRevoked)
async def on_agreement_revoked(event: AgreementRevoked, tx: Tx) -> None:
    """Tell the link worker, and the organisations that the person does not agree to any more."""
    referral = await storage.learn(tx, event.referral, event.programme, practice=event.practice)
    offers = await storage.end_offers(tx, event.referral, organisation=event.organisation)
    await end_offers(tx, event, referral, offers, "agreement-revoked")


@consumes(LinkWorkerAwaited)
async def on_link_worker_awaited(event: LinkWorkerAwaited, tx: Tx) -> None:
    """Tell the duty contact, once, that a referral waits for a link worker with room."""
    referral = await storage.learn(tx, event.referral, event.programme, practice=event.practice)
    await tell(tx, event, referral)


@consumes(LinkWorkerAssigned)
async def on_link_worker_assigned(event: LinkWorkerAssigned, tx: Tx) -> None:
    """Tell the link worker what came, and the practice who has it; without its needs, when they come."""
    referral = await storage.learn(
        tx, event.referral, event.programme, practice=event.practice, link_worker=event.link_worker
    )
    await tell(tx, event, referral)


@consumes(MatchProposed)
async def on_match_proposed(event: MatchProposed, tx: Tx) -> None:
    """Note which needs stayed unmet; the proposals are on the link worker's page."""
    await storage.learn(tx, event.referral, event.programme, unmet=list(event.unmet))


@consumes(MatchNotFound)
async def on_match_not_found(event: MatchNotFound, tx: Tx) -> None:
    """Tell the link worker that nothing fits; one who is not assigned yet reads it in their first mail."""
    referral = await storage.learn(tx, event.referral, event.programme, unmet=list(event.needs))
    await tell(tx, event, referral)


@consumes(OfferMade)
async def on_offer_made(event: OfferMade, tx: Tx) -> None:
    """Ask the organisation, unless the referral was withdrawn meanwhile."""
    referral = await storage.learn(tx, event.referral, event.programme)
    offer = Offer(event.offer, event.referral, event.organisation, event.service, event.service_name, event.need)
    await storage.save_offer(tx, offer, event.respond_by, "over" if referral.withdrawn else "open")
    asked = () if referral.withdrawn else (offer,)
    await tell(tx, event, referral, offers=asked, respond_by=event.respond_by.isoformat(), share=event.share)


@consumes(OfferExpired)
async def on_offer_expired(event: OfferExpired, tx: Tx) -> None:
    """Tell the organisation that the question is closed."""
    referral = await storage.learn(tx, event.referral, event.programme)
    offers = await storage.end_offers(tx, event.referral, offer=event.offer, states=("open",))
    await end_offers(tx, event, referral, offers, "no-answer")


@consumes(ChoicesExhausted)
async def on_choices_exhausted(event: ChoicesExhausted, tx: Tx) -> None:
    """Tell the link worker that no choice is left."""
    referral = await storage.learn(tx, event.referral, event.programme)
    await tell(tx, event, referral)


@consumes(OfferAnswered)
async def on_offer_answered(event: OfferAnswered, tx: Tx) -> None:
    """Tell the link worker what the organisation answered."""
    offer = await storage.answer_offer(tx, event.offer, "accepted" if event.answer == "accepted" else "over")
    referral = await storage.learn(tx, event.referral, event.programme)
    await tell(tx, event, referral, also={"service_name": offer.service_name})


@consumes(CaseReviewDue)
async def on_case_review_due(event: CaseReviewDue, tx: Tx) -> None:
    """Tell the link worker that a case has gone quiet."""
    referral = await storage.learn(tx, event.referral, event.programme)
    await tell(tx, event, replace(referral, link_worker=event.link_worker))


@consumes(CaseReopened)
async def on_case_reopened(event: CaseReopened, tx: Tx) -> None:
    """Tell the link worker that a person came back to them."""
    referral = await storage.learn(tx, event.referral, event.programme)
    await tell(tx, event, replace(referral, link_worker=event.link_worker))


@consumes(CaseClosed)
async def on_case_closed(event: CaseClosed, tx: Tx) -> None:
    """Send the practice the message that it files, and tell organisations that were asked and need not answer."""
    referral = await storage.learn(tx, event.referral, event.programme)
    if referral.practice is None:
        raise NotYet("the referral's practice is not known yet")
    unanswered = await storage.end_offers(tx, event.referral, states=("open",))
    await end_offers(tx, event, referral, unanswered, "case-closed")
