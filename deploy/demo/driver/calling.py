"""Call a service as a patient client does: the same request again, at another replica, until somebody answers."""

import asyncio
import itertools
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

AWAY = frozenset({429, 502, 503, 504})
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.1, 1.0
ONE_TRY_SECONDS = 8.0
# One for all clients: making it takes longer than a request.
TLS = ssl.create_default_context()


class Unanswered(Exception):
    """Nobody answered in time."""


class Surprised(Exception):
    """An answer that no client of this door should get."""


@dataclass(frozen=True)
class Call:
    """One request, as often as it has to be sent; `path` may be a whole address, of which any replica will do."""

    method: str
    path: str
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Caller:
    """One outsider's client: its cookies, its headers, and the replicas of the service that it calls in turn."""

    def __init__(
        self, addresses: Sequence[str], headers: Mapping[str, str] | None = None, *, patience_seconds: float = 60.0
    ) -> None:
        self._addresses = itertools.cycle(addresses)
        self._patience_seconds = patience_seconds
        # Proxies of the environment are not for this machine.
        self._client = httpx.AsyncClient(
            headers=headers, timeout=ONE_TRY_SECONDS, follow_redirects=True, verify=TLS, trust_env=False
        )

    async def send(self, call: Call, *, also_again: frozenset[int] = frozenset()) -> httpx.Response:
        """Send a request until it is answered.

        Args:
            call: the request; each time the same.
            also_again: statuses that are no answer yet, beside those that say *away*.

        Raises:
            Unanswered: it was not, in time.
        """
        deadline, pause, said = time.monotonic() + self._patience_seconds, FIRST_PAUSE_SECONDS, "nothing"
        while True:
            try:
                response = await self._once(call)
            except httpx.TransportError as error:
                said = type(error).__name__
            else:
                if response.status_code not in AWAY | also_again:
                    return response
                said = str(response.status_code)
            if time.monotonic() + pause > deadline:
                raise Unanswered(f"{call.method} {template(call.path)}: {said}")
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    async def aclose(self) -> None:
        """Hang up."""
        await self._client.aclose()

    async def _once(self, call: Call) -> httpx.Response:
        where = urlsplit(call.path)
        target = f"{next(self._addresses)}{where._replace(scheme='', netloc='').geturl()}"
        return await self._client.request(call.method, target, content=call.content, headers=call.headers)


def template(path: str) -> str:
    """Write a path for a log: ids and tokens are nobody's business."""
    parts = urlsplit(path).path.split("/")
    return "/".join(part if len(part) < 20 else "…" for part in parts)
