"""The internal door for decisions that a machine may not take: what becomes of a proposed return."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, StringConstraints

from referral_intake import ending, receiving, storage
from referral_intake.api.calling import TheDesk
from referral_intake.api.referrals import refused
from referral_intake.api.views import Answer
from referral_intake.domain import Refused
from shared.messaging import Cause
from shared.service import Internal, Problem, RequestDatabase

router = APIRouter(prefix="/internal/returns", include_in_schema=False)


class ReturnDecision(BaseModel):
    """Who decided about a proposed return, and how: it goes back, or it is kept and goes on."""

    by: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9@._-]{0,63}$")]
    decision: Literal["confirm", "keep"] = "confirm"


@router.post("/{referral}")
async def decide_return(
    referral: UUID, body: ReturnDecision, _service: Internal, desk: TheDesk, database: RequestDatabase
) -> Answer:
    """Return a referral as proposed, or let it through, by a named person's decision."""
    async with database.transaction(Cause.request("decide_return", f"{referral}/{body.decision}")) as tx:
        held = await storage.lock_known_referral(tx, referral)
        if held is None:
            raise Problem(404, "Not here", "No referral has this id.")
        decided = (
            await ending.confirm_return(tx, held)
            if body.decision == "confirm"
            else await receiving.let_through(tx, desk, held)
        )
        if isinstance(decided, Refused):
            raise refused(decided)
        await storage.save_decision(tx, referral, what=f"return-{body.decision}", decided_by=body.by)
    return Answer(referral=decided.id, state=decided.state)
