"""Play the endpoint of an organisation that wants webhooks: verifies each by the official library, then answers."""

import asyncio
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from deploy.demo.driver.book import Book

LONGEST_BYTES = 64 * 1024


@dataclass(frozen=True)
class Delivered:
    """A webhook whose signature is good: its id, type and data."""

    id: str
    type: str
    data: dict[str, Any]


class Endpoint:
    """Listens on a port of this machine; `deliveries` holds each webhook once, however often it is sent."""

    def __init__(self, port: int, secret: str, book: Book) -> None:
        self.deliveries: asyncio.Queue[Delivered] = asyncio.Queue()
        self._seen: set[str] = set()
        self._book, self._loop = book, asyncio.get_running_loop()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler(Webhook(secret)))

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self, webhook: Webhook) -> type[BaseHTTPRequestHandler]:
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                body = self.rfile.read(min(length, LONGEST_BYTES))
                self.send_response(endpoint.take(webhook, body, dict(self.headers)))
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_arguments: object) -> None:
                """Say nothing: what came is in the book."""

        return Handler

    def take(self, webhook: Webhook, body: bytes, headers: Mapping[str, str]) -> int:
        """Verify a webhook and pass it on; return the status of the answer."""
        delivered = verify(webhook, body, headers)
        if delivered is None:
            self._loop.call_soon_threadsafe(self._book.wonder, "webhook", "one came without a good signature")
            return 401
        self._loop.call_soon_threadsafe(self._bring, delivered)
        return 204

    def _bring(self, delivered: Delivered) -> None:
        if delivered.id not in self._seen:
            self._seen.add(delivered.id)
            self._book.counts["webhooks"] += 1
            self.deliveries.put_nowait(delivered)


def verify(webhook: Webhook, body: bytes, headers: Mapping[str, str]) -> Delivered | None:
    """Return what a webhook says if its signature is good, as the official library judges it."""
    try:
        told = webhook.verify(body, dict(headers))
    except (WebhookVerificationError, ValueError):
        return None
    named = {name.lower(): value for name, value in headers.items()}
    return Delivered(named["webhook-id"], str(told["type"]), told["data"])
