"""What other services' facts mean for a referral: its practice reads them, and a closed case closes it."""

from dataclasses import replace
from uuid import UUID

from referral_intake import ending, storage
from referral_intake.domain import Act, Refused, next_state, step_of
from shared.contracts import (
    AttendanceRecorded,
    CaseClosed,
    CaseReopened,
    CaseReviewDue,
    ChoicesExhausted,
    ContactRecorded,
    Event,
    LinkWorkerAssigned,
    LinkWorkerAwaited,
    MatchNotFound,
    MatchProposed,
    NeedsRevised,
    OfferAnswered,
    OfferExpired,
    OfferMade,
    OfferRefused,
    OutcomeRecorded,
    ServicesChosen,
)
from shared.messaging import Tx, consumes


@consumes(LinkWorkerAssigned)
async def on_link_worker_assigned(event: LinkWorkerAssigned, tx: Tx) -> None:
    """Tell the practice who has the referral."""
    await _progress(event, event.referral, tx)


@consumes(LinkWorkerAwaited)
async def on_link_worker_awaited(event: LinkWorkerAwaited, tx: Tx) -> None:
    """Tell the practice that the referral waits for a link worker."""
    await _progress(event, event.referral, tx)


@consumes(MatchProposed)
async def on_match_proposed(event: MatchProposed, tx: Tx) -> None:
    """Tell the practice that services were found."""
    await _progress(event, event.referral, tx)


@consumes(MatchNotFound)
async def on_match_not_found(event: MatchNotFound, tx: Tx) -> None:
    """Tell the practice that no service was found for a need."""
    await _progress(event, event.referral, tx)


@consumes(OfferMade)
async def on_offer_made(event: OfferMade, tx: Tx) -> None:
    """Tell the practice that an organisation was asked."""
    await _progress(event, event.referral, tx)


@consumes(OfferRefused)
async def on_offer_refused(event: OfferRefused, tx: Tx) -> None:
    """Tell the practice that an offer could not be made."""
    await _progress(event, event.referral, tx)


@consumes(OfferExpired)
async def on_offer_expired(event: OfferExpired, tx: Tx) -> None:
    """Tell the practice that an organisation was silent."""
    await _progress(event, event.referral, tx)


@consumes(ChoicesExhausted)
async def on_choices_exhausted(event: ChoicesExhausted, tx: Tx) -> None:
    """Tell the practice that no choice is left."""
    await _progress(event, event.referral, tx)


@consumes(ContactRecorded)
async def on_contact_recorded(event: ContactRecorded, tx: Tx) -> None:
    """Tell the practice that the link worker talked with the person, or tried to."""
    await _progress(event, event.referral, tx)


@consumes(NeedsRevised)
async def on_needs_revised(event: NeedsRevised, tx: Tx) -> None:
    """Tell the practice what the person needs, as the conversation showed."""
    await _progress(event, event.referral, tx)


@consumes(ServicesChosen)
async def on_services_chosen(event: ServicesChosen, tx: Tx) -> None:
    """Tell the practice that the person chose."""
    await _progress(event, event.referral, tx)


@consumes(OfferAnswered)
async def on_offer_answered(event: OfferAnswered, tx: Tx) -> None:
    """Tell the practice whether an organisation accepted."""
    await _progress(event, event.referral, tx)


@consumes(AttendanceRecorded)
async def on_attendance_recorded(event: AttendanceRecorded, tx: Tx) -> None:
    """Tell the practice whether the person came."""
    await _progress(event, event.referral, tx)


@consumes(OutcomeRecorded)
async def on_outcome_recorded(event: OutcomeRecorded, tx: Tx) -> None:
    """Tell the practice what came of it."""
    await _progress(event, event.referral, tx)


@consumes(CaseReviewDue)
async def on_case_review_due(event: CaseReviewDue, tx: Tx) -> None:
    """Tell the practice that the case is looked at again."""
    await _progress(event, event.referral, tx)


@consumes(CaseClosed)
async def on_case_closed(event: CaseClosed, tx: Tx) -> None:
    """Close the referral with its case, and publish that its practice can file the outcome."""
    await _progress(event, event.referral, tx)
    referral = await storage.get_locked_referral(tx, event.referral)
    await ending.close(tx, referral, reason=event.reason)


@consumes(CaseReopened)
async def on_case_reopened(event: CaseReopened, tx: Tx) -> None:
    """Open the referral again with its case."""
    await _progress(event, event.referral, tx)
    referral = await storage.get_locked_referral(tx, event.referral)
    state = next_state(referral.state, Act.REOPEN)
    if not isinstance(state, Refused):
        await storage.save_standing(tx, replace(referral, state=state))


async def _progress(event: Event, referral: UUID, tx: Tx) -> None:
    """Write a line on the timeline of a referral that is here; one that is not was lost with a restored database."""
    await storage.get_locked_referral(tx, referral)
    storage.save_step(tx, referral, step_of(event))
