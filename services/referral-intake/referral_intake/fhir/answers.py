"""What a sender is answered: a message that says *received*, and a statement of what we can do."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from referral_intake.fhir.message import EVENTS, REASONS, Intent, Message


def received(message: Message, *, answer_id: UUID, referral: UUID, endpoint: str, now: datetime) -> dict[str, Any]:
    """Return the message that answers a referral or cancellation: received, which is not yet accepted."""
    subject = message.service_request.text("subject", "reference")
    header: dict[str, Any] = {
        "resourceType": "MessageHeader",
        "eventCoding": {"system": EVENTS, "code": "servicerequest-response"},
        **({"destination": [{"endpoint": message.reply_to}]} if message.reply_to else {}),
        "source": {"name": "Linkway", "endpoint": endpoint},
        "reason": {"coding": [{"system": REASONS, "code": "new" if message.intent is Intent.REFER else "update"}]},
        "response": {"identifier": message.bundle_id, "code": "ok"},
        "focus": [{"reference": message.reference}],
    }
    service_request = {
        "resourceType": "ServiceRequest",
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{referral}"}],
        "status": "active" if message.intent is Intent.REFER else "revoked",
        "intent": "plan",
        "subject": {"reference": subject} if subject else {"display": "as referred"},
    }
    return {
        "resourceType": "Bundle",
        "id": str(answer_id),
        "type": "message",
        "timestamp": now.isoformat(timespec="seconds"),
        "entry": [
            {"fullUrl": f"urn:uuid:{answer_id}", "resource": header},
            {"fullUrl": message.reference, "resource": service_request},
        ],
    }


def capability(endpoints: Sequence[str], use_cases: Sequence[str], version: str) -> dict[str, Any]:
    """Return the CapabilityStatement."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-01-01",
        "kind": "instance",
        "software": {"name": "Linkway", "version": version},
        "implementation": {
            "description": f"Receives BaRS referrals to social prescribing at {', '.join(endpoints)}, "
            f"use cases {', '.join(use_cases)}, and their cancellation",
        },
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "application/fhir+xml"],
        "rest": [
            {
                "mode": "server",
                "operation": [
                    {
                        "name": "process-message",
                        "definition": "http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message",
                    }
                ],
            }
        ],
        "messaging": [
            {
                "documentation": "X-Request-ID and X-Correlation-ID are required; the same pair again is 409. "
                "200 means received, not accepted.",
                "supportedMessage": [
                    {
                        "mode": "receiver",
                        "definition": "https://fhir.nhs.uk/MessageDefinition/bars-message-servicerequest-request-referral",
                    },
                    {
                        "mode": "receiver",
                        "definition": "https://fhir.nhs.uk/MessageDefinition/bars-message-servicerequest-request-cancelled",
                    },
                ],
            }
        ],
    }
