"""The broker away for half a minute while referrals come."""

import asyncio
import time

import pytest

from tests.acceptance.books import looking
from tests.acceptance.world import World
from tests.reliability.accounts import until_quiet
from tests.reliability.conftest import Tell
from tests.reliability.effects import find_disagreements, find_faults
from tests.reliability.traffic import Book, find_unlike, posting

AWAY_SECONDS = 30.0
MOST_SECONDS = 8.0


@pytest.mark.timeout(900)
async def test_without_a_broker_every_referral_is_acknowledged_and_arrives_when_it_is_back(
    world: World, tell: Tell
) -> None:
    book = Book()
    await world.stack.stop("kafka")
    async with posting(world, book, patience_seconds=0):  # each is sent once
        await asyncio.sleep(AWAY_SECONDS)
        async with looking(world) as database:
            waiting = await database.fetchval("SELECT count(DISTINCT key) FROM intake.outbox WHERE sent_at IS NULL")
    began = time.monotonic()
    await world.stack.start("kafka")
    back_seconds = time.monotonic() - began
    quiet = await until_quiet(world, book.acknowledged)

    tell(book.figures())
    tell(
        f"{waiting} waited in the outbox; broker back in {back_seconds:.1f} s, all arrived {quiet.seconds:.1f} s later"
    )
    assert book.unacknowledged == []
    assert book.waited_seconds(0.5) < MOST_SECONDS  # nobody waits for the broker; a few may for a busy machine
    assert waiting >= 0.9 * AWAY_SECONDS  # the broker was away indeed
    assert {quiet.round.states[referral] for referral in book.acknowledged} == {"open"}
    async with looking(world) as database:
        assigned = await database.fetch(
            "SELECT id::text FROM matching.referral WHERE state = 'assigned' AND id = ANY ($1::uuid[])",
            list(book.acknowledged),
        )
    assert {row["id"] for row in assigned} == set(book.acknowledged)
    assert await find_faults(world) == []
    assert await find_disagreements(world, book.acknowledged) == []
    assert await find_unlike(world, book) == []
