"""Casework's settings."""

import hmac
from functools import cached_property

from pydantic import SecretStr

from casework.domain import ReviewRules
from shared.clocks import Clock
from shared.service import Key, ServiceSettings, key_bytes
from shared.web.links import Links
from shared.web.sign_in import Mailer, Tls


class Settings(ServiceSettings):
    """Read from the environment, each name in capitals after `LINKWAY_`."""

    # Where people find casework's pages, without a slash at the end; mails of notifications link to it too.
    casework_public_url: str = "http://127.0.0.1:8030"
    # Where referral-intake keeps its internal door to people's details.
    people_url: str = "http://127.0.0.1:8010"
    # Seconds that door may take; pages work without it and say so.
    people_timeout_seconds: float = 2.5
    # Signs the links in mails; notifications has the same.
    link_key: Key
    # The mail server for sign-in links, host:port, and how it is spoken to.
    smtp: str = "127.0.0.1:1025"
    smtp_tls: Tls = "none"
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    # Our domain: the right side of every Message-ID, and what the mail server is greeted with.
    mail_domain: str = "linkway.example.org"
    # Who sign-in links are from.
    mail_from: str = "Linkway <linkway@linkway.example.org>"
    # Seconds between looks for sign-in mails that are due and that nobody woke us for.
    sign_in_tick_seconds: float = 1
    # Seconds between looks for cases whose review date has passed.
    review_tick_seconds: float = 5
    # How long a new case may rest before its first contact, by urgency: a whole number and a unit.
    first_contact_urgent: str = "1 working day"
    first_contact_soon: str = "3 working days"
    first_contact_routine: str = "5 working days"
    # How long a case may rest after the person was not reached.
    review_after_no_answer: str = "3 working days"
    # How long after they were; a programme's file says it better.
    review_after: str = "4 weeks"
    # In place of all five and of programmes' own, for demonstrations and tests: 20 seconds.
    review_instead: str | None = None

    @cached_property
    def session_key(self) -> bytes:
        """The key of cookies and form tokens; another one than that of links, made from it."""
        return hmac.digest(key_bytes(self.link_key), b"linkway casework sessions", "sha256")

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies travel over TLS only: as soon as people reach us by it."""
        return self.casework_public_url.startswith("https://")

    @property
    def rules(self) -> ReviewRules:
        """When cases come back by themselves."""
        first_contact = {
            "urgent": Clock.read(self.first_contact_urgent),
            "soon": Clock.read(self.first_contact_soon),
            "routine": Clock.read(self.first_contact_routine),
        }
        return ReviewRules(
            first_contact,
            after_contact=Clock.read(self.review_after),
            after_no_answer=Clock.read(self.review_after_no_answer),
            instead=Clock.read(self.review_instead) if self.review_instead else None,
        )

    def mailer(self, links: Links) -> Mailer:
        """Return what sign-in links are mailed by."""
        return Mailer(
            links,
            public_url=self.casework_public_url,
            sender=self.mail_from,
            domain=self.mail_domain,
            server=self.smtp,
            tls=self.smtp_tls,
            user=self.smtp_user,
            password=self.smtp_password.get_secret_value(),
        )
