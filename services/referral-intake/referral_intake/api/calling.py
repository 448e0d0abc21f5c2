"""Who calls: a practice by its key, and the desk that its request is brought to."""

import hashlib
from typing import Annotated

from fastapi import Depends, Header, Request

from referral_intake import storage
from referral_intake.config import Settings
from referral_intake.domain import Caller
from referral_intake.receiving import Desk
from shared.service import Problem, RequestDatabase


def hash_key(key: str) -> bytes:
    """Return what is stored of an API key: it is long and random, so a plain hash cannot be guessed back."""
    return hashlib.sha256(key.encode()).digest()


async def require_key(database: RequestDatabase, authorization: Annotated[str, Header()] = "") -> Caller:
    """Return the practice whose key the request shows.

    Raises:
        Problem: 401 without a key, or with one that is not known or was revoked.
    """
    scheme, _, key = authorization.partition(" ")
    caller = None
    if scheme.lower() == "bearer" and key:
        async with database.connection() as connection:  # one statement needs no transaction around it
            caller = await storage.find_caller(connection, hash_key(key.strip()))
    if caller is None:
        problem = Problem(401, "Not authorised", "Show your practice's key: Authorization: Bearer <key>.")
        problem.headers["WWW-Authenticate"] = "Bearer"
        raise problem
    return caller


def get_desk(request: Request) -> Desk:
    """Give a route the desk."""
    desk: Desk = request.app.state.desk
    return desk


def get_settings(request: Request) -> Settings:
    """Give a route the settings."""
    settings: Settings = request.app.state.settings
    return settings


Calling = Annotated[Caller, Depends(require_key)]
TheDesk = Annotated[Desk, Depends(get_desk)]
TheSettings = Annotated[Settings, Depends(get_settings)]
