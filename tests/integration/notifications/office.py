"""The other sides of notifications, real but obedient: a mail server and an endpoint that answer as a test says."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class PostOffice:
    """A mail server: answers RCPT and DATA in the order given, and 250 after that.

    `answers` holds replies to DATA; "drop" hangs up without one, "keep and drop" after keeping the mail. A mail to an
    address in `slow` waits so many seconds, one to an address in `held` until its event is set.
    """

    refuse: dict[str, str] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)
    mails: list[EmailMessage] = field(default_factory=list)
    slow: dict[str, float] = field(default_factory=dict)
    held: dict[str, asyncio.Event] = field(default_factory=dict)
    sessions: set[int] = field(default_factory=set)
    port: int = 0

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if refusal := self.refuse.get(address):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        self.sessions.add(id(session))
        await asyncio.sleep(max((self.slow.get(to, 0) for to in envelope.rcpt_tos), default=0))
        await asyncio.gather(*(self.held[to].wait() for to in envelope.rcpt_tos if to in self.held))
        answer = self.answers.pop(0) if self.answers else "250 kept"
        if answer != "drop" and answer[0] not in "45":
            assert isinstance(envelope.content, bytes)
            message = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(message, EmailMessage)
            self.mails.append(message)
        if "drop" in answer:
            server.transport.abort()  # type: ignore[attr-defined]  # asyncio's, which the stub leaves out
        return answer

    @property
    def ids(self) -> list[str]:
        """The Message-IDs in the order in which mails came."""
        return [str(mail["Message-ID"]) for mail in self.mails]

    def subjects(self, to: str) -> list[str]:
        """The subjects of the mails to an address."""
        return [str(mail["Subject"]) for mail in self.mails if to in str(mail["To"])]


@asynccontextmanager
async def post_office() -> AsyncIterator[PostOffice]:
    """Open a mail server on a free port."""
    office = PostOffice()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(office, hostname="mail.example", timeout=30), "127.0.0.1", 0)
    office.port = server.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        server.close()
        await server.wait_closed()


@dataclass(frozen=True)
class Posted:
    """One request that an endpoint was sent."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Endpoint:
    """An organisation's endpoint: answers with the lines given, and 204 after that; "drop" hangs up unanswered."""

    answers: list[str] = field(default_factory=list)
    posts: list[Posted] = field(default_factory=list)
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request and hang up; who hung up before is not asked again."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            pairs = (line.partition(":") for line in head[1:] if line)
            headers = {name.lower(): value.strip() for name, _, value in pairs}
            body = await reader.readexactly(int(headers["content-length"]))
            self.posts.append(Posted(head[0].split()[1], headers, body))
            answer = self.answers.pop(0) if self.answers else "204 No Content"
            if answer != "drop":
                writer.write(f"HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
                await writer.drain()
        writer.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/linkway"

    def ids(self) -> Sequence[str]:
        return [post.headers["webhook-id"] for post in self.posts]


@asynccontextmanager
async def endpoint() -> AsyncIterator[Endpoint]:
    """Open an endpoint on a free port."""
    made = Endpoint()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    async with server:
        yield made
