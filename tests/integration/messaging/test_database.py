"""A pool that has nothing to give says so soon, so that who asks can be told to come again."""

import asyncio

import pytest

from shared.messaging import Database
from shared.messaging.errors import Unavailable
from tests.harness import warm


async def test_a_caller_of_a_pool_that_is_all_taken_is_told_so_after_a_second(service_dsn: str) -> None:
    """Nothing is locked and no statement runs, so that only the pool's own patience can end the wait."""
    clock = asyncio.get_running_loop().time
    database = Database(service_dsn, user="toy", schema="toy", source="test", size=1)
    await database.open()
    try:
        await warm(database)
        async with database.connection():
            began = clock()
            with pytest.raises(Unavailable) as told:
                async with asyncio.timeout(30), database.connection():
                    pass
            took = clock() - began
        assert isinstance(told.value.__cause__, TimeoutError)
        assert 0.9 < took < 1.8 * 4, "a second, and what a busy machine adds"
        async with database.connection() as connection:
            assert await connection.fetchval("SELECT 1") == 1, "what was given back is given again"
    finally:
        await database.close()
