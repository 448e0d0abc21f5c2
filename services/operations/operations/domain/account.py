"""The decision of the ledger: where a referral is, from what services told; one answer, whatever they told."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from operations.domain.books import CASEWORK, INTAKE, MATCHING, Books, Held, Page


@dataclass(frozen=True, slots=True)
class Closed:
    """It ended, in this way, and nobody holds it any more."""

    state: ClassVar[str] = "closed"
    service: str
    stage: str


@dataclass(frozen=True, slots=True)
class Open:
    """A named owner has it until a deadline."""

    state: ClassVar[str] = "open"
    service: str
    stage: str
    owner: str
    deadline: datetime


@dataclass(frozen=True, slots=True)
class InOutbox:
    """An event about it has not left yet; `refused` where the broker never will take it."""

    state: ClassVar[str] = "in-outbox"
    service: str
    type: str
    age_seconds: float
    refused: str | None


@dataclass(frozen=True, slots=True)
class InFlight:
    """An event about it lies on a topic before a consumer that has not come so far."""

    state: ClassVar[str] = "in-flight"
    service: str
    topic: str
    type: str


@dataclass(frozen=True, slots=True)
class Parked:
    """A message about it was set aside, and is tried again or waits for a person."""

    state: ClassVar[str] = "parked"
    service: str
    kind: str
    held: bool


@dataclass(frozen=True, slots=True)
class Unaccounted:
    """Nobody can say where it is, or a row about it is gone."""

    state: ClassVar[str] = "unaccounted"
    service: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A service that may have it did not answer; this is never as good as an answer."""

    state: ClassVar[str] = "unchecked"
    service: str


@dataclass(frozen=True, slots=True)
class NoReferral:
    """The key is of something else, as a listing of the directory."""

    state: ClassVar[str] = "no-referral"
    service: str = ""


Account = Closed | Open | InOutbox | InFlight | Parked | Unaccounted | Unchecked | NoReferral

STATES: tuple[str, ...] = (
    Unaccounted.state,
    Parked.state,
    InOutbox.state,
    InFlight.state,
    Unchecked.state,
    Open.state,
    Closed.state,
)
"""The states of referrals, what needs a person first."""

RESTING = frozenset({Open.state, Closed.state, NoReferral.state})
"""States that last until something is heard of the referral; the others are looked at in every round."""


def account(referral: UUID, books: Books) -> Account:
    """Say where a referral is: what is gone first, then what is on its way, then who has it."""
    pages = books.of(referral)
    if gone := next(_gone(pages, books), None):
        return gone
    if not _is_referral(referral, pages, books):
        return _unchecked(books) or NoReferral()
    intake = pages.get(INTAKE)
    if INTAKE not in books.silent and (intake is None or intake.custody is None):
        others = sorted({*pages, *(["Kafka"] if referral in books.on_kafka else [])} - {INTAKE})
        return Unaccounted(INTAKE, f"{INTAKE} has no record of it; known to {', '.join(others) or 'itself only'}")
    return next(_on_its_way(pages, books), None) or _unchecked(books) or _in_custody(pages)


def _gone(pages: dict[str, Page], books: Books) -> Iterator[Unaccounted]:
    """Name rows that are gone: an event, a parked message, a delivery, or an effect that a position passed over."""
    for service, page in pages.items():
        if page.outbox_rows != page.published:
            yield Unaccounted(service, f"{service} published {_n(page.published, 'event')} and has {page.outbox_rows}")
        if page.parked_rows != page.parked:
            yield Unaccounted(service, f"{service} parked {_n(page.parked, 'message')} and has {page.parked_rows}")
        kept = page.custody.deliveries if page.custody else None
        if kept is not None and kept < page.notified:
            yield Unaccounted(service, f"{service} announced {_n(page.notified, 'delivery')} and has {kept}")
        for event in page.sent:
            for reader in books.readers:
                if (reader, event.event) in books.missing:
                    yield Unaccounted(reader, f"{reader} read past {event.type} of {service} without handling it")


def _is_referral(referral: UUID, pages: dict[str, Page], books: Books) -> bool:
    """Say whether custody, an event on a referral's topic or the archive shows that this key is a referral's."""
    held = any(pages[service].custody for service in (INTAKE, MATCHING, CASEWORK) if service in pages)
    return held or referral in books.on_kafka or any(page.speaks_of_a_referral for page in pages.values())


def _on_its_way(pages: dict[str, Page], books: Books) -> Iterator[Parked | InOutbox | InFlight]:
    """Name what is set aside, what has not left, and what has not been read."""
    aside = [(service, message) for service, page in pages.items() for message in page.parked_messages]
    for service, message in sorted(aside, key=lambda one: one[1].state):
        yield Parked(service, message.kind, message.state == "held")
    for service, page in pages.items():
        for event in page.unsent:
            yield InOutbox(service, event.type, event.age_seconds, event.refused)
    for page in pages.values():
        for sent in page.sent:
            for service, reader in books.readers.items():
                if (service, sent.event) in books.unreadable:
                    yield Parked(service, books.unreadable[service, sent.event], held=True)
                if reader.wants(sent) and not reader.is_past(sent):
                    yield InFlight(service, sent.topic, sent.type)


def _unchecked(books: Books) -> Unchecked | None:
    return Unchecked(min(books.silent)) if books.silent else None


def _in_custody(pages: dict[str, Page]) -> Closed | Open | Unaccounted:
    """Follow the chain of custody from intake on; whoever holds it furthest along answers for it."""
    custody = {service: page.custody for service, page in pages.items() if page.custody}
    path: list[str] = []
    service: str | None = INTAKE
    while service and service not in path:
        if service not in custody:
            return Unaccounted(service, f"{path[-1]} handed it on and {service} has no record of it")
        path.append(service)
        service = custody[service].next_service
    # A case may be open again although matching ended it: then the chain does not lead there.
    for holder in (*reversed(path), CASEWORK, MATCHING):
        if holder in custody and custody[holder].state == "open":
            return _open(holder, custody[holder])
    if custody[INTAKE].state == "closed":
        return Closed(INTAKE, custody[INTAKE].stage)
    return Unaccounted(path[-1], f"{path[-1]} has it as {custody[path[-1]].stage}, and nobody holds it")


def _open(service: str, held: Held) -> Open | Unaccounted:
    if not held.owner or not held.deadline:
        return Unaccounted(service, f"{service} has it open without {'a date' if held.owner else 'an owner'}")
    return Open(service, held.stage, held.owner, held.deadline)


def _n(count: int, noun: str) -> str:
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{count} {noun if count == 1 else plural}"
