"""What a referral is and what may become of it, decided without a clock, a database or chance."""

from referral_intake.domain.agreement import Recorded, TakenBack, add_agreement, agree
from referral_intake.domain.programme import Programme
from referral_intake.domain.progress import Step, stage_of, step_of
from referral_intake.domain.referral import Referral
from referral_intake.domain.request import (
    Added,
    Address,
    Caller,
    PersonDetails,
    ReferralRequest,
    Referrer,
    age_on,
    birth_date_fault,
    with_added,
)
from referral_intake.domain.states import OPEN, Act, Refused, State, next_state

__all__ = [
    "OPEN",
    "Act",
    "Added",
    "Address",
    "Caller",
    "PersonDetails",
    "Programme",
    "Recorded",
    "Referral",
    "ReferralRequest",
    "Referrer",
    "Refused",
    "State",
    "Step",
    "TakenBack",
    "add_agreement",
    "age_on",
    "agree",
    "birth_date_fault",
    "next_state",
    "stage_of",
    "step_of",
    "with_added",
]
