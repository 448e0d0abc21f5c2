"""What casework does when others have said something: facts are kept, cases open and end, offers come and go.

Referrals and routing are two topics, so an event of one may be here before what it rests on in the other. A case opens
when both have spoken, whichever is first; proposals and offers of a referral that nobody has spoken of are not yet due.
"""

from typing import Annotated

from faststream import Context

from casework import domain
from casework.storage import agreements, cases, offers
from shared.contracts import (
    AgreementChanged,
    AgreementRevoked,
    ChoicesExhausted,
    LinkWorkerAssigned,
    MatchNotFound,
    MatchProposed,
    OfferExpired,
    OfferMade,
    OfferRefused,
    PersonErased,
    ReferralAccepted,
    ReferralReceived,
    ReferralWithdrawn,
    RiskAlerted,
)
from shared.messaging import Tx, consumes

Rules = Annotated[domain.ReviewRules, Context("rules")]


@consumes(ReferralReceived)
async def on_referral_received(event: ReferralReceived, tx: Tx) -> None:
    """Note a new referral."""
    await cases.save_received(tx, event)


@consumes(ReferralAccepted)
async def on_referral_accepted(event: ReferralAccepted, tx: Tx, rules: Rules) -> None:
    """Note what triage read of a referral, and open its case if the link worker was known first."""
    await cases.save_accepted(tx, event)
    await cases.save_needs(tx, event.referral, event.needs)
    case = await cases.get_case(tx, event.referral)

    if opened := domain.accept(case, tx.now, rules):
        await cases.save_case(tx, opened)


@consumes(LinkWorkerAssigned)
async def on_link_worker_assigned(event: LinkWorkerAssigned, tx: Tx, rules: Rules) -> None:
    """Open the case with its link worker, or hand it over to another one."""
    await cases.ensure_case(tx, event)
    case = await cases.get_case(tx, event.referral)

    if changed := domain.assign(case, event.link_worker, tx.now, rules):
        await cases.save_case(tx, changed)


@consumes(MatchProposed)
async def on_match_proposed(event: MatchProposed, tx: Tx) -> None:
    """Show what matching proposes."""
    await cases.get_case(tx, event.referral)
    await offers.save_proposals(tx, event)


@consumes(MatchNotFound)
async def on_match_not_found(event: MatchNotFound, tx: Tx) -> None:
    """Show that matching found nothing, and what came near."""
    await cases.get_case(tx, event.referral)
    await offers.save_not_found(tx, event)


@consumes(OfferMade)
async def on_offer_made(event: OfferMade, tx: Tx) -> None:
    """Keep an offer for its organisation's page."""
    await cases.get_case(tx, event.referral)
    await offers.save_offer(tx, event)


@consumes(OfferExpired)
async def on_offer_expired(event: OfferExpired, tx: Tx) -> None:
    """Note that an organisation was silent; an answer from now on is late."""
    await offers.save_expired(tx, event.offer)


@consumes(OfferRefused)
async def on_offer_refused(event: OfferRefused, tx: Tx) -> None:
    """Note that a choice could not be asked."""
    await cases.get_case(tx, event.referral)
    await offers.save_refused(tx, event)


@consumes(ChoicesExhausted)
async def on_choices_exhausted(event: ChoicesExhausted, tx: Tx) -> None:
    """Give the case back to its link worker as a task."""
    case = await cases.get_case(tx, event.referral)
    await cases.save_case(tx, domain.exhaust(case, (event.need,) if event.need else (), tx.now))


@consumes(RiskAlerted)
async def on_risk_alerted(event: RiskAlerted, tx: Tx) -> None:
    """Put a risk that was read before everything else."""
    await cases.ensure_case(tx, event)
    await cases.save_risk(tx, event.referral, event.kinds)


@consumes(AgreementChanged)
async def on_agreement_changed(event: AgreementChanged, tx: Tx) -> None:
    """Note what the person agrees to now."""
    await cases.ensure_case(tx, event)
    await agreements.save_sharing(tx, event.referral, event.agreement.share_with_organisations)


@consumes(AgreementRevoked)
async def on_agreement_revoked(event: AgreementRevoked, tx: Tx) -> None:
    """Withdraw what one organisation, or all, were asked and could see."""
    await cases.ensure_case(tx, event)
    await agreements.save_revoked(tx, event.referral, event.organisation)
    await agreements.stop(tx, event.referral, event.organisation)


@consumes(ReferralWithdrawn)
async def on_referral_withdrawn(event: ReferralWithdrawn, tx: Tx) -> None:
    """End the case; its open offers are withdrawn with it."""
    await cases.ensure_case(tx, event)
    case = await cases.get_case(tx, event.referral)

    if ended := domain.withdraw(case, event.reason, tx.now):
        await cases.save_case(tx, ended)


@consumes(PersonErased)
async def on_person_erased(event: PersonErased, tx: Tx) -> None:
    """End the case and forget who it was about."""
    await cases.ensure_case(tx, event)
    case = await cases.get_case(tx, event.referral)

    if ended := domain.erase(case, tx.now):
        await cases.save_case(tx, ended)
        await cases.forget_person(tx, event.referral)
