"""What matching does when something happened: one function an event, and the steps that they share with clocks."""

from collections.abc import Collection
from dataclasses import replace
from functools import partial
from typing import Annotated
from uuid import UUID

from faststream import Context

from matching import domain, storage
from matching.directory.cache import DirectoryCache
from matching.domain import Awaited, Post, Referral, Rules, Settled
from matching.explaining.configuration import configuration_of
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
    RiskAlerted,
    ServicesChosen,
)
from shared.messaging import Tx, consumes

RulesNow = Annotated[Rules, Context("rules")]
DirectoryNow = Annotated[DirectoryCache, Context("directory")]


@consumes(ProgrammeApplied)
async def on_programme_applied(event: ProgrammeApplied, tx: Tx) -> None:
    """Keep who works where and when, how many referrals they can hold, and what those who wait weigh by these rules."""
    await storage.save_programme(tx, event)
    await storage.save_posts(tx, event.programme, event.link_workers)
    await storage.save_practices(tx, event.programme, event.link_workers)
    await storage.save_areas_served(tx, event.programme, event.link_workers)
    waiting, programme = await storage.get_waiting(tx, event.programme), domain.Programme.applied(event)
    await storage.save_weights(tx, [weighed for each in waiting if (weighed := programme.weigh(each)) != each])


@consumes(ReferralAccepted)
async def on_referral_accepted(event: ReferralAccepted, tx: Tx, rules: RulesNow, directory: DirectoryNow) -> None:
    """Give an accepted referral to a link worker, with services that fit."""
    if referral := await storage.save_referral(tx, Referral.accepted(event, tx.now)):
        await allocate(tx, referral, rules)
        await propose(tx, referral, directory)


@consumes(RiskAlerted)
async def on_risk_alerted(event: RiskAlerted, tx: Tx) -> None:
    """Let a current risk weigh in a referral that has no link worker yet."""
    if referral := await storage.save_risk(tx, event.referral, event.programme):
        programme, _ = await storage.lock_programme(tx, referral)
        await storage.save_weights(tx, [programme.weigh(referral)])


@consumes(LinkWorkerAssigned)
async def on_link_worker_assigned(event: LinkWorkerAssigned, tx: Tx) -> None:
    """Hold to our own word: who has a referral is whom everybody was told first, also when a replay chose another."""
    await storage.hold_to_assignment(tx, event.referral, event.link_worker, event.attempt)


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
    standings = await storage.lock_standings(tx, {offer.service}, domain.week_of(tx.now))
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
    await storage.forget_matches(tx, event.referral)


async def allocate(tx: Tx, referral: Referral, rules: Rules) -> bool:
    """Give a waiting referral to a link worker, or set its clock; say whether there was anything to tell."""
    programme, known = await storage.lock_programme(tx, referral)
    referral = programme.weigh(referral)
    posts = await posts_for(tx, referral, known, rules)
    times = domain.Times(tx.now, rules.first_contact[referral.urgency].due(tx.now), rules.assignment_wait)
    decided = domain.assign(referral, programme, posts, times)
    if isinstance(decided, Awaited) and referral.rests(tx.now):
        return False
    await storage.save_assignment(tx, decided)
    tx.publish(decided.as_event())
    return True


async def posts_for(tx: Tx, referral: Referral, known: str | None, rules: Rules) -> list[Post]:
    """Return the posts that could take a referral, with what they hold and whether others have to come first."""
    posts, others_wait = await storage.get_posts(tx, referral, known, domain.week_of(tx.now))
    free = [post for post in posts if post.is_free]
    if not others_wait or not free:
        return posts
    meets = partial(domain.urgencies_met, now=tx.now, meet_by=rules.meet_by(tx.now))
    first = await storage.find_others_first(tx, referral, free, meets)
    return [replace(post, others_first=post.link_worker in first) for post in posts]


async def propose(tx: Tx, referral: Referral, directory: DirectoryCache) -> None:
    """Find services for a referral's needs as the directory stands now."""
    finder = await directory.finder(tx)
    found = finder.find(referral.wants(tx.now.date()))
    taken = await storage.get_taken(tx, [candidate.listing.id for candidate in found.candidates])
    configuration = configuration_of(finder)
    made = domain.make_match(referral, found, taken, weights=finder.weights, configuration=configuration, now=tx.now)
    await storage.save_match(tx, made)
    for answer in made.answers:
        tx.publish(answer)


async def ask_next(tx: Tx, referral_id: UUID, needs: Collection[str], rules: Rules) -> None:
    """Ask the next organisation for each of these needs for which nobody is being asked."""
    left = domain.chains(await storage.get_offers(tx, referral_id), needs)
    if not left:
        return
    referral = await storage.get_referral(tx, referral_id)
    services = {offer.service for chain in left for offer in chain.waiting}
    standings = await storage.lock_standings(tx, services, domain.week_of(tx.now))
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
