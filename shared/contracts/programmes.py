"""What an operator applied for a programme, on `linkway.programmes` (compacted)."""

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from shared.contracts.event import Event, Fact
from shared.contracts.words import Allocation, Code, GssCode, LinkWorkerId, PracticeId, ProgrammeId, Vocabulary


class Leave(Fact):
    """Days on which a link worker is away, the first and the last included."""

    first_day: date
    last_day: date


class LinkWorkerPost(Fact):
    """A link worker's post: where and when they work and how many open referrals they can hold."""

    link_worker: LinkWorkerId
    practices: tuple[PracticeId, ...]
    caseload_limit: Annotated[int, Field(ge=0)]
    """The weights of their open referrals together, at most."""
    areas: tuple[GssCode, ...] = ()
    """Councils and wards whose people they take too, whichever practice refers them."""
    weekdays: tuple[Annotated[int, Field(ge=1, le=7)], ...] = ()
    """The days they work, Monday is 1; none named is every working day."""
    leave: tuple[Leave, ...] = ()
    conversations_a_week: Annotated[int, Field(ge=0)] | None = None
    """How many people they can meet for the first time in a week, where there is a limit."""
    languages: tuple[Code, ...] = ()
    skills: tuple[Code, ...] = ()
    """Words of access that they meet themselves, as *female-worker* or *bsl*."""
    ends_on: date | None = None
    """Their last day; what they still have afterwards is handed over."""


class Weights(Fact):
    """How much of a caseload a referral takes: by its urgency, with what its needs and a current risk add."""

    urgent: Annotated[int, Field(ge=1)] = 1
    soon: Annotated[int, Field(ge=1)] = 1
    routine: Annotated[int, Field(ge=1)] = 1
    further_need: Annotated[int, Field(ge=0)] = 0
    """Added for each need after the second."""
    risk: Annotated[int, Field(ge=0)] = 0


class ProgrammeApplied(Event):
    """A programme's settings, whole; ids only, contact details stay with the service that uses them."""

    type: ClassVar[str] = "linkway.programme.applied.v1"
    topic: ClassVar[str] = "linkway.programmes"
    key_field: ClassVar[str] = "programme"
    programme: ProgrammeId
    practices: tuple[PracticeId, ...]
    link_workers: tuple[LinkWorkerPost, ...]
    mode: Annotated[str, Vocabulary("link-worker-first", "direct-offer")]
    allocation: Allocation = "continuity"
    """Who comes first among the link workers with room."""
    requires: tuple[Code, ...] = ()
    """What a link worker must meet where a person asks for it: *language*, or a word of access."""
    weights: Weights = Weights()
