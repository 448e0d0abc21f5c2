"""All that opens and seals people in one place, made once from the environment's key."""

from typing import Any
from uuid import UUID

from referral_intake.domain import PersonDetails, Referral, ReferralRequest
from referral_intake.people.fingerprints import body_hash, fingerprints
from referral_intake.people.keyring import Keyring, MasterKeys
from referral_intake.people.sealed import (
    PARTS,
    codes_from_json,
    details_from_json,
    open_part,
    referrer_from_json,
    request_to_json,
    seal_part,
)
from shared.messaging import Database


class Vault:
    """The keys of people, and the keyed hashes by which people and requests are known again."""

    def __init__(self, key_database: Database, wrapping_key: bytes) -> None:
        keys = MasterKeys.derive(wrapping_key)
        self.keyring = Keyring(key_database, keys.wrapping)
        self._keys = keys

    def fingerprints(self, programme: str, person: PersonDetails) -> list[bytes]:
        """Return the keyed hashes that a person of a programme is found by, the surest first."""
        return fingerprints(self._keys.fingerprints, programme, person)

    def hash(self, value: bytes) -> bytes:
        """Return the keyed hash of a body, or of a sender's own name for a referral."""
        return body_hash(self._keys.bodies, value)


def seal_request(key: bytes, referral: UUID, request: ReferralRequest, reading: dict[str, Any]) -> dict[str, bytes]:
    """Return the sealed parts of a referral."""
    parts = request_to_json(request) | {"reading": reading}
    return {part: seal_part(key, referral, part, value) for part, value in parts.items() if value is not None}


def open_request(key: bytes, referral: Referral, sealed: dict[str, bytes]) -> ReferralRequest:
    """Return the request that a referral's sealed parts and coded rows make together."""
    parts = {part: open_part(key, referral.id, part, sealed[part]) for part in PARTS if part in sealed}
    return ReferralRequest(
        door=referral.door,
        person=details_from_json(parts["details"]),
        referrer=referrer_from_json(parts["referrer"]),
        letter=parts["letter"],
        codes=codes_from_json(parts["codes"]),
        needs=referral.stated_needs,
        preferences=referral.preferences,
        agreement=referral.agreement,
        urgency=referral.urgency,
        sender_reference=parts.get("sender-reference"),
    )
