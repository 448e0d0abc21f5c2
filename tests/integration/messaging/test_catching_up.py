"""A clock rests until the service has heard what was said before: silence is decided by what is known."""

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio

from shared.contracts import Topic
from shared.messaging import Database
from shared.messaging.catching_up import CatchingUp
from shared.messaging.errors import Unavailable
from shared.messaging.log_ends import Ends, LogEnds
from shared.service import Worker
from tests.integration.messaging.conftest import Toys, closed, until


class PatientEnds(LogEnds):
    """Waits for Kafka's answer: after two seconds without one a clock asks again, but a test asks once."""

    async def __call__(self) -> Ends | None:
        return await self._ask()


@pytest_asyncio.fixture
async def catching_up(toys: Toys) -> AsyncIterator[CatchingUp]:
    """Of the toy consumer, on its own topic."""
    yield CatchingUp(toys.group, PatientEnds(toys.bootstrap, "test-ends", [Topic(toys.topic, "toy", partitions=4)]))


async def test_a_clock_rests_until_the_backlog_of_its_start_is_read(toys: Toys, catching_up: CatchingUp) -> None:
    await toys.send(*(closed() for _ in range(40)))
    ticks: list[int] = []

    async def tick(_database: Database, _settings: object) -> int:
        ticks.append(int(str(await toys.value("SELECT count(*) FROM effect"))))
        return 0

    clock = Worker("clock", tick, every_seconds=0.05, after_catching_up=True, catching_up=catching_up)
    clock.start(toys.database, None)
    await asyncio.sleep(1)
    assert ticks == [], "nothing was read, so nothing may be decided"
    await toys.loop().start()

    async def ticked() -> bool:
        return bool(ticks)

    await until(ticked)
    await clock.stop()
    assert ticks[0] == 40


async def test_a_service_with_nothing_to_hear_rests_not_at_all(toys: Toys, catching_up: CatchingUp) -> None:
    assert await catching_up.reached(toys.database)


async def test_after_the_database_was_away_it_is_caught_up_with_anew(toys: Toys, catching_up: CatchingUp) -> None:
    assert await catching_up.reached(toys.database)
    await toys.send(closed())
    assert await catching_up.reached(toys.database), "what comes later is not waited for"

    async def away(_database: Database, _settings: object) -> int:
        raise Unavailable

    clock = Worker("clock", away, every_seconds=60, catching_up=catching_up)
    clock.start(toys.database, None)

    async def doubts() -> bool:
        return not await catching_up.reached(toys.database)

    await until(doubts)
    await clock.stop()


async def test_a_doubt_that_comes_while_it_is_asked_is_kept(toys: Toys) -> None:
    class Doubted(PatientEnds):
        async def __call__(self) -> Ends | None:
            ends = await super().__call__()
            if not doubts:
                doubts.append(True)
                catching_up.begin_again()  # as a clock does that has met a database which is away
            return ends

    doubts: list[bool] = []
    catching_up = CatchingUp(toys.group, Doubted(toys.bootstrap, "test-ends", [Topic(toys.topic, "toy", partitions=4)]))
    assert not await catching_up.reached(toys.database)
    assert await catching_up.reached(toys.database)


async def test_clocks_that_ask_at_once_are_all_answered(toys: Toys, catching_up: CatchingUp) -> None:
    assert await asyncio.gather(*(catching_up.reached(toys.database) for _ in range(5))) == [True] * 5


async def test_while_kafka_is_silent_nobody_is_caught_up(toys: Toys) -> None:
    nowhere = CatchingUp(toys.group, LogEnds("127.0.0.1:1", "test-ends", [Topic(toys.topic, "toy", partitions=4)]))
    assert not await nowhere.reached(toys.database)
