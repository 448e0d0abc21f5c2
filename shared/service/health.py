"""Health that tells the truth: live means that the process answers, ready that messages and requests get through."""

import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared.messaging import Database, metrics
from shared.messaging.errors import is_unavailable

if TYPE_CHECKING:
    from shared.service.app import Service

POLLED_WITHIN_SECONDS = 15

Check = Callable[[], Awaitable[bool]]
"""Says whether something that a service cannot work without answers now."""


async def parts(service: "Service") -> dict[str, bool]:
    """Return what readiness rests on, part by part; parts of roles that are switched off do not count."""
    found = {"started": service.started and not service.stopping, "database": await answers(service.database)}
    for name, check in service.checks.items():
        found[name] = await check()
    loop = service.loop
    if "consumer" in service.roles and service.handlers:
        found["consumer"] = bool(
            loop
            and loop.assigned
            and loop.stopped_loudly is None
            and time.monotonic() - loop.polled_at < POLLED_WITHIN_SECONDS
        )
    if "relay" in service.roles:
        oldest = metrics.UNSENT_OLDEST_SECONDS._value.get()  # noqa: SLF001 -- the gauge has no other way to be read
        found["outbox"] = oldest < service.settings.unsent_ready_seconds
    return found


async def answers(database: Database) -> bool:
    """Ask over the pool that requests use, within two seconds."""
    try:
        async with database.connection() as connection:
            await connection.fetchval("SELECT 1", timeout=1)
    except Exception as error:
        if is_unavailable(error):
            return False
        raise
    return True


def router(service: "Service") -> APIRouter:
    """Return the routes of health and metrics."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/health/live")
    async def live() -> dict[str, str]:
        return {"service": service.name}

    @routes.get("/health/ready")
    async def ready() -> JSONResponse:
        found = await parts(service)
        body: dict[str, Any] = {"service": service.name, "ready": all(found.values()), "parts": found}
        return JSONResponse(body, 200 if body["ready"] else 503)

    @routes.get("/metrics")
    async def figures() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return routes
