"""What signposting is served with: templates, the directory to search, and a bound on how much is asked at once."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Protocol, Self

from fastapi import Depends, Request, Response

from matching.config import Settings
from matching.finding.finder import Finder
from matching.signposting import words
from shared.messaging import Database, Tx
from shared.messaging.errors import Unavailable
from shared.service import get_database
from shared.web.pages import Pages

KEPT_SECONDS = 60
"""For how long a page about services may be kept by anyone: places come and go."""


class Directory(Protocol):
    """What finds services in the directory as it stands."""

    async def finder(self, tx: Tx) -> Finder:
        """Return the finder of the directory's present version."""


class Busy(Unavailable):
    """More is asked at once than this process works on; nothing was done, and a moment later there is room."""


@dataclass
class Room:
    """At most so many questions at once; whoever finds none is told so, and nobody waits in a line."""

    places: int
    taken: int = 0

    @contextmanager
    def enter(self) -> Iterator[None]:
        """Take a place for as long as it is held.

        Raises:
            Busy: there is none.
        """
        if self.taken >= self.places:
            raise Busy("every place for questions is taken")
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1


@dataclass(frozen=True)
class Desk:
    """What every page of signposting needs; made once, hung on the application."""

    directory: Directory
    public_url: str
    room: Room
    lists_a_day: int
    pages: Pages = field(default_factory=lambda: words.taught(Pages("matching.signposting")))

    @classmethod
    def open(cls, settings: Settings, directory: Directory) -> Self:
        """Make the desk from settings."""
        url = settings.matching_public_url.rstrip("/")
        return cls(directory, url, Room(settings.signposting_at_once), settings.lists_a_day)


def get_desk(request: Request) -> Desk:
    """Give a route the desk."""
    desk: Desk = request.app.state.signposting
    return desk


@dataclass(frozen=True)
class Visit:
    """One request: the browser's or a program's, the desk, and the database."""

    request: Request
    desk: Annotated[Desk, Depends(get_desk)]
    database: Annotated[Database, Depends(get_database)]

    def kept(self, response: Response) -> Response:
        """Let anyone keep an answer about services for a minute, and answer *not modified* where it has not changed."""
        tag = f'"{hashlib.sha256(response.body).hexdigest()[:24]}"'
        headers = {"Cache-Control": f"public, max-age={KEPT_SECONDS}", "ETag": tag, "Vary": "Accept"}
        if tag in self.request.headers.get("If-None-Match", ""):
            return Response(status_code=304, headers=headers)
        response.headers.update(headers)
        return response


Here = Annotated[Visit, Depends()]
