"""Read what a BaRS message Bundle says about itself: what it is, whom it is for, who sent it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from referral_intake.fhir.problem import FhirProblem
from referral_intake.fhir.tree import Node

EVENTS = "https://fhir.nhs.uk/CodeSystem/message-events-bars"
REASONS = "https://fhir.nhs.uk/CodeSystem/message-reason-bars"
USE_CASES = "https://fhir.nhs.uk/CodeSystem/usecases-categories-bars"
ODS = "ods-organization-code"
"""End of the identifier system of organisations; written with both /Id/ and /id/ in the standard's own examples."""


class Intent(Enum):
    """What a message wants."""

    REFER = "refer"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True, repr=False)
class Message:
    """A message Bundle addressed to us; resources are keyed on `fullUrl`, because they may lack ids."""

    bundle_id: str
    intent: Intent
    service_request: Node
    reference: str
    """The sender's name for the referral: the ServiceRequest's fullUrl, which a cancellation repeats."""
    sender_ods_code: str | None
    reply_to: str | None
    """The sender's endpoint, for the answer."""
    resources: dict[str, Node]

    def resolve(self, reference: str | None) -> Node | None:
        """Return the resource that a reference means, or None: references to outside the Bundle are normal."""
        return _resolve(self.resources, reference)

    def all(self, kind: str) -> list[Node]:
        """Return the resources of a type, in the Bundle's order."""
        return [resource for resource in self.resources.values() if resource.kind == kind]


def read_message(bundle: Node, *, endpoints: Sequence[str], use_cases: Sequence[str]) -> Message:
    """Read a message Bundle that is for one of our endpoints and use cases.

    Raises:
        FhirProblem: the Bundle is no message, is not for us, or asks for what we do not offer.
    """
    if bundle.kind != "Bundle" or bundle.text("type") != "message":
        raise FhirProblem(422, "invalid", "the body is not a Bundle of type message")
    resources = _resources(bundle)
    header = next(iter(resources.values()), None)
    if header is None or header.kind != "MessageHeader":
        raise FhirProblem(422, "required", "the first entry of the Bundle is not a MessageHeader")
    _check_destination(header, endpoints)
    _check_event(header)
    reference, service_request = _focus(header, resources)
    _check_use_case(service_request, use_cases)
    sender = _resolve(resources, header.text("sender", "reference"))
    return Message(
        bundle_id=_required(bundle.text("id"), "Bundle.id"),
        intent=_intent(header, service_request),
        service_request=service_request,
        reference=reference,
        sender_ods_code=_identifier(sender, ODS) if sender else None,
        reply_to=header.text("source", "endpoint"),
        resources=resources,
    )


def _resources(bundle: Node) -> dict[str, Node]:
    """Return the resources by fullUrl; one without is kept under its type and id."""
    found: dict[str, Node] = {}
    for number, entry in enumerate(bundle.nodes("entry")):
        for resource in entry.nodes("resource"):
            found.setdefault(entry.text("fullUrl") or f"{resource.kind}/{resource.text('id') or number}", resource)
    return found


def _resolve(resources: dict[str, Node], reference: str | None) -> Node | None:
    if reference is None or reference in resources:
        return resources.get(reference or "")
    kind, _, identity = reference.rpartition("/")
    for url, resource in resources.items():
        if kind and (url.endswith(f"/{reference}") or (resource.kind == kind and resource.text("id") == identity)):
            return resource
    return None


def _check_destination(header: Node, endpoints: Sequence[str]) -> None:
    """Refuse what is addressed to another service; an endpoint is written alone or as `system|value`."""
    named = {endpoint.rpartition("|")[2] for endpoint in header.texts("destination", "endpoint")}
    if not named:
        raise FhirProblem(422, "required", "MessageHeader.destination.endpoint is missing")
    if not named & set(endpoints):
        raise FhirProblem(422, "not-supported", "not for us: MessageHeader.destination.endpoint names another service")


def _check_event(header: Node) -> None:
    event = header.text("eventCoding", "code")
    if event == "servicerequest-response":
        raise FhirProblem(404, "not-found", "MessageHeader.response.identifier: we sent no such message")
    if event != "servicerequest-request":
        raise FhirProblem(422, "not-supported", "MessageHeader.eventCoding: only servicerequest-request is supported")


def _focus(header: Node, resources: dict[str, Node]) -> tuple[str, Node]:
    for reference in header.texts("focus", "reference"):
        resource = _resolve(resources, reference)
        if resource is not None and resource.kind == "ServiceRequest":
            return reference, resource
    raise FhirProblem(422, "required", "MessageHeader.focus: no ServiceRequest of this Bundle")


def _check_use_case(service_request: Node, use_cases: Sequence[str]) -> None:
    codes = {
        coding.text("code")
        for coding in service_request.nodes("category", "coding")
        if coding.text("system") == USE_CASES
    }
    if not codes:
        raise FhirProblem(422, "required", "ServiceRequest.category: the use case is missing")
    if not codes & set(use_cases):
        raise FhirProblem(
            422, "not-supported", "not supported: ServiceRequest.category names a use case we do not offer"
        )


def _intent(header: Node, service_request: Node) -> Intent:
    """Tell a referral from a cancellation: the status decides, and the reason must agree with it."""
    reason = header.text("reason", "coding", "code") or ""
    status = service_request.text("status") or ""
    if status in {"revoked", "entered-in-error"} and reason in {"update", "delete"}:
        return Intent.CANCEL
    if status == "active" and reason == "new":
        return Intent.REFER
    raise FhirProblem(
        422,
        "not-supported",
        "MessageHeader.reason and ServiceRequest.status together are neither a new referral (new, active) "
        "nor a cancellation (update or delete, revoked or entered-in-error)",
    )


def _identifier(resource: Node, system: str) -> str | None:
    for identifier in resource.nodes("identifier"):
        if (identifier.text("system") or "").lower().endswith(system):
            return identifier.text("value")
    return None


def _required(value: str | None, name: str) -> str:
    if value is None:
        raise FhirProblem(422, "required", f"{name} is missing")
    return value
