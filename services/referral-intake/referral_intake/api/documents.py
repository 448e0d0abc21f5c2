"""What the OpenAPI document says about bodies that are read by hand, and about every error."""

from typing import Any

from pydantic import BaseModel

ERRORS = {
    400: "The body is not JSON, or not UTF-8.",
    401: "No key was shown, or not one that we know.",
    404: "No such referral of this practice.",
    409: "The referral's state does not allow this.",
    413: "The body is too long.",
    415: "The body is not sent as JSON.",
    422: "A field is missing or wrong; each is named, and nothing sent is repeated. Or the request id stands for "
    "another body.",
    503: "A part that we need is away. Nothing was stored; send the same request again.",
}

_PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem details.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "at": {"type": "string", "examples": ["person.birth_date"]},
                    "rule": {"type": "string", "examples": ["value_error"]},
                    "message": {"type": "string", "examples": ["lies in the future"]},
                },
            },
        },
    },
    "required": ["type", "title", "status", "detail"],
}


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the documented error answers of a route."""
    return {
        status: {
            "description": ERRORS[status],
            "content": {
                "application/problem+json": {
                    "schema": _PROBLEM,
                    "example": {
                        "type": "about:blank",
                        "title": _TITLES[status],
                        "status": status,
                        "detail": ERRORS[status],
                    },
                }
            },
        }
        for status in statuses
    }


_TITLES = {
    400: "Not JSON",
    401: "Not authorised",
    404: "Not here",
    409: "Not in this state",
    413: "Too long",
    415: "Not JSON",
    422: "The request does not fit",
    503: "Not available just now",
}


FHIR_ERRORS = {
    400: "Not JSON or XML, or X-Request-ID or X-Correlation-ID is missing: *structure*, *required*.",
    401: "No key was shown, or not one that we know: *login*.",
    403: "The sender is another practice than the key's: *forbidden*.",
    404: "A cancellation of what this practice did not send: *not-found*.",
    409: "Received before (*duplicate*, a success), or no longer open and so not to be cancelled (*conflict*).",
    413: "Longer than 5 MB: *too-long*.",
    415: "Neither FHIR JSON nor FHIR XML: *not-supported*.",
    422: "Not for us or not offered (*not-supported*), or an element is missing or wrong (*required*, *value*).",
    503: "A part that we need is away. Nothing was stored; send the same message again: *transient*.",
}


def fhir_documents() -> dict[str, Any]:
    """Return what the document says about a BaRS message and its answers."""
    bundle = _in_both_forms("A Bundle of type message.")
    answers = {
        status: _in_both_forms("An OperationOutcome.") | {"description": FHIR_ERRORS[status]} for status in FHIR_ERRORS
    }
    received = bundle | {"description": "A Bundle that says *received*, which is not *accepted*."}
    return {"requestBody": {"required": True, **bundle}, "responses": {"200": received} | answers}


def _in_both_forms(description: str) -> dict[str, Any]:
    schema = {"schema": {"type": "object", "description": description}}
    return {"content": {"application/fhir+json": schema, "application/fhir+xml": schema}}


def body_of(model: type[BaseModel]) -> dict[str, Any]:
    """Return the documented body of a route that reads it by itself: its size is checked before its form."""
    schema = _inlined(model.model_json_schema())
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """Put a schema's definitions where they are referred to, because the document has no place for them."""
    definitions = schema.pop("$defs", {})

    def put(part: Any) -> Any:
        if isinstance(part, dict):
            if "$ref" in part:
                return put(
                    definitions[part["$ref"].rpartition("/")[2]] | {k: v for k, v in part.items() if k != "$ref"}
                )
            return {name: put(value) for name, value in part.items()}
        return [put(item) for item in part] if isinstance(part, list) else part

    inlined: dict[str, Any] = put(schema)
    return inlined
