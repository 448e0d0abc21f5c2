"""`/offers/{token}`: what an organisation sees and does by the link in its mail; the page names nobody.

Links are opened by scanners and forwarded, so opening one changes nothing, and contact details lie behind a sign-in by
a mail to the organisation's registered address.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Response
from fastapi.responses import RedirectResponse

from casework import domain
from casework.api import words
from casework.api.desk import NotDoneError, Visit, taken
from casework.api.forms import AnswerForm, AttendanceForm, OutcomesForm
from casework.domain import Case, Offer
from casework.storage import cases, doings, offers, reading, staff
from shared.messaging import Cause, Tx
from shared.needs import OUTCOME_GROUPS, OUTCOMES
from shared.web.links import BadLink, ExpiredLink
from shared.web.pages import PageRoute
from shared.web.refusals import Refusal
from shared.web.sessions import Guarded
from shared.web.sign_in import MAIL_WORKER, Identity, request_sign_in

router = APIRouter(prefix="/offers/{token}", route_class=PageRoute, include_in_schema=False)

PURPOSE = "offer"

Do = Callable[[Tx, Case, Offer], Awaitable[None]]

Here = Annotated[Visit, Depends()]


@router.get("")
async def show(visit: Here, token: str, done: str = "") -> Response:
    """Show an offer and how it stands."""
    return await show_offer(visit, token, done=words.OFFER_DONE.get(done))


async def show_offer(
    visit: Visit, token: str, *, status: int = 200, done: str | None = None, refused: str | None = None
) -> Response:
    """Render an offer's page; one that was withdrawn or has ended is gone, 410, and says so kindly."""
    async with visit.database.transaction(Cause.request("show_offer", "read")) as tx:
        offer = await _get_offer(visit, tx, token)
        facts = await reading.find_facts(tx, offer.referral)
        assert facts is not None, "an offer has a case"
        attendance = (await doings.list_attendances(tx, offer.referral)).get(offer.id)
    stands = domain.standing(offer, facts.state)
    return visit.desk.pages.render(
        "offer.html",
        410 if stands in ("withdrawn", "ended") else status,
        token=token,
        csrf=visit.desk.sessions.form_token(f"{PURPOSE}:{token}"),
        offer=offer,
        stands=stands,
        age=facts.age,
        outward=facts.outward,
        attendance=attendance,
        done=done,
        refused=words.REFUSED.get(refused or ""),
        decline_reasons=words.DECLINE,
        outcome_groups=OUTCOME_GROUPS,
        all_outcomes=OUTCOMES,
    )


@router.post("/accept")
async def accept(visit: Here, token: str, form: Annotated[Guarded, Form()]) -> Response:
    """Take an organisation's yes."""
    return await _answer(visit, token, form, "accepted", None)


@router.post("/decline")
async def decline(visit: Here, token: str, form: Annotated[AnswerForm, Form()]) -> Response:
    """Take an organisation's no, with its reason."""
    return await _answer(visit, token, form, "declined", form.reason)


@router.post("/attendance")
async def record_attendance(visit: Here, token: str, form: Annotated[AttendanceForm, Form()]) -> Response:
    """Record whether the person came."""

    async def do(tx: Tx, case: Case, offer: Offer) -> None:
        event = taken(domain.attend(offer, case, attended=form.attended == "yes", now=tx.now))
        await offers.save_attendance(tx, event, told_by=_teller(offer))
        tx.publish(event)

    return await _act(visit, token, form, "attendance", do)


@router.post("/outcome")
async def record_outcome(visit: Here, token: str, form: Annotated[OutcomesForm, Form()]) -> Response:
    """Record what came of it, as the organisation tells it."""

    async def do(tx: Tx, case: Case, offer: Offer) -> None:
        if domain.standing(offer, case.state) not in ("accepted", "late-accepted"):
            raise NotDoneError("not-accepted")
        event = taken(domain.record_outcomes(case, taken(form.outcomes()), offer.id))
        await doings.save_outcomes(tx, event, told_by=_teller(offer))
        tx.publish(event)

    return await _act(visit, token, form, "outcome", do)


@router.post("/contact-details")
async def ask_for_contact_details(visit: Here, token: str, form: Annotated[Guarded, Form()]) -> Response:
    """Mail a sign-in link to the organisation's registered address, whoever holds the offer's link."""

    async def do(tx: Tx, case: Case, offer: Offer) -> None:
        if not domain.may_see_person(offer, case.state):
            raise NotDoneError("not-accepted")
        if not await staff.has_address(tx, offer.organisation):
            raise NotDoneError("no-address")
        identity = Identity(staff.ORGANISATION, offer.organisation)
        await request_sign_in(tx, identity, f"/organisation/offers/{offer.id}")

    response = await _act(visit, token, form, "contact-details", do)
    visit.request.app.state.service.wake(MAIL_WORKER)
    return response


async def _answer(visit: Visit, token: str, form: Guarded, given: domain.Answer, reason: str | None) -> Response:
    async def do(tx: Tx, case: Case, offer: Offer) -> None:
        answered = taken(domain.answer(offer, case, given, reason))
        await offers.save_answer(tx, answered)
        tx.publish(answered.event)

    return await _act(visit, token, form, given, do)


async def _act(visit: Visit, token: str, form: Guarded, name: str, do: Do) -> Response:
    """Do an act about an offer once, and show how the offer stands."""
    try:
        async with visit.database.transaction(Cause.request(f"offer_{name}", str(form.form_id))) as tx:
            offer = await _get_offer(visit, tx, token)
            visit.desk.sessions.check_form(f"{PURPOSE}:{token}", form.csrf)
            case = await cases.find_case(tx, offer.referral)
            assert case is not None, "an offer has a case"
            if await doings.claim_act(tx, form.form_id, case.referral, _teller(offer), f"offer-{name}"):
                # Under the case's lock the offer may stand otherwise than it did.
                await do(tx, case, await _get_offer(visit, tx, token))
    except NotDoneError as error:
        status = 409 if error.reason in ("answered", "withdrawn", "ended") else 422
        return await show_offer(visit, token, status=status, refused=error.reason)
    return RedirectResponse(f"/offers/{token}?done={name}", 303)


async def _get_offer(visit: Visit, tx: Tx, token: str) -> Offer:
    try:
        offer = await offers.find_offer(tx, UUID(visit.desk.links.read(PURPOSE, token, tx.now)))
    except ExpiredLink:
        raise Refusal(410, "This link has expired", "Your link worker's programme can send you a new one.") from None
    except BadLink:
        raise Refusal(404, "This link is not complete", "Copy the whole address from the mail.") from None
    if offer is None:
        # Its mail may be quicker than what it is about.
        raise Refusal(503, "This is not here yet", "It is on its way. Please open the link again in a minute.")
    return offer


def _teller(offer: Offer) -> str:
    return f"{staff.ORGANISATION}:{offer.organisation}"
