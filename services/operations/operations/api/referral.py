"""`/referrals/…`: where one referral is, and its way so far."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import RedirectResponse

from operations import domain
from operations.api.desk import Visit
from operations.api.stories import sentence
from operations.storage import accounts, archive
from shared.messaging import Cause
from shared.web.pages import PageRoute
from shared.web.refusals import NotFound

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/referrals")
async def find_referral(visit: Annotated[Visit, Depends()], referral: Annotated[str, Query(alias="id")]) -> Response:
    """Go to the page of a referral whose id was typed in."""
    async with visit.database.transaction(Cause.request("find_referral", "read"), snapshot=True) as tx:
        await visit.require_operator(tx)
    try:
        return RedirectResponse(f"/referrals/{UUID(referral.strip())}", 303)
    except ValueError:
        raise NotFound from None


@router.get("/referrals/{referral}")
async def show_referral(visit: Annotated[Visit, Depends()], referral: UUID) -> Response:
    """Show where a referral is and what happened to it, causes before their effects."""
    async with visit.database.transaction(Cause.request("show_referral", "read"), snapshot=True) as tx:
        session = await visit.require_operator(tx)
        found = await accounts.find_account(tx, referral)
        events = domain.in_causal_order(await archive.get_events(tx, referral))
        now = tx.now
    if found is None and not events:
        raise NotFound
    return visit.desk.pages.render(
        "referral.html",
        session=session,
        csrf=session.form_token,
        referral=referral,
        account=found,
        timeline=[(event, sentence(event)) for event in events],
        now=now,
    )
