"""`/`: who waits for me, and why, the weightiest first."""

import asyncio
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from casework import domain
from casework.api.desk import Visit
from casework.gateway import PeopleAwayError
from casework.storage import reading, staff
from shared.messaging import Cause
from shared.web.pages import PageRoute

router = APIRouter(route_class=PageRoute, include_in_schema=False)

AT_ONCE = 8
ENDED_SHOWN = 10


@router.get("/")
async def show_caseload(visit: Annotated[Visit, Depends()]) -> Response:
    """Show a link worker's open cases: those that wait for them, then those under way, then those that ended last."""
    async with visit.database.transaction(Cause.request("show_caseload", "read")) as tx:
        session, worker = await visit.require_link_worker(tx)
        cases = await reading.list_open(tx, worker.id)
        ended = await reading.list_ended(tx, worker.id, ENDED_SHOWN)
        practices = await staff.practice_names(tx, worker.programme)
        now = tx.now
    waiting = domain.in_order(cases, now)
    names = await read_names(visit, [case.referral for case in cases], worker)
    return visit.desk.pages.render(
        "caseload.html",
        worker=worker,
        csrf=session.form_token,
        waiting=waiting,
        resting=sorted((case for case in cases if not domain.tasks(case, now)), key=lambda case: case.review_at),
        ended=ended,
        practices=practices,
        names=names,
        now=now,
    )


async def read_names(visit: Visit, referrals: Sequence[UUID], worker: staff.LinkWorker) -> dict[UUID, str] | None:
    """Have names released for the list, a few at once; None where intake does not answer."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def name(referral: UUID) -> str:
        async with turn:
            released = await visit.desk.people.release(referral, "conversation", ("name",), by=worker.id)
        return str(released.get("name", ""))

    try:
        # The first one alone, so that a door that does not answer costs one time-out and not one a row.
        first = [await name(referral) for referral in referrals[:1]]
        rest = await asyncio.gather(*(name(referral) for referral in referrals[1:]))
    except PeopleAwayError:
        return None
    return dict(zip(referrals, [*first, *rest], strict=True))
