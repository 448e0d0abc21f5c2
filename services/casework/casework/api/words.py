"""Casework's coded words as people read them, in one place."""

from collections.abc import Callable, Mapping
from functools import partial

from shared.needs import NEEDS, OUTCOMES, coarse
from shared.web.pages import Pages

DECLINE = {
    "full": "We have no place just now",
    "not-suitable": "What we do is not right for this",
    "out-of-area": "It is outside the area we serve",
    "could-not-reach": "We could not reach the person",
    "closed": "The service has ended or is closed",
    "other": "Another reason",
}
CLOSE = {
    "completed": "We have done what they wanted for now",
    "no-contact": "The person could not be reached",
    "declined-by-person": "The person does not want to go on",
    "moved-away": "The person moved away",
    "died": "The person died",
}
ENDED = CLOSE | {
    "withdrawn": "The referral was withdrawn",
    "erased": "The person's details were erased",
}
CONTACT_KINDS = {
    "phone": "Telephone call",
    "visit": "Home visit",
    "meeting": "Meeting at the practice or elsewhere",
    "message": "Text, e-mail or letter",
    "accompanied-visit": "Went with them to a service",
}
SHARE = {
    "name": "Name",
    "phone": "Telephone number",
    "email": "E-mail address",
    "address": "Address",
    "age": "Age",
    "need": "What they hope for help with",
    "access-needs": "What they need to get there and take part",
    "language": "Language",
}
SOURCES = {
    "code": "from a code",
    "text": "read in the letter",
    "stated": "named by the practice",
    "link-worker": "from the conversation",
}
RULED_OUT = {
    "past": "it is past",
    "denied": "the letter says no",
    "others": "it is somebody else's",
    "refused": "the person does not want it",
    "hypothetical": "it is only a possibility",
}
TASKS = {
    "risk": "A current risk was read",
    "new": "First contact",
    "exhausted": "No choice left to ask",
    "late-answer": "A yes came late",
    "accepted": "A place is ready",
    "review-due": "Review due",
}
STANDING = {
    "open": "Asked, no answer yet",
    "accepted": "Accepted",
    "declined": "Declined",
    "expired": "No answer in time",
    "late-accepted": "Accepted after the time was over",
    "late-declined": "Declined after the time was over",
    "withdrawn": "Withdrawn",
    "ended": "The case closed before an answer",
}
REFUSED_OFFERS = {
    "no-place": "has no free place",
    "not-agreed": "the person did not agree to it",
    "listing-ended": "is no longer in the directory",
    "closed": "is closed for now",
}
RISKS = {
    "self-harm": "self-harm",
    "suicide": "suicide",
    "abuse": "abuse",
    "child-at-risk": "a child at risk",
    "self-neglect": "self-neglect",
    "harm-by-others": "harm by others",
    "risk-to-others": "a risk to others",
}
SHARING = {
    "ask": "Ask them each time before an organisation is told",
    "agreed": "Organisations that they choose may be told",
    "declined": "No organisation may be told, and those that were asked stop",
}
URGENCY = {"urgent": "Urgent", "soon": "Soon", "routine": "Routine"}
NOTE_KINDS = {"note": "Note", "goal": "A goal, as they put it", "words": "In their own words"}
DONE = {
    "contact": "The contact is recorded.",
    "note": "It is written down and sealed.",
    "needs": "The needs are corrected. New proposals are on their way.",
    "choices": "The choices are recorded. The first organisation is being asked.",
    "agreement": "It is recorded what they agree to. Whoever may not know any more is told to stop.",
    "attendance": "Recorded whether they came.",
    "outcomes": "The outcome is recorded.",
    "close": "The case is closed. The practice is told.",
    "reopen": "The case is open again.",
}
REFUSED = {
    "stale": "Somebody else changed this case while your page was open. Nothing of yours was saved. "
    "Here is how it stands now.",
    "not-open": "This case is not open, so nothing was changed.",
    "not-closed": "This case is open already.",
    "review-date": "Choose a review date after today and within two years.",
    "no-needs": "Tick at least one need.",
    "nothing-chosen": "Give at least one service a rank.",
    "too-many": "Choose five services at most; there can be more later.",
    "same-rank": "Give each service a rank of its own.",
    "not-proposed": "The proposals have changed meanwhile. Here are the new ones; please choose again.",
    "wrong-need": "A service was chosen for a need that it does not answer. Please choose again.",
    "not-agreed": "Nobody is asked without the person's agreement. Tick it when they have agreed.",
    "no-outcomes": "Choose at least one outcome.",
    "outcome": "An amount does not fit its outcome: whole numbers only, and only where something is counted.",
    "close-reason": "Choose why the case is closed.",
    "not-accepted": "Nobody was taken on here, so nothing was changed.",
    "answered": "This was answered before, and the first answer stands.",
    "withdrawn": "This was withdrawn before your answer.",
    "ended": "This has ended before your answer.",
    "no-address": "The directory holds no address for you, so details cannot be shown. "
    "The link worker will introduce you.",
    "agreement-away": "The place where agreements are kept does not answer. What you chose is still below; please send "
    "it again in a minute, and tell organisations yourself if it cannot wait.",
    "words-away": "The place where words are kept does not answer. Nothing was recorded; your words are still below. "
    "Please send again in a minute.",
}
OFFER_DONE = {
    "accepted": "Thank you. Your yes is recorded, and the link worker is told.",
    "declined": "Thank you for saying so. The link worker is told, and another organisation may be asked.",
    "attendance": "Thank you. It is recorded.",
    "outcome": "Thank you. It is recorded.",
    "contact-details": "A link is on its way to the address that the directory holds for you. It works for 20 minutes.",
}
AGE_BANDS = ((17, "under 18"), (24, "18 to 24"), (34, "25 to 34"), (49, "35 to 49"), (64, "50 to 64"), (79, "65 to 79"))


