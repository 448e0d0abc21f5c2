"""What staff see of deliveries, and what they do about those that did not get through; an internal door."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body

from notifications import storage
from shared.messaging import Cause
from shared.service import Internal, Problem, RequestDatabase
from shared.service.door import Name, Reason

router = APIRouter(prefix="/internal/deliveries", include_in_schema=False)


@router.get("/of/{referral}")
async def deliveries(_caller: Internal, database: RequestDatabase, referral: UUID) -> list[dict[str, Any]]:
    """Return who was told what about a referral, by which channel, and how far it came."""
    async with database.transaction(Cause.request("deliveries", "read")) as tx:
        return [dict(row) for row in await storage.get_deliveries(tx, referral)]


@router.post("/{delivery}/retry")
async def retry(_caller: Internal, database: RequestDatabase, delivery: UUID) -> dict[str, str]:
    """Send an undelivered message again, under its old id."""
    async with database.transaction(Cause.request("retry", str(delivery))) as tx:
        if not await storage.retry(tx, delivery):
            raise Problem(409, "Nothing to send again", "No undelivered message has this id.")
    return {"status": "created"}


@router.post("/{delivery}/taken-up")
async def taken_up(
    _caller: Internal,
    database: RequestDatabase,
    delivery: UUID,
    by: Annotated[Name, Body()],
    what: Annotated[Reason, Body()],
) -> dict[str, str]:
    """Note that a named person found another way."""
    async with database.transaction(Cause.request("taken_up", str(delivery))) as tx:
        if not await storage.take_up(tx, delivery, by, what):
            raise Problem(409, "Nothing to take up", "No undelivered message that waits for a person has this id.")
    return {"taken_up_by": by}
