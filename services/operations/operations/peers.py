"""The services' doors for the ledger and operators: every call has a time-out, and every answer is checked."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError

from operations.config import ITSELF, Settings
from operations.domain import Page, Reader, Sent, Sum, Window

Told = TypeVar("Told")

MOST_KEYS = 500
MOST_EVENTS = 5000


class Away(Exception):
    """A service did not answer, or not as it should; what it holds cannot be told."""


class Refused(Away):
    """A service answered that it will not do that; the text is for the operator."""


class _ReadSoFar(BaseModel):
    consumes: frozenset[str]
    types: frozenset[str]
    positions: dict[str, dict[int, int]]

    @property
    def reader(self) -> Reader:
        """What the service has read."""
        return Reader(self.consumes, self.types, self.positions)


class Counts(_ReadSoFar):
    """A service's counts at one moment of its own database."""

    now: datetime
    stopped: str | None
    unsent: int
    oldest_unsent_seconds: float
    refused: int
    parked_waiting: int
    parked_held: int
    first_subject: datetime | None
    unsettled: list[UUID]

    def shown(self) -> dict[str, Any]:
        """Return what pages show of it."""
        return self.model_dump(
            mode="json",
            include={"stopped", "unsent", "oldest_unsent_seconds", "refused", "parked_waiting", "parked_held"},
        )


class _Window(BaseModel):
    count: int
    digest: str
    ids: list[UUID] = []


class _Custody(_ReadSoFar):
    keys: dict[UUID, Page]


class _Claimed(BaseModel):
    missing: frozenset[UUID]
    unreadable: dict[UUID, str]


class ParkedMessage(BaseModel):
    """A parked message as its service lists it: coordinates and kind, no bytes."""

    id: UUID
    consumer: str
    topic: str
    partition: int
    offset: int
    key: str | None
    type: str | None
    kind: str
    detail: str
    blocks: bool
    state: str
    attempts: int
    next_attempt_at: datetime | None
    digest: str
    parked_at: datetime


class _Problem(BaseModel):
    detail: str


class _Opened(BaseModel):
    key: str | None
    value: str | None
    headers: list[tuple[str, str | None]]


@dataclass(frozen=True)
class Opened:
    """A parked message's bytes, as far as they are text."""

    key: str
    value: str
    headers: tuple[tuple[str, str], ...]


@dataclass
class Door:
    """One service's door."""

    service: str
    client: httpx.AsyncClient

    async def counts(self) -> Counts:
        """Ask for counts and positions."""
        return await self._ask(Counts, "GET", "/counts")

    async def sum(self, window: Window) -> Sum:
        """Ask how many referrals were first seen in a window, and their digest."""
        told = await self._ask(_Window, "GET", "/subjects", params=_bounds(window))
        return Sum(told.count, told.digest)

    async def ids(self, window: Window) -> set[UUID]:
        """Ask which referrals were first seen in a window."""
        return set((await self._ask(_Window, "GET", "/subjects", params={**_bounds(window), "ids": True})).ids)

    async def custody(self, referrals: Sequence[UUID]) -> tuple[dict[UUID, Page], Reader]:
        """Ask for the pages about referrals, at most 500, and how far the service has read."""
        told = await self._ask(_Custody, "POST", "/custody", json={"keys": [str(each) for each in referrals]})
        return told.keys, told.reader

    async def claimed(self, events: Sequence[Sent]) -> tuple[frozenset[UUID], dict[UUID, str]]:
        """Ask which events, all before the position, were neither claimed nor parked, and which were unreadable."""
        missing: frozenset[UUID] = frozenset()
        unreadable: dict[UUID, str] = {}
        for begin in range(0, len(events), MOST_EVENTS):
            asked = [
                {"event": str(event.event), "topic": event.topic, "partition": event.partition, "offset": event.offset}
                for event in events[begin : begin + MOST_EVENTS]
            ]
            told = await self._ask(_Claimed, "POST", "/claimed", json={"events": asked})
            missing |= told.missing
            unreadable |= told.unreadable
        return missing, unreadable

    async def parked(self) -> list[ParkedMessage]:
        """Ask for the parked messages."""
        return _read(TypeAdapter(list[ParkedMessage]), await self._call("GET", "/parked"))

    async def view(self, parked: UUID, by: str, purpose: str) -> Opened:
        """Open a parked message for a named person; its service writes it down."""
        told = await self._ask(_Opened, "POST", f"/parked/{parked}/view", json={"by": by, "purpose": purpose})
        return Opened(_text(told.key), _text(told.value), tuple((name, _text(value)) for name, value in told.headers))

    async def redrive(self, parked: UUID, by: str) -> bool:
        """Have a parked message handled now; False when it failed again."""
        return bool((await self._call("POST", f"/parked/{parked}/redrive", json={"by": by})).json()["settled"])

    async def discard(self, parked: UUID, by: str, reason: str) -> bool:
        """Give a parked message up; False when it was settled meanwhile."""
        body = {"by": by, "reason": reason}
        return bool((await self._call("POST", f"/parked/{parked}/discard", json=body)).json()["settled"])

    async def _ask(self, model: type[Told], method: str, path: str, **what: Any) -> Told:
        return _read(TypeAdapter(model), await self._call(method, path, **what))

    async def _call(self, method: str, path: str, **what: Any) -> httpx.Response:
        try:
            response = await self.client.request(method, f"/internal/operations{path}", **what)
        except httpx.HTTPError as error:
            raise Away(self.service) from error
        if response.status_code in {404, 409}:
            raise Refused(_read(TypeAdapter(_Problem), response).detail)
        if response.status_code != 200:
            raise Away(self.service)
        return response


@dataclass
class Peers:
    """The doors of every service, operations' own among them."""

    doors: dict[str, Door] = field(default_factory=dict)

    def open(self, settings: Settings, inside: Mapping[str, httpx.AsyncBaseTransport]) -> None:
        """Make the doors of the services that settings name, and of those that are reached inside the process."""
        key = settings.internal_key.get_secret_value()
        for name, address in {**settings.peers, **dict.fromkeys(inside, "http://inside")}.items():
            client = httpx.AsyncClient(
                base_url=address,
                headers={"Authorization": f"Bearer {key}", "X-Linkway-Service": ITSELF},
                timeout=settings.peer_timeout_seconds,
                transport=inside.get(name),
                trust_env=False,
            )
            self.doors[name] = Door(name, client)

    async def close(self) -> None:
        """Close the connections."""
        for door in self.doors.values():
            await door.client.aclose()


def _bounds(window: Window) -> dict[str, Any]:
    return {"since": window.since.isoformat(), "until": window.until.isoformat()}


def _read(adapter: TypeAdapter[Told], response: httpx.Response) -> Told:
    try:
        return adapter.validate_json(response.content)
    except ValidationError as error:
        raise Away(f"an answer that does not fit: {error.error_count()} faults") from None


def _text(value: str | None) -> str:
    """Decode what may be anything: text as it is, other bytes as escapes."""
    return "(none)" if value is None else base64.b64decode(value).decode(errors="backslashreplace")