def need_name(code: str) -> str:
    """Name a need; one that this release does not know is shown by its code."""
    return NEEDS[code].name if code in NEEDS else code.replace("-", " ")


def shared_need_name(code: str) -> str:
    """Name a need as organisations may be told it; one that is unknown here is not told at all."""
    return NEEDS[coarse(code)].name if code in NEEDS else "Support in the community"


def outcome_name(code: str) -> str:
    """Name an outcome."""
    return OUTCOMES[code].name if code in OUTCOMES else code.replace("-", " ")


def outcome_amount(code: str, amount: float | None) -> str:
    """Write an outcome's amount with what it counts."""
    if amount is None or code not in OUTCOMES:
        return ""
    outcome = OUTCOMES[code]
    return f"£{amount:,.0f}" if outcome.measure == "amount_pounds" else f"{amount:,.0f} {outcome.counts}"


def age_band(age: int | None) -> str:
    """Write an age as coarsely as an organisation needs it."""
    if age is None:
        return "not known"
    return next((band for top, band in AGE_BANDS if age <= top), "80 or over")


def _word(table: Mapping[str, str], code: str) -> str:
    return table.get(code, code.replace("-", " "))


def teach(pages: Pages) -> None:
    """Give templates these words as filters."""
    tables = {
        "decline_reason": DECLINE,
        "ended_reason": ENDED,
        "contact_kind": CONTACT_KINDS,
        "shared_field": SHARE,
        "need_source": SOURCES,
        "task": TASKS,
        "standing": STANDING,
        "refused_offer": REFUSED_OFFERS,
        "risk": RISKS,
        "ruled_out": RULED_OUT,
        "sharing": SHARING,
        "urgency": URGENCY,
        "note_kind": NOTE_KINDS,
    }
    filters: dict[str, Callable[..., str]] = {name: partial(_word, table) for name, table in tables.items()}
    pages.add_filters(
        **filters,
        need=need_name,
        shared_need=shared_need_name,
        outcome=outcome_name,
        outcome_amount=outcome_amount,
        age_band=age_band,
    )
