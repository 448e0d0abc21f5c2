"""What pages are served with: templates, sessions, links, the people's door, and who is looking."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Self, TypeVar
from uuid import UUID

from fastapi import Depends, Request

from casework.api import words
from casework.config import Settings
from casework.domain import Case, Refused, ReviewRules
from casework.gateway import People
from casework.storage import cases, doings, staff
from shared.messaging import Cause, Database, Tx
from shared.service import get_database, key_bytes
from shared.web.links import Links
from shared.web.pages import Pages
from shared.web.refusals import NotFound
from shared.web.sessions import Guarded, Sessions
from shared.web.sign_in import Session, SignIn

Decided = TypeVar("Decided")


@dataclass(frozen=True)
class Desk:
    """What every page of casework needs; made once, hung on the application."""

    pages: Pages
    sessions: Sessions
    sign_in: SignIn
    links: Links
    people: People
    rules: ReviewRules

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Make the desk from settings."""
        pages = Pages("casework")
        words.teach(pages)
        sessions = Sessions(settings.session_key, "casework", settings.secure_cookies)
        return cls(
            pages=pages,
            sessions=sessions,
            sign_in=SignIn(pages, sessions, Links(settings.session_key), staff.find_identity),
            links=Links(key_bytes(settings.link_key)),
            people=People(
                settings.people_url, settings.internal_key.get_secret_value(), settings.people_timeout_seconds
            ),
            rules=settings.rules,
        )


def get_desk(request: Request) -> Desk:
    """Give a route the desk."""
    desk: Desk = request.app.state.desk
    return desk


@dataclass(frozen=True)
class Visit:
    """One request for one page: the browser's, the desk, and the database."""

    request: Request
    desk: Annotated[Desk, Depends(get_desk)]
    database: Annotated[Database, Depends(get_database)]

    async def require_link_worker(self, tx: Tx) -> tuple[Session, staff.LinkWorker]:
        """Return who is signed in here.

        Raises:
            SignInFirst: nobody who still works here is.
        """
        session = await self.desk.sign_in.require(tx, self.request, staff.LINK_WORKER)
        worker = await staff.find_link_worker(tx, session.identity.subject)
        if worker is None:
            raise NotFound
        return session, worker


class NotDoneError(Exception):
    """An act was refused: everything it wrote is rolled back, and the page says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def taken(decided: Decided | Refused) -> Decided:
    """Return what was decided.

    Raises:
        NotDoneError: it was a refusal.
    """
    if isinstance(decided, Refused):
        raise NotDoneError(decided.reason)
    return decided


Do = Callable[[Tx, Case], Awaitable[None]]


async def act_on_case(visit: Visit, referral: UUID, form: Guarded, act: str, do: Do) -> None:
    """Let the case's own link worker do something about it, once however often the form is sent.

    Raises:
        NotDoneError: it was refused, and nothing is changed.
    """
    async with visit.database.transaction(Cause.request(act, str(form.form_id))) as tx:
        session, worker = await visit.require_link_worker(tx)
        visit.desk.sessions.check_form(str(session.id), form.csrf)
        case = await cases.find_case(tx, referral)
        if case is None or case.link_worker != worker.id:
            raise NotFound
        if await doings.claim_act(tx, form.form_id, referral, f"{staff.LINK_WORKER}:{worker.id}", act):
            await do(tx, case)
