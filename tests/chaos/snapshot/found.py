"""What was found, as values; moments are seconds since 1970, on the database's clock where a row has them."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from shared.messaging.reading import Record
from tests.acceptance.leaks import Sought, Text
from tests.acceptance.topics import Message
from tests.reliability.accounts import Round

Place = tuple[str, int, int]
"""A topic, a partition and an offset."""


@dataclass(frozen=True, slots=True)
class Row:
    """An event as its service's outbox has it; `partition` and `offset` are where the relay says that it lies."""

    service: str
    id: int
    event: str
    topic: str
    key: str
    type: str
    headers: Mapping[str, str]
    value: bytes
    created_at: float
    sent_at: float | None
    partition: int | None = None
    offset: int | None = None
    refused: str | None = None

    @property
    def cause(self) -> str:
        """What led to it."""
        return self.headers.get("ce_causationid", "")


@dataclass(frozen=True, slots=True)
class Aside:
    """A parked message; `record` is what its sealed bytes open to, None where they do not open."""

    service: str
    place: Place
    key: str | None
    type: str | None
    event: str | None
    kind: str
    state: str
    blocks: bool
    parked_at: float
    settled_at: float | None
    record: Record | None = None

    @property
    def is_settled(self) -> bool:
        """Whether it was handled after all, or given up."""
        return self.settled_at is not None


@dataclass(frozen=True, slots=True)
class Stored:
    """A request that intake answered: whose, its id, and the referral that it stands for."""

    practice: str
    request_id: str
    referral: str


@dataclass(frozen=True, slots=True)
class Choice:
    """An offer as matching has it."""

    id: str
    referral: str
    need: str
    state: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one recipient by one channel."""

    id: str
    referral: str
    template: str
    channel: str
    recipient: str
    offer: str
    settled: bool


@dataclass(frozen=True, slots=True)
class Arrival:
    """A mail or a webhook that came to its recipient, each time that it came; `id` is its delivery's, if it has one."""

    channel: str
    id: str
    at: float


@dataclass(frozen=True, slots=True)
class Reads:
    """What a service consumes."""

    topics: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a process's log; `process` is the name of its replica, `at` by that process's own clock."""

    process: str
    at: float
    event: str
    told: Mapping[str, Any] = field(default_factory=dict)

    @property
    def service(self) -> str:
        """The service that wrote it."""
        return self.process.rpartition("-")[0]


@dataclass(frozen=True)
class Snapshot:
    """Everything; each service by its name, each referral and event by its id as text."""

    records: Sequence[Message] = ()
    rows: Sequence[Row] = ()
    claims: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """How often a service claimed an event."""
    archived: Mapping[str, int] = field(default_factory=dict)
    """How often operations archived an event."""
    asides: Sequence[Aside] = ()
    positions: Mapping[tuple[str, str, int], int] = field(default_factory=dict)
    """By service, topic and partition: the next offset."""
    reads: Mapping[str, Reads] = field(default_factory=dict)
    intake: Mapping[str, str] = field(default_factory=dict)
    """The state of each referral at referral-intake."""
    requests: Sequence[Stored] = ()
    matching: Mapping[str, tuple[str, str | None]] = field(default_factory=dict)
    """The state and the link worker of each referral at matching; so too at casework."""
    casework: Mapping[str, tuple[str, str | None]] = field(default_factory=dict)
    choices: Sequence[Choice] = ()
    deliveries: Sequence[Delivery] = ()
    arrivals: Sequence[Arrival] = ()
    lines: Sequence[Line] = ()
    """Of the logs, all but those of messages that were handled at once, which are in `handled`."""
    handled: Mapping[tuple[str, str], Line] = field(default_factory=dict)
    """By service and event: the first line that says that it was handled."""
    ledger: Round = field(default_factory=lambda: Round({}, {}, {}))
    texts: Sequence[Text] = ()
    sought: Sought = field(default_factory=lambda: Sought({}, frozenset()))

    @cached_property
    def rows_of(self) -> Mapping[str, Sequence[Row]]:
        """The rows of each event."""
        return _by_text(self.rows, [row.event for row in self.rows])

    @cached_property
    def copies(self) -> Mapping[tuple[str, str], Sequence[Message]]:
        """The records of each topic and event id, in the order of their offsets within a partition."""
        found: defaultdict[tuple[str, str], list[Message]] = defaultdict(list)
        for record in sorted(self.records, key=lambda each: (each.partition, each.offset)):
            found[record.topic, record.id].append(record)
        return found

    @cached_property
    def asides_at(self) -> Mapping[tuple[str, Place], Sequence[Aside]]:
        """The parked messages of each service and place."""
        found: defaultdict[tuple[str, Place], list[Aside]] = defaultdict(list)
        for aside in self.asides:
            found[aside.service, aside.place].append(aside)
        return found

    @cached_property
    def told(self) -> Mapping[str, Sequence[Line]]:
        """The lines of each event name."""
        return _by_text(self.lines, [line.event for line in self.lines])

    @cached_property
    def published(self) -> Counter[tuple[str, str]]:
        """How many events of each type were stored about each key."""
        return Counter((row.type, row.key) for row in self.rows)


def place(record: Message) -> Place:
    """Return where a record lies."""
    return record.topic, record.partition, record.offset


def _by_text(things: Sequence[Any], names: Sequence[str]) -> Mapping[str, Sequence[Any]]:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for thing, name in zip(things, names, strict=True):
        found[name].append(thing)
    return found
