"""What pages are served with: templates, sessions, the services' doors, and which operator is looking."""

from dataclasses import dataclass
from typing import Annotated, Self

from fastapi import Depends, Request

from operations.api import words
from operations.clocks import OPERATOR
from operations.config import Settings
from operations.ledger import Ledger
from operations.peers import Door, Peers
from shared.messaging import Database, Tx
from shared.service import get_database
from shared.web.links import Links
from shared.web.pages import Pages
from shared.web.refusals import NotFound, SignInFirst
from shared.web.sessions import Sessions
from shared.web.sign_in import Identity, Session, SignIn


@dataclass(frozen=True)
class Desk:
    """What every page of operations needs; made once, hung on the application."""

    pages: Pages
    sessions: Sessions
    sign_in: SignIn
    ledger: Ledger
    settings: Settings

    @property
    def peers(self) -> Peers:
        """The services' doors."""
        return self.ledger.peers

    @classmethod
    def open(cls, ledger: Ledger) -> Self:
        """Make the desk from the ledger and its settings."""
        settings = ledger.settings
        pages = Pages("operations")
        words.teach(pages)
        sessions = Sessions(settings.session_key, "operations", settings.secure_cookies)
        names = {mail: name for name, mail in settings.staff.items()}

        async def find_identity(_tx: Tx, mail: str) -> Identity | None:
            return Identity(OPERATOR, names[mail]) if mail in names else None

        sign_in = SignIn(pages, sessions, Links(settings.session_key), find_identity)
        return cls(pages, sessions, sign_in, ledger, settings)


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

    async def require_operator(self, tx: Tx) -> Session:
        """Return who is signed in here.

        Raises:
            SignInFirst: nobody who is still an operator.
        """
        session = await self.desk.sign_in.require(tx, self.request, OPERATOR)
        if session.identity.subject not in self.desk.settings.staff:
            raise SignInFirst("/")
        return session

    def door(self, service: str) -> Door:
        """Return a service's door.

        Raises:
            NotFound: there is no such service.
        """
        if service not in self.desk.peers.doors:
            raise NotFound
        return self.desk.peers.doors[service]
