"""The HTTP side of a service: one FastAPI application, our own access log, a server that obeys the shell."""

import asyncio
import contextlib
import hmac
import time
from collections.abc import Iterator, Sequence
from typing import Annotated

import structlog
import uvicorn
from fastapi import APIRouter, Depends, FastAPI, Header, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.messaging import Database
from shared.service import problems
from shared.service.problems import Problem

log = structlog.get_logger()


def get_database(request: Request) -> Database:
    """Give a route the pool for requests."""
    database: Database = request.app.state.database
    return database


def require_internal(
    request: Request,
    authorization: Annotated[str, Header()] = "",
    x_linkway_service: Annotated[str, Header(max_length=64)] = "",
) -> str:
    """Let only Linkway's own services in and return the caller's name.

    Raises:
        Problem: 401 without the internal key.
    """
    expected = f"Bearer {request.app.state.internal_key}"
    if not hmac.compare_digest(authorization.encode(), expected.encode()):
        raise Problem(401, "Not authorised", "This door is for Linkway's own services.")
    return x_linkway_service or "unnamed"


Internal = Annotated[str, Depends(require_internal)]
"""The name of the calling service, for routes behind the internal door."""

RequestDatabase = Annotated[Database, Depends(get_database)]
"""The pool for requests, as a route's parameter."""


def application(title: str, routers: Sequence[APIRouter]) -> FastAPI:
    """Make the FastAPI application of a service."""
    app = FastAPI(title=title, docs_url=None, redoc_url=None, separate_input_output_schemas=False)
    problems.install(app)
    for router in routers:
        app.include_router(router)
    app.add_middleware(AccessLog)
    return app


class AccessLog:
    """Logs one line a request with the route's template, never the path; turns what escapes a route into a problem."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, note)
        except Exception as error:  # noqa: BLE001 -- the last place that can answer, and it tells
            problem, kind, at = problems.from_exception(error)
            log.error("request_failed", route=_route(scope), error=kind, at=at)
            if not status:
                await problem.response()(scope, receive, note)
        if _route(scope) not in _QUIET:
            log.info(
                "request_answered",
                method=scope["method"],
                route=_route(scope),
                status=status,
                duration_ms=round((time.perf_counter() - began) * 1000, 1),
            )


_QUIET = frozenset({"/health/ready", "/health/live", "/metrics"})


def _route(scope: Scope) -> str:
    route = scope.get("route")
    return getattr(route, "path", "unmatched")


class Server(uvicorn.Server):
    """Uvicorn without its signal handlers: FastStream's shell says when to stop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


class HttpServer:
    """The running server of a service."""

    def __init__(self, app: FastAPI, host: str, port: int) -> None:
        config = uvicorn.Config(
            app, host=host, port=port, log_config=None, access_log=False, lifespan="off", server_header=False,
            date_header=False, timeout_graceful_shutdown=3, h11_max_incomplete_event_size=65_536,
        )  # fmt: skip
        self._server = Server(config)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen; returns when the port is open.

        Raises:
            OSError: the port is taken.
        """
        self._task = asyncio.create_task(self._server.serve(), name="http")
        while not self._server.started:
            if self._task.done():
                self._task.result()
                raise OSError("the HTTP server did not start")
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """Take no new requests, give those in hand three seconds."""
        self._server.should_exit = True
        if self._task:
            await asyncio.wait({self._task}, timeout=4)
