"""Cookies and form tokens: who a browser is for us, and whether a form came from a page of ours."""

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from shared.web.links import BadLink, Links
from shared.web.refusals import Refusal

_VISITOR = re.compile(r"[A-Za-z0-9_-]{22,64}")


class Guarded(BaseModel):
    """What every form carries (`forms.html`, *guard*): its token, and an id that makes two clicks one act."""

    csrf: str
    form_id: UUID


class BadForm(Refusal):
    """A form did not come from a page that we gave to this browser; nothing was done."""

    def __init__(self) -> None:
        super().__init__(
            403,
            "This form is no longer valid",
            "Nothing was changed. Go back, load the page again and send the form once more.",
        )


@dataclass(frozen=True)
class Sessions:
    """Reads and writes the cookies of one service and the tokens of its forms.

    Cookies are shared by all ports of a host, so their names carry the service's. `secure` sets the Secure flag and
    the `__Host-` prefix, without which a sub-domain could plant a cookie.
    """

    key: bytes
    service: str
    secure: bool

    @property
    def _prefix(self) -> str:
        return f"{'__Host-' if self.secure else ''}linkway-{self.service}"

    def read(self, request: Request, now: datetime) -> UUID | None:
        """Return the id of the session that this browser holds, None if it has none or it has expired."""
        token = request.cookies.get(f"{self._prefix}-session", "")
        try:
            return UUID(Links(self.key).read("session", token, now))
        except BadLink:
            return None

    def start(self, response: Response, session: UUID, expires_at: datetime) -> None:
        """Give this browser a session until it is closed, and at most until `expires_at`."""
        self._set(response, "session", Links(self.key).sign("session", str(session), expires_at))

    def end(self, response: Response) -> None:
        """Take the session from this browser."""
        response.delete_cookie(f"{self._prefix}-session", path="/", secure=self.secure, httponly=True, samesite="lax")

    def visitor(self, request: Request) -> str:
        """Return the random name of this browser before it has signed in; a new one where it has none."""
        held = request.cookies.get(f"{self._prefix}-visitor", "")
        return held if _VISITOR.fullmatch(held) else secrets.token_urlsafe(24)

    def remember_visitor(self, response: Response, visitor: str) -> None:
        """Give this browser its random name."""
        self._set(response, "visitor", visitor)

    def form_token(self, holder: str) -> str:
        """Return the token of forms for one holder: a session's id, a visitor's name or a mailed link's token."""
        return hmac.digest(self.key, b"form\0" + holder.encode(), "sha256").hex()

    def check_form(self, holder: str, token: str) -> None:
        """Refuse a form that was not made for this holder.

        Raises:
            BadForm: another page, another browser or another session made it.
        """
        if not hmac.compare_digest(self.form_token(holder).encode(), token.encode()):
            raise BadForm

    def _set(self, response: Response, name: str, value: str) -> None:
        response.set_cookie(
            f"{self._prefix}-{name}", value, path="/", secure=self.secure, httponly=True, samesite="lax"
        )
