"""The practice's door: post a referral, read its way, add what was asked for, withdraw it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response

from referral_intake import ending, receiving, storage
from referral_intake.api.body import InformationBody, ReferralBody, WithdrawBody
from referral_intake.api.calling import Calling, TheDesk, TheSettings
from referral_intake.api.documents import body_of, errors
from referral_intake.api.reading import canonical, field_problem, parse, read_json_body
from referral_intake.api.views import Answer, ReferralList, ReferralView, view
from referral_intake.domain import Caller, Refused
from referral_intake.receiving import AnotherBody, Arrival, Fault, Receipt
from shared.messaging import Cause
from shared.service import Problem, RequestDatabase

router = APIRouter(prefix="/referrals", tags=["referrals"])

RequestId = Annotated[
    UUID, Header(alias="X-Request-ID", description="The same id with the same body is the same request.")
]
MOST_LISTED = 200


@router.post(
    "",
    status_code=201,
    response_model=Answer,
    responses=errors(400, 401, 413, 415, 422, 503),
    openapi_extra=body_of(ReferralBody),
)
async def post_referral(
    *,
    request: Request,
    response: Response,
    request_id: RequestId,
    caller: Calling,
    desk: TheDesk,
    settings: TheSettings,
    database: RequestDatabase,
) -> Answer:
    """Take a referral in. The answer comes after the commit: what is acknowledged is stored."""
    body = parse(ReferralBody, await read_json_body(request, settings.json_limit_bytes))
    if body.programme not in {None, caller.programme}:
        raise field_problem("programme", "is not the programme of this key")
    cause = Cause.request("receive_referral", _name(caller, request_id), str(request_id))
    async with database.transaction(cause) as tx:
        outcome = await receiving.receive(
            tx, desk, Arrival(caller, str(request_id), canonical(body)), body.to_request()
        )
    receipt = receipt_of(outcome)
    response.headers["Location"] = f"/referrals/{receipt.referral}"
    return Answer(referral=receipt.referral, state=receipt.state)


@router.get("", responses=errors(401, 503))
async def list_referrals(
    caller: Calling,
    database: RequestDatabase,
    only_open: Annotated[bool, Query(alias="open", description="Only open referrals are listed so far.")] = True,
) -> ReferralList:
    """List the practice's open referrals, newest first."""
    if not only_open:
        raise field_problem("open", "only open referrals can be listed")
    async with database.transaction(Cause.request("list_referrals", "read")) as tx:
        found = await storage.find_open_referrals(tx, caller, MOST_LISTED)
        timelines = await storage.get_timeline(tx, [referral.id for referral in found])
    return ReferralList(referrals=[view(referral, timelines[referral.id]) for referral in found])


@router.get("/{referral_id}", responses=errors(401, 404, 503))
async def get_referral(referral_id: UUID, caller: Calling, database: RequestDatabase) -> ReferralView:
    """Show the practice that sent a referral where it is, and how it came there."""
    async with database.transaction(Cause.request("get_referral", "read")) as tx:
        referral = await storage.find_referral(tx, caller, referral_id)
        timelines = await storage.get_timeline(tx, [referral_id])
    if referral is None:
        raise not_here()
    return view(referral, timelines[referral_id])


@router.post(
    "/{referral_id}/information",
    response_model=Answer,
    responses=errors(400, 401, 404, 409, 413, 415, 422, 503),
    openapi_extra=body_of(InformationBody),
)
async def post_information(
    *,
    referral_id: UUID,
    request: Request,
    request_id: RequestId,
    caller: Calling,
    desk: TheDesk,
    settings: TheSettings,
    database: RequestDatabase,
) -> Answer:
    """Add what the practice was asked for; the referral is triaged again."""
    body = parse(InformationBody, await read_json_body(request, settings.json_limit_bytes))
    arrival = Arrival(caller, f"{referral_id}/information/{request_id}", canonical(body))
    cause = Cause.request("add_information", f"{referral_id}/{request_id}", str(request_id))
    async with database.transaction(cause) as tx:
        referral = await storage.lock_own_referral(tx, caller, referral_id)
        outcome = await receiving.inform(tx, desk, arrival, referral, body.to_added()) if referral else None
    receipt = receipt_of(outcome)
    return Answer(referral=receipt.referral, state=receipt.state)


@router.post(
    "/{referral_id}/withdraw",
    response_model=Answer,
    responses=errors(400, 401, 404, 409, 413, 415, 422, 503),
    openapi_extra=body_of(WithdrawBody),
)
async def post_withdraw(
    referral_id: UUID, request: Request, caller: Calling, settings: TheSettings, database: RequestDatabase
) -> Answer:
    """Withdraw an open referral; whatever is under way for it stops. Again is no harm."""
    body = parse(WithdrawBody, await read_json_body(request, settings.json_limit_bytes) or b"{}")
    async with database.transaction(Cause.request("withdraw_referral", str(referral_id))) as tx:
        referral = await storage.lock_own_referral(tx, caller, referral_id)
        ended = await ending.withdraw(tx, referral, by=body.by, reason=body.reason) if referral else None
    if ended is None:
        raise not_here()
    if isinstance(ended, Refused):
        raise refused(ended)
    return Answer(referral=ended.id, state=ended.state)


def not_here() -> Problem:
    """Return the answer for a referral that is not there, or is another practice's: nobody can tell which."""
    return Problem(404, "Not here", "This practice has no referral with this id.")


def refused(outcome: Refused) -> Problem:
    """Return the answer for an act that the referral's state does not allow."""
    return Problem(409, "Not in this state", f"The referral is {outcome.state}.", state=outcome.state)


def _name(caller: Caller, request_id: UUID) -> str:
    """Name a request: two practices may use the same id."""
    return f"{caller.programme}/{caller.practice}/{request_id}"


def receipt_of(outcome: Receipt | AnotherBody | Fault | Refused | None) -> Receipt:
    """Return what a request is answered.

    Raises:
        Problem: 404 not there, 409 not in this state, 422 another body or a field that does not fit.
    """
    match outcome:
        case Receipt():
            return outcome
        case None:
            raise not_here()
        case AnotherBody():
            raise Problem(422, "Another body", "This X-Request-ID was used before, with another body.")
        case Fault():
            raise field_problem(outcome.at, outcome.message)
        case Refused():
            raise refused(outcome)
