"""`/`: is every referral accounted for, and do the messages flow."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from operations.api import words
from operations.api.desk import Visit
from operations.api.figures import by_state, stages_of
from operations.peers import Away, Door, ParkedMessage
from operations.storage import accounts, rounds
from shared.messaging import Cause
from shared.web.pages import PageRoute

router = APIRouter(route_class=PageRoute, include_in_schema=False)

MOST_SHOWN = 100


@router.get("/")
async def show_console(visit: Annotated[Visit, Depends()], done: str = "") -> Response:
    """Show the ledger's last round, the flow service by service, and what is parked."""
    settings = visit.desk.settings
    async with visit.database.transaction(Cause.request("show_console", "read"), snapshot=True) as tx:
        session = await visit.require_operator(tx)
        tallies = await accounts.get_tallies(tx)
        context = {
            "last": await rounds.find_last_round(tx),
            "unaccounted": await accounts.list_unaccounted(tx, MOST_SHOWN),
            "overdue": await accounts.list_overdue(tx, settings.overdue_after_seconds, MOST_SHOWN),
            "overdue_count": await accounts.count_overdue(tx, settings.overdue_after_seconds),
            "peers": await rounds.list_peers(tx),
            "alarms": await rounds.list_alarms(tx, 10),
        }
    parked = dict(zip(visit.desk.peers.doors, await _parked(visit), strict=True))
    return visit.desk.pages.render(
        "console.html",
        session=session,
        csrf=session.form_token,
        states=by_state(tallies),
        stages=stages_of(tallies),
        parked=parked,
        done=words.DONE.get(done),
        **context,
    )


async def _parked(visit: Visit) -> list[list[ParkedMessage] | None]:
    """Ask every service for its parked messages; None where it does not answer."""

    async def ask(door: Door) -> list[ParkedMessage] | None:
        try:
            return await door.parked()
        except Away:
            return None

    return await asyncio.gather(*(ask(door) for door in visit.desk.peers.doors.values()))
