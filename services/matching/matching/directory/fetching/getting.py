"""Gets addresses politely: a few at once, again after a while when told to wait or nothing answers, never too much."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType

import httpx

AT_ONCE = 4
ATTEMPTS = 6
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 60.0
LONGEST_ASKED_SECONDS = 900.0
MOST_BYTES = 256_000_000
WHOLE_SECONDS = 600.0
TIMEOUT = httpx.Timeout(30.0, connect=10.0)

AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers after which the same question may be answered."""


class FetchError(Exception):
    """An address could not be got; the directory is as it was, and what had arrived is kept for the next try."""


class NotThereError(FetchError):
    """The source says that it does not have this address."""


def wait_seconds(attempt: int, retry_after: str | None, now: datetime, chance: float) -> float | None:
    """Return how long to wait before the next attempt, or None where there is to be none.

    `attempt` counts from 1, `chance` is from 0 to 1. What `Retry-After` asks for is waited, up to a quarter of an hour;
    else twice as long each time, by half more or less.
    """
    if attempt >= ATTEMPTS:
        return None
    asked = _asked_seconds(retry_after, now)
    if asked is not None:
        return asked + chance if asked <= LONGEST_ASKED_SECONDS else None
    doubled: float = FIRST_WAIT_SECONDS * 2 ** (attempt - 1)
    return min(LONGEST_WAIT_SECONDS, doubled) * (0.5 + chance)


def _asked_seconds(retry_after: str | None, now: datetime) -> float | None:
    """Read a Retry-After header: seconds or a date (RFC 9110, 10.2.3); what is neither asks for nothing."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return max(0.0, ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds())


class Getter:
    """A client for one source; all its requests wait when one is told to."""

    def __init__(
        self,
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._sleep, self._chance, self._most_bytes = sleep, chance, most_bytes
        self._free = asyncio.Semaphore(AT_ONCE)
        self._client = httpx.AsyncClient(
            timeout=TIMEOUT,
            follow_redirects=True,
            max_redirects=5,
            headers={"User-Agent": "linkway-directory", "Accept": "application/json, */*;q=0.5"},
        )

    async def __aenter__(self) -> "Getter":
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def get(self, url: str, parameters: Mapping[str, str] | None = None) -> bytes:
        """Return what an address holds.

        Raises:
            NotThereError: it answers 404 or 410.
            FetchError: it refuses, does not answer in time after all attempts, or sends too much.
        """
        async with self._free:
            attempt = 0
            while True:
                attempt += 1
                trouble, retry_after = "", None
                try:
                    async with asyncio.timeout(WHOLE_SECONDS):
                        status, retry_after, body = await self._once(url, parameters)
                    if status < 300:
                        return body
                    trouble = f"it answers {status}"
                    if status in (404, 410):
                        raise NotThereError(trouble)
                    if status not in AGAIN:
                        raise FetchError(trouble)
                except (httpx.TransportError, httpx.DecodingError, TimeoutError) as error:
                    trouble = f"no answer: {type(error).__name__}"
                except httpx.HTTPError as error:
                    raise FetchError(f"no answer: {type(error).__name__}") from None
                wait = wait_seconds(attempt, retry_after, datetime.now(UTC), self._chance())
                if wait is None:
                    raise FetchError(f"{trouble}, {attempt} times")
                await self._sleep(wait)

    async def _once(self, url: str, parameters: Mapping[str, str] | None) -> tuple[int, str | None, bytes]:
        """Ask once, and stop reading where it becomes too much."""
        asked = httpx.URL(url).copy_merge_params(parameters or {})
        async with self._client.stream("GET", asked) as response:
            if response.status_code >= 300:
                return response.status_code, response.headers.get("retry-after"), b""
            parts, size = [], 0
            async for part in response.aiter_bytes():
                size += len(part)
                if size > self._most_bytes:
                    raise FetchError(f"it sends more than {self._most_bytes} bytes")
                parts.append(part)
            return response.status_code, None, b"".join(parts)
