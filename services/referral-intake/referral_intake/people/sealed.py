"""Seal what a referral says about a person, part by part, under that person's key."""

from datetime import date
from typing import Any
from uuid import UUID

import orjson

from referral_intake.domain import Address, PersonDetails, ReferralRequest, Referrer
from referral_intake.triage.reading import Coding
from shared.sealing import open_sealed, seal

PARTS = ("details", "referrer", "letter", "codes", "sender-reference")
"""The sealed parts of a request, each under its own context, so that none can be put in another's place."""


def request_to_json(request: ReferralRequest) -> dict[str, Any]:
    """Return the sealed parts of a request as orjson writes them; a part that was not sent is None."""
    return {
        "details": request.person,
        "referrer": request.referrer,
        "letter": request.letter,
        "codes": request.codes,
        "sender-reference": request.sender_reference,
    }


def seal_part(key: bytes, referral: UUID, part: str, value: object) -> bytes:
    """Seal a part of a referral; a value is anything that JSON can say."""
    return seal(key, orjson.dumps(value), _context(referral, part))


def open_part(key: bytes, referral: UUID, part: str, sealed: bytes) -> Any:
    """Open a part of a referral.

    Raises:
        SealError: another person's key, or bytes of another referral or part.
    """
    return orjson.loads(open_sealed(key, sealed, _context(referral, part)))


def details_from_json(value: dict[str, Any]) -> PersonDetails:
    """Read a person's details back."""
    address = Address(tuple(value["address"]["lines"]), value["address"]["postcode"])
    return PersonDetails(**value | {"birth_date": date.fromisoformat(value["birth_date"]), "address": address})


def referrer_from_json(value: dict[str, Any]) -> Referrer:
    """Read a referrer back."""
    return Referrer(**value)


def codes_from_json(value: list[dict[str, Any]]) -> tuple[Coding, ...]:
    """Read codes back."""
    return tuple(Coding(**code) for code in value)


def _context(referral: UUID, part: str) -> bytes:
    return b"referral " + referral.bytes + b" " + part.encode()
