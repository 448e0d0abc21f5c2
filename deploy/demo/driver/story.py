"""Play one referral from its letter to its end: each step waits for what the step before it brought about."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

from deploy.demo.driver.calling import Surprised, Unanswered
from deploy.demo.driver.choosing import choose, outcomes_of
from deploy.demo.driver.desk import Task
from deploy.demo.driver.link_worker import LinkWorker
from deploy.demo.driver.pages import NoSuchForm, Page
from deploy.demo.driver.samples import Plan, Sample
from deploy.demo.driver.world import World

MAIL_SECONDS = 90.0
# A page is looked at again after so long, should the mail that tells of its news be late.
LOOK_SECONDS = 6.0
ROUNDS = 2


@dataclass
class Sent:
    """The requests that were sent, by sample, so that a repeat can be the same."""

    request_ids: dict[str, str] = field(default_factory=dict)
    acknowledged: dict[str, "asyncio.Future[str]"] = field(default_factory=dict)

    def of(self, sample: str) -> "asyncio.Future[str]":
        """The referral that a sample became, when it has."""
        return self.acknowledged.setdefault(sample, asyncio.get_running_loop().create_future())


async def tell_story(world: World, sent: Sent, sample: Sample) -> None:
    """Play one sample; what goes otherwise than it should is noted, and the others go on."""
    try:
        await (repeat if sample.repeat_of else refer)(world, sent, sample)
    except (Surprised, Unanswered, NoSuchForm) as error:
        world.book.wonder(sample.name, str(error))
    except TimeoutError:
        world.book.wonder(sample.name, "was not done in time")


async def repeat(world: World, sent: Sent, sample: Sample) -> None:
    """Send a referral again under its request id; it must stay the same referral."""
    assert sample.repeat_of is not None
    before = await asyncio.shield(sent.of(sample.repeat_of))
    practice = world.practices[sample.practice]
    referral = await practice.refer(sample, sent.request_ids[sample.repeat_of])
    if referral != before:
        raise Surprised("the same request made another referral")
    world.book.tell(practice.party.name, "sends it again, and it stays one referral", referral)


async def refer(world: World, sent: Sent, sample: Sample) -> None:
    """Send a referral and follow it."""
    practice, plan = world.practices[sample.practice], sample.plan
    request_id = sent.request_ids[sample.name] = str(uuid4())
    referral = await practice.refer(sample, request_id)
    world.organisations.involve(referral, plan)
    sent.of(sample.name).set_result(referral)
    way = "in a FHIR message" if sample.by_fhir else "through its system"
    world.book.tell(practice.party.name, f"refers somebody {way}", referral)
    state = await practice.state_of(referral)
    if state == "needs-information" and plan.information:
        await world.post.next("notice", about=referral, to=[practice.party.mail], within=MAIL_SECONDS)
        await practice.inform(referral, plan.information)
        world.book.tell(practice.party.name, "adds what was missing", referral)
        state = await practice.state_of(referral)
    if state == "return-proposed" and plan.decision:
        await world.duty.decide_return(referral, plan.decision)
        state = await practice.state_of(referral)
    if state == "accepted":
        await follow(world, sample, referral)


async def follow(world: World, sample: Sample, referral: str) -> None:
    """Follow an accepted referral: to its link worker, through the conversation, to who takes the person on."""
    plan = sample.plan
    letter = await world.post.next("case", about=referral, within=MAIL_SECONDS)
    worker = world.workers[letter.to]
    if plan.withdraw and plan.withdraw.when == "after-assignment":
        await withdraw(world, sample, referral)
        return
    async with worker.desk.turn(Task.CONVERSATION):
        page = await converse(worker, referral, plan)
        chosen = await choose_services(world, worker, referral, plan, page=page)
    if plan.withdraw:
        if chosen:
            await until(lambda: world.organisations.was_asked(referral), worker.party.id)
        await withdraw(world, sample, referral)
        return
    taken_on = chosen and await wait_for_place(world, worker, referral, plan)
    if taken_on and plan.attended is not None:
        await world.organisations.tell_whether_they_came(referral, came=plan.attended)
    await end(worker, referral, plan, taken_on=taken_on)


async def converse(worker: LinkWorker, referral: str, plan: Plan) -> Page:
    """Talk, write it down, and correct the needs; returns the case's page as it then is."""
    page = await worker.record_contact(referral, plan.contact) if plan.contact else await worker.open(referral)
    if plan.add or plan.remove:
        return await worker.revise_needs(referral, plan, page)
    return await worker.find_matched(referral, page) if plan.choose else page


async def choose_services(
    world: World, worker: LinkWorker, referral: str, plan: Plan, *, page: Page, tried: frozenset[str] = frozenset()
) -> bool:
    """Choose among what is proposed; False where nothing is wanted, or nothing is there."""
    for _ in range(ROUNDS):
        chosen = choose(plan.choose, page.proposals, tried)
        if not chosen:
            return False
        if await worker.choose(referral, chosen, plan, page):
            return True
        page = await worker.open(referral)
    world.book.wonder(referral, "the proposals changed each time that somebody chose")
    return False


async def wait_for_place(world: World, worker: LinkWorker, referral: str, plan: Plan) -> bool:
    """Wait until nobody's answer is awaited and somebody has taken the person on.

    Where nobody has a place, and the case is to be closed, the person chooses once again.
    """
    tried: frozenset[str] = frozenset()
    while True:
        with contextlib.suppress(Unanswered):  # nothing came: look at the page all the same
            await world.post.next("case", about=referral, within=LOOK_SECONDS)
        page = await worker.open(referral)
        standings = {asked.standing for asked in page.asked}
        if "open" in standings:
            continue
        if standings & {"accepted", "late-accepted"}:
            return True
        if not page.exhausted:
            continue
        if not plan.close or tried:
            return False
        tried = frozenset(proposal.service for proposal in choose(plan.choose, page.proposals))
        async with worker.desk.turn(Task.CHOICE):
            if not await choose_services(world, worker, referral, plan, page=page, tried=tried):
                return False


async def end(worker: LinkWorker, referral: str, plan: Plan, *, taken_on: bool) -> None:
    """Write down what came of it, and close the case if that is planned."""
    outcomes = outcomes_of(plan, taken_on=taken_on)
    async with worker.desk.turn(Task.END):
        if plan.close:
            await worker.close(referral, plan.close, outcomes)
        elif plan.outcomes:
            await worker.record_outcomes(referral, outcomes)


async def withdraw(world: World, sample: Sample, referral: str) -> None:
    """Withdraw a referral, through its practice."""
    practice, withdrawal = world.practices[sample.practice], sample.plan.withdraw
    assert withdrawal is not None
    await practice.withdraw(referral, withdrawal)
    world.book.tell(practice.party.name, f"withdraws it: {withdrawal.reason.replace('-', ' ')}", referral)


async def until(true: Callable[[], bool], what: str) -> None:
    """Wait until something is true.

    Raises:
        Unanswered: it was not, in time.
    """
    try:
        async with asyncio.timeout(MAIL_SECONDS):
            while not true():  # noqa: ASYNC110 - what is waited for comes by mail
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise Unanswered(f"{what} waited in vain") from None
