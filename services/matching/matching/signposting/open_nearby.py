"""`/signposting/open`: services near by that have a place and that hardly anybody is sent to."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Path, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from matching import storage
from matching.domain import Home
from matching.domain import signposting as decide
from matching.domain.signposting import OpenNearby
from matching.signposting import words
from matching.signposting.ask import Place, to_self
from matching.signposting.desk import Here, Visit
from matching.storage import signposting
from shared.clocks import PLACE
from shared.messaging import Cause
from shared.web.pages import PageRoute
from shared.web.refusals import NotFound

router = APIRouter(prefix="/signposting/open", route_class=PageRoute, include_in_schema=False)

Outward = Annotated[str, Path(pattern=r"^[A-Z]{1,2}[0-9][0-9A-Z]?$")]


class PlaceForm(BaseModel):
    """A postcode, whole or only its first part."""

    place: Place = ""


@router.get("")
async def show_form(visit: Here) -> Response:
    """Ask where."""
    return visit.desk.pages.render("open.html", place="", cards=None, faulty=False)


@router.post("")
async def find_place(visit: Here, form: Annotated[PlaceForm, Form()]) -> Response:
    """Go on to the address of an outward code: a whole postcode is a few houses, and stands in no address."""
    home, _read = decide.read_place(form.place)
    if home.point is None:
        return visit.desk.pages.render("open.html", 422, place=form.place, cards=None, faulty=True)
    return RedirectResponse(f"/signposting/open/{home.outward}", 303)


@router.get("/{outward}")
async def show_open(visit: Here, outward: Outward) -> Response:
    """Show what is open near an outward code and rarely used."""
    home, _read = decide.read_place(outward)
    if home.point is None or home.outward != outward:
        raise NotFound
    cards = words.cards_of(await find(visit, home))
    address = f"{visit.desk.public_url}/signposting/open/{outward}"
    return visit.kept(
        visit.desk.pages.render("open.html", place=outward, cards=cards, faulty=False, **to_self(cards, address))
    )


async def find(visit: Visit, home: Home) -> tuple[OpenNearby, ...]:
    """Return what is open near a home with a point and was offered to few in the last 90 days."""
    with visit.desk.room.enter():
        async with visit.database.transaction(Cause.request("open_nearby", "read")) as tx:
            since = tx.now - timedelta(days=decide.RARELY_DAYS)
            offers = await signposting.find_rarely_offered(tx, home, since)
            listings = await storage.find_listings(tx, list(offers))
            taken = await storage.get_taken(tx, list(offers))
            today = tx.now.astimezone(PLACE).date()
    return decide.open_nearby(listings.values(), home, today, offers, taken)
