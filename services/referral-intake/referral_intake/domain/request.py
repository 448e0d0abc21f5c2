"""A referral as a practice asks for it, the same from every door."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from referral_intake.triage.reading import Coding
from shared.contracts import Agreement, Preferences

OLDEST = 90
"""Ages are told up to here: a higher one would point at a person."""

LONGEST_LIFE = 125
"""Years; nobody on record has lived longer."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A practice that showed its key, and the programme it refers into."""

    programme: str
    practice: str


@dataclass(frozen=True, slots=True, repr=False)
class Address:
    """Where a person lives, as typed."""

    lines: tuple[str, ...] = ()
    postcode: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class PersonDetails:
    """The person referred, as this referral describes them; `number_vouched` is the sender's word for the number."""

    given_name: str
    family_name: str
    birth_date: date
    address: Address
    nhs_number: str | None = None
    chi_number: str | None = None
    number_vouched: bool = True
    phone: str | None = None
    email: str | None = None
    contact_notes: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Referrer:
    """Who in the practice refers."""

    name: str
    role: str


Door = Literal["json", "fhir", "page"]
UrgencyAsked = Literal["routine", "soon"]


@dataclass(frozen=True, slots=True, repr=False)
class ReferralRequest:
    """What a practice asks: a person, why, and what they agreed to; `sender_reference` is the sender's name for it."""

    door: Door
    person: PersonDetails
    referrer: Referrer
    letter: str
    codes: tuple[Coding, ...]
    needs: tuple[str, ...]
    preferences: Preferences
    agreement: Agreement
    urgency: UrgencyAsked | None = None
    sender_reference: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Added:
    """What a practice adds to a referral; `person` and `agreement` hold the fields that change."""

    person: Mapping[str, Any] = field(default_factory=dict)
    letter: str | None = None
    codes: tuple[Coding, ...] = ()
    needs: tuple[str, ...] = ()
    agreement: Mapping[str, str] = field(default_factory=dict)


def with_added(request: ReferralRequest, added: Added) -> ReferralRequest:
    """Return the request with what was added: details are put right, letter, codes and needs are put after."""
    return replace(
        request,
        person=replace(request.person, **added.person),
        letter="\n\n".join(text for text in (request.letter, added.letter) if text),
        codes=tuple(dict.fromkeys((*request.codes, *added.codes))),
        needs=tuple(dict.fromkeys((*request.needs, *added.needs))),
        agreement=request.agreement.model_copy(update=added.agreement),
    )


def age_on(day: date, birth_date: date) -> int:
    """Return whole years of age on a day, 90 standing for 90 or more."""
    before_birthday = (day.month, day.day) < (birth_date.month, birth_date.day)
    return min(day.year - birth_date.year - before_birthday, OLDEST)


def birth_date_fault(birth_date: date, today: date) -> str | None:
    """Return what is wrong with a birth date, if anything is."""
    if birth_date > today:
        return "lies in the future"
    if today.year - birth_date.year > LONGEST_LIFE:
        return f"lies more than {LONGEST_LIFE} years back"
    return None
