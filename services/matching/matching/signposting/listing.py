"""`/services/{id}` for browsers: one listing as a page, at the address where programs find it as JSON."""

import re
from typing import Annotated

from fastapi import APIRouter, Path, Response
from starlette.routing import Match
from starlette.types import Scope

from matching import storage
from matching.signposting import words
from matching.signposting.ask import to_self
from matching.signposting.desk import Here
from shared.messaging import Cause
from shared.web.pages import PageRoute
from shared.web.refusals import NotFound


class BrowserRoute(PageRoute):
    """A page beside JSON at the same address: it is only there for who names HTML and does not like JSON better."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Leave to the JSON's route what is not for a browser."""
        accepts = [value.decode("latin-1") for name, value in scope.get("headers", ()) if name == b"accept"]
        if scope["type"] == "http" and not prefers_html(",".join(accepts)):
            return Match.NONE, {}
        return super().matches(scope)


def prefers_html(accept: str) -> bool:
    """Say whether an Accept header names HTML, with no lower weight than JSON; `*/*` names nothing."""
    weights = {}
    for part in accept.lower().split(","):
        kind, *parameters = (each.strip() for each in part.split(";"))
        given = [match[1] for each in parameters if (match := re.fullmatch(r"q=([01](?:\.[0-9]{0,3})?)", each))]
        weights[kind] = float(given[0]) if given else 1.0
    html = max(weights.get("text/html", 0.0), weights.get("application/xhtml+xml", 0.0))
    return html > 0 and html >= weights.get("application/json", 0.0)


router = APIRouter(route_class=BrowserRoute, include_in_schema=False)


@router.get("/services/{service_id}")
async def show_listing(visit: Here, service_id: Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]) -> Response:
    """Show a listing, also one that has left the directory, which it then says."""
    async with visit.database.transaction(Cause.request("show_listing", service_id)) as tx:
        listing = await storage.find_listing(tx, service_id)
        if listing is None:
            raise NotFound
        taken = await storage.get_taken(tx, [listing.id])
    card = words.card_of(listing, taken.get(listing.id, 0))
    address = f"{visit.desk.public_url}/services/{listing.id}"
    return visit.kept(visit.desk.pages.render("listing.html", card=card, **to_self([card], address)))
