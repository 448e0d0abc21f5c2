"""Two replicas of every service come to the same as one."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

import httpx
import pytest
import pytest_asyncio

from tests.acceptance import books, topics
from tests.acceptance.browser import soon
from tests.acceptance.conftest import Told
from tests.acceptance.people import a_referral
from tests.acceptance.stories import Story
from tests.acceptance.stories.arriving import (
    a_missing_contact_is_asked_for_and_given,
    the_same_request_at_the_same_moment_is_one_referral,
)
from tests.acceptance.stories.asking import (
    a_no_asks_the_next_choice,
    a_withdrawal_ends_what_is_under_way,
    the_whole_way_round,
)
from tests.acceptance.summary import Summary, repeated_mails, summarise
from tests.acceptance.users import Everybody
from tests.acceptance.world import SERVICES, World, running

COMPARED: Sequence[Story] = (
    the_whole_way_round,
    a_no_asks_the_next_choice,
    a_withdrawal_ends_what_is_under_way,
    a_missing_contact_is_asked_for_and_given,
    the_same_request_at_the_same_moment_is_one_referral,
)


@pytest_asyncio.fixture(scope="module")
async def two(request: pytest.FixtureRequest) -> AsyncIterator[Everybody]:
    """Those who use a Linkway with two replicas of each service, whose doors they take in turn."""
    async with running(2, containers=bool(request.config.getoption("--containers"))) as world:
        yield Everybody(world)


async def summaries(here: Everybody, referrals: Mapping[str, str]) -> dict[str, Summary]:
    """Summarise each story's referral when nothing moves any more."""
    await books.at_rest(here.world)
    await here.world.mailbox.catch_up()
    messages = await topics.read(here.world.stack.addresses.kafka)
    practices = [here.practice(practice) for practice in here.world.cast.practices]
    found = {}
    for story, referral in referrals.items():
        answers = [await practice.get(f"/referrals/{referral}") for practice in practices]
        (view,) = [answer.json() for answer in answers if answer.status_code == 200]
        found[story] = summarise(view, messages, here.world.mailbox.mails, here.world.cast)
    return found


async def test_two_replicas_of_every_service_give_the_same_as_one(here: Everybody, told: Told, two: Everybody) -> None:
    with_one = {story.__name__: await told[story.__name__] for story in COMPARED}
    referrals = await asyncio.gather(*(story(two) for story in COMPARED))
    with_two = {story.__name__: referral for story, referral in zip(COMPARED, referrals, strict=True)}
    one_by_one, by_two = await summaries(here, with_one), await summaries(two, with_two)
    assert {story: one_by_one[story].changed(by_two[story]) for story in one_by_one} == {
        story: {} for story in one_by_one
    }
    assert repeated_mails(two.world.mailbox.mails) == repeated_mails(here.world.mailbox.mails) == []
    await soon(lambda: each_replica_works(two), "both replicas of each service at work, and one that leads its relay")


async def each_replica_works(here: Everybody) -> bool:
    """Whether both replicas of each service have handled messages, and one of them leads its relay.

    Chance decides whose partition a referral lies on, and may have given all so far to one of the two: then comes
    another referral.
    """
    figures = [await figures_of(here.world, service) for service in SERVICES]
    assert all(len(each) == 2 for each in figures)
    if not all("linkway_messages_total{consumer=" in text for each in figures for text in each):
        await here.practice("bucklemaker").refer(a_referral("gardening"))
        return False
    return all(sum("linkway_relay_leader 1.0" in text for text in each) == 1 for each in figures)


async def figures_of(world: World, service: str) -> list[str]:
    """Return the metrics of each replica of a service."""
    async with httpx.AsyncClient(timeout=60) as client:
        return [(await client.get(f"{door}/metrics")).text for door in world.doors(service)]
