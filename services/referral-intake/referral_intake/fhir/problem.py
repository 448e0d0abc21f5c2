"""A refusal on the FHIR paths, said without a word of the message that it refuses."""

from typing import Any

HTTP_ERROR_CODES = {
    400: "REC_BAD_REQUEST",
    401: "REC_UNAUTHORISED",
    403: "REC_FORBIDDEN",
    404: "REC_NOT_FOUND",
    409: "REC_CONFLICT",
    413: "REC_PAYLOAD_TOO_LARGE",
    415: "REC_UNSUPPORTED_MEDIA_TYPE",
    422: "REC_UNPROCESSABLE_ENTITY",
    429: "REC_TOO_MANY_REQUESTS",
    500: "REC_SERVER_ERROR",
    503: "REC_UNAVAILABLE",
}
"""The codes of https://fhir.nhs.uk/Codesystem/http-error-codes that a receiver uses, by HTTP status."""


class FhirProblem(Exception):
    """A message is refused: HTTP status, FHIR issue type, and a sentence that is ours."""

    def __init__(self, status: int, code: str, diagnostics: str) -> None:
        super().__init__(diagnostics)
        self.status = status
        self.code = code
        self.diagnostics = diagnostics

    def outcome(self) -> dict[str, Any]:
        """Return the OperationOutcome resource."""
        coding = {
            "system": "https://fhir.nhs.uk/Codesystem/http-error-codes",
            "code": HTTP_ERROR_CODES.get(self.status, "REC_BAD_REQUEST"),
        }
        issue = {
            "severity": "error",
            "code": self.code,
            "details": {"coding": [coding]},
            "diagnostics": self.diagnostics,
        }
        return {"resourceType": "OperationOutcome", "issue": [issue]}
