"""Hand one mail at a time to the mail server and say truthfully what became of it."""

import asyncio
from dataclasses import dataclass
from typing import Literal

import aiosmtplib
from aiosmtplib import SMTP

from notifications.domain import Outcome, Result

Tls = Literal["none", "starttls", "tls"]


@dataclass(frozen=True, slots=True)
class Post:
    """One mail, whole, and its envelope."""

    sender: str
    recipient: str
    message: bytes


class MailServer:
    """A connection to the mail server that stays open between mails; one lane uses it, one mail at a time."""

    def __init__(self, server: str, *, tls: Tls, user: str, password: str, hello: str, seconds: float) -> None:
        """Take `host:port`, the name we greet with and how long one mail may take."""
        host, _, port = server.rpartition(":")
        self._client = SMTP(
            hostname=host,
            port=int(port),
            username=user or None,
            password=password or None,
            # A lookup of our own name could hang; the server wants some name and not this one.
            local_hostname=hello,
            use_tls=tls == "tls",
            start_tls=tls == "starttls",
            timeout=seconds,
        )
        self._seconds = seconds
        self._in_data = False

    async def send(self, post: Post) -> Outcome:
        """Send a mail; the outcome is *unknown* where the connection ended after its text had begun to leave."""
        self._in_data = False
        try:
            async with asyncio.timeout(self._seconds):
                return await self._send(post)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            self._client.close()
            return self._failed(error)
        except asyncio.CancelledError:
            self._client.close()
            raise

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    async def _send(self, post: Post) -> Outcome:
        await self._begin(post.sender)
        await self._client.rcpt(post.recipient)
        self._in_data = True
        response = await self._client.data(post.message)
        return Outcome(Result.ACCEPTED, "accepted", response.code)

    async def _begin(self, sender: str) -> None:
        """Open the envelope; a connection that the server closed while it was idle is made anew, once."""
        if self._client.is_connected:
            # A server that hangs up on an idle connection just ends it, or says 421 to the next command.
            try:
                await self._client.mail(sender)
            except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPSenderRefused):
                self._client.close()
            else:
                return
        await self._client.connect()
        await self._client.mail(sender)

    def _failed(self, error: Exception) -> Outcome:
        match error:
            case aiosmtplib.SMTPRecipientRefused(code=code):
                return _refused("recipient-refused", code)
            case aiosmtplib.SMTPDataError(code=code):
                return _refused("message-refused", code)
            # Who may send, and as whom, is between us and the server; it is no fault of the recipient's.
            case aiosmtplib.SMTPResponseException(code=code):
                return Outcome(Result.BROKEN, "mail-server-refused-us", code)
            case _ if self._in_data:
                return Outcome(Result.UNKNOWN, "connection-lost")
            case _:
                return Outcome(Result.BROKEN, "mail-server-unreachable")


def _refused(reason: str, code: int) -> Outcome:
    """Read a reply code: 5xx is for good, anything else for now (RFC 5321, 4.2.1)."""
    return Outcome(Result.REFUSED if 500 <= code <= 599 else Result.LATER, reason, code)
