"""`/mend`: for a link worker or curator what is to do and a way to find or add a group; for an organisation its own."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse

from matching import storage
from matching.curation.desk import MENDER, Here
from matching.directory.mending import FUNDING_WARNING_DAYS
from matching.storage import curation as kept
from shared.messaging import Cause
from shared.web.pages import PageRoute
from shared.web.refusals import SignInFirst

router = APIRouter(route_class=PageRoute, include_in_schema=False)

TASKS_SHOWN = 50
FOUND_SHOWN = 20


@router.get("/")
async def show_front(visit: Here) -> Response:
    """Lead who has signed in to mending, and everybody else to signposting."""
    async with visit.database.transaction(Cause.request("show_front", "read")) as tx:
        try:
            await visit.desk.sign_in.require(tx, visit.request, MENDER)
        except SignInFirst:
            return RedirectResponse("/signposting", 303)
    return RedirectResponse("/mend", 303)


@router.get("/mend")
async def show_home(visit: Here, find: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Show what is to do, and what was looked for by its name."""
    words = find.replace("\x00", " ").split()
    async with visit.database.transaction(Cause.request("show_mending", "read")) as tx:
        mender = await visit.require(tx)
        if not mender.is_staff:
            own = await storage.find_listings(tx, mender.services)
            return visit.render("own.html", mender=mender, listings=[own[each] for each in mender.services])
        return visit.render(
            "home.html",
            mender=mender,
            find=" ".join(words),
            found=await kept.find_named(tx, words, FOUND_SHOWN) if words else None,
            tasks=await storage.mending.find_tasks(tx, FUNDING_WARNING_DAYS, TASKS_SHOWN),
            doubts=await kept.count_doubts(tx),
        )
