"""FHIR's door: BaRS messages in, and every answer, errors too, in FHIR."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from uuid import UUID

import structlog
from fastapi import APIRouter, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from referral_intake import ending, receiving, storage
from referral_intake.api.calling import Calling, TheDesk, TheSettings
from referral_intake.api.documents import fhir_documents
from referral_intake.api.reading import media_type, read_limited
from referral_intake.domain import Caller, Refused
from referral_intake.fhir.answers import capability, received
from referral_intake.fhir.message import Intent, Message, read_message
from referral_intake.fhir.problem import FhirProblem
from referral_intake.fhir.referral import to_request
from referral_intake.fhir.tree import read_json, read_xml
from referral_intake.fhir.write import JSON, XML, write
from referral_intake.receiving import AnotherBody, Arrival, Desk, Fault, Receipt
from shared.messaging import Cause, Tx
from shared.service import Problem, RequestDatabase
from shared.service.problems import from_exception

log = structlog.get_logger()

JSON_TYPES = frozenset({JSON, "application/json"})
XML_TYPES = frozenset({XML, "application/xml", "text/xml"})
ISSUE_TYPES = {401: "login", 404: "not-found", 405: "not-supported", 503: "transient"}


def answer_type(request: Request) -> str:
    """Return the form of an answer: as the request was sent, JSON where that cannot be told."""
    sent = media_type(request) or request.headers.get("accept", "").partition(";")[0].partition(",")[0].strip().lower()
    return XML if sent in XML_TYPES else JSON


class FhirRoute(APIRoute):
    """A route whose every error is an OperationOutcome."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler that answers errors in FHIR."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except FhirProblem as problem:
                return fhir(request, problem.outcome(), problem.status)
            except Problem as problem:
                issue = FhirProblem(problem.status, ISSUE_TYPES.get(problem.status, "invalid"), problem.detail)
                return fhir(request, issue.outcome(), issue.status, problem.headers)
            except RequestValidationError:
                issue = FhirProblem(400, "required", "X-Request-ID and X-Correlation-ID are required, each a UUID")
                return fhir(request, issue.outcome(), issue.status)
            except Exception as error:  # noqa: BLE001 -- the last place that can answer in FHIR, and it tells
                said, kind, at = from_exception(error)
                log.error("request_failed", route=self.path, error=kind, at=at)
                issue = FhirProblem(said.status, ISSUE_TYPES.get(said.status, "exception"), said.detail)
                return fhir(request, issue.outcome(), issue.status, said.headers)

        return answer


def fhir(
    request: Request, resource: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """Return a resource as a response."""
    form = answer_type(request)
    return Response(write(resource, form), status, headers, media_type=form)


router = APIRouter(prefix="/fhir", tags=["fhir"], route_class=FhirRoute)


@router.post("/$process-message", response_class=Response, openapi_extra=fhir_documents())
async def process_message(
    *,
    request: Request,
    caller: Calling,
    desk: TheDesk,
    settings: TheSettings,
    database: RequestDatabase,
    request_id: Annotated[UUID, Header(alias="X-Request-ID")],
    correlation_id: Annotated[UUID, Header(alias="X-Correlation-ID")],
) -> Response:
    """Take in a BaRS message: a referral, or the cancellation of one. 200 means received, not accepted."""
    body = await read_limited(request, settings.fhir_limit_bytes)
    if body is None:
        raise FhirProblem(413, "too-long", f"A message may have {settings.fhir_limit_bytes} bytes.")
    message = _read(request, body, settings.fhir_endpoints, settings.fhir_use_cases)
    arrival = Arrival(caller, f"{request_id}/{correlation_id}", body)
    cause = Cause.request("process_message", f"{caller.programme}/{caller.practice}/{arrival.key}", str(correlation_id))
    async with database.transaction(cause) as tx:
        await _check_sender(tx, caller, message)
        referral = await (_refer if message.intent is Intent.REFER else _cancel)(tx, desk, arrival, message)
        bundle = received(
            message, answer_id=tx.new_id("answer"), referral=referral, endpoint=settings.fhir_endpoints[0], now=tx.now
        )
    return fhir(request, bundle)


@router.get("/metadata", response_class=Response)
async def metadata(request: Request, settings: TheSettings) -> Response:
    """Say what this server can do."""
    return fhir(request, capability(settings.fhir_endpoints, settings.fhir_use_cases, request.app.version))


@router.api_route("/{rest:path}", methods=["GET", "POST", "PUT", "DELETE", "PATCH"], include_in_schema=False)
async def nothing_else() -> Response:
    """Answer in FHIR on paths where there is nothing."""
    raise FhirProblem(404, "not-found", "Only POST /fhir/$process-message and GET /fhir/metadata are here.")


def _read(request: Request, body: bytes, endpoints: tuple[str, ...], use_cases: tuple[str, ...]) -> Message:
    kind = media_type(request)
    if kind not in JSON_TYPES | XML_TYPES:
        raise FhirProblem(415, "not-supported", f"Send the message as {JSON} or {XML}.")
    bundle = read_xml(body) if kind in XML_TYPES else read_json(body)
    return read_message(bundle, endpoints=endpoints, use_cases=use_cases)


async def _check_sender(tx: Tx, caller: Caller, message: Message) -> None:
    """Refuse a message whose sender is known as another practice than the key's; the key decides who sends."""
    if message.sender_ods_code and await storage.is_of_another_practice(tx, caller, message.sender_ods_code):
        raise FhirProblem(403, "forbidden", "MessageHeader.sender is another practice than the one whose key was shown")


async def _refer(tx: Tx, desk: Desk, arrival: Arrival, message: Message) -> UUID:
    return _stored(await receiving.receive(tx, desk, arrival, to_request(message)))


async def _cancel(tx: Tx, desk: Desk, arrival: Arrival, message: Message) -> UUID:
    """Withdraw what the sender calls by this name; what is no longer open cannot be cancelled."""
    held = await storage.find_sent_as(tx, arrival.caller, desk.vault.hash(message.reference.encode()))
    if not held:
        raise FhirProblem(404, "not-found", "MessageHeader.focus: this practice sent no such ServiceRequest")
    if answered := await receiving.answered_before(tx, desk, arrival, held[0]):
        return _stored(answered)
    reason = "sent-in-error" if message.service_request.text("status") == "entered-in-error" else "not-stated"
    referral = await storage.get_locked_referral(tx, held[0])
    ended = await ending.withdraw(tx, referral, by="practice", reason=reason)
    if isinstance(ended, Refused) or ended is referral:
        raise FhirProblem(409, "conflict", "The referral is no longer open, so it cannot be cancelled.")
    receiving.answer(tx, arrival, ended)
    return ended.id


def _stored(outcome: Receipt | AnotherBody | Fault) -> UUID:
    match outcome:
        case Receipt(repeated=False):
            return outcome.referral
        case Receipt():
            raise FhirProblem(409, "duplicate", "This message was received and stored before.")
        case AnotherBody():
            raise FhirProblem(422, "business-rule", "the same X-Request-ID and X-Correlation-ID, but another body")
        case Fault():
            raise FhirProblem(422, "value", f"{ELEMENTS[outcome.at]} {outcome.message}")


ELEMENTS = {"person.birth_date": "Patient.birthDate"}
"""FHIR's names for the fields that every door checks."""
