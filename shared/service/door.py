"""`/internal/operations`: what each service tells of its messages and referrals, and lets staff do about them."""

import base64
import hashlib
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Body, Query
from pydantic import AwareDatetime, BaseModel, StringConstraints

from shared.messaging import Cause, Tx, ledger, parking
from shared.service.http import Internal
from shared.service.problems import Problem

if TYPE_CHECKING:
    from shared.service.app import Service

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9@._-]{0,63}$")]
Reason = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]


MOST_UNSETTLED = 10_000


class SentEvent(BaseModel):
    """An event and where the broker put it."""

    event: UUID
    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Custody:
    """What a service says of a referral: it holds it with a named owner and a deadline, closed it, or handed it on.

    `deliveries` counts the deliveries that it keeps: one for each *notification created* that it published.
    """

    state: Literal["open", "closed", "handed-on"]
    stage: str
    owner: str | None = None
    deadline: datetime | None = None
    next_service: str | None = None
    deliveries: int | None = None


CustodyOf = Callable[[Tx, list[str]], Awaitable[dict[str, Custody]]]


def router(service: "Service", custody_of: CustodyOf) -> APIRouter:
    """Return the routes of the door."""
    routes = APIRouter()
    routes.include_router(_books(service, custody_of))
    routes.include_router(_parked(service))
    return routes


def _books(service: "Service", custody_of: CustodyOf) -> APIRouter:
    """Return the routes that the ledger reads."""
    routes = APIRouter(prefix="/internal/operations", include_in_schema=False)

    @routes.get("/counts")
    async def counts(_caller: Internal) -> dict[str, Any]:
        """Return this service's counts, its unsettled referrals, and whether its consumer stands still."""
        async with _look(service) as tx:
            found = await ledger.counts(tx)
            found["unsettled"] = await ledger.unsettled(tx, MOST_UNSETTLED)
            read = await _read_so_far(service, tx)
        stopped = service.loop.stopped_loudly if service.loop else None
        return {"service": service.name, "now": tx.now, "stopped": stopped, **read, **found}

    @routes.get("/subjects")
    async def subjects(
        _caller: Internal,
        since: Annotated[AwareDatetime, Query()],
        until: Annotated[AwareDatetime, Query()],
        ids: bool = False,
    ) -> dict[str, Any]:
        """Return count and digest of the referrals first seen in a window; with `ids`, the ids too."""
        async with _look(service) as tx:
            keys = await ledger.subjects(tx, since, until)
        digest = hashlib.sha256("\n".join(keys).encode()).hexdigest()
        return {"count": len(keys), "digest": digest, **({"ids": keys} if ids else {})}

    @routes.post("/custody")
    async def custody(
        _caller: Internal, keys: Annotated[list[str], Body(max_length=1000, embed=True)]
    ) -> dict[str, Any]:
        """Return for each referral what this service knows: its books of events and parked messages, and who has it.

        All of one moment: the effect of what lies before a position is in the custody, and the event by which a
        referral was handed on is in the books.
        """
        async with _look(service) as tx:
            read = await _read_so_far(service, tx)
            held = await custody_of(tx, keys)
            books = await ledger.books(tx, keys)
        known = {key: {**book, "custody": asdict(held[key]) if key in held else None} for key, book in books.items()}
        return {"service": service.name, "keys": known, **read}

    @routes.post("/claimed")
    async def claimed(
        _caller: Internal, events: Annotated[list[SentEvent], Body(max_length=5000, embed=True)]
    ) -> dict[str, Any]:
        """Return which of these events, all before this consumer's position, it neither claimed nor parked.

        `unreadable` are those that it parked without being able to read them, with the kind.
        """
        asked = [(event.event, event.topic, event.partition, event.offset) for event in events]
        async with _look(service) as tx:
            found, unreadable = await ledger.claimed(tx, service.name, asked)
        missing = [event.event for event in events if event.event not in found]
        return {"service": service.name, "missing": missing, "unreadable": unreadable}

    return routes


async def _read_so_far(service: "Service", tx: Tx) -> dict[str, Any]:
    """Return which topics and types this service consumes, and its positions."""
    positions = await ledger.positions(tx)
    return {"consumes": service.topics, "types": sorted(service.handlers), "positions": positions}


def _parked(service: "Service") -> APIRouter:
    """Return the routes by which staff look at parked messages and settle them."""
    routes = APIRouter(prefix="/internal/operations", include_in_schema=False)

    @routes.get("/parked")
    async def parked(_caller: Internal, limit: Annotated[int, Query(ge=1, le=1000)] = 200) -> list[dict[str, Any]]:
        """List parked messages that are not settled; coordinates and kinds, no bytes."""
        async with _look(service) as tx:
            return await ledger.parked(tx, limit)

    @routes.post("/parked/{parked_id}/view")
    async def view(
        _caller: Internal, parked_id: UUID, by: Annotated[Name, Body()], purpose: Annotated[Reason, Body()]
    ) -> dict[str, Any]:
        """Open a parked message for a named person; it is written down who looked and why."""
        async with service.database.transaction(Cause.request("view", str(parked_id))) as tx:
            record = await parking.view(tx, service.settings.parking_key, parked_id, by, purpose)
        if record is None:
            raise Problem(404, "Not here", "No parked message has this id.")
        return {
            "topic": record.topic,
            "partition": record.number,
            "offset": record.offset,
            "key": _text(record.key),
            "value": _text(record.value),
            "headers": [[name, _text(value)] for name, value in record.headers],
        }

    @routes.post("/parked/{parked_id}/redrive")
    async def redrive(_caller: Internal, parked_id: UUID, by: Annotated[Name, Body(embed=True)]) -> dict[str, bool]:
        """Hand a parked message to its handler again, now."""
        if service.redrive is None:
            raise Problem(409, "No consumer here", "This process does not consume.")
        return {"settled": await service.redrive.one(parked_id, by)}

    @routes.post("/parked/{parked_id}/discard")
    async def discard(
        _caller: Internal, parked_id: UUID, by: Annotated[Name, Body()], reason: Annotated[Reason, Body()]
    ) -> dict[str, bool]:
        """Give a parked message up, by a named person's decision."""
        async with service.database.transaction(Cause.request("discard", str(parked_id))) as tx:
            return {"settled": await parking.discard(tx, parked_id, by, reason)}

    return routes


def _look(service: "Service") -> AbstractAsyncContextManager[Tx]:
    return service.database.transaction(Cause.request("operations", "read"), snapshot=True)


def _text(value: bytes | None) -> str | None:
    """Bytes in base64: they may be anything."""
    return None if value is None else base64.b64encode(value).decode()
