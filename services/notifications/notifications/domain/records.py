"""What notifications decides about, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

Facts = Mapping[str, object]
"""What a message says, in codes and ids that JSON can hold; words are looked up when it is written."""


class Role(StrEnum):
    """Who may be told; the same words as a notification's *recipient_kind*."""

    LINK_WORKER = "link-worker"
    PRACTICE = "practice"
    DUTY_CONTACT = "duty-contact"
    ORGANISATION = "organisation"


@dataclass(frozen=True, slots=True)
class Referral:
    """What notifications knows of a referral, gathered from three topics in any order."""

    id: UUID
    programme: str
    practice: str | None = None
    link_worker: str | None = None
    urgency: str | None = None
    needs: tuple[str, ...] | None = None
    unmet: tuple[str, ...] = ()
    alerted: bool = False
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer to an organisation, for as long as that organisation may be expecting the person."""

    id: UUID
    referral: UUID
    organisation: str
    service: str
    service_name: str
    need: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who can be told; without a channel they cannot, and somebody else must be."""

    kind: str
    id: str
    name: str
    mail: str | None = None
    channels: tuple[str, ...] = ()
    endpoint: str | None = None
    secret_from: str | None = None
    """The name of the setting that holds the secret of the endpoint."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one recipient by one channel."""

    template: str
    recipient: Recipient
    channel: str
    facts: Facts = field(default_factory=dict)
    urgent: bool = False
    once: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one recipient by one channel; `id` is the stem of its Message-ID and its webhook-id for good."""

    id: UUID
    referral: UUID
    programme: str
    template: str
    channel: str
    recipient_kind: str
    recipient: str
    urgent: bool
    facts: Facts
