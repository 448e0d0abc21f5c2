"""Every service restarted in the orderly way, one replica after the other, while referrals come."""

import asyncio

import pytest

from tests.acceptance.world import SERVICES, World
from tests.reliability.accounts import until_quiet
from tests.reliability.conftest import REPLICAS, Tell
from tests.reliability.conversations import talking
from tests.reliability.effects import find_disagreements, find_faults, read_mails
from tests.reliability.faults import restart
from tests.reliability.traffic import Book, find_unlike, posting

END_SECONDS = 30.0
"""With the time that this process may be late to notice: one that takes ten seconds is killed, and its code says so."""


@pytest.mark.timeout(900)
async def test_a_rolling_restart_under_load_loses_nothing_and_does_nothing_twice(world: World, tell: Tell) -> None:
    book = Book()
    mails = await read_mails(world)
    async with posting(world, book), talking(world, book) as talked:
        restarts = [
            done
            for number in range(1, REPLICAS + 1)
            for done in await asyncio.gather(*(restart(world.stack, f"{name}-{number}") for name in SERVICES))
        ]
    quiet = await until_quiet(world, book.acknowledged)
    again = await read_mails(world)

    tell(book.figures())
    tell(
        ", ".join(
            f"{each.name} ended in {each.end_seconds:.1f} s, well in {each.well_seconds:.1f} s" for each in restarts
        )
    )
    tell(f"{talked.figures()}; quiet after {quiet.seconds:.1f} s")
    assert book.unacknowledged == []
    assert {each.code for each in restarts} == {0}
    assert max(each.end_seconds for each in restarts) < END_SECONDS
    assert quiet.round.reasons == {}
    assert again.repeated == mails.repeated  # an orderly end leaves nothing half said
    assert await find_faults(world) == []
    assert await find_disagreements(world, book.acknowledged) == []
    assert await find_unlike(world, book) == []
