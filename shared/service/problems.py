"""RFC 9457 problem details: what went wrong, in words, and never what was sent."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from shared.messaging.errors import Unavailable, describe, is_unavailable

RETRY_AFTER_SECONDS = 2


class Problem(Exception):
    """An answer that is no success; `extra` are members of the problem document."""

    def __init__(self, status: int, title: str, detail: str, **extra: Any) -> None:
        super().__init__(title)
        self.status, self.title, self.detail, self.extra = status, title, detail, extra
        self.headers: dict[str, str] = {}

    def response(self) -> JSONResponse:
        """Return the problem document."""
        body = {"type": "about:blank", "title": self.title, "status": self.status, "detail": self.detail}
        return JSONResponse(body | self.extra, self.status, headers=self.headers, media_type="application/problem+json")


def unavailable() -> Problem:
    """Return the answer while a part that we need is away: try again, nothing was stored."""
    problem = Problem(503, "Not available just now", "Nothing was stored. Send the same request again.")
    problem.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return problem


def invalid(error: RequestValidationError) -> Problem:
    """Name each place that does not fit and the rule it breaks; what stood there is not repeated."""
    faults = [
        {"at": ".".join(str(part) for part in fault["loc"]), "rule": fault["type"], "message": _message(fault)}
        for fault in error.errors()
    ]
    places = ", ".join(sorted({fault["at"] for fault in faults}))
    return Problem(422, "The request does not fit", f"Look at: {places}."[:1000], errors=faults[:50])


def _message(fault: Any) -> str:
    """Return our own validators' words, or pydantic's where its template holds no input."""
    return str(fault["msg"]) if fault["type"] in _SAFE or fault["type"].endswith(_SAFE_ENDS) else str(fault["type"])


_SAFE = frozenset({"missing", "extra_forbidden", "value_error", "json_invalid", "string_too_long", "string_too_short"})
_SAFE_ENDS = ("_type", "_parsing", "too_long", "too_short", "_equal", "_than", "pattern_mismatch")


def install(app: FastAPI) -> None:
    """Answer every kind of error with a problem document."""

    @app.exception_handler(Problem)
    async def _problem(_request: Request, problem: Problem) -> JSONResponse:
        return problem.response()

    @app.exception_handler(RequestValidationError)
    async def _invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        return invalid(error).response()

    @app.exception_handler(HTTPException)
    async def _http(_request: Request, error: HTTPException) -> JSONResponse:
        problem = Problem(error.status_code, str(error.detail), str(error.detail))
        problem.headers = dict(error.headers or {})
        return problem.response()


def from_exception(error: Exception) -> tuple[Problem, str, str]:
    """Turn whatever escaped a route into an answer, with the kind and place to log."""
    kind, at = describe(error)
    if isinstance(error, Unavailable) or is_unavailable(error):
        return unavailable(), kind, at
    return Problem(500, "Something is wrong on our side", "It was noted. Nothing was half stored."), kind, at
