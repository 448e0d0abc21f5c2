"""Find a person again without keeping anything that names them: keyed hashes of what identifies them."""

import hmac
import re
import unicodedata
from hashlib import sha256

from referral_intake.domain import PersonDetails
from referral_intake.people.numbers import PersonNumber, read_number
from shared.places import read_postcode


def numbers_of(person: PersonDetails) -> list[PersonNumber]:
    """Return the numbers sent with a person, checked."""
    sent = ((person.nhs_number, "nhs"), (person.chi_number, "chi"))
    return [
        read_number(text, "nhs" if declared == "nhs" else "chi", vouched=person.number_vouched)
        for text, declared in sent
        if text
    ]


def fingerprints(key: bytes, programme: str, person: PersonDetails) -> list[bytes]:
    """Return the keyed hashes that a person is found by, the surest first.

    A checked number counts only together with the birth date, so that a number mistyped into another person's
    merges nobody. Unconfirmed numbers never count. Name, birth date and postcode count where there is a postcode.
    """
    born = person.birth_date.isoformat()
    known = [("number", f"{number.kind} {number.digits}", born) for number in numbers_of(person) if number.confirmed]
    if place := _place(person.address.postcode):
        known.append(("details", f"{_folded(person.given_name)} {_folded(person.family_name)} {place}", born))
    # Programmes share practice and figures, without sharing people: the same person is another one in each.
    return [hmac.digest(key, "\x00".join((programme, *parts)).encode(), sha256) for parts in known]


def body_hash(key: bytes, body: bytes) -> bytes:
    """Return the keyed hash of a request's body: an unkeyed one could be guessed back into a person."""
    return hmac.digest(key, body, sha256)


def _place(typed: str | None) -> str | None:
    postcode = read_postcode(typed or "")
    return postcode.full if postcode else None


def _folded(name: str) -> str:
    """Return a name without case, accents, spaces and punctuation."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return re.sub(r"[\W_]", "", "".join(character for character in plain if not unicodedata.combining(character)))
