"""One Linkway for all acceptance tests, and the stories, which are told on it side by side."""

import asyncio
from collections.abc import AsyncIterator, Mapping

import pytest
import pytest_asyncio

from tests.acceptance.everything import everything
from tests.acceptance.stories import STORIES
from tests.acceptance.users import Everybody
from tests.acceptance.world import World, running

ORDER = ("doors", "stories", "poison", "ledger", "leaks", "replicas")
"""The doors are tried while nothing else moves, and leaks are looked for when everything has been said."""

START_SECONDS = 900
"""How long a test may take with the start of what it needs: much more than on a machine of its own."""

Told = Mapping[str, "asyncio.Task[str]"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the modules in their order, and give each test time."""
    here = [item for item in items if "acceptance" in item.path.parts]
    places = {item: n for n, item in enumerate(here)}
    for item in here:  # the first waits for a whole Linkway to start
        item.add_marker(pytest.mark.timeout(START_SECONDS))
    here.sort(key=lambda item: (ORDER.index(item.path.stem.removeprefix("test_")), places[item]))
    items[:] = [item for item in items if item not in places] + here


@pytest_asyncio.fixture(scope="session")
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """A running Linkway with one replica of each service."""
    async with running(1, containers=bool(request.config.getoption("--containers"))) as world:
        world.before = await everything(world)
        yield world


@pytest.fixture(scope="session")
def here(world: World) -> Everybody:
    """Those who use it."""
    return Everybody(world)


@pytest_asyncio.fixture(scope="session")
async def told(here: Everybody) -> AsyncIterator[Told]:
    """The stories by name, all begun; each test waits for its own."""
    tasks = {story.__name__: asyncio.create_task(story(here)) for story in STORIES}
    yield tasks
    for task in tasks.values():
        task.cancel()
    await asyncio.gather(*tasks.values(), return_exceptions=True)
