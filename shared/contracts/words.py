"""The types and vocabularies that events are made of; writers are strict, readers tolerant."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, GetJsonSchemaHandler, StringConstraints, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from shared.contracts.event import Fact

UNRECOGNISED = "unrecognised"


class Vocabulary:
    """An open vocabulary: a writer may use only its words, a reader takes a word it does not know as *unrecognised*."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def __get_pydantic_core_schema__(self, _source: Any, _handler: Any) -> CoreSchema:
        return core_schema.with_info_after_validator_function(
            self._check, core_schema.str_schema(min_length=1, max_length=64)
        )

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "minLength": 1, "maxLength": 64, "x-vocabulary": list(self.words)}

    def _check(self, word: str, info: ValidationInfo) -> str:
        if word in self.words:
            return word
        if info.context and info.context.get("reading"):
            return UNRECOGNISED
        raise ValueError("not a word of this vocabulary")


def _kilometre(degrees: float, info: ValidationInfo) -> float:
    """Keep two decimals of a degree (about a kilometre), so that a point on a topic is no address."""
    if round(degrees, 2) != degrees and not (info.context and info.context.get("reading")):
        raise ValueError("a point is given to two decimals")
    return round(degrees, 2)


Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
"""An identifier that staff chose: lower case, digits and dashes."""

ReferralId = UUID
PersonId = UUID
OfferId = UUID
PracticeId = Slug
ProgrammeId = Slug
LinkWorkerId = Slug
OrganisationId = Slug
ServiceId = Slug
NeedCode = Slug
OutcomeCode = Slug
Code = Slug
"""A coded reason or answer; open, each publisher's README lists the ones it writes."""

Text = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\u0000]*$")]
"""A name or a sentence made of listings' facts, never about a person; PostgreSQL's text bears no null byte."""

GssCode = Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9]{8}$")]
"""A nine-character code of the Government Statistical Service, as S12000042 for Dundee City."""

Instant = AwareDatetime
Age = Annotated[int, Field(ge=0, le=90, description="whole years, 90 means 90 or more")]

Door = Annotated[str, Vocabulary("json", "fhir", "page")]
Urgency = Annotated[str, Vocabulary("routine", "soon", "urgent")]
NeedSource = Annotated[str, Vocabulary("code", "text", "stated", "link-worker")]
RiskKind = Annotated[
    str,
    Vocabulary("self-harm", "suicide", "abuse", "child-at-risk", "self-neglect", "harm-by-others", "risk-to-others"),
]
Precision = Annotated[str, Vocabulary("postcode", "approximate", "outward", "unknown")]
SharedField = Annotated[str, Vocabulary("name", "phone", "email", "address", "age", "need", "access-needs", "language")]
ContactKind = Annotated[str, Vocabulary("phone", "visit", "meeting", "message", "accompanied-visit")]
Channel = Annotated[str, Vocabulary("mail", "webhook", "partner-topic", "sms")]
RecipientKind = Annotated[str, Vocabulary("link-worker", "organisation", "practice", "duty-contact", "person")]
Allocation = Annotated[str, Vocabulary("continuity", "smallest-caseload", "named-practice", "manual-queue")]
Party = Annotated[str, Vocabulary("person", "practice", "link-worker", "organisation", "programme")]


class Place(Fact):
    """Where a person lives, as coarse as matching can bear; areas are GSS codes, and no data zone is among them."""

    council: GssCode | None = None
    ward: GssCode | None = None
    health_board: GssCode | None = None
    """The health board; in England the integrated care board."""
    integration_authority: GssCode | None = None
    outward: Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,2}[0-9][A-Z0-9]?$")] | None = None
    latitude: Annotated[float, Field(ge=-90, le=90), AfterValidator(_kilometre)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180), AfterValidator(_kilometre)] | None = None
    urban_rural: Annotated[int, Field(ge=1, le=8)] | None = None
    """The Scottish Government's eightfold class: 1 is a large urban area, 8 very remote and rural."""
    simd_quintile: Annotated[int, Field(ge=1, le=5)] | None = None
    precision: Precision = "unknown"


class NeedRead(Fact):
    """A need and where it was read; the sentence that showed it stays sealed in referral-intake."""

    code: NeedCode
    source: NeedSource


class Preferences(Fact):
    """What would suit the person, in vocabulary words only."""

    interests: tuple[Code, ...] = ()
    access: tuple[Code, ...] = ()
    language: Code = "en"
    company: Annotated[str, Vocabulary("groups", "one-to-one")] | None = None


class Agreement(Fact):
    """What the person agreed to; *not-stated* is a question to ask, only *declined* stops a referral."""

    referral: Annotated[str, Vocabulary("agreed", "not-stated", "declined")] = "not-stated"
    share_with_organisations: Annotated[str, Vocabulary("ask", "agreed", "declined")] = "ask"
