"""Signs what stands in a mailed link, so that a link says what it may do, until when, and nothing about anybody."""

import base64
import binascii
import hmac
from datetime import UTC, datetime, timedelta

MAC_BYTES = 32
EXPIRY_BYTES = 8
KEY_BYTES = 32


class BadLink(Exception):
    """This link is not one of ours, or was cut or changed on its way."""


class ExpiredLink(BadLink):
    """This link was ours and its time has passed."""


class Links:
    """Signs and reads capabilities for links: a purpose, a subject (an id, nothing personal) and an end.

    A token is base64url(expiry in seconds, subject, HMAC-SHA256 of purpose, expiry and subject), without padding.
    """

    def __init__(self, key: bytes) -> None:
        """Take the signing key, at least 32 bytes."""
        if len(key) < KEY_BYTES:
            raise ValueError("a link key has at least 32 bytes")
        self._key = key

    def sign(self, purpose: str, subject: str, expires_at: datetime) -> str:
        """Return a URL-safe token that reads back as `subject` for this purpose, until `expires_at` (whole seconds)."""
        body = int(expires_at.timestamp()).to_bytes(EXPIRY_BYTES, "big") + subject.encode()
        return _encode(body + self._mac(purpose, body))

    def read(self, purpose: str, token: str, now: datetime) -> str:
        """Return the subject of a token that was signed for this purpose.

        Raises:
            ExpiredLink: its time has passed.
            BadLink: anything else is wrong with it.
        """
        signed = _decode(token)
        body, mac = signed[:-MAC_BYTES], signed[-MAC_BYTES:]
        if len(body) < EXPIRY_BYTES or not hmac.compare_digest(mac, self._mac(purpose, body)):
            raise BadLink("not a link of ours")
        expiry_seconds = int.from_bytes(body[:EXPIRY_BYTES], "big")
        if now - datetime(1970, 1, 1, tzinfo=UTC) >= timedelta(seconds=expiry_seconds):
            raise ExpiredLink("this link has expired")
        return body[EXPIRY_BYTES:].decode()

    def _mac(self, purpose: str, body: bytes) -> bytes:
        # The purpose ends at a zero byte, so that no purpose and body can be read as another purpose and body.
        return hmac.digest(self._key, purpose.encode() + b"\0" + body, "sha256")


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(token: str) -> bytes:
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadLink("not a link of ours") from None
    # Unpadded base64 has spare bits; only the one spelling that we wrote is a link.
    if _encode(raw) != token:
        raise BadLink("not a link of ours")
    return raw
