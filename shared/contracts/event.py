"""The base of every event and the envelope that carries it, so that a contract file holds nothing but facts."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Self, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

T = TypeVar("T")

READING = {"reading": True}
"""Validation context of a reader: values that a vocabulary does not know become *unrecognised* instead of an error."""

CONFIG = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False, use_attribute_docstrings=True)
"""Infinity and NaN have no JSON; the docstring under a field is its description in the schema."""


class Event(BaseModel):
    """A fact that one service published; subclasses name its type, its topic and the field that is its key."""

    model_config = CONFIG

    type: ClassVar[str]
    topic: ClassVar[str]
    key_field: ClassVar[str] = "referral"

    @property
    def key(self) -> str:
        """The Kafka key and CloudEvents subject: facts with the same key keep their order on their topic."""
        return str(getattr(self, self.key_field))

    @property
    def topic_name(self) -> str:
        """The topic that this event goes to; a type whose topic depends on its facts says so itself."""
        return type(self).topic

    def to_json(self) -> bytes:
        """Return the event's data as UTF-8 JSON, the whole of a Kafka record's value."""
        return self.model_dump_json().encode()

    @classmethod
    def from_json(cls, value: bytes) -> Self:
        """Read an event as a tolerant reader: unknown fields are ignored, unknown vocabulary words are *unrecognised*.

        Types are read as the schema gives them: "7" is no integer and 1 is no boolean.

        Raises:
            pydantic.ValidationError: the data breaks the contract.
        """
        return cls.model_validate_json(value, strict=True, context=READING)


class Fact(BaseModel):
    """A value inside an event."""

    model_config = CONFIG


@dataclass(frozen=True, slots=True)
class Envelope:
    """The CloudEvents 1.0 attributes of one event, in Kafka's binary mode.

    `source` is the publishing service, `subject` the key, `correlation_id` the request that began it all,
    `causation_id` the event or request that led to this one, `time` informative only: nothing is ordered by it.

    An envelope that exists can be written and read again.

    Raises:
        ValueError: an attribute is empty, over 256 characters, not printable, or a time without its offset.
    """

    id: UUID
    source: str
    type: str
    time: datetime
    subject: str
    correlation_id: str
    causation_id: str
    traceparent: str | None = None

    def __post_init__(self) -> None:
        if self.time.tzinfo is None:
            raise ValueError("ce_time has no offset")
        for name, value in self._attributes().items():
            # Attributes go into indexed text columns, which bear neither a null byte nor kilobytes.
            if not (0 < len(value) <= LONGEST_HEADER and value.isprintable()):
                raise ValueError(f"header {name} is empty, too long or not printable")

    def to_headers(self) -> list[tuple[str, bytes]]:
        """Return the Kafka headers of this envelope."""
        headers = {"ce_specversion": "1.0", **self._attributes(), "content-type": "application/json"}
        return [(name, value.encode()) for name, value in headers.items()]

    def _attributes(self) -> dict[str, str]:
        attributes = {
            "ce_id": str(self.id),
            "ce_source": self.source,
            "ce_type": self.type,
            "ce_time": self.time.isoformat(),
            "ce_subject": self.subject,
            "ce_correlationid": self.correlation_id,
            "ce_causationid": self.causation_id,
        }
        return attributes if self.traceparent is None else {**attributes, "traceparent": self.traceparent}

    @classmethod
    def from_headers(cls, headers: Iterable[tuple[str, bytes | None]]) -> Self:
        """Read an envelope from Kafka headers.

        Raises:
            ValueError: a required attribute is missing, repeated, null, not UTF-8 or not of its form; says which one.
        """
        text = _decode(headers)
        if text.get("ce_specversion") != "1.0":
            raise ValueError("ce_specversion is not 1.0")
        missing = [name for name in _REQUIRED if name not in text]
        if missing:
            raise ValueError(f"missing headers: {', '.join(missing)}")
        if not text.get("content-type", "application/json").startswith("application/json"):
            raise ValueError("header content-type is not application/json")
        traceparent = text.get("traceparent", "")
        return cls(
            id=_parse("ce_id", _uuid, text["ce_id"]),
            source=text["ce_source"],
            type=text["ce_type"],
            time=_parse("ce_time", datetime.fromisoformat, text["ce_time"]),
            subject=text["ce_subject"],
            correlation_id=text.get("ce_correlationid", text["ce_id"]),
            causation_id=text.get("ce_causationid", text["ce_id"]),
            # W3C Trace Context: what is not of its form is ignored.
            traceparent=traceparent if _TRACEPARENT.fullmatch(traceparent) else None,
        )


LONGEST_HEADER = 256
_TRACEPARENT = re.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_REQUIRED = ("ce_id", "ce_source", "ce_type", "ce_time", "ce_subject")
_KNOWN = frozenset((*_REQUIRED, "ce_specversion", "ce_correlationid", "ce_causationid", "traceparent", "content-type"))


def _decode(headers: Iterable[tuple[str, bytes | None]]) -> dict[str, str]:
    """Decode the headers that we know; anybody may add others, in any encoding."""
    text: dict[str, str] = {}
    for name, value in headers:
        if name not in _KNOWN:
            continue
        if value is None:
            raise ValueError(f"header {name} is null")
        if name in text:
            raise ValueError(f"header {name} is repeated")
        try:
            text[name] = value.decode()
        except UnicodeDecodeError:
            raise ValueError(f"header {name} is not UTF-8") from None
    return text


def _parse(name: str, parse: Callable[[str], T], text: str) -> T:
    try:
        return parse(text)
    except ValueError:
        raise ValueError(f"header {name} is not of its form") from None


def _uuid(text: str) -> UUID:
    """Read a UUID in its canonical form only; the class alone takes braces, signs and underscores too."""
    uuid = UUID(text)
    if str(uuid) != text.lower():
        raise ValueError
    return uuid
