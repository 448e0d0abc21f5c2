"""What notifications says about whom it told, on `linkway.notifications`."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from shared.contracts.event import Event
from shared.contracts.words import Channel, Code, RecipientKind, ReferralId, Slug


class NotificationEvent(Event):
    """A fact about one notification, in the states of GOV.UK Notify."""

    topic: ClassVar[str] = "linkway.notifications"
    referral: ReferralId
    notification: UUID
    template: Code
    channel: Channel
    recipient_kind: RecipientKind
    recipient: Slug


class NotificationCreated(NotificationEvent):
    """Someone is to be told; the delivery is stored and will be attempted."""

    type: ClassVar[str] = "linkway.notification.created.v1"


class NotificationSent(NotificationEvent):
    """The channel took it over (a mail server said 250, a webhook answered 2xx, the broker acknowledged)."""

    type: ClassVar[str] = "linkway.notification.sent.v1"
    attempt: Annotated[int, Field(ge=1)]


class NotificationDelivered(NotificationEvent):
    """The recipient's side is known to have it."""

    type: ClassVar[str] = "linkway.notification.delivered.v1"


class NotificationFailed(NotificationEvent):
    """An attempt failed for now and will be made again."""

    type: ClassVar[str] = "linkway.notification.failed.v1"
    attempt: Annotated[int, Field(ge=1)]
    status: Code
    """*temporary-failure* or *technical-failure*."""


class NotificationUndeliverable(NotificationEvent):
    """No more attempts will be made; a person has to find another way."""

    type: ClassVar[str] = "linkway.notification.undeliverable.v1"
    reason: Code


class ReplyReceived(NotificationEvent):
    """A recipient answered through the channel itself."""

    type: ClassVar[str] = "linkway.notification.reply-received.v1"
