"""Write what is sent: mails in plain words, webhooks as events; neither names the person it is about."""

from collections.abc import Callable
from datetime import datetime, timedelta
from email.charset import QP, Charset
from email.message import Message
from email.policy import compat32
from email.utils import format_datetime, formataddr, parseaddr
from uuid import UUID

import orjson
from jinja2 import Environment, PackageLoader, StrictUndefined

from notifications.config import Settings
from notifications.domain import partner_event
from notifications.gateway import Post
from notifications.storage import Claimed
from shared.contracts import PartnerOfferMade
from shared.needs import NEEDS, OUTCOMES
from shared.service import key_bytes
from shared.web.links import Links
from shared.web.pages import clock, day, reference

QUOTED = Charset("utf-8")
QUOTED.body_encoding = QP
"""Mails pass servers that know nothing but ASCII."""

UNFOLDED = compat32.clone(max_line_length=900, linesep="\r\n")
"""A subject stays on its line: some mail programs show the fold. The newer policies take six times as long."""


class Letters:
    """Writes each delivery from its template and its facts; the same delivery gives the same words each time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        # Names may be of any language; addresses stay as they are.
        self._from, self._reply_to = (
            formataddr(parseaddr(each)) for each in (settings.mail_from, settings.mail_reply_to)
        )
        self._links = Links(key_bytes(settings.link_key))
        self._casework = settings.casework_public_url.rstrip("/")
        self._templates = Environment(
            loader=PackageLoader("notifications"),
            autoescape=False,  # noqa: S701 -- plain text, never HTML
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._templates.filters.update(
            day=_at(day), clock=_at(clock), need=need_name, outcome=outcome_name, words=words
        )

    def mail(self, claimed: Claimed) -> Post:
        """Write a mail.

        Raises:
            jinja2.TemplateError: the template asks for what the delivery does not have.
        """
        subject, body = self._write(claimed)
        message = Message(policy=UNFOLDED)
        message.set_payload(body, QUOTED)
        headers = {
            "From": self._from,
            "Reply-To": self._reply_to,
            "To": formataddr((one_line(claimed.to.name), claimed.to.mail or "")),
            "Subject": one_line(subject),
            "Date": format_datetime(claimed.created_at),
            "Message-ID": self._message_id(claimed.delivery.id),
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        }
        if claimed.thread:
            headers["In-Reply-To"] = headers["References"] = self._message_id(claimed.thread)
        for name, value in headers.items():
            message[name] = value
        return Post(parseaddr(self._settings.mail_from)[1], claimed.to.mail or "", message.as_bytes())

    def webhook(self, claimed: Claimed) -> bytes:
        """Write a webhook's body: what the organisation's own topic would carry, and where to answer an offer."""
        event = partner_event(claimed.delivery)
        data = event.model_dump(mode="json")
        if isinstance(event, PartnerOfferMade):
            data["answer_url"] = self._offer_url(claimed)
        return orjson.dumps({"type": event.type, "timestamp": claimed.created_at.isoformat(), "data": data})

    def _write(self, claimed: Claimed) -> tuple[str, str]:
        """Return subject and text; each template's first line is its subject."""
        delivery = claimed.delivery
        names = (f"{delivery.recipient_kind}/{delivery.template}.txt", f"{delivery.template}.txt")
        text = self._templates.select_template(names).render(
            delivery.facts,
            referral=delivery.referral,
            reference=reference(delivery.referral),
            to=claimed.to,
            referral_url=f"{self._casework}/referrals/{delivery.referral}",
            offer_url=self._offer_url(claimed) if delivery.template == "offer" else None,
        )
        subject, _, body = text.partition("\n")
        return subject.strip(), body.lstrip("\n")

    def _offer_url(self, claimed: Claimed) -> str:
        """Return the address at which an organisation sees an offer and answers it; whoever has it may answer."""
        facts = claimed.delivery.facts
        until = datetime.fromisoformat(str(facts["respond_by"])) + timedelta(days=self._settings.link_days)
        return f"{self._casework}/offers/{self._links.sign('offer', str(facts['offer']), until)}"

    def _message_id(self, delivery: UUID) -> str:
        return f"<{delivery}@{self._settings.mail_domain}>"


def need_name(code: str) -> str:
    """Return a need as people read it; one that our vocabulary lacks is not named."""
    return NEEDS[code].name if code in NEEDS else "a need that is not in our list"


def outcome_name(outcome: dict[str, object]) -> str:
    """Return an outcome as people read it, with its amount."""
    code, amount = str(outcome["code"]), outcome["amount"]
    known = OUTCOMES.get(code)
    if known is None or not isinstance(amount, int | float):
        return known.name if known else words(code)
    written = f"£{amount:,.0f}" if known.measure == "amount_pounds" else f"{amount:,.0f} {known.counts}"
    return f"{known.name}: {written}"


def one_line(text: str) -> str:
    """Return a text without line ends, which would begin another header."""
    return " ".join(text.split())


def words(code: str) -> str:
    """Return a code as words."""
    return code.replace("-", " ")


def _at(write: Callable[[datetime], str]) -> Callable[[str], str]:
    """Let a template write a time that a fact holds as text."""
    return lambda text: write(datetime.fromisoformat(text))
