"""Both doors at which a person's agreement is recorded anew or taken back: the practice's, and the link worker's."""

from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import ConfigDict, Field, StringConstraints, model_validator

from referral_intake import agreeing, storage
from referral_intake.api.body import Body
from referral_intake.api.calling import Calling, TheDesk, TheSettings
from referral_intake.api.documents import body_of, errors
from referral_intake.api.reading import canonical, parse, read_json_body
from referral_intake.api.referrals import RequestId, receipt_of
from referral_intake.api.views import Answer
from referral_intake.domain import Caller, Recorded, TakenBack
from referral_intake.receiving import Arrival, Receipt
from shared.messaging import Cause
from shared.service import Internal, RequestDatabase

router = APIRouter()

ALL = "all"
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]


class SaidBody(Body):
    """What the person says now about organisations: one of the two fields."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"share_with_organisations": "agreed"},
                {"revoke": "hilltown-advice-hub"},
                {"revoke": ALL},
            ]
        }
    )

    share_with_organisations: Literal["ask", "agreed", "declined"] | None = Field(
        default=None,
        description="Recorded anew, in place of all that was said before, with what was taken back. "
        "*declined* stops every organisation that was asked or has accepted.",
    )
    revoke: Slug | None = Field(
        default=None,
        description="The id of the one organisation that may not know of the person any more, or *all*, which is the "
        "same as *declined*. An organisation that nobody asked is not asked later; the link worker is told.",
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.share_with_organisations is None) == (self.revoke is None):
            raise ValueError("holds one of share_with_organisations and revoke")
        return self

    def to_said(self) -> Recorded | TakenBack:
        """Return what is said; to take it back from all is to decline."""
        if self.revoke is not None and self.revoke != ALL:
            return TakenBack(self.revoke)
        return Recorded(self.share_with_organisations or "declined")


class SaidToBody(SaidBody):
    """The same, and to whom of the staff the person said it."""

    by: Slug


@router.post(
    "/referrals/{referral_id}/agreement",
    tags=["referrals"],
    response_model=Answer,
    responses=errors(400, 401, 404, 409, 413, 415, 422, 503),
    openapi_extra=body_of(SaidBody),
)
async def post_agreement(
    *,
    referral_id: UUID,
    request: Request,
    request_id: RequestId,
    caller: Calling,
    desk: TheDesk,
    settings: TheSettings,
    database: RequestDatabase,
) -> Answer:
    """Record what the person agrees that organisations may be told, or that they take it back. Again is no harm."""
    body = parse(SaidBody, await read_json_body(request, settings.json_limit_bytes))
    arrival = _arrival(caller, referral_id, request_id, body)
    async with database.transaction(_cause(referral_id, request_id)) as tx:
        referral = await storage.lock_own_referral(tx, caller, referral_id)
        outcome = await agreeing.record(tx, desk, arrival, referral, body.to_said()) if referral else None
    receipt = receipt_of(outcome)
    return Answer(referral=receipt.referral, state=receipt.state)


@router.post("/internal/agreements/{referral}", include_in_schema=False)
async def record_agreement(
    *,
    referral: UUID,
    body: SaidToBody,
    request_id: RequestId,
    _service: Internal,
    desk: TheDesk,
    database: RequestDatabase,
) -> Answer:
    """Record the same, as the person said it to a member of staff, whose name is written down."""
    async with database.transaction(_cause(referral, request_id)) as tx:
        held = await storage.lock_known_referral(tx, referral)
        arrival = _arrival(Caller(held.programme, held.practice), referral, request_id, body) if held else None
        outcome = await agreeing.record(tx, desk, arrival, held, body.to_said()) if held and arrival else None
        if isinstance(outcome, Receipt) and not outcome.repeated:
            await storage.save_decision(tx, referral, what="agreement", decided_by=body.by)
    receipt = receipt_of(outcome)
    return Answer(referral=receipt.referral, state=receipt.state)


def _arrival(caller: Caller, referral: UUID, request_id: UUID, body: SaidBody) -> Arrival:
    return Arrival(caller, f"{referral}/agreement/{request_id}", canonical(body))


def _cause(referral: UUID, request_id: UUID) -> Cause:
    return Cause.request("record_agreement", f"{referral}/{request_id}", str(request_id))
