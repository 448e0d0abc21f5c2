"""Webhooks are signed as Standard Webhooks says; the official library is the judge."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from notifications.channels import read_secrets
from notifications.gateway import Hook, sign

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
NEXT = "whsec_" + base64.b64encode(bytes(range(32, 64))).decode()
BODY = b'{"type":"linkway.partner.offer-made.v1","data":{"need":"debt-advice"}}'


def hook(secrets: str, body: bytes = BODY, at: datetime | None = None) -> Hook:
    at = at or datetime.now(UTC)
    return Hook("0b6f2d0e-6f0c-4c55-9a53-3f4f0a6d7c11", "https://example.org/", read_secrets(secrets), at, body)


def test_the_official_library_takes_our_signature() -> None:
    assert Webhook(SECRET).verify(BODY, sign(hook(SECRET))) == {
        "type": "linkway.partner.offer-made.v1",
        "data": {"need": "debt-advice"},
    }


def test_a_changed_body_another_secret_and_an_old_message_are_refused() -> None:
    headers = sign(hook(SECRET))
    for wrong, body, given in (
        (Webhook(SECRET), BODY.replace(b"debt", b"food"), headers),
        (Webhook(NEXT), BODY, headers),
        (Webhook(SECRET), BODY, {**headers, "webhook-id": "another"}),
        (Webhook(SECRET), BODY, sign(hook(SECRET, at=datetime.now(UTC) - timedelta(hours=1)))),
    ):
        with pytest.raises(WebhookVerificationError):
            wrong.verify(body, given)


def test_while_one_secret_follows_another_both_verify() -> None:
    headers = sign(hook(f"{SECRET} {NEXT}"))
    assert Webhook(SECRET).verify(BODY, headers) == Webhook(NEXT).verify(BODY, headers)


@pytest.mark.parametrize("text", ["", "whsec_", "secret", "whsec_!!!!", "whsec_" + base64.b64encode(b"short").decode()])
def test_what_is_no_secret_signs_nothing(text: str) -> None:
    assert read_secrets(text) == ()
