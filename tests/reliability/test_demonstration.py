"""`kill -9` of every service, one after the other, in the middle of the demonstration."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from deploy.demo import __main__ as demo
from deploy.demo.driver import Book, Cast, is_good
from deploy.demo.driver.hook import Endpoint
from deploy.demo.profile import Profile
from deploy.local.home import Home
from deploy.local.plan import Options
from deploy.local.ports import free_port
from deploy.local.secrets import read_variables
from deploy.local.stack import Stack
from tests.acceptance.mailbox import Mailbox
from tests.acceptance.world import DIRECTORY, PROGRAMME, SERVICES, World, attended
from tests.reliability.conftest import Tell
from tests.reliability.effects import find_faults, read_mails
from tests.reliability.faults import kill

PLAY_SECONDS = 240.0
"""When what has not ended is left as it is: much longer than a demonstration takes on a machine of its own."""

FIRST_SECONDS = 5.0
"""After this the referrals are on their way: some in conversation, some offered."""


@pytest_asyncio.fixture
async def demonstration() -> AsyncIterator[tuple[World, Profile]]:
    """A Linkway as `make demo` starts it, and a look behind it that the demonstration does not have."""
    with Home.temporary() as home:
        profile = Profile.of(home)
        async with Stack(home, Options(settings=profile.settings, ephemeral=True)) as stack:
            with Endpoint(free_port(), profile.webhook_secret, Book()) as hook:
                world = World(
                    home=home,
                    stack=stack,
                    cast=Cast.read(PROGRAMME, DIRECTORY),
                    keys=json.loads(profile.keys_file.read_text("utf-8")),
                    secrets=read_variables(home.secrets),
                    mailbox=Mailbox(stack.addresses.mail),
                    hook=hook,
                    book=Book(),
                )
                async with attended(world):
                    yield world, profile


@pytest.mark.timeout(900)
async def test_a_demonstration_of_which_every_service_is_killed_once_accounts_for_all(
    demonstration: tuple[World, Profile], tell: Tell
) -> None:
    world, profile = demonstration
    doors = demo.doors_of(world.stack.addresses, profile, demo.staff_key(world.home))
    playing = asyncio.create_task(demo.tell(doors, PLAY_SECONDS, demo.where_to_look(world.stack.addresses)))
    await asyncio.sleep(FIRST_SECONDS)
    recovery = {}
    for name in SERVICES:
        assert not playing.done(), f"{name} was to be killed when all was over"
        recovery[name] = await kill(world.stack, name)
    line = await playing

    tell(json.dumps(line))
    tell("well again after " + ", ".join(f"{name} {seconds:.1f} s" for name, seconds in recovery.items()))
    assert is_good(line)
    assert line["unaccounted"] == 0
    assert (await read_mails(world)).doubled() == {}
    assert await find_faults(world) == []
