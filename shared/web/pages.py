"""Renders pages on the server, in one layout, readable without scripts, with everything from our own origin."""

import hashlib
from collections.abc import Callable, Coroutine
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from shared.clocks import PLACE
from shared.messaging.errors import is_unavailable
from shared.web.headers import secure
from shared.web.refusals import NotFound, Refusal, SignInFirst

STATIC = {"linkway.css": "text/css; charset=utf-8", "linkway.svg": "image/svg+xml"}
_STATIC_BYTES = {name: (files("shared.web") / "static" / name).read_bytes() for name in STATIC}
_STATIC_DIGEST = {name: hashlib.sha256(content).hexdigest()[:16] for name, content in _STATIC_BYTES.items()}


def asset(name: str) -> str:
    """Return the address of a file of ours; it changes with its content, so that browsers may keep it."""
    return f"/static/{name}?v={_STATIC_DIGEST[name]}"


def day(moment: datetime | date) -> str:
    """Write a date as people say it: *Monday 2 March 2026*."""
    local = moment.astimezone(PLACE) if isinstance(moment, datetime) else moment
    return f"{local:%A} {local.day} {local:%B %Y}"


def short_day(moment: datetime | date) -> str:
    """Write a date for a list: *2 March*."""
    local = moment.astimezone(PLACE) if isinstance(moment, datetime) else moment
    return f"{local.day} {local:%B}"


def clock(moment: datetime) -> str:
    """Write a moment as people say it: *Monday 2 March 2026, 09:30*."""
    return f"{day(moment)}, {moment.astimezone(PLACE):%H:%M}"


def reference(referral: UUID) -> str:
    """Return the short form of a referral's id that people read to each other: *LW-3F2A-9C1D*."""
    return f"LW-{referral.hex[:4]}-{referral.hex[4:8]}".upper()


class Pages:
    """The templates of one service over the common layout."""

    def __init__(self, package: str) -> None:
        """Load templates from `<package>/templates`, falling back to the layout's."""
        self._templates = _environment_of(package)

    def add_filters(self, **filters: Callable[..., Any]) -> None:
        """Give templates a service's own ways to write its words."""
        self._templates.filters.update(filters)

    def render(self, template: str, status: int = 200, /, **context: object) -> HTMLResponse:
        """Render a template to a response; a name that is missing from the context is an error, never a blank."""
        return HTMLResponse(self._templates.get_template(template).render(context), status)


@cache
def _environment_of(package: str) -> Environment:
    """Return a package's templates, which are compiled once a process."""
    return _environment(PackageLoader(package), PackageLoader("shared.web"))


def _environment(*loaders: PackageLoader) -> Environment:
    templates = Environment(
        loader=ChoiceLoader(loaders), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    templates.globals.update(asset=asset, new_form_id=uuid4)
    templates.filters.update(day=day, short_day=short_day, clock=clock, reference=reference)
    return templates


_CHROME = _environment(PackageLoader("shared.web"))


def refusal_page(refusal: Refusal) -> HTMLResponse:
    """Render the page that says why not."""
    return HTMLResponse(_CHROME.get_template("refusal.html").render(refusal=refusal), refusal.status)


class PageRoute(APIRoute):
    """A route whose every answer is a page with a page's headers, refusals and unreadable requests included."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap FastAPI's handler."""
        handle = super().get_route_handler()

        async def handle_page(request: Request) -> Response:
            try:
                response = await handle(request)
            except SignInFirst as detour:
                response = RedirectResponse(f"/sign-in?{urlencode({'next': detour.next_path})}", 303)
            except Refusal as refusal:
                response = refusal_page(refusal)
            except RequestValidationError as error:
                response = refusal_page(_unreadable(error))
            except Exception as error:
                if not is_unavailable(error):
                    raise
                response = refusal_page(_AWAY)
                response.headers["Retry-After"] = "2"
            secure(response.headers)
            return response

        return handle_page


_AWAY = Refusal(503, "Not available just now", "Nothing was changed. Please load the page again in a moment.")


def _unreadable(error: RequestValidationError) -> Refusal:
    """Say that a request cannot be read, naming fields of ours and never what was in them."""
    places = [part["loc"] for part in error.errors()]
    if any(place[0] == "path" for place in places):
        return NotFound()
    names = ", ".join(sorted({str(place[1]) for place in places if len(place) > 1}))
    return Refusal(422, "We could not read this form", f"Nothing was changed. Please check: {names}.")


router = APIRouter()


@router.get("/static/{name}", include_in_schema=False)
async def static_file(name: str) -> Response:
    """Serve a file of ours from a fixed list; its address carries its digest, so it may be kept for a year."""
    if name not in STATIC:
        return Response(status_code=404)
    kept = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    return Response(_STATIC_BYTES[name], media_type=STATIC[name], headers=kept)
