"""How a delivery leaves by each channel: what is written, to where, by which provider."""

import base64
import binascii
import os

import structlog
from jinja2 import TemplateError

from notifications.config import Settings
from notifications.deliveries import Sender
from notifications.domain import Outcome, Result
from notifications.gateway import Endpoints, Hook, MailServer
from notifications.letters import Letters
from notifications.storage import Claimed

log = structlog.get_logger()


def senders(settings: Settings) -> tuple[Sender, ...]:
    """Return the sender of each channel that leaves by itself; partner topics leave through the outbox."""
    letters = Letters(settings)
    mails = Mails(letters, settings)
    webhooks = Webhooks(letters, settings)
    at_once = settings.mails_at_once
    return (
        Sender("mail", mails, at_once=at_once, per_recipient=at_once, settings=settings),
        Sender(
            "webhook",
            webhooks,
            at_once=settings.webhooks_at_once,
            per_recipient=settings.webhooks_at_once_each,
            settings=settings,
        ),
    )


class Mails:
    """Sends mails over connections that stay open between them."""

    def __init__(self, letters: Letters, settings: Settings) -> None:
        self._letters, self._settings = letters, settings
        self._idle: list[MailServer] = []

    async def send(self, claimed: Claimed) -> Outcome:
        """Write a mail and hand it to the mail server."""
        if not claimed.to.mail:
            return Outcome(Result.REFUSED, "no-address")
        try:
            post = self._letters.mail(claimed)
        except TemplateError as error:
            return _unwritable(claimed, error)
        server = self._idle.pop() if self._idle else self._server()
        try:
            return await server.send(post)
        finally:
            self._idle.append(server)

    async def aclose(self) -> None:
        """Hang up."""
        for server in self._idle:
            server.close()

    def _server(self) -> MailServer:
        settings = self._settings
        return MailServer(
            settings.smtp,
            tls=settings.smtp_tls,
            user=settings.smtp_user,
            password=settings.smtp_password.get_secret_value(),
            hello=settings.mail_domain,
            seconds=settings.send_seconds,
        )


class Webhooks:
    """Posts webhooks, signed with the secret of the organisation's endpoint."""

    def __init__(self, letters: Letters, settings: Settings) -> None:
        self._letters = letters
        self._endpoints = Endpoints(allow_loopback=settings.webhook_allow_loopback, seconds=settings.send_seconds)

    async def send(self, claimed: Claimed) -> Outcome:
        """Write a webhook and post it; without a secret it is not posted unsigned."""
        if not claimed.to.endpoint:
            return Outcome(Result.REFUSED, "no-address")
        secrets = read_secrets(os.environ.get(claimed.to.secret_from or "", ""))
        if not secrets:
            return Outcome(Result.BROKEN, "no-secret")
        try:
            body = self._letters.webhook(claimed)
        except TemplateError as error:
            return _unwritable(claimed, error)
        return await self._endpoints.send(
            Hook(str(claimed.delivery.id), claimed.to.endpoint, secrets, claimed.at, body)
        )

    async def aclose(self) -> None:
        """Hang up."""
        await self._endpoints.aclose()


def read_secrets(text: str) -> tuple[bytes, ...]:
    """Read an endpoint's secrets, several with spaces while one follows another: `whsec_` and 24 to 64 bytes in base64.

    One that is not of this form is left out, and without any nothing is sent.
    """
    found = []
    for secret in text.split():
        try:
            key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            continue
        if secret.startswith("whsec_") and 24 <= len(key) <= 64:
            found.append(key)
    return tuple(found)


def _unwritable(claimed: Claimed, error: TemplateError) -> Outcome:
    """Hand what cannot be written to a person; it is a fault of ours that no further attempt mends."""
    log.error("delivery_not_written", delivery=str(claimed.delivery.id), error=type(error).__name__)
    return Outcome(Result.REFUSED, "not-written")
