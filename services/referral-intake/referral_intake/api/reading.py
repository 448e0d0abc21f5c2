"""Take a request's body in: its size first, then its form, then its fields, and never a word of it in an answer."""

import json
from typing import Any, NoReturn, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from shared.service import Problem

B = TypeVar("B", bound=BaseModel)

MOST_FAULTS_TOLD = 50
OWN_WORDS = "value_error"
PLAIN_TYPES = ("missing", "literal_error", "string_", "too_", "tuple_", "model_", "bool_")
"""Kinds of fault whose message is made of the rule alone; of all others only the kind is told."""


async def read_limited(request: Request, limit_bytes: int) -> bytes | None:
    """Return the body, or None when it is longer than the limit; no more of it than that is taken in."""
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > limit_bytes:
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit_bytes:
            return None
    return bytes(body)


async def read_json_body(request: Request, limit_bytes: int) -> bytes:
    """Return a JSON request's bytes.

    Raises:
        Problem: 413 too long, 415 another content type.
    """
    body = await read_limited(request, limit_bytes)
    if body is None:
        raise Problem(413, "Too long", f"A body may have {limit_bytes} bytes.")
    kind = media_type(request)
    if body and kind != "application/json" and not kind.endswith("+json"):
        raise Problem(415, "Not JSON", "Send the body as application/json.")
    return body


def media_type(request: Request) -> str:
    """Return the content type of a request without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def canonical(body: BaseModel) -> bytes:
    """Return what was sent in one form, so that spaces and the order of fields make no other body."""
    return body.model_dump_json(exclude_unset=True).encode()


def parse(model: type[B], body: bytes) -> B:
    """Return a body as its model.

    Raises:
        Problem: 400 no JSON, 422 fields that are missing or wrong, each named.
    """
    try:
        value = json.loads(body.decode("utf-8-sig"), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise Problem(400, "Not JSON", f"The body is not UTF-8 at byte {error.start}.") from None
    except json.JSONDecodeError as error:
        raise Problem(400, "Not JSON", f"Look at line {error.lineno}, column {error.colno}.") from None
    except (RecursionError, ValueError):
        raise Problem(
            400, "Not JSON", "A number is too long or none that JSON knows, or the body is nested too deeply."
        ) from None
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise faults_problem(error) from None


def faults_problem(error: ValidationError) -> Problem:
    """Name each field that does not fit and what is wrong with it."""
    faults = [_fault(fault) for fault in error.errors(include_url=False, include_context=False, include_input=False)]
    places = ", ".join(sorted({fault["at"] for fault in faults}))
    return Problem(422, "The request does not fit", f"Look at: {places}."[:1000], errors=faults[:MOST_FAULTS_TOLD])


def field_problem(at: str, message: str) -> Problem:
    """Name one field that does not fit."""
    fault = {"at": at, "rule": OWN_WORDS, "message": message}
    return Problem(422, "The request does not fit", f"Look at: {at}.", errors=[fault])


def _fault(fault: Any) -> dict[str, str]:
    at = [str(part) for part in fault["loc"]]
    kind = fault["type"]
    if kind == "extra_forbidden":  # the name of a field that we do not know is the sender's input
        return {"at": ".".join(at[:-1]) or "body", "rule": kind, "message": "has a field that is not known"}
    message = fault["msg"].removeprefix("Value error, ") if kind.startswith((OWN_WORDS, *PLAIN_TYPES)) else kind
    return {"at": ".".join(at) or "body", "rule": kind, "message": message}


def _no_constant(_name: str) -> NoReturn:
    raise ValueError
