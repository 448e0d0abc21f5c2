"""What practices are shown of their referrals, as documented answers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from referral_intake.domain import Referral, State, stage_of


class Answer(BaseModel):
    """The acknowledgement of a referral: it is stored, and where it stands."""

    referral: UUID
    state: str = Field(examples=["accepted"])


class StepView(BaseModel):
    """One thing that happened."""

    at: datetime
    what: str = Field(examples=["link-worker-assigned"])
    facts: dict[str, Any]


class AgreementView(BaseModel):
    """What the person agrees to now."""

    referral: str = Field(examples=["agreed"])
    share_with_organisations: str = Field(examples=["ask"])


class ReferralView(BaseModel):
    """Where a referral is and how it came there."""

    referral: UUID
    state: str
    stage: str = Field(description="How far an accepted referral has come; else its state.")
    received_at: datetime
    same_person_as: UUID | None = Field(description="An open referral of the same person shortly before this one.")
    missing: tuple[str, ...] = Field(description="What the practice is asked for.")
    answer_by: datetime | None
    agreement: AgreementView
    timeline: list[StepView]


class ReferralList(BaseModel):
    """A practice's open referrals, newest first."""

    referrals: list[ReferralView]


def view(referral: Referral, timeline: Sequence[Mapping[str, Any]]) -> ReferralView:
    """Return what the practice may see of its referral."""
    accepted = referral.state is State.ACCEPTED
    return ReferralView(
        referral=referral.id,
        state=referral.state,
        stage=stage_of([step["what"] for step in timeline]) if accepted else referral.state,
        received_at=referral.received_at,
        same_person_as=referral.same_person_as,
        missing=referral.missing,
        answer_by=referral.due_at if referral.state is State.NEEDS_INFORMATION else None,
        agreement=AgreementView(**referral.agreement.model_dump()),
        timeline=[StepView(**step) for step in timeline],
    )
