"""The pages of signing in: ask for a link, open it, press the button, sign out."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import Field

from shared.messaging import Cause, Database, Tx
from shared.service import get_database
from shared.web.links import BadLink, ExpiredLink, Links
from shared.web.pages import PageRoute, Pages
from shared.web.refusals import Refusal, SignInFirst
from shared.web.sessions import Guarded, Sessions
from shared.web.sign_in import rows
from shared.web.sign_in.mail import MAIL_WORKER

OUR_PATH = re.compile(r"/(?:[A-Za-z0-9-]+(?:/[A-Za-z0-9-]+)*)?")
"""Where a person may be sent after signing in: a page of ours, nothing that a link in a mail could smuggle in."""

MAIL_PATTERN = r"^\s*[^\s@\x00]{1,64}@[^\s@\x00]{1,190}\s*$"


@dataclass(frozen=True)
class Session:
    """A signed-in session: whose it is, and the token its forms carry."""

    id: UUID
    identity: rows.Identity
    form_token: str


class AskForm(Guarded):
    """The form that asks for a link."""

    email: Annotated[str, Field(max_length=254, pattern=MAIL_PATTERN)]
    next: str = "/"


class SpentLink(Refusal):
    """This sign-in link was used or its time has passed; another can be asked for."""

    def __init__(self) -> None:
        super().__init__(
            410, "This link has been used or has expired", "Ask for a new one; it arrives within a minute."
        )


class SignIn:
    """Signing in to one service; `find_identity` knows whose address a mail address is."""

    def __init__(
        self,
        pages: Pages,
        sessions: Sessions,
        links: Links,
        find_identity: Callable[[Tx, str], Awaitable[rows.Identity | None]],
    ) -> None:
        self._pages, self._sessions, self._links, self._find_identity = pages, sessions, links, find_identity
        self.router = APIRouter(route_class=PageRoute, include_in_schema=False)
        self.router.add_api_route("/sign-in", self.show_form, methods=["GET"])
        self.router.add_api_route("/sign-in", self.ask, methods=["POST"])
        self.router.add_api_route("/sign-in/{token}", self.show_button, methods=["GET"])
        self.router.add_api_route("/sign-in/{token}", self.confirm, methods=["POST"])
        self.router.add_api_route("/sign-out", self.sign_out, methods=["POST"])

    async def require(self, tx: Tx, request: Request, kind: str) -> Session:
        """Return this browser's session.

        Raises:
            SignInFirst: it has none of this kind.
        """
        session = self._sessions.read(request, tx.now)
        identity = await rows.find_session(tx, session) if session else None
        if session is None or identity is None or identity.kind != kind:
            raise SignInFirst(request.url.path if request.method == "GET" else "/")
        return Session(session, identity, self._sessions.form_token(str(session)))

    async def show_form(self, request: Request, next_path: Annotated[str, Query(alias="next")] = "/") -> Response:
        """Ask for a mail address."""
        return self._with_visitor(request, "sign_in.html", next_path=_ours(next_path))

    async def ask(
        self,
        request: Request,
        database: Annotated[Database, Depends(get_database)],
        form: Annotated[AskForm, Form()],
    ) -> Response:
        """Store that a link is wanted, if we know the address; the answer is the same if we do not."""
        self._sessions.check_form(self._sessions.visitor(request), form.csrf)
        async with database.transaction(Cause.request("ask_for_sign_in", str(form.form_id))) as tx:
            identity = await self._find_identity(tx, form.email.strip().lower())
            if identity:
                await rows.request_sign_in(tx, identity, _ours(form.next))
        request.app.state.service.wake(MAIL_WORKER)
        return self._pages.render("sign_in_mailed.html", minutes=rows.LINK_MINUTES)

    async def show_button(
        self, request: Request, token: str, database: Annotated[Database, Depends(get_database)]
    ) -> Response:
        """Show the button that uses the link; mail scanners open links, so opening changes nothing."""
        async with database.transaction(Cause.request("show_sign_in", "")) as tx:
            if not await rows.is_usable(tx, self._read(token, tx)):
                raise SpentLink
        return self._with_visitor(request, "sign_in_confirm.html", token=token)

    async def confirm(
        self,
        request: Request,
        token: str,
        database: Annotated[Database, Depends(get_database)],
        form: Annotated[Guarded, Form()],
    ) -> Response:
        """Use the link up and begin a session."""
        self._sessions.check_form(self._sessions.visitor(request), form.csrf)
        async with database.transaction(Cause.request("sign_in", str(form.form_id))) as tx:
            session = self._read(token, tx)
            begun = await rows.use(tx, session, form.form_id)
        if begun is None:
            raise SpentLink
        ends_at, next_path = begun
        response = RedirectResponse(next_path, 303)
        self._sessions.start(response, session, ends_at)
        return response

    async def sign_out(
        self,
        request: Request,
        database: Annotated[Database, Depends(get_database)],
        form: Annotated[Guarded, Form()],
    ) -> Response:
        """End the session, here and wherever its cookie may have gone."""
        response = RedirectResponse("/sign-in", 303)
        async with database.transaction(Cause.request("sign_out", str(form.form_id))) as tx:
            session = self._sessions.read(request, tx.now)
            if session:
                self._sessions.check_form(str(session), form.csrf)
                await rows.end_session(tx, session)
        self._sessions.end(response)
        return response

    def _read(self, token: str, tx: Tx) -> UUID:
        try:
            return UUID(self._links.read("sign-in", token, tx.now))
        except ExpiredLink:
            raise SpentLink from None
        except BadLink:
            raise Refusal(404, "This link is not complete", "Copy the whole address from the mail.") from None

    def _with_visitor(self, request: Request, template: str, **context: object) -> Response:
        visitor = self._sessions.visitor(request)
        response = self._pages.render(template, csrf=self._sessions.form_token(visitor), **context)
        self._sessions.remember_visitor(response, visitor)
        return response


def _ours(path: str) -> str:
    return path if OUR_PATH.fullmatch(path) else "/"
