"""A mail server that only notes when which referral's mails were handed to it, at as little cost as can be."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self, cast

REFERRAL = re.compile(rb"/referrals/([0-9a-f-]{36})")
LINK_WORKER = b"@workers.example.org"


@dataclass
class Mailbox:
    """When each referral's link worker was told, on this process's monotonic clock, by referral."""

    told_at: dict[str, float] = field(default_factory=dict)
    mails: int = 0
    address: str = ""

    @classmethod
    @asynccontextmanager
    async def listening(cls) -> AsyncIterator[Self]:
        """Listen on a free port of the loopback address."""
        mailbox = cls()
        server = await asyncio.get_running_loop().create_server(lambda: _Session(mailbox), "127.0.0.1", 0)
        mailbox.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server:
            yield mailbox

    def take(self, recipient: bytes, content: bytes) -> None:
        """Note a mail that was handed over whole."""
        self.mails += 1
        # Quoted-printable may break a line in the middle of an address.
        found = REFERRAL.search(content.replace(b"=\r\n", b""))
        if found and LINK_WORKER in recipient:
            self.told_at.setdefault(found[1].decode(), time.monotonic())


class _Session(asyncio.Protocol):
    """One SMTP session (RFC 5321): greets, says yes, and reads mails until the line with the dot."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._buffer = b""
        self._recipient = b""
        self._in_data = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by its class
        self._transport.write(b"220 bench\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while True:
            end = b"\r\n.\r\n" if self._in_data else b"\r\n"
            unit, found, rest = self._buffer.partition(end)
            if not found:
                return
            self._buffer = rest
            self._answer(unit)

    def _answer(self, unit: bytes) -> None:
        verb = unit[:4].upper()
        if self._in_data:
            self._in_data = False
            self._mailbox.take(self._recipient, unit)
        elif verb == b"RCPT":
            self._recipient = unit
        elif verb == b"DATA":
            self._in_data = True
            self._transport.write(b"354 go on\r\n")
            return
        self._transport.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 yes\r\n")
