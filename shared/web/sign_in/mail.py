"""Mails sign-in links: the row is there first, so what may have gone goes again only under its own Message-ID."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Literal

import aiosmtplib
import structlog

from shared.messaging import Cause, Database, Tx
from shared.web.links import Links
from shared.web.sign_in import rows

log = structlog.get_logger()

MAIL_WORKER = "sign_in_mails"
"""The name of the worker that calls `send_next_mail`; asking for a link wakes it."""

SMTP_TIMEOUT_SECONDS = 10

Tls = Literal["none", "starttls", "tls"]

TEXT = """\
Somebody asked to sign in to Linkway with this address.

If it was you, open this link and press the button there. The link works once, for {minutes} minutes.

{address}

If it was not you, there is nothing to do: nobody can sign in without this message.

Linkway is not watched at all hours. In an emergency call 999.
"""


@dataclass(frozen=True)
class Mailer:
    """The mail server that sign-in links leave by, and what they are made of."""

    links: Links
    public_url: str
    sender: str
    domain: str
    server: str
    tls: Tls
    user: str
    password: str

    def write(self, mail: rows.SignInMail, address: str) -> EmailMessage:
        """Write the mail of one row: always the same text, link and Message-ID."""
        token = self.links.sign("sign-in", str(mail.id), mail.expires_at)
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = address
        message["Subject"] = "Your link to sign in to Linkway"
        message["Message-ID"] = f"<sign-in.{mail.id}@{self.domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(TEXT.format(minutes=rows.LINK_MINUTES, address=f"{self.public_url}/sign-in/{token}"))
        return message

    async def send(self, message: EmailMessage) -> None:
        """Hand a mail to the mail server.

        Raises:
            aiosmtplib.SMTPException: the server refused it or did not answer.
            OSError: there is no server.
        """
        host, _, port = self.server.rpartition(":")
        await aiosmtplib.send(
            message,
            hostname=host,
            port=int(port),
            use_tls=self.tls == "tls",
            start_tls=self.tls == "starttls",
            username=self.user or None,
            password=self.password or None,
            # Looking our own name up could hang; the server wants some name and not this one.
            local_hostname=self.domain,
            timeout=SMTP_TIMEOUT_SECONDS,
        )


async def send_next_mail(
    database: Database, mailer: Mailer, find_address: Callable[[Tx, rows.Identity], Awaitable[str | None]]
) -> int:
    """Send the next sign-in mail that is due; return how many were taken up, 0 or 1."""
    async with database.transaction(Cause.tick("claim_sign_in_mail", "next")) as tx:
        mail = await rows.claim_mail(tx)
        address = await find_address(tx, mail.identity) if mail else None
    if mail is None or address is None:
        return 0 if mail is None else 1
    try:
        await mailer.send(mailer.write(mail, address))
    except (aiosmtplib.SMTPException, OSError) as error:
        log.warning("sign_in_mail_failed", sign_in=str(mail.id), error=type(error).__name__)
        settle = rows.save_failed
    else:
        settle = rows.save_sent
    async with database.transaction(Cause.tick("settle_sign_in_mail", str(mail.id))) as tx:
        await settle(tx, mail.id)
    return 1
