"""The settings of notifications."""

from typing import Annotated

from pydantic import Field, SecretStr

from notifications.gateway import Tls
from shared.service import Key, ServiceSettings


class Settings(ServiceSettings):
    """Read from the environment, each name in capitals after `LINKWAY_`; lists are JSON."""

    # Connections for claiming and recording deliveries.
    worker_connections: Annotated[int, Field(ge=1)] = 8

    # The mail server: host:port.
    smtp: str = "127.0.0.1:1025"
    # How the connection to it is secured: none (a relay on the same machine), starttls or tls.
    smtp_tls: Tls = "none"
    # Who we are to the mail server; nobody where it does not ask.
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    # Our domain: the right side of every Message-ID, and what the mail server is greeted with.
    mail_domain: str = "linkway.example.org"
    # Who mails are from, and where answers go.
    mail_from: str = "Linkway <linkway@linkway.example.org>"
    mail_reply_to: str = "Linkway <help@linkway.example.org>"

    # Where link workers and organisations reach casework's pages.
    casework_public_url: str = "http://127.0.0.1:8030"
    # Signs the links in mails to organisations; casework reads them with the same key.
    link_key: Key
    # Days after its answer was due that an organisation's link still shows how the offer stands.
    link_days: Annotated[int, Field(ge=0)] = 90

    # Whether webhooks may go to this machine, for demonstrations and tests.
    webhook_allow_loopback: bool = False

    # Messages on their way at a time, by mail and by webhook, and webhooks at a time to one organisation.
    mails_at_once: Annotated[int, Field(ge=1)] = 8
    webhooks_at_once: Annotated[int, Field(ge=1)] = 8
    webhooks_at_once_each: Annotated[int, Field(ge=1)] = 2
    # Seconds that one attempt may take.
    send_seconds: Annotated[float, Field(gt=0)] = 15
    # Seconds after which a delivery whose worker says nothing counts as lost; more than an attempt may take.
    lease_seconds: Annotated[float, Field(gt=0)] = 20
    # Seconds between looks for due deliveries that nobody woke us for.
    delivery_poll_seconds: Annotated[float, Field(gt=0)] = 1
    # Seconds to wait after the first, second, … failed attempt; then a person is told. Three days in all.
    retry_seconds: tuple[float, ...] = (5, 30, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 72_000)
