"""The forms of casework's pages: their fields are what a plain HTTP client may rely on (see README.md)."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from casework.domain import Pick, Refused, Said
from shared.contracts import Outcome
from shared.needs import NEEDS, OUTCOMES
from shared.web.sessions import Guarded

MOST_WORDS = 8000
LARGEST_AMOUNT = 10_000_000

Version = Annotated[int, Field(ge=0, lt=2**31)]
YesNo = Literal["yes", "no"]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MOST_WORDS, pattern=r"^[^\x00]*$")]
ContactKind = Literal["phone", "visit", "meeting", "message", "accompanied-visit"]
SharedField = Literal["name", "phone", "email", "address", "age", "need", "access-needs", "language"]

SHARED_FIELDS: tuple[SharedField, ...] = (
    "name",
    "phone",
    "email",
    "address",
    "age",
    "need",
    "access-needs",
    "language",
)


def _known_need(code: str) -> str:
    if code not in NEEDS:
        raise ValueError("not a need of the vocabulary")
    return code


class Versioned(Guarded):
    """A form that changes what somebody else may have changed meanwhile."""

    version: Version


class ContactForm(Guarded):
    """A contact with the person, or a try; without a review date the rules set one."""

    kind: ContactKind
    reached: YesNo
    review_on: date | None = None
    note: Words = ""


class NoteForm(Guarded):
    """Words to be sealed: a note, a goal as the person sets it, or their own words."""

    kind: Literal["note", "goal", "words"]
    text: Annotated[Words, Field(min_length=1)]


class NeedsForm(Versioned):
    """The needs as they are now, all of them."""

    need: list[Annotated[str, AfterValidator(_known_need)]] = Field(default_factory=list)


class ChoicesForm(Versioned):
    """A row a proposal: `service`, `rank` (0: not chosen) and `need` side by side; `share` as *service:field*."""

    agreed: Literal["yes", ""] = ""
    service: list[str] = Field(default_factory=list)
    rank: list[Annotated[int, Field(ge=0, le=99)]] = Field(default_factory=list)
    need: list[str] = Field(default_factory=list)
    share: list[str] = Field(default_factory=list)

    def picks(self) -> list[Pick]:
        """Return the rows that were given a rank, with what may be shared with each; unknown fields are dropped."""
        rows = zip(self.service, self.rank, self.need, strict=False)
        return [Pick(service, rank, need, self._share_with(service)) for service, rank, need in rows if rank]

    def _share_with(self, service: str) -> tuple[str, ...]:
        ticked = {entry.rpartition(":")[2] for entry in self.share if entry.rpartition(":")[0] == service}
        return tuple(field for field in SHARED_FIELDS if field in ticked)


class AgreementForm(Versioned):
    """What the person says now: *ask*, *agreed*, *declined*, or *revoke:* with the id of one organisation."""

    said: Annotated[str, StringConstraints(pattern=r"^(ask|agreed|declined|revoke:[a-z0-9][a-z0-9-]{0,63})$")]

    def to_said(self) -> Said:
        """Return what is said."""
        sharing, _, organisation = self.said.partition(":")
        return Said(organisation=organisation) if organisation else Said(sharing)


class AttendanceForm(Guarded):
    """Whether the person came to what an offer was about."""

    attended: YesNo
    offer: UUID | None = None


class OutcomesForm(Guarded):
    """Coded outcomes, `outcome` and `amount` side by side; empty rows are none."""

    outcome: list[str] = Field(default_factory=list)
    amount: list[str] = Field(default_factory=list)
    offer: UUID | None = None

    def outcomes(self) -> tuple[Outcome, ...] | Refused:
        """Return the rows that name an outcome; refuses *outcome* for one unknown or an amount that does not fit."""
        amounts = [*self.amount, *[""] * len(self.outcome)]
        read = [_outcome(code, amount.strip()) for code, amount in zip(self.outcome, amounts, strict=False) if code]
        known = tuple(outcome for outcome in read if outcome)
        return known if len(known) == len(read) else Refused("outcome")


class CloseForm(Versioned, OutcomesForm):
    """Why a case is closed, and what came of it."""

    reason: str


def _outcome(code: str, amount: str) -> Outcome | None:
    if code not in OUTCOMES or (amount and OUTCOMES[code].measure == "none"):
        return None
    if not amount:
        return Outcome(code=code)
    if not (amount.isascii() and amount.isdigit()) or int(amount[:12]) > LARGEST_AMOUNT:
        return None
    return Outcome(code=code, amount=float(amount))


class AnswerForm(Guarded):
    """An organisation's no, with its reason."""

    reason: Literal["full", "not-suitable", "out-of-area", "could-not-reach", "closed", "other"]
