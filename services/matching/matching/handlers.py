"""What matching does when something happened: one function an event, and the steps that they share with clocks."""

from collections.abc import Collection
from typing import Annotated
from uuid import UUID

from faststream import Context

from matching import domain, storage
from matching.directory.cache import DirectoryCache
from matching.domain import Awaited, Referral, Rules, Settled
from shared.contracts import (
    AgreementChanged,
    AgreementRevoked,
    CaseClosed,
    CaseReopened,
    LinkWorkerAssigned,
    NeedsRevised,
    OfferAnswered,
    PersonErased,
    ProgrammeApplied,
    ReferralAccepted,
    ReferralWithdrawn,
    ServicesChosen,
)
from shared.messaging import Tx, consumes

RulesNow = Annotated[Rules, Context("rules")]
DirectoryNow = Annotated[DirectoryCache, Context("directory")]


@consumes(ProgrammeApplied)
async def on_programme_applied(event: ProgrammeApplied, tx: Tx) -> None:
    """Keep who works for which practices, and how many referrals they can hold."""
    await storage.save_programme(tx, event)
    await storage.save_posts(tx, event.programme, event.link_workers)
    await storage.save_practices(tx, event.programme, event.link_workers)


@consumes(ReferralAccepted)
async def on_referral_accepted(event: ReferralAccepted, tx: Tx, rules: RulesNow, directory: DirectoryNow) -> None:
    """Give an accepted referral to a link worker, with services that fit."""
    referral = Referral.accepted(event, tx.now)
    if await storage.save_referral(tx, referral):
        await allocate(tx, referral, rules)
        await propose(tx, referral, directory)


@consumes(LinkWorkerAssigned)
async def on_link_worker_assigned(event: LinkWorkerAssigned, tx: Tx) -> None:
    """Hold to our own word: who has a referral is whom everybody was told first, also when a replay chose another."""
    await storage.hold_to_assignment(tx, event.referral, event.link_worker)


@consumes(NeedsRevised)
async def on_needs_revised(event: NeedsRevised, tx: Tx, directory: DirectoryNow) -> None:
    """Find services again for needs that the link worker corrected."""
    referral = (await storage.get_referral(tx, event.referral)).with_needs(event.needs)
    if referral.is_open:
        await storage.save_needs(tx, referral)
        await propose(tx, referral, directory)


@consumes(ServicesChosen)
async def on_services_chosen(event: ServicesChosen, tx: Tx, rules: RulesNow) -> None:
    """Ask the first choice for each need; a new ranking replaces what nobody was asked about yet."""
    referral = await storage.get_referral(tx, event.referral)
    before = await storage.get_offers(tx, event.referral)
    chosen = domain.choose(referral, event.choices, [tx.new_id("offer") for _ in event.choices], before)
    needs = {offer.need for offer in chosen}
    await storage.pass_over(tx, event.referral, needs)
    await storage.save_choices(tx, chosen)
    await ask_next(tx, event.referral, needs, rules)


@consumes(OfferAnswered)
async def on_offer_answered(event: OfferAnswered, tx: Tx, rules: RulesNow) -> None:
    """Use the held place, or give it back and ask the next choice."""
    offer = await storage.get_offer(tx, event.offer)
    standings = await storage.lock_standings(tx, {offer.service})
    referral = await storage.get_referral(tx, event.referral)
    outcome = domain.answer(referral, offer, event.answer, event.reason, standings.get(offer.service))
    if isinstance(outcome, Settled):
        await settle(tx, outcome, rules)


@consumes(AgreementChanged)
async def on_agreement_changed(event: AgreementChanged, tx: Tx) -> None:
    """Keep an agreement as it was recorded anew."""
    await storage.save_sharing(tx, event.referral, event.agreement.share_with_organisations)


@consumes(AgreementRevoked)
async def on_agreement_revoked(event: AgreementRevoked, tx: Tx, rules: RulesNow) -> None:
    """Stop what an organisation is asked, give its places back, and ask the next choice."""
    await storage.revoke(tx, event.referral, event.programme, event.organisation)
    needs = await storage.end_offers(tx, event.referral, event.organisation, keep_used=False)
    await ask_next(tx, event.referral, needs, rules)


@consumes(ReferralWithdrawn)
async def on_referral_withdrawn(event: ReferralWithdrawn, tx: Tx) -> None:
    """Stop everything that is under way for a referral and give its places back."""
    await storage.end_referral(tx, event.referral, event.programme, event.reason, withdrawn=True)
    await storage.end_offers(tx, event.referral, None, keep_used=False)


@consumes(CaseClosed)
async def on_case_closed(event: CaseClosed, tx: Tx) -> None:
    """Give the link worker room for the next, and stop what is still asked; who completed keeps the place they have."""
    referral = await storage.get_referral(tx, event.referral)
    await storage.end_referral(tx, referral.id, referral.programme, event.reason, withdrawn=False)
    await storage.end_offers(tx, referral.id, None, keep_used=domain.keeps_place(event.reason))


@consumes(CaseReopened)
async def on_case_reopened(event: CaseReopened, tx: Tx) -> None:
    """Count a person who came back in their link worker's caseload, whatever its limit; they may choose anew."""
    await storage.get_referral(tx, event.referral)
    await storage.reopen_referral(tx, event.referral, event.link_worker)


@consumes(PersonErased)
async def on_person_erased(event: PersonErased, tx: Tx) -> None:
    """Keep no more of a person than that there was a referral."""
    await storage.forget_person(tx, event.referral)


async def allocate(tx: Tx, referral: Referral, rules: Rules) -> bool:
    """Give a waiting referral to a link worker, or set its clock; say whether there was anything to tell."""
    known = await storage.find_known_worker(tx, referral)
    posts = await storage.lock_posts(tx, referral, known)
    decided = domain.assign(referral, posts, tx.now, rules.assignment_wait)
    if isinstance(decided, Awaited) and referral.rests(tx.now):
        return False
    await storage.save_assignment(tx, decided)
    tx.publish(decided.as_event())
    return True


async def propose(tx: Tx, referral: Referral, directory: DirectoryCache) -> None:
    """Find services for a referral's needs as the directory stands now."""
    snapshot = await directory.latest(tx)
    wanted = referral.wants(tx.now.date())
    taken = await storage.get_taken(tx, [listing.id for listing in domain.candidates(wanted, snapshot)])
    for outcome in domain.match(wanted, snapshot, taken):
        tx.publish(outcome.as_event(referral.id, referral.programme))


async def ask_next(tx: Tx, referral_id: UUID, needs: Collection[str], rules: Rules) -> None:
    """Ask the next organisation for each of these needs for which nobody is being asked."""
    left = domain.chains(await storage.get_offers(tx, referral_id), needs)
    if not left:
        return
    referral = await storage.get_referral(tx, referral_id)
    standings = await storage.lock_standings(tx, {offer.service for chain in left for offer in chain.waiting})
    asked = domain.ask(referral, left, standings, tx.now, rules.offer_response)
    await storage.save_asked(tx, asked)
    for outcome in asked:
        tx.publish(outcome.as_event())


async def settle(tx: Tx, settled: Settled, rules: Rules) -> None:
    """Keep how an offer ended, and then ask the next choice, or ask nobody more where the need is met."""
    await storage.save_settled(tx, settled)
    if settled.next_choice:
        await ask_next(tx, settled.offer.referral, (settled.offer.need,), rules)
    else:
        await storage.pass_over(tx, settled.offer.referral, (settled.offer.need,))
