"""Matching's settings."""

import hmac
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from matching.domain import AS_TUNED, Rules, Weights
from matching.weighing import read_weights
from shared.clocks import Clock
from shared.service import ServiceSettings, key_bytes
from shared.web.links import Links
from shared.web.sign_in import Mailer, Tls


def _checked(text: str) -> str:
    Clock.read(text)
    return text


ClockText = Annotated[str, AfterValidator(_checked)]
"""A whole number and a unit, as `5 working days`."""


class Settings(ServiceSettings):
    """Read from the environment, each name in capitals after `LINKWAY_`; an empty value is none."""

    model_config = SettingsConfigDict(env_ignore_empty=True)

    # How long an organisation has to answer an offer, as programme files write a clock.
    offer_response: ClockText = "5 working days"
    # Seconds instead, where time is to pass quickly.
    offer_response_seconds: Annotated[int, Field(ge=1)] | None = None
    # How long a referral waits for a link worker before somebody is told of it again.
    assignment_wait: ClockText = "2 working days"
    # Seconds instead, where time is to pass quickly.
    assignment_wait_seconds: Annotated[int, Field(ge=1)] | None = None
    # By when a person hears from their link worker, casework's settings: who is away until then gets nobody new.
    first_contact_urgent: ClockText = "1 working day"
    first_contact_soon: ClockText = "3 working days"
    first_contact_routine: ClockText = "5 working days"
    # The folder of the model of meaning; without one, services are found by words alone.
    model: Path | None = None
    # A YAML file of points for the parts of a score, `distance: 3.5`; what it does not name stays as it was tuned.
    weights: Path | None = None
    # Days for which it is kept what was asked of the directory for a referral, and what the answer was.
    matches_kept_days: Annotated[int, Field(ge=1)] = 90
    # Seconds between looks for listings whose meaning is not known yet.
    meanings_tick_seconds: Annotated[float, Field(gt=0)] = 1
    # A YAML or JSON file of the directories that are fetched; none is fetched where it is not set.
    directory_sources: Path | None = None
    # Seconds between looks for directories, judgements and words on availability that are due.
    directory_tick_seconds: Annotated[float, Field(gt=0)] = 60
    # Where people find the pages, without a slash at the end: prints, QR codes and messages lead there.
    matching_public_url: str = "http://127.0.0.1:8020"
    # Questions of signposting that are worked on at once; who comes beyond that is told to try again.
    signposting_at_once: Annotated[int, Field(ge=1)] = 4
    # Lists of services that may be made in a day, over all: anyone may make one.
    lists_a_day: Annotated[int, Field(ge=0)] = 200
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
    sign_in_tick_seconds: Annotated[float, Field(gt=0)] = 1
    # Seconds between looks for offers whose clock ran out, and for link workers who have room again.
    clock_tick_seconds: Annotated[float, Field(gt=0)] = 1

    @cached_property
    def session_key(self) -> bytes:
        """The key of cookies, form tokens and sign-in links; another one than the service's own, made from it."""
        return hmac.digest(key_bytes(self.service_key), b"linkway matching sessions", "sha256")

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies travel over TLS only: as soon as people reach us by it."""
        return self.matching_public_url.startswith("https://")

    def mailer(self, links: Links) -> Mailer:
        """Return what sign-in links are mailed by."""
        return Mailer(
            links,
            public_url=self.matching_public_url.rstrip("/"),
            sender=self.mail_from,
            domain=self.mail_domain,
            server=self.smtp,
            tls=self.smtp_tls,
            user=self.smtp_user,
            password=self.smtp_password.get_secret_value(),
        )

    @property
    def weighing(self) -> Weights:
        """How much each part of a score counts; WeightsError where the file does not say that."""
        return AS_TUNED if self.weights is None else read_weights(self.weights)

    @property
    def rules(self) -> Rules:
        """The clocks by which matching waits."""
        return Rules(
            offer_response=_clock(self.offer_response, self.offer_response_seconds),
            assignment_wait=_clock(self.assignment_wait, self.assignment_wait_seconds),
            first_contact={
                "urgent": Clock.read(self.first_contact_urgent),
                "soon": Clock.read(self.first_contact_soon),
                "routine": Clock.read(self.first_contact_routine),
            },
        )


def _clock(written: str, seconds: int | None) -> Clock:
    return Clock.read(written) if seconds is None else Clock(seconds, "second")
