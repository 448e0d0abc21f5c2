"""A referral as intake keeps it, and the decisions on it after triage: each returns the event or the refusal."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from referral_intake.domain.request import Caller, Door, ReferralRequest, UrgencyAsked
from referral_intake.domain.states import Act, Refused, State, next_state
from shared.contracts import Agreement, Preferences, ReferralClosed, ReferralReturned, ReferralWithdrawn


class Names(TypedDict):
    """The fields that every event about a referral begins with."""

    referral: UUID
    programme: str
    practice: str


@dataclass(frozen=True, slots=True)
class Referral:
    """The coded part of a referral; `due_at` is set while somebody owes an answer, by the rule `due_rule`."""

    id: UUID
    programme: str
    practice: str
    person: UUID
    door: Door
    received_at: datetime
    state: State
    due_at: datetime | None
    due_rule: str | None
    reason: str | None
    missing: tuple[str, ...]
    risk_kinds: tuple[str, ...]
    stated_needs: tuple[str, ...]
    preferences: Preferences
    agreement: Agreement
    urgency: UrgencyAsked | None
    same_person_as: UUID | None
    revoked: tuple[str, ...] = ()
    """Organisations that the person took their agreement back from since it was last recorded anew."""

    @classmethod
    def draft(
        cls,
        referral: UUID,
        caller: Caller,
        person: UUID,
        request: ReferralRequest,
        *,
        received_at: datetime,
        same_person_as: UUID | None,
    ) -> "Referral":
        """Return a new referral before triage has said where it stands: as if everything were still missing."""
        return cls(
            id=referral,
            programme=caller.programme,
            practice=caller.practice,
            person=person,
            door=request.door,
            received_at=received_at,
            state=State.NEEDS_INFORMATION,
            due_at=None,
            due_rule=None,
            reason=None,
            missing=(),
            risk_kinds=(),
            stated_needs=request.needs,
            preferences=request.preferences,
            agreement=request.agreement,
            urgency=request.urgency,
            same_person_as=same_person_as,
        )

    @property
    def names(self) -> Names:
        """The fields that every event of this referral begins with."""
        return Names(referral=self.id, programme=self.programme, practice=self.practice)


def withdraw(referral: Referral, by: str, reason: str) -> ReferralWithdrawn | Refused:
    """Withdraw an open referral."""
    if isinstance(after := next_state(referral.state, Act.WITHDRAW), Refused):
        return after
    return ReferralWithdrawn(**referral.names, by=by, reason=reason)


def confirm_return(referral: Referral) -> ReferralReturned | Refused:
    """Return a referral to its practice, as proposed; only a named person does so."""
    if isinstance(after := next_state(referral.state, Act.CONFIRM_RETURN), Refused):
        return after
    return ReferralReturned(**referral.names, reason=referral.reason or "not-stated")


def close(referral: Referral, reason: str) -> ReferralClosed | Refused:
    """Close a referral whose case ended."""
    if isinstance(after := next_state(referral.state, Act.CLOSE), Refused):
        return after
    return ReferralClosed(**referral.names, reason=reason)
