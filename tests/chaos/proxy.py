"""A TCP proxy between Linkway and a server it needs, which can be as bad as a network is now and then."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Self

Trouble = Literal["latency", "half-open", "black-hole", "refuse", "cut-at-answer"]
"""What a client meets: all comes late; what is connected is dead and nobody says so; nothing goes through; whoever
calls is sent away in words; the connection is cut just when the server says that it has taken what it was given."""

EVERYBODY = ""
LATENCY_SECONDS = 0.1
SSL_REQUESTS = {80877103, 80877104}
"""A client of PostgreSQL that asks for TLS, and one that asks for GSSAPI."""
LONGEST_HELLO_BYTES = 10_000


@dataclass(eq=False)
class Link:
    """One client's connection: who it is, and both ends."""

    through: "Proxy"
    client: asyncio.StreamWriter
    server: asyncio.StreamWriter | None = None
    name: str = EVERYBODY
    dead: bool = False
    """Nothing will ever come through again, and neither end knows it."""
    is_cut: bool = False

    def cut(self) -> None:
        """Cut both ends so that they notice: by a reset."""
        self.is_cut = True
        for writer in (self.client, self.server):
            if writer is not None:
                with contextlib.suppress(OSError):  # it is closed already
                    writer.get_extra_info("socket").setsockopt(
                        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                    )
                writer.transport.abort()


@dataclass
class Troubles:
    """What each client meets now, by its name, or everybody; several proxies may share it."""

    now: dict[str, Trouble] = field(default_factory=dict)
    refusal: bytes = b""
    taken: bytes = b""
    """How a server begins to say that it has taken what it was given."""
    links: set[Link] = field(default_factory=set)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def of(self, link: Link) -> Trouble | None:
        """Return what a client meets."""
        return self.now.get(link.name) or self.now.get(EVERYBODY)

    async def begin(self, trouble: Trouble, name: str = EVERYBODY) -> None:
        """Let a client, or everybody, meet this from now on."""
        if trouble == "half-open":  # it befalls those who are connected, and whoever calls again is well served
            for link in self.named(name):
                link.dead = True
        else:
            self.now[name] = trouble

    async def end(self, name: str = EVERYBODY) -> None:
        """Be a good network again; connections that died are told so at last."""
        self.now.pop(name, None)
        for link in [link for link in self.named(name) if link.dead]:
            link.cut()
        async with self._changed:
            self._changed.notify_all()

    async def end_all(self) -> None:
        """Be good to everybody again."""
        self.now.clear()
        await self.end()

    def reset(self, name: str = EVERYBODY) -> None:
        """Cut every connection of a client, or of everybody."""
        for link in self.named(name):
            link.cut()

    def named(self, name: str) -> list[Link]:
        """Return the connections of a client, or of everybody."""
        return [link for link in self.links if name in (EVERYBODY, link.name)]

    async def passable(self, link: Link) -> None:
        """Wait until something goes through."""
        if not link.dead and not self.now:
            return
        if self.of(link) == "latency":
            await asyncio.sleep(LATENCY_SECONDS)
        async with self._changed:
            await self._changed.wait_for(lambda: link.is_cut or not (link.dead or self.of(link) == "black-hole"))
        if link.is_cut:
            raise ConnectionResetError


@dataclass
class Proxy:
    """Listens on a port and passes everything on to a server, whose address is asked for at each connection."""

    port: int
    server: Callable[[], str]
    troubles: Troubles
    speaks_postgres: bool = False
    """Whether clients say first who they are, as PostgreSQL's do."""
    _listening: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._listening = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._listening:
            self._listening.close()
        while mine := [link for link in self.troubles.links if link.through is self]:
            for link in mine:
                link.cut()
            await self.troubles.end_all()
            await asyncio.sleep(0.01)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = Link(self, writer)
        self.troubles.links.add(link)
        try:
            await self._pass_on(link, reader)
        except (OSError, asyncio.IncompleteReadError):  # one of both ends is gone: so must the other be
            link.cut()
        finally:
            self.troubles.links.discard(link)
            for end in filter(None, (link.client, link.server)):
                end.close()

    async def _pass_on(self, link: Link, reader: asyncio.StreamReader) -> None:
        hello = b""
        if self.speaks_postgres:
            link.name, hello = await read_hello(reader, link.client)
        if self.troubles.of(link) == "refuse":
            link.client.write(self.troubles.refusal)
            await link.client.drain()
            return
        await self.troubles.passable(link)
        host, _, port = self.server().rpartition(":")
        answers, link.server = await asyncio.open_connection(host, int(port))
        link.server.write(hello)
        async with asyncio.TaskGroup() as both:
            there = both.create_task(self._pump(link, reader, link.server))
            back = both.create_task(self._pump(link, answers, link.client))
            await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
            for end in (link.client, link.server):
                end.close()

    async def _pump(self, link: Link, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        """Pass bytes on until an end closes or is cut."""
        with contextlib.suppress(OSError):
            while data := await source.read(65_536):
                await self.troubles.passable(link)
                if target is link.client and self._is_cut_here(link, data):
                    link.cut()
                    return
                target.write(data)
                await target.drain()

    def _is_cut_here(self, link: Link, data: bytes) -> bool:
        return self.troubles.of(link) == "cut-at-answer" and data.startswith(self.troubles.taken)


async def read_hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[str, bytes]:
    """Read how a client of PostgreSQL begins: return its role, and the bytes; TLS is refused as our server would."""
    while True:
        length, code = struct.unpack("!ii", head := await reader.readexactly(8))
        if not 8 <= length <= LONGEST_HELLO_BYTES:
            raise ConnectionError("no client of PostgreSQL")
        if code in SSL_REQUESTS:
            writer.write(b"N")
            continue
        rest = await reader.readexactly(length - 8)
        return role_in(rest), head + rest


def role_in(parameters: bytes) -> str:
    """Return the role that a client's first words name; empty where they name none, as when it asks to cancel."""
    words = parameters.split(b"\x00")
    return dict(zip(words[::2], words[1::2], strict=False)).get(b"user", b"").decode("utf-8", "replace")
