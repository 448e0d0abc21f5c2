"""Post signed webhooks to organisations' endpoints, as the Standard Webhooks specification says (v1)."""

import asyncio
import base64
import hmac
import ssl
from dataclasses import dataclass
from datetime import datetime

import httpx

from notifications.domain import Outcome, Result
from notifications.gateway.addresses import Checked, NoSuchHostError, RefusedAddressError, check

LONGEST_RETRY_AFTER_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Hook:
    """One webhook: `id` is the same at every attempt, `at` is the attempt's time, `secrets` the endpoint's."""

    id: str
    url: str
    secrets: tuple[bytes, ...]
    at: datetime
    body: bytes


def sign(hook: Hook) -> dict[str, str]:
    """Return the headers of Standard Webhooks: HMAC-SHA256 of id, time in seconds and body, one for each secret."""
    at_seconds = str(int(hook.at.timestamp()))
    signed = b".".join((hook.id.encode(), at_seconds.encode(), hook.body))
    macs = (base64.b64encode(hmac.digest(secret, signed, "sha256")).decode() for secret in hook.secrets)
    signatures = " ".join(f"v1,{mac}" for mac in macs)
    return {"webhook-id": hook.id, "webhook-timestamp": at_seconds, "webhook-signature": signatures}


class Endpoints:
    """Posts webhooks; each on a connection of its own, since a kept one may be closed just as the next one leaves."""

    def __init__(self, *, allow_loopback: bool, seconds: float, trust: ssl.SSLContext | None = None) -> None:
        """Take whether this machine's own addresses (and plain http to them) are allowed, and one post's time limit.

        `trust` says whose certificates are believed; those of public authorities by default.
        """
        self._allow_loopback = allow_loopback
        self._seconds = seconds
        self._client = httpx.AsyncClient(
            follow_redirects=False,
            trust_env=False,
            verify=trust or True,
            # Shorter for connecting, so that whether anything left is always known.
            timeout=httpx.Timeout(seconds, connect=seconds / 2),
            limits=httpx.Limits(max_keepalive_connections=0),
            headers={"user-agent": "Linkway", "content-type": "application/json"},
        )

    async def send(self, hook: Hook) -> Outcome:
        """Post a webhook; the outcome is *unknown* where it left and no answer came."""
        checked: Checked | None = None
        try:
            async with asyncio.timeout(self._seconds):
                checked = await check(hook.url, allow_loopback=self._allow_loopback)
                return await self._post(hook, checked)
        except RefusedAddressError:
            return Outcome(Result.REFUSED, "address-refused")
        except (NoSuchHostError, httpx.ConnectError, httpx.ConnectTimeout):
            return Outcome(Result.BROKEN, "endpoint-unreachable")
        except (httpx.TransportError, TimeoutError):
            return Outcome(Result.UNKNOWN if checked else Result.BROKEN, "no-answer")

    async def aclose(self) -> None:
        """Hang up."""
        await self._client.aclose()

    async def _post(self, hook: Hook, checked: Checked) -> Outcome:
        headers = {"host": checked.url.netloc, **sign(hook)}
        # The certificate is checked against the name, not the address; the answer's body is never read.
        extensions = {"sni_hostname": checked.host}
        request = self._client.stream(
            "POST", checked.at_address, content=hook.body, headers=headers, extensions=extensions
        )
        async with request as response:
            return _read(response)


def _read(response: httpx.Response) -> Outcome:
    """Read an answer: 2xx took it, 410 ends the endpoint, all else may pass (a redirect too: none is followed)."""
    code = response.status_code
    if response.is_success:
        return Outcome(Result.DELIVERED, "accepted", code)
    if code == httpx.codes.GONE:
        return Outcome(Result.GONE, "endpoint-gone", code)
    return Outcome(
        Result.LATER, "endpoint-refused", code, _retry_after_seconds(response.headers.get("retry-after", ""))
    )


def _retry_after_seconds(text: str) -> int:
    """Read Retry-After where it is in seconds, bounded; a date would need clocks that agree, and is no wish."""
    return min(int(text), LONGEST_RETRY_AFTER_SECONDS) if text.isdecimal() and len(text) < 9 else 0
