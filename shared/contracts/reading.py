"""The total reader: whatever bytes lie on a topic become one of three outcomes, and nothing raises."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pydantic import ValidationError

from shared.contracts.event import Envelope, Event
from shared.contracts.registry import EVENTS

MOST_ERRORS_TOLD = 10


@dataclass(frozen=True, slots=True)
class Read:
    """An event of a known type that keeps its contract."""

    envelope: Envelope
    event: Event


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message that nobody will ever read as it is; `detail` names places and rules, never what stood there."""

    kind: Literal["no-value", "bad-headers", "bad-json", "breaks-contract"]
    detail: str
    envelope: Envelope | None
    """None where the headers could not be read."""


@dataclass(frozen=True, slots=True)
class UnknownType:
    """A message of a type that this release does not know; a later release may."""

    envelope: Envelope
    kind: Literal["future-version", "unknown-type"]
    detail: str


def read(headers: Iterable[tuple[str, bytes | None]], value: bytes | None) -> Read | Unreadable | UnknownType:
    """Read a Kafka record's headers and value."""
    try:
        envelope = Envelope.from_headers(headers)
    except ValueError as error:
        return Unreadable("bad-headers", str(error), None) if value else Unreadable("no-value", "no value", None)
    event_type = EVENTS.get(envelope.type)
    if event_type is None:
        return _unknown(envelope)
    if not value:
        return Unreadable("no-value", "no value", envelope)
    return _read_known(event_type, envelope, value)


def _read_known(event_type: type[Event], envelope: Envelope, value: bytes) -> Read | Unreadable:
    try:
        event = event_type.from_json(value)
    except ValidationError as error:
        return _broken(envelope, error)
    if event.key != envelope.subject:
        return Unreadable("breaks-contract", f"ce_subject is not the event's {event.key_field}", envelope)
    return Read(envelope, event)


def _broken(envelope: Envelope, error: ValidationError) -> Unreadable:
    """Say where and which rule; pydantic's own message prints the input."""
    errors = error.errors(include_url=False, include_context=False, include_input=False)
    if errors[0]["type"] == "json_invalid":
        return Unreadable("bad-json", "not JSON", envelope)
    told = [f"{'.'.join(map(str, e['loc'])) or 'value'}: {e['type']}" for e in errors[:MOST_ERRORS_TOLD]]
    if len(errors) > MOST_ERRORS_TOLD:
        told.append(f"and {len(errors) - MOST_ERRORS_TOLD} more")
    return Unreadable("breaks-contract", "; ".join(told), envelope)


def _unknown(envelope: Envelope) -> UnknownType:
    family, version = _version(envelope.type)
    known = [number for name, number in map(_version, EVENTS) if name == family]
    if known and version > max(known):
        return UnknownType(envelope, "future-version", f"version {version} of a type known up to {max(known)}")
    return UnknownType(envelope, "unknown-type", "a type that is not in the registry")


def _version(event_type: str) -> tuple[str, int]:
    """Split a type into its family and version; a type without a version has version 0."""
    found = re.fullmatch(r"(.+)\.v([0-9]{1,9})", event_type)
    return (found[1], int(found[2])) if found else (event_type, 0)
