"""Operations' settings."""

import hmac
from datetime import timedelta
from functools import cached_property
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from operations.domain import CASEWORK, INTAKE, MATCHING
from shared.service import Key, ServiceSettings, key_bytes
from shared.web.links import Links
from shared.web.sign_in import Mailer, Tls

ITSELF = "operations"


def read_pairs(text: str) -> dict[str, str]:
    """Read `name=value,name=value`.

    Raises:
        ValueError: a part has no name or no value, or a name comes twice.
    """
    pairs = [part.strip().partition("=") for part in text.split(",") if part.strip()]
    found = {name.strip(): value.strip() for name, _, value in pairs}
    if len(found) != len(pairs) or not all(name and value for name, value in found.items()):
        raise ValueError("write name=value,name=value, each name once")
    return found


def _peers(text: str) -> str:
    if lacking := {INTAKE, MATCHING, CASEWORK} - set(read_pairs(text)):
        raise ValueError(f"a referral could be with {', '.join(sorted(lacking))} too: name its address")
    return text


def _operators(text: str) -> str:
    read_pairs(text)
    return text


class Settings(ServiceSettings):
    """Read from the environment, each name in capitals after `LINKWAY_`."""

    # The archive may be half a second late: its batches are the larger for it, and cost a fraction.
    fetch_min_bytes: Annotated[int, Field(ge=1)] = 65_536
    # Whom the ledger asks: service=address, with commas; a service with several replicas is one entry.
    operations_peers: Annotated[str, AfterValidator(_peers)] = (
        "referral-intake=http://127.0.0.1:8010,matching=http://127.0.0.1:8020,"
        "casework=http://127.0.0.1:8030,notifications=http://127.0.0.1:8040"
    )
    # Seconds that a service may take to answer the ledger.
    peer_timeout_seconds: float = 5
    # Seconds between rounds of the ledger; half a minute, so that a loss is named within one.
    ledger_every_seconds: float = 30
    # Seconds after which what seems unaccounted for is looked at again, in the same round, before it is called so.
    ledger_confirm_seconds: float = 2
    # Seconds of the smallest windows by which ids are compared.
    ledger_window_seconds: Annotated[int, Field(ge=1)] = 600
    # How many referrals that rest are looked at in turn in each round: so many open ones, so many closed ones.
    ledger_in_turn: Annotated[int, Field(ge=1)] = 1000
    # Seconds past its deadline after which an open referral is shown as overdue.
    overdue_after_seconds: float = 86_400
    # Months that the archive keeps; 0 keeps it for good.
    archive_months: Annotated[int, Field(ge=0)] = 84
    # Lets programs read the ledger; where it is empty only Linkway's own services can.
    operator_key: SecretStr = SecretStr("")
    # Who may sign in to the pages: name=address, with commas; the name is written down with what they do.
    operators: Annotated[str, AfterValidator(_operators)] = ""
    # Where people find these pages, without a slash at the end.
    operations_public_url: str = "http://127.0.0.1:8050"
    # Keys of cookies are made from it.
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

    @property
    def peers(self) -> dict[str, str]:
        """The address of each service that the ledger asks."""
        return read_pairs(self.operations_peers)

    @property
    def staff(self) -> dict[str, str]:
        """The mail address of each operator."""
        return {name: mail.lower() for name, mail in read_pairs(self.operators).items()}

    @property
    def ledger_window(self) -> timedelta:
        """The smallest windows by which ids are compared."""
        return timedelta(seconds=self.ledger_window_seconds)

    @property
    def claims_kept_seconds(self) -> float:
        """For how long a service surely knows which events it claimed: days are dropped whole, by each on its hour."""
        return (self.kept_days - 1) * 86_400

    @cached_property
    def session_key(self) -> bytes:
        """The key of cookies and form tokens; another one than that of links, made from it."""
        return hmac.digest(key_bytes(self.link_key), b"linkway operations sessions", "sha256")

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies travel over TLS only: as soon as people reach us by it."""
        return self.operations_public_url.startswith("https://")

    def mailer(self, links: Links) -> Mailer:
        """Return what sign-in links are mailed by."""
        return Mailer(
            links,
            public_url=self.operations_public_url,
            sender=self.mail_from,
            domain=self.mail_domain,
            server=self.smtp,
            tls=self.smtp_tls,
            user=self.smtp_user,
            password=self.smtp_password.get_secret_value(),
        )
