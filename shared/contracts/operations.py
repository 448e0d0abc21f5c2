"""What a consumer says about messages it set aside, on `linkway.operations`; coordinates and digests, never bytes."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field, StringConstraints

from shared.contracts.event import Event
from shared.contracts.words import Code, Slug, Text


class ParkedEvent(Event):
    """A fact about one parked message of one consumer."""

    topic: ClassVar[str] = "linkway.operations"
    key_field: ClassVar[str] = "consumer"
    consumer: Slug
    parked: UUID
    source_topic: Text
    partition: Annotated[int, Field(ge=0)]
    offset: Annotated[int, Field(ge=0)]
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    """SHA-256 of the record's value, in hexadecimal."""


class MessageParked(ParkedEvent):
    """A message was set aside with its bytes sealed."""

    type: ClassVar[str] = "linkway.message.parked.v1"
    error_kind: Code
    message_type: Text | None = None


class MessageRedriven(ParkedEvent):
    """A parked message was handled after all."""

    type: ClassVar[str] = "linkway.message.redriven.v1"
    attempts: Annotated[int, Field(ge=1)]


class MessageDiscarded(ParkedEvent):
    """A person discarded a parked message, with a reason."""

    type: ClassVar[str] = "linkway.message.discarded.v1"
    reason: Code
