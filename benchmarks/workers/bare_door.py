"""The least that a door can do on our HTTP stack: read the body and insert its bytes."""

import asyncio
import json
import sys

import asyncpg
import uvloop
from fastapi import FastAPI, Request, Response

from shared.service.http import HttpServer

CONNECTIONS = 8


async def serve(dsn: str, port: int) -> None:
    """Serve until killed."""
    pool = await asyncpg.create_pool(dsn, min_size=CONNECTIONS, max_size=CONNECTIONS)
    app = FastAPI()

    @app.post("/fhir/$process-message")
    async def take(request: Request) -> Response:
        body = await request.body()
        await pool.execute("INSERT INTO taken (body) VALUES ($1)", body)
        return Response(b"{}", media_type="application/fhir+json")

    await HttpServer(app, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    order = json.load(sys.stdin)
    uvloop.run(serve(order["dsn"], order["port"]))
