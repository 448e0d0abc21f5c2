"""What an operator applied for a programme, on `linkway.programmes` (compacted)."""

from typing import Annotated, ClassVar

from pydantic import Field

from shared.contracts.event import Event, Fact
from shared.contracts.words import LinkWorkerId, PracticeId, ProgrammeId, Vocabulary


class LinkWorkerPost(Fact):
    """A link worker's post: where they work and how many open referrals they can hold."""

    link_worker: LinkWorkerId
    practices: tuple[PracticeId, ...]
    caseload_limit: Annotated[int, Field(ge=0)]


class ProgrammeApplied(Event):
    """A programme's settings, whole; ids only, contact details stay with the service that uses them."""

    type: ClassVar[str] = "linkway.programme.applied.v1"
    topic: ClassVar[str] = "linkway.programmes"
    key_field: ClassVar[str] = "programme"
    programme: ProgrammeId
    practices: tuple[PracticeId, ...]
    link_workers: tuple[LinkWorkerPost, ...]
    mode: Annotated[str, Vocabulary("link-worker-first", "direct-offer")]
