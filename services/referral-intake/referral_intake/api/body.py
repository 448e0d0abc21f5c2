"""The JSON bodies of the practice's door, checked field by field and turned into the request of every door."""

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from referral_intake.domain import Added, Address, PersonDetails, ReferralRequest, Referrer
from referral_intake.domain.words import ACCESS, INTERESTS
from referral_intake.triage.reading import Coding
from shared.contracts import Agreement, Preferences
from shared.needs import NEEDS

NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _plain(value: Any) -> Any:
    if isinstance(value, str) and NOT_TEXT.search(value):
        raise ValueError("holds a null byte, another control character or half a surrogate pair")
    return value


def _iso_date(value: Any) -> date:
    if not isinstance(value, str) or not DATE.fullmatch(value):
        raise ValueError("is a date written as 1957-08-14")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("is no day of the calendar") from None


def _word_of(words: frozenset[str], said: str) -> BeforeValidator:
    def check(value: Any) -> Any:
        if value not in words if isinstance(value, str) else True:
            raise ValueError(said)
        return value

    return BeforeValidator(check)


Plain = BeforeValidator(_plain)
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), Plain]
Prose = Annotated[str, StringConstraints(max_length=200_000), Plain]
NeedWord = Annotated[str, _word_of(frozenset(NEEDS), "is no need of the vocabulary")]
Interest = Annotated[str, _word_of(INTERESTS, "is no need of the vocabulary; interests are told in its codes")]
Access = Annotated[str, _word_of(ACCESS, f"is none of: {', '.join(sorted(ACCESS))}")]
Day = Annotated[date, BeforeValidator(_iso_date)]
TenDigits = Annotated[str, StringConstraints(pattern=r"^[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}$"), Plain]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9+() .x-]{5,40}$"), Plain]
Mail = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^@\s]{1,64}@[^@\s]{1,190}$"), Plain]
LanguageCode = Annotated[str, StringConstraints(to_lower=True, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$")]


class Body(BaseModel):
    """A part of a body; fields that we do not know are refused, because whoever sends them expects an effect."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class AddressBody(Body):
    """Where the person lives, as typed; a postcode that cannot be read stops nothing."""

    lines: Annotated[tuple[Line, ...], Field(max_length=8)] = ()
    postcode: Annotated[str, StringConstraints(strip_whitespace=True, max_length=20), Plain] | None = None


class PersonBody(Body):
    """The person referred."""

    given_name: Line
    family_name: Line
    birth_date: Day
    nhs_number: TenDigits | None = None
    chi_number: TenDigits | None = None
    address: AddressBody = AddressBody()
    phone: Phone | None = None
    email: Mail | None = None
    contact_notes: Prose | None = None


class ReferrerBody(Body):
    """Who in the practice refers."""

    name: Line
    role: Line


class CodeBody(Body):
    """A clinical code."""

    system: Line
    code: Line
    display: Annotated[str, StringConstraints(max_length=500), Plain] = ""


class PreferencesBody(Body):
    """What would suit the person."""

    interests: Annotated[tuple[Interest, ...], Field(max_length=20)] = ()
    language: LanguageCode = "en"
    access: Annotated[tuple[Access, ...], Field(max_length=20)] = ()
    company: Literal["groups", "one-to-one"] | None = None


class AgreementBody(Body):
    """What the person agreed to; *not-stated* is a question to ask, only *declined* stops a referral."""

    referral: Literal["agreed", "not-stated", "declined"] = "not-stated"
    share_with_organisations: Literal["ask", "agreed", "declined"] = "ask"


EXAMPLE: JsonDict = {
    "person": {
        "given_name": "Archibald",
        "family_name": "Tosheach",
        "birth_date": "1957-08-14",
        "nhs_number": "9990012172",
        "address": {"lines": ["17 Pirnhouse Road", "Dundee"], "postcode": "DD3 6LX"},
        "phone": "07700 900102",
    },
    "referrer": {"name": "Dr Tunde Akinwale", "role": "GP"},
    "letter": "Retired plater, alone since his wife moved into care. Good with his hands. Would a shed suit him?",
    "codes": [{"system": "http://snomed.info/sct", "code": "267076002", "display": "Feeling lonely"}],
    "needs": ["loneliness"],
    "preferences": {"interests": ["arts-and-crafts"], "language": "en", "access": ["step-free"], "company": "groups"},
    "agreement": {"referral": "agreed", "share_with_organisations": "ask"},
    "urgency": "routine",
}


class ReferralBody(Body):
    """A referral as a practice posts it."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    person: PersonBody
    referrer: ReferrerBody
    letter: Prose = ""
    codes: Annotated[tuple[CodeBody, ...], Field(max_length=100)] = ()
    needs: Annotated[tuple[NeedWord, ...], Field(max_length=30)] = ()
    preferences: PreferencesBody = PreferencesBody()
    agreement: AgreementBody = AgreementBody()
    urgency: Literal["routine", "soon"] | None = None
    programme: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")] | None = Field(
        default=None, description="The programme of the key; another one is refused."
    )

    def to_request(self) -> ReferralRequest:
        """Return the request that every door makes."""
        return ReferralRequest(
            door="json",
            person=to_person(self.person),
            referrer=Referrer(self.referrer.name, self.referrer.role),
            letter=self.letter,
            codes=to_codings(self.codes),
            needs=tuple(dict.fromkeys(self.needs)),
            preferences=Preferences(**self.preferences.model_dump()),
            agreement=Agreement(**self.agreement.model_dump()),
            urgency=self.urgency,
        )


class PersonAdded(Body):
    """What is added to or put right of the person's details."""

    given_name: Line | None = None
    family_name: Line | None = None
    birth_date: Day | None = None
    nhs_number: TenDigits | None = None
    chi_number: TenDigits | None = None
    address: AddressBody | None = None
    phone: Phone | None = None
    email: Mail | None = None
    contact_notes: Prose | None = None


class InformationBody(Body):
    """What a practice adds to a referral that it was asked about; what is left out stays as it was."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"person": {"phone": "07700 900102"}}]})

    person: PersonAdded = PersonAdded()
    letter: Prose | None = Field(default=None, description="Put after the letter as it was.")
    codes: Annotated[tuple[CodeBody, ...], Field(max_length=100)] = ()
    needs: Annotated[tuple[NeedWord, ...], Field(max_length=30)] = ()
    agreement: AgreementBody | None = None

    def to_added(self) -> Added:
        """Return what is added, the person's fields only where they were sent."""
        person = self.person.model_dump(exclude_unset=True, exclude={"address"})
        address = {"address": to_address(self.person.address)} if self.person.address else {}
        return Added(
            person={name: value for name, value in person.items() if value is not None} | address,
            letter=self.letter,
            codes=to_codings(self.codes),
            needs=self.needs,
            agreement=self.agreement.model_dump(exclude_unset=True) if self.agreement else {},
        )


class WithdrawBody(Body):
    """Why a practice withdraws a referral."""

    reason: Literal[
        "person-asked",
        "found-work",
        "moved-away",
        "no-longer-needed",
        "duplicate",
        "sent-in-error",
        "died",
        "not-stated",
    ] = "not-stated"
    by: Literal["person", "practice", "link-worker"] = Field(default="practice", description="Who wanted it.")


def to_person(body: PersonBody) -> PersonDetails:
    """Return the person's details."""
    return PersonDetails(**body.model_dump(exclude={"address"}), address=to_address(body.address))


def to_address(body: AddressBody) -> Address:
    """Return an address."""
    return Address(body.lines, body.postcode or None)


def to_codings(codes: tuple[CodeBody, ...]) -> tuple[Coding, ...]:
    """Return codes as triage reads them."""
    return tuple(Coding(code.system, code.code, code.display) for code in codes)
