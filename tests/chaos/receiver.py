"""The organisations' endpoint for webhooks, which has bad days: it fails, or takes what comes and never says so."""

import time
from collections.abc import Mapping
from typing import Literal

from standardwebhooks import Webhook

from deploy.demo.driver.book import Book
from deploy.demo.driver.hook import Endpoint

HANGS_SECONDS = 4.0
"""Longer than a sender of webhooks waits here."""


class Receiver(Endpoint):
    """An endpoint with a mood; `arrivals` holds the id and time of everything that came, as often as it did."""

    def __init__(self, port: int, secret: str, book: Book) -> None:
        super().__init__(port, secret, book)
        self.mood: Literal["well", "fails", "hangs"] = "well"
        self.arrivals: list[tuple[str, float]] = []

    def take(self, webhook: Webhook, body: bytes, headers: Mapping[str, str]) -> int:
        """Take a webhook in, unless this is a bad day."""
        if self.mood == "fails":
            return 500
        named = {name.lower(): value for name, value in headers.items()}
        self.arrivals.append((named.get("webhook-id", ""), time.time()))
        status = super().take(webhook, body, headers)
        if self.mood == "hangs":
            time.sleep(HANGS_SECONDS)  # in a thread of this request's own
        return status
