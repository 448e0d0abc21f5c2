"""A Kafka record as the consumer sees it: read in full before any transaction begins, by code that cannot raise."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.contracts import Envelope, Event
from shared.contracts.reading import Read, UnknownType, Unreadable, read
from shared.messaging.handlers import Handler
from shared.messaging.positions import Partition


@dataclass(frozen=True, slots=True)
class Record:
    """A record's coordinates and bytes, as they came."""

    topic: str
    number: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]

    @property
    def partition(self) -> Partition:
        """The topic and the partition's number."""
        return self.topic, self.number

    @property
    def digest(self) -> str:
        """SHA-256 of the value, in hexadecimal."""
        return hashlib.sha256(self.value or b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Handled:
    """A record that this consumer has a handler for."""

    record: Record
    envelope: Envelope
    event: Event
    handler: Handler

    @property
    def key(self) -> str:
        """The key that order holds for, on each topic."""
        return self.envelope.subject

    @property
    def lane(self) -> tuple[str, str]:
        """The topic and the key: what is parked here, later messages wait behind."""
        return self.record.topic, self.envelope.subject


@dataclass(frozen=True, slots=True)
class Skipped:
    """A record of a known type that this consumer does not consume."""

    record: Record
    type: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A record that breaks its contract, or of a type or version that this consumer does not know."""

    record: Record
    kind: str
    detail: str
    type: str | None = None
    retry_after_upgrade: bool = False


Item = Handled | Skipped | Broken


def from_kafka(record: Any) -> Record:
    """Copy what counts of an aiokafka record."""
    return Record(record.topic, record.partition, record.offset, record.key, record.value, tuple(record.headers))


def sort(record: Record, handlers: Mapping[str, Handler]) -> Item:
    """Read a record and say what is to be done with it."""
    if record.key is None:
        return Broken(record, "null-key", "the record has no key, so no order could be kept for it")
    match read(record.headers, record.value):
        case Unreadable(kind, detail, envelope):
            return Broken(record, kind, detail, envelope.type if envelope else None)
        case UnknownType(envelope, kind, detail):
            return Broken(record, kind, detail, envelope.type, retry_after_upgrade=True)
        case Read(envelope, event):
            if record.key != envelope.subject.encode():
                return Broken(record, "key-is-not-subject", "the record's key is not its ce_subject", envelope.type)
            handler = handlers.get(envelope.type)
            return Handled(record, envelope, event, handler) if handler else Skipped(record, envelope.type)
