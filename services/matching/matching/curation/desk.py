"""What the pages of mending are served with: templates, sessions, the directory to search, and who is looking."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import Depends, Request, Response

from matching import storage
from matching.config import Settings
from matching.curation import words
from matching.domain import Listing
from matching.signposting.desk import Directory
from matching.storage import curation as kept
from matching.storage import menders
from matching.storage.menders import ORGANISATION
from shared.messaging import Cause, Database, Tx
from shared.service import get_database
from shared.web.links import Links
from shared.web.pages import Pages
from shared.web.refusals import NotFound
from shared.web.sessions import Guarded, Sessions
from shared.web.sign_in import Identity, SignIn

MENDER = "mender"
"""The one kind of session; its subject is a role and an opaque id, `link-worker:…`, which is kept with what is done."""

MOST_OWN = 500


async def find_identity(tx: Tx, mail: str) -> Identity | None:
    """Return whose address this is: a programme's staff before an organisation's."""
    if staff := await menders.find_staff(tx, mail):
        return Identity(MENDER, ":".join(staff))
    mailbox = await menders.find_mailbox(tx, mail)
    return Identity(MENDER, f"{ORGANISATION}:{mailbox}") if mailbox else None


async def find_address(tx: Tx, identity: Identity) -> str | None:
    """Return the address that a sign-in link goes to, None for somebody who may not sign in any more."""
    role, _, who = identity.subject.partition(":")
    if role == ORGANISATION:
        return await menders.find_mailbox_mail(tx, UUID(who))
    return await menders.find_staff_mail(tx, role, who)


@dataclass(frozen=True)
class Desk:
    """What every page needs; made once, hung on the application."""

    directory: Directory
    sessions: Sessions
    sign_in: SignIn
    pages: Pages

    @classmethod
    def open(cls, settings: Settings, directory: Directory) -> Self:
        """Make the desk from settings."""
        pages = words.taught(Pages("matching.curation"))
        sessions = Sessions(settings.session_key, "matching", settings.secure_cookies)
        return cls(directory, sessions, SignIn(pages, sessions, Links(settings.session_key), find_identity), pages)


@dataclass(frozen=True)
class Mender:
    """Who has signed in: role, opaque id, session and its forms' token, and for an organisation its own services."""

    role: str
    id: str
    session: str
    form_token: str
    services: tuple[str, ...] = ()

    @property
    def by(self) -> str:
        """The name under which what they do is kept."""
        return f"{self.role}:{self.id}"

    @property
    def is_staff(self) -> bool:
        """Whether they are a programme's, and mend every listing."""
        return self.role != ORGANISATION

    def may_mend(self, listing: Listing) -> bool:
        """Whether a listing is theirs to mend."""
        return self.is_staff or listing.id in self.services


def get_desk(request: Request) -> Desk:
    """Give a route the desk."""
    desk: Desk = request.app.state.curation
    return desk


Do = Callable[[Tx, Mender], Awaitable[object]]


@dataclass(frozen=True)
class Visit:
    """One request for one page: the browser's, the desk, and the database."""

    request: Request
    desk: Annotated[Desk, Depends(get_desk)]
    database: Annotated[Database, Depends(get_database)]

    async def require(self, tx: Tx) -> Mender:
        """Return who is signed in here.

        Raises:
            SignInFirst: nobody is.
            NotFound: whoever it is may not mend anything any more.
        """
        session = await self.desk.sign_in.require(tx, self.request, MENDER)
        role, _, who = session.identity.subject.partition(":")
        mail = await find_address(tx, session.identity)
        if mail is None:
            raise NotFound
        services = await menders.find_services_of(tx, mail, MOST_OWN) if role == ORGANISATION else []
        return Mender(role, who, str(session.id), session.form_token, tuple(services))

    async def require_staff(self, tx: Tx) -> Mender:
        """Return the link worker or curator who is signed in here.

        Raises:
            SignInFirst: nobody is.
            NotFound: it is an organisation.
        """
        mender = await self.require(tx)
        if not mender.is_staff:
            raise NotFound
        return mender

    async def require_listing(self, tx: Tx, service: str, mender: Mender) -> Listing:
        """Return a listing that is this mender's to mend; for one that was joined, what it is part of.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        listing = await storage.find_listing(tx, service)
        if listing is None or not mender.may_mend(listing):
            raise NotFound
        return listing

    async def act(
        self,
        form: Guarded,
        name: str,
        do: Do,
        *,
        service: str | None = None,
        organisation: str | None = None,
        said: Mapping[str, Any] | None = None,
        note: str = "",
        staff_only: bool = False,
    ) -> None:
        """Do an act of who is signed in, once however often its form is sent, and keep who did it, when, and the note.

        Raises:
            NotFound: it is not theirs to do.
        """
        async with self.database.transaction(Cause.request(name, str(form.form_id))) as tx:
            mender = await (self.require_staff if staff_only else self.require)(tx)
            self.desk.sessions.check_form(mender.session, form.csrf)
            if service is not None:
                service = (await self.require_listing(tx, service, mender)).id
            if await kept.claim_act(
                tx, form.form_id, name, mender.by, service=service, organisation=organisation, said=said, note=note
            ):
                await do(tx, mender)

    def render(self, template: str, status: int = 200, /, **context: object) -> Response:
        """Render a page of mending."""
        return self.desk.pages.render(template, status, **context)


Here = Annotated[Visit, Depends()]
