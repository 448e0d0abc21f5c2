"""A service for tests of the runner: it shows its environment, and ends when it is told to."""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Door(BaseHTTPRequestHandler):
    """Answer every path but `/end/N` with the environment."""

    def do_GET(self) -> None:
        if self.path.startswith("/end/"):
            os._exit(int(self.path.rpartition("/")[2]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(dict(os.environ)).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's
        """Write no access log."""


ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), Door).serve_forever()
