"""What matching says about the listings of its directory, on `linkway.directory`."""

from typing import Annotated, ClassVar

from pydantic import Field

from shared.contracts.event import Event
from shared.contracts.words import Code, Instant, NeedCode, OrganisationId, ServiceId, Vocabulary


class DirectoryEvent(Event):
    """A fact about one service in the directory."""

    topic: ClassVar[str] = "linkway.directory"
    key_field: ClassVar[str] = "service"
    service: ServiceId
    organisation: OrganisationId
    directory_version: Annotated[int, Field(ge=0)]


class ServiceListed(DirectoryEvent):
    """A service came into the directory."""

    type: ClassVar[str] = "linkway.service.listed.v1"
    needs: tuple[NeedCode, ...]


class ServiceChanged(DirectoryEvent):
    """A listing's facts changed."""

    type: ClassVar[str] = "linkway.service.changed.v1"
    needs: tuple[NeedCode, ...]


class ServiceDelisted(DirectoryEvent):
    """A service left the directory."""

    type: ClassVar[str] = "linkway.service.delisted.v1"
    reason: Code


class CapacityChanged(DirectoryEvent):
    """How many places are free, or that nobody knows."""

    type: ClassVar[str] = "linkway.service.capacity-changed.v1"
    availability: Annotated[str, Vocabulary("open", "waiting", "full", "paused", "unknown")]
    free_places: Annotated[int, Field(ge=0)] | None = None
    waiting_weeks: Annotated[int, Field(ge=0)] | None = None
    """How long the wait is, where there is a list and somebody said so."""
    valid_until: Instant | None = None
    """When nobody knows any more, unless it is said again."""


class AccuracyChanged(DirectoryEvent):
    """How far a listing can be trusted."""

    type: ClassVar[str] = "linkway.service.accuracy-changed.v1"
    accuracy: Annotated[str, Vocabulary("checked", "unchecked", "doubtful", "wrong")]
    reasons: tuple[Code, ...] = ()
    """What speaks against it and is not settled, as *mail-bounced* or *reported-closed*."""
    lowered: bool = False
    """Whether it may stand lower, because its organisation was asked and had its time to answer."""
