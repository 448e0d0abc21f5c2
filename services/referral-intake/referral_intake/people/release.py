"""Release a person's details by purpose: what a colleague may ask for, and nothing beside it."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from referral_intake.domain import PersonDetails, age_on
from referral_intake.people.sealed import details_from_json

CONTACT = frozenset({"name", "phone", "email", "address", "contact_notes"})

PURPOSES: Mapping[str, frozenset[str]] = {
    # A link worker prepares for and holds the conversation: all that the practice wrote.
    "conversation": CONTACT | {"birth_date", "age", "number", "referrer", "letter", "codes", "reading"},
    # An organisation that accepted is told what the person agreed to share; which of it, casework decides.
    "offer": frozenset({"name", "phone", "email", "address", "age"}),
    # Somebody tells the person something.
    "contact-person": CONTACT,
    # A named person decides about a proposed return, or answers a risk alert.
    "return-decision": CONTACT | {"age", "referrer", "letter", "codes", "reading"},
    "risk-alert": CONTACT | {"age", "referrer", "letter", "reading"},
    # The message that closes the loop with the practice, which filed the person under its own number.
    "practice-message": frozenset({"name", "birth_date", "number", "sender-reference"}),
}
"""The purposes of release, and the fields that each may have."""

OF_PARTS = {
    "referrer": "referrer",
    "letter": "letter",
    "codes": "codes",
    "reading": "reading",
    "sender-reference": "sender-reference",
}
"""The fields that are a sealed part of their own; all others are made of the details."""


def not_releasable(purpose: str, fields: Iterable[str]) -> frozenset[str]:
    """Return the fields that this purpose may not have; an unknown purpose may have none."""
    return frozenset(fields) - PURPOSES.get(purpose, frozenset())


def parts_for(fields: Iterable[str]) -> list[str]:
    """Return the sealed parts that must be opened to release fields, and no others."""
    return sorted({OF_PARTS.get(field, "details") for field in fields})


def released(fields: Iterable[str], parts: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Return fields made of the opened parts of a referral; what was never sent is None."""
    details = _of_details(details_from_json(parts["details"]), today) if "details" in parts else {}
    return {field: parts.get(OF_PARTS[field]) if field in OF_PARTS else details.get(field) for field in fields}


def _of_details(person: PersonDetails, today: date) -> dict[str, Any]:
    return {
        "name": f"{person.given_name} {person.family_name}",
        "phone": person.phone,
        "email": person.email,
        "address": {"lines": list(person.address.lines), "postcode": person.address.postcode},
        "contact_notes": person.contact_notes,
        "birth_date": person.birth_date.isoformat(),
        "age": age_on(today, person.birth_date),
        "number": person.nhs_number or person.chi_number,
    }
