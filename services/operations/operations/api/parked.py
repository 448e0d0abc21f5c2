"""`/parked/…`: one parked message: look into it, hand it to its handler again, or give it up; under one's own name."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Literal, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Response
from fastapi.responses import RedirectResponse

from operations.api import words
from operations.api.desk import Visit
from operations.peers import Away, Opened, Refused
from operations.storage import acts
from shared.messaging import Cause
from shared.web.pages import PageRoute
from shared.web.refusals import NotFound, Refusal
from shared.web.sessions import Guarded
from shared.web.sign_in import Session

Answer = TypeVar("Answer")

router = APIRouter(route_class=PageRoute, include_in_schema=False)


class ViewForm(Guarded):
    """Why somebody looks into a message."""

    purpose: Literal["find-the-fault", "answer-a-person"]


class DiscardForm(Guarded):
    """Why a message is given up."""

    reason: Literal["broken-message", "done-by-hand", "out-of-date", "duplicate", "test"]


class AwayPage(Refusal):
    """The service that has the message does not answer."""

    def __init__(self, text: str) -> None:
        super().__init__(503, "The service did not do it", text)


@router.get("/parked/{service}/{parked}")
async def show_parked(visit: Annotated[Visit, Depends()], service: str, parked: UUID) -> Response:
    """Show a parked message: where it lay and what is wrong, without its content."""
    async with visit.database.transaction(Cause.request("show_parked", "read"), snapshot=True) as tx:
        session = await visit.require_operator(tx)
    return await _page(visit, session, service, parked, None)


@router.post("/parked/{service}/{parked}/view")
async def view_parked(
    visit: Annotated[Visit, Depends()], service: str, parked: UUID, form: Annotated[ViewForm, Form()]
) -> Response:
    """Open a message; its service writes down who looked and why."""
    session, _ = await _act(visit, form, "view", service=service, parked=parked, reason=form.purpose)
    opened = await _ask(lambda: visit.door(service).view(parked, session.identity.subject, form.purpose))
    return await _page(visit, session, service, parked, opened)


@router.post("/parked/{service}/{parked}/redrive")
async def redrive_parked(
    visit: Annotated[Visit, Depends()], service: str, parked: UUID, form: Annotated[Guarded, Form()]
) -> Response:
    """Hand a message to its handler again, now."""
    session, first = await _act(visit, form, "redrive", service=service, parked=parked)
    if not first:
        return RedirectResponse("/?done=settled#parked", 303)
    handled = await _ask(lambda: visit.door(service).redrive(parked, session.identity.subject))
    return RedirectResponse(f"/?done={'redriven' if handled else 'failed-again'}#parked", 303)


@router.post("/parked/{service}/{parked}/discard")
async def discard_parked(
    visit: Annotated[Visit, Depends()], service: str, parked: UUID, form: Annotated[DiscardForm, Form()]
) -> Response:
    """Give a message up."""
    session, _ = await _act(visit, form, "discard", service=service, parked=parked, reason=form.reason)
    given_up = await _ask(lambda: visit.door(service).discard(parked, session.identity.subject, form.reason))
    return RedirectResponse(f"/?done={'discarded' if given_up else 'settled'}#parked", 303)


async def _act(
    visit: Visit, form: Guarded, act: str, *, service: str, parked: UUID, reason: str = ""
) -> tuple[Session, bool]:
    """Check who asks and that the form is ours, and write the act down; False for the second click."""
    visit.door(service)
    async with visit.database.transaction(Cause.request(act, str(form.form_id))) as tx:
        session = await visit.require_operator(tx)
        visit.desk.sessions.check_form(str(session.id), form.csrf)
        first = await acts.claim_act(
            tx, form.form_id, operator=session.identity.subject, act=act, service=service, parked=parked, reason=reason
        )
    return session, first


async def _ask(ask: Callable[[], Awaitable[Answer]]) -> Answer:
    try:
        return await ask()
    except Refused as refused:
        raise AwayPage(str(refused)) from refused
    except Away as away:
        raise AwayPage("It does not answer just now. Try again when it does.") from away


async def _page(visit: Visit, session: Session, service: str, parked: UUID, opened: Opened | None) -> Response:
    listed = await _ask(visit.door(service).parked)
    message = next((each for each in listed if each.id == parked), None)
    if message is None:
        raise NotFound
    return visit.desk.pages.render(
        "parked.html",
        session=session,
        csrf=session.form_token,
        service=service,
        message=message,
        opened=opened,
        purposes=words.PURPOSES,
        reasons=words.DISCARD,
    )
