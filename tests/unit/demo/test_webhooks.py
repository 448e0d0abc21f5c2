"""The endpoint believes only what is signed with the secret that it shares."""

import base64
import json
from datetime import UTC, datetime

from standardwebhooks import Webhook

from deploy.demo.driver.hook import verify

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
BODY = json.dumps({"type": "linkway.partner.offer-made.v1", "timestamp": "2026-03-02T09:30:00Z", "data": {"need": "x"}})


def headers(secret: str) -> dict[str, str]:
    now = datetime.now(UTC)
    signature = Webhook(secret).sign("msg_1", now, BODY)
    return {"Webhook-Id": "msg_1", "Webhook-Timestamp": str(int(now.timestamp())), "Webhook-Signature": signature}


def test_a_webhook_with_a_good_signature_is_read() -> None:
    delivered = verify(Webhook(SECRET), BODY.encode(), headers(SECRET))
    assert delivered is not None
    assert (delivered.id, delivered.type, delivered.data) == ("msg_1", "linkway.partner.offer-made.v1", {"need": "x"})


def test_one_that_another_secret_signed_is_not() -> None:
    another = "whsec_" + base64.b64encode(b"a" * 32).decode()
    assert verify(Webhook(SECRET), BODY.encode(), headers(another)) is None


def test_one_whose_body_was_changed_is_not() -> None:
    assert verify(Webhook(SECRET), BODY.replace('"x"', '"y"').encode(), headers(SECRET)) is None


def test_one_without_a_signature_is_not() -> None:
    assert verify(Webhook(SECRET), BODY.encode(), {}) is None
