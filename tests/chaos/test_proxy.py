"""The bad network between the parts of a fault run: what each trouble does to a connection, and that it ends."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from deploy.local.ports import free_port
from tests.chaos.proxy import Proxy, Troubles

SOON_SECONDS = 0.2


@dataclass
class Caller:
    """One connection through the proxy, to a server that says everything back."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def says(self, what: bytes) -> bytes:
        """Say something and return what comes back; empty when the other end hung up."""
        self.writer.write(what)
        return await self.reader.read(100)

    async def waits(self, what: bytes) -> "asyncio.Task[bytes]":
        """Say something that nothing comes back to for a while."""
        answer = asyncio.create_task(self.says(what))
        await asyncio.wait({answer}, timeout=SOON_SECONDS)
        assert not answer.done()
        return answer


@dataclass
class Network:
    """A proxy before a server, its troubles, and those who call."""

    proxy: Proxy
    callers: list[Caller]

    @property
    def troubles(self) -> Troubles:
        """What goes wrong."""
        return self.proxy.troubles

    async def call(self) -> Caller:
        """Connect."""
        self.callers.append(Caller(*await asyncio.open_connection("127.0.0.1", self.proxy.port)))
        return self.callers[-1]


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while said := await reader.read(100):
            writer.write(said)
    except ConnectionError:
        pass  # cut on purpose
    finally:
        writer.close()


@pytest_asyncio.fixture
async def network() -> AsyncIterator[Network]:
    """A good network so far."""
    port = free_port()
    echo = await asyncio.start_server(_echo, "127.0.0.1", port)
    troubles = Troubles(refusal=b"421 later\r\n", taken=b"250")
    async with echo, Proxy(free_port(), lambda: f"127.0.0.1:{port}", troubles) as proxy:
        here = Network(proxy, [])
        yield here
        for caller in here.callers:
            caller.writer.close()


async def test_a_good_network_passes_everything_on(network: Network) -> None:
    caller = await network.call()
    assert [await caller.says(b"one"), await caller.says(b"two")] == [b"one", b"two"]


async def test_a_black_hole_swallows_old_and_new_connections_until_it_ends(network: Network) -> None:
    old = await network.call()
    assert await old.says(b"before") == b"before"
    await network.troubles.begin("black-hole")
    waiting = [await caller.waits(b"in it") for caller in (old, await network.call())]
    await network.troubles.end()
    assert await asyncio.gather(*waiting) == [b"in it", b"in it"]


async def test_a_half_open_connection_is_dead_without_a_word_while_new_ones_are_well(network: Network) -> None:
    old = await network.call()
    assert await old.says(b"before") == b"before"
    await network.troubles.begin("half-open")
    waiting = await old.waits(b"anybody?")
    assert await (await network.call()).says(b"after") == b"after"
    await network.troubles.end()
    with pytest.raises(ConnectionResetError):
        await waiting


async def test_a_reset_cuts_what_is_connected(network: Network) -> None:
    old = await network.call()
    assert await old.says(b"before") == b"before"
    network.troubles.reset()
    with pytest.raises(ConnectionResetError):
        await old.says(b"now")


async def test_a_server_that_refuses_says_so_and_hangs_up(network: Network) -> None:
    await network.troubles.begin("refuse")
    caller = await network.call()
    assert [await caller.reader.read(100), await caller.reader.read(100)] == [b"421 later\r\n", b""]


async def test_an_answer_that_something_was_taken_can_be_cut_off(network: Network) -> None:
    caller = await network.call()
    await network.troubles.begin("cut-at-answer")
    assert await caller.says(b"354 go on") == b"354 go on"
    with pytest.raises(ConnectionResetError):
        await caller.says(b"250 kept")


async def test_a_slow_network_is_slow(network: Network) -> None:
    caller = await network.call()
    assert await caller.says(b"before") == b"before"
    await network.troubles.begin("latency")
    began = asyncio.get_running_loop().time()
    assert await caller.says(b"slowly") == b"slowly"
    assert asyncio.get_running_loop().time() - began >= 0.1
