"""What notifications decides, as pure functions: whom to tell, when to try again, what to give up."""

from notifications.domain.partners import partner_event
from notifications.domain.records import Delivery, Facts, Notice, Offer, Recipient, Referral, Role
from notifications.domain.sending import Again, GivenUp, Handed, Outcome, Progress, Result, Status, Verdict, judge
from notifications.domain.telling import (
    WHOM_TO_TELL,
    Addressee,
    Tell,
    address,
    addressees,
    facts_of,
    offer_facts,
    pass_on,
    referral_facts,
    shareable,
    undelivered_facts,
    whom_to_tell,
)

__all__ = [
    "WHOM_TO_TELL",
    "Addressee",
    "Again",
    "Delivery",
    "Facts",
    "GivenUp",
    "Handed",
    "Notice",
    "Offer",
    "Outcome",
    "Progress",
    "Recipient",
    "Referral",
    "Result",
    "Role",
    "Status",
    "Tell",
    "Verdict",
    "address",
    "addressees",
    "facts_of",
    "judge",
    "offer_facts",
    "partner_event",
    "pass_on",
    "referral_facts",
    "shareable",
    "undelivered_facts",
    "whom_to_tell",
]
