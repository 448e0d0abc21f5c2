"""The door to people's details in referral-intake: what casework shows and never keeps."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import httpx
import structlog

log = structlog.get_logger()


class PeopleAwayError(Exception):
    """Referral-intake does not answer; pages go on without names and say so."""


class People:
    """Asks referral-intake for details by purpose, and hands it words to seal; who asked is written down there."""

    def __init__(
        self, url: str, key: str, timeout_seconds: float, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """Take the door's address and key, and how long each step of a request may take."""
        self._client = httpx.AsyncClient(
            base_url=url,
            transport=transport,
            timeout=timeout_seconds,
            headers={"Authorization": f"Bearer {key}", "X-Linkway-Service": "casework"},
            follow_redirects=False,
        )

    async def close(self) -> None:
        """Hang up."""
        await self._client.aclose()

    async def release(self, referral: UUID, purpose: str, fields: Iterable[str], by: str) -> Mapping[str, Any]:
        """Return fields of a person for a purpose; nothing where they were erased.

        Raises:
            PeopleAwayError: the door does not answer, or refuses us.
        """
        body = {"purpose": purpose, "fields": list(fields), "by": by}
        answer = await self._ask("POST", f"/internal/people/{referral}/release", body)
        return dict(answer["fields"]) if answer else {}

    async def notes(self, referral: UUID, by: str) -> list[Mapping[str, Any]]:
        """Return what link workers wrote about a referral, oldest first.

        Raises:
            PeopleAwayError: the door does not answer, or refuses us.
        """
        answer = await self._ask("GET", f"/internal/people/{referral}/notes?by={by}")
        return list(answer["notes"]) if answer else []

    async def append(self, referral: UUID, request: UUID, kind: str, text: str, by: str) -> UUID:
        """Have words sealed and return their id; the same request again is the same words.

        Raises:
            PeopleAwayError: the door does not answer, or refuses us.
        """
        body = {"kind": kind, "text": text, "by": by}
        answer = await self._ask("POST", f"/internal/people/{referral}/notes", body, {"X-Request-ID": str(request)})
        if answer is None:
            raise PeopleAwayError
        return UUID(answer["id"])

    async def agree(self, referral: UUID, request: UUID, said: Mapping[str, str | None], by: str) -> bool:
        """Have recorded what a person agrees to; False: their referral has ended. The same request is recorded once.

        Raises:
            PeopleAwayError: the door does not answer, or refuses us.
        """
        path, headers = f"/internal/agreements/{referral}", {"X-Request-ID": str(request)}
        return await self._ask("POST", path, {**said, "by": by}, headers) is not None

    async def _ask(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Any:
        try:
            answer = await self._client.request(method, path, json=body, headers=headers)
        except httpx.HTTPError as error:
            log.warning("people_door_away", error=type(error).__name__)
            raise PeopleAwayError from None
        if answer.status_code in (404, 409, 410):
            return None
        if not answer.is_success:
            log.error("people_door_refused", status=answer.status_code)
            raise PeopleAwayError
        return answer.json()
