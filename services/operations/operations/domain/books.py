"""What services told about referrals at one time, as values: their books, their custody, how far each has read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from shared.contracts import EVENTS, NotificationCreated

INTAKE, MATCHING, CASEWORK = "referral-intake", "matching", "casework"

REFERRAL_TOPICS = frozenset(event.topic for event in EVENTS.values() if event.key_field == "referral")
"""The topics whose keys are referrals; a key seen only on others is a listing's, a programme's or a consumer's."""


@dataclass(frozen=True, slots=True)
class Sent:
    """An event that the broker has, where, and how long ago it was published."""

    event: UUID
    type: str
    topic: str
    partition: int
    offset: int
    age_seconds: float = 0


@dataclass(frozen=True, slots=True)
class Unsent:
    """An event that waits in an outbox; `refused` is why the broker will never take it."""

    event: UUID
    type: str
    topic: str
    age_seconds: float
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Aside:
    """A parked message that is not settled."""

    id: UUID
    kind: str
    state: Literal["waiting", "held"]
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """What a service says of a referral: it holds it with a named owner and a deadline, closed it, or handed it on."""

    state: Literal["open", "closed", "handed-on"]
    stage: str
    owner: str | None = None
    deadline: datetime | None = None
    next_service: str | None = None
    deliveries: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One service's page about one referral.

    `published` and `parked` are counted beside the rows, in another table: where they differ, a row is gone.
    """

    published: int = 0
    outbox_rows: int = 0
    parked: int = 0
    parked_rows: int = 0
    unsent: tuple[Unsent, ...] = ()
    sent: tuple[Sent, ...] = ()
    parked_messages: tuple[Aside, ...] = ()
    custody: Held | None = None

    @property
    def notified(self) -> int:
        """How many deliveries this service announced."""
        return [event.type for event in self._events].count(NotificationCreated.type)

    @property
    def speaks_of_a_referral(self) -> bool:
        """Whether an event here went to a topic whose keys are referrals."""
        return any(event.topic in REFERRAL_TOPICS for event in self._events)

    @property
    def _events(self) -> list[Sent | Unsent]:
        return [*self.unsent, *self.sent]


@dataclass(frozen=True, slots=True)
class Reader:
    """What a service consumes, and the next offset of each topic and partition; one that it never read has none."""

    topics: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    positions: Mapping[str, Mapping[int, int]] = field(default_factory=dict)

    def wants(self, event: Sent) -> bool:
        """Say whether this service handles such an event."""
        return event.topic in self.topics and event.type in self.types

    def is_past(self, event: Sent) -> bool:
        """Say whether this service has read on beyond an event."""
        return event.offset < self.positions.get(event.topic, {}).get(event.partition, 0)

    def behind(self, ends: Mapping[tuple[str, int], int]) -> dict[str, int]:
        """Return by topic how many messages this service has not read yet, given where the topics end."""
        lag = dict.fromkeys(sorted(self.topics), 0)
        for (topic, number), end in ends.items():
            if topic in lag:
                lag[topic] += max(0, end - self.positions.get(topic, {}).get(number, 0))
        return lag


@dataclass(frozen=True, slots=True)
class Books:
    """What was pulled at one time about some referrals.

    `pages` by service and referral; `missing` and `unreadable` by service and event: events before a service's
    position that it neither claimed nor parked, and those that it parked without knowing whose they are.
    `on_kafka` are referrals that the archive has facts about.
    """

    pages: Mapping[str, Mapping[UUID, Page]]
    readers: Mapping[str, Reader]
    silent: frozenset[str] = frozenset()
    missing: frozenset[tuple[str, UUID]] = frozenset()
    unreadable: Mapping[tuple[str, UUID], str] = field(default_factory=dict)
    on_kafka: frozenset[UUID] = frozenset()

    def of(self, referral: UUID) -> dict[str, Page]:
        """Return every service's page about one referral."""
        return {service: pages[referral] for service, pages in self.pages.items() if referral in pages}

    def to_ask(self, confirmed: frozenset[UUID], claims_kept_seconds: float) -> dict[str, list[Sent]]:
        """Return by service the events that it has read past and must have claimed.

        Save those already confirmed, and those so old that their claims may have been dropped with their day.
        """
        sent = [
            event
            for pages in self.pages.values()
            for page in pages.values()
            for event in page.sent
            if event.event not in confirmed and event.age_seconds < claims_kept_seconds
        ]
        wanted = {
            service: [event for event in sent if reader.wants(event) and reader.is_past(event)]
            for service, reader in self.readers.items()
        }
        return {service: events for service, events in wanted.items() if events}

    def confirmed(self, referral: UUID) -> frozenset[UUID]:
        """Return a referral's events that every service which handles them has claimed or parked."""
        return frozenset(
            event.event
            for page in self.of(referral).values()
            for event in page.sent
            if not self.silent
            and all(
                reader.is_past(event) and (service, event.event) not in self.missing
                for service, reader in self.readers.items()
                if reader.wants(event)
            )
        )
