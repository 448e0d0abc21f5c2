"""No limit is passed and nobody is left, with one replica or four, and when one of them dies in the middle."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio

from benchmarks import kept_limits
from shared.contracts import Event, LinkWorkerAssigned, OfferMade, OfferRefused
from tests.integration.matching.conftest import (
    Died,
    Matching,
    a_programme,
    a_service,
    accepted,
    answered,
    at_once,
    chosen,
    closed,
)

LIMITS = {"ash": 6, "birch": 5, "cedar": 4}
POSTS = (("ash", ("heddle", "dura"), 6), ("birch", ("dura", "bruce"), 5), ("cedar", ("bruce", "heddle"), 4))
REFERRALS, CHOICES, PLACES = 300, 60, 5


@pytest_asyncio.fixture
async def watched(matching: Matching, database_dsn: str) -> AsyncIterator[Matching]:
    """A replica whose every change of a caseload or of places is written down as it commits."""
    connection = await asyncpg.connect(database_dsn)
    for statement in kept_limits.KEEP:
        await connection.execute(statement)
    await connection.execute("GRANT SELECT ON matching.kept TO matching")
    await connection.close()
    yield matching


async def most_held(matching: Matching) -> dict[str, int]:
    return {row["whose"]: row["most"] for row in await matching.rows(kept_limits.MOST)}


async def consume(matching: Matching, events: list[Event], *, dies: bool) -> None:
    """Handle events in batches as a replica does; one that dies leaves its batch to be done again by another."""
    for begin in range(0, len(events), 15):
        batch = events[begin : begin + 15]
        if dies and not begin:
            with pytest.raises(Died):
                await matching.handle_together(batch, dies=True)
        await matching.handle_together(batch)


@pytest.mark.parametrize(("replicas", "dies"), [(1, False), (4, True)])
async def test_three_link_workers_take_a_crowd_within_their_limits(
    watched: Matching, replicas: int, *, dies: bool
) -> None:
    pick = random.Random(1)
    practices = [pick.choice(("heddle", "dura", "bruce")) for _ in range(REFERRALS)]
    events = [accepted(practice=each, urgency=pick.choice(("routine", "soon", "urgent"))) for each in practices]
    await watched.deliver(a_programme(*POSTS))
    shares: list[list[Event]] = [[*events[number::replicas]] for number in range(replicas)]
    at_work = [consume(watched, share, dies=dies and not number) for number, share in enumerate(shares)]
    await at_once(*at_work, close_everything(watched, replicas))
    given = Counter(event.referral for event in await watched.published(LinkWorkerAssigned))
    assert given == dict.fromkeys((event.referral for event in events), 1)
    assert await watched.rows("SELECT DISTINCT state FROM referral") == [{"state": "ended"}]
    assert await most_held(watched) == LIMITS, "each was full, and never more than that"


async def close_everything(matching: Matching, replicas: int) -> None:
    """Close cases as they are given and let the queue look, until everybody has had their turn."""
    done: set[UUID] = set()
    while len(done) < REFERRALS:
        held = [row["id"] for row in await matching.rows("SELECT id FROM referral WHERE state = 'assigned'")]
        await matching.handle_together([closed(referral) for referral in held])
        done.update(held)
        queues: list[Awaitable[int]] = [matching.allocate_waiting() for _ in range(replicas)]
        await asyncio.gather(*queues)


async def test_five_places_are_given_to_five_and_given_again_when_they_come_back(watched: Matching) -> None:
    await watched.load(a_service("five", PLACES), a_service("next", None))
    referrals = [uuid4() for _ in range(CHOICES)]
    await watched.deliver(a_programme(("ash", ("heddle",), 1000)))
    await watched.deliver(*(accepted(referral) for referral in referrals))
    asking: list[Event] = [chosen(referral, "five", "next") for referral in referrals]
    shares = [asking[:-6][number::4] for number in range(4)]
    await at_once(*(consume(watched, share, dies=True) for share in shares))
    made = [offer for offer in await watched.published(OfferMade) if offer.service == "five"]
    refused = await watched.published(OfferRefused)
    assert (len(made), len(refused)) == (PLACES, CHOICES - 6 - PLACES)
    assert {event.reason for event in refused} == {"no-place"}
    await at_once(*(watched.handle(answered(offer, "declined")) for offer in made))
    await at_once(*(watched.handle(event) for event in asking[-6:]))
    again = [offer for offer in await watched.published(OfferMade) if offer.service == "five"]
    assert len(again) == 2 * PLACES
    assert (await most_held(watched))["five"] == PLACES
    asked = await watched.rows("SELECT count(DISTINCT referral) AS n FROM offer WHERE state = 'open'")
    assert asked == [{"n": CHOICES}], "whoever was refused is asked about at the next"
