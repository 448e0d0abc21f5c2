"""What a link worker does about a case: each form one act, done once."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Response
from fastapi.responses import RedirectResponse

from casework import domain
from casework.api.desk import Do, NotDoneError, Visit, act_on_case, taken
from casework.api.forms import (
    AttendanceForm,
    ChoicesForm,
    CloseForm,
    ContactForm,
    NeedsForm,
    NoteForm,
    OutcomesForm,
    Versioned,
)
from casework.api.referral import show_referral
from casework.domain import Case
from casework.gateway import PeopleAwayError
from casework.storage import cases, doings, offers, staff
from shared.messaging import Cause, Tx
from shared.web.pages import PageRoute
from shared.web.refusals import NotFound
from shared.web.sessions import Guarded

router = APIRouter(prefix="/referrals/{referral}", route_class=PageRoute, include_in_schema=False)

STATUS = {"words-away": 503, "agreement-away": 503} | dict.fromkeys(
    ("stale", "not-open", "not-closed", "not-proposed"), 409
)
"""What a refusal is answered with; any other one is that the form makes no sense."""

Here = Annotated[Visit, Depends()]


async def act(visit: Visit, referral: UUID, form: Guarded, name: str, do: Do) -> Response:
    """Do an act and go back to the case's page; where it was refused, show how the case stands and why not."""
    try:
        await act_on_case(visit, referral, form, name, do)
    except NotDoneError as error:
        return await show_refused(visit, referral, form, error.reason)
    return RedirectResponse(f"/referrals/{referral}?done={name}", 303)


async def show_refused(visit: Visit, referral: UUID, form: Guarded, reason: str) -> Response:
    """Show how the case stands and why a form was refused, with what was typed."""
    return await show_referral(visit, referral, status=STATUS.get(reason, 422), refused=reason, draft=form.model_dump())


@router.post("/contacts")
async def record_contact(visit: Here, referral: UUID, form: Annotated[ContactForm, Form()]) -> Response:
    """Record a contact; its note is sealed in intake before the contact is kept."""
    try:
        note = await _seal(visit, referral, form, "note", form.note) if form.note else None
    except PeopleAwayError:
        return await show_refused(visit, referral, form, "words-away")

    async def do(tx: Tx, case: Case) -> None:
        rules = visit.desk.rules.of_programme(await staff.find_review_clock(tx, case.programme))
        kept = taken(
            domain.record_contact(
                case, form.kind, reached=form.reached == "yes", review_on=form.review_on, now=tx.now, rules=rules
            )
        )
        await doings.save_contact(tx, kept.event, note)
        await cases.save_case(tx, kept.case)
        tx.publish(kept.event)

    return await act(visit, referral, form, "contact", do)


@router.post("/notes")
async def write_note(visit: Here, referral: UUID, form: Annotated[NoteForm, Form()]) -> Response:
    """Seal a note, a goal or the person's words."""
    try:
        await _seal(visit, referral, form, form.kind, form.text)
    except PeopleAwayError:
        return await show_refused(visit, referral, form, "words-away")

    async def do(_tx: Tx, _case: Case) -> None:
        """Nothing of it is kept here but that it was done."""

    return await act(visit, referral, form, "note", do)


async def _seal(visit: Visit, referral: UUID, form: Guarded, kind: str, text: str) -> UUID | None:
    """Have words sealed, once for this form, if this link worker may write here; return their id in intake."""
    async with visit.database.transaction(Cause.request("may_write", "read")) as tx:
        session, worker = await visit.require_link_worker(tx)
        visit.desk.sessions.check_form(str(session.id), form.csrf)
        case = await cases.find_case(tx, referral)
        if case is None or case.link_worker != worker.id:
            raise NotFound
        if case.state not in ("open", "closed"):
            return None
    return await visit.desk.people.append(referral, form.form_id, kind, text, by=worker.id)


@router.post("/needs")
async def revise_needs(visit: Here, referral: UUID, form: Annotated[NeedsForm, Form()]) -> Response:
    """Correct the needs; matching runs again."""

    async def do(tx: Tx, case: Case) -> None:
        revised = taken(domain.revise_needs(case, tuple(form.need), form.version))
        if revised:
            await cases.save_needs(tx, referral, revised.event.needs)
            await cases.save_case(tx, revised.case)
            tx.publish(revised.event)

    return await act(visit, referral, form, "needs", do)


@router.post("/choices")
async def choose_services(visit: Here, referral: UUID, form: Annotated[ChoicesForm, Form()]) -> Response:
    """Record what the person chose, in which order, and what may be shared with whom."""

    async def do(tx: Tx, case: Case) -> None:
        proposals = await offers.find_proposals(tx, referral)
        chosen = taken(domain.choose_services(case, proposals, form.picks(), form.version, agreed=form.agreed == "yes"))
        await offers.save_choices(tx, referral, case.version, chosen)
        await cases.save_case(tx, chosen.case)
        tx.publish(chosen.event)

    return await act(visit, referral, form, "choices", do)


@router.post("/attendance")
async def record_attendance(visit: Here, referral: UUID, form: Annotated[AttendanceForm, Form()]) -> Response:
    """Record whether the person came to a service that took them."""

    async def do(tx: Tx, case: Case) -> None:
        offer = await offers.find_offer(tx, form.offer) if form.offer else None
        if offer is None or offer.referral != referral:
            raise NotDoneError("not-accepted")
        event = taken(domain.attend(offer, case, attended=form.attended == "yes", now=tx.now))
        await offers.save_attendance(tx, event, told_by=_teller(case))
        tx.publish(event)

    return await act(visit, referral, form, "attendance", do)


@router.post("/outcomes")
async def record_outcomes(visit: Here, referral: UUID, form: Annotated[OutcomesForm, Form()]) -> Response:
    """Record what came of it."""

    async def do(tx: Tx, case: Case) -> None:
        event = taken(domain.record_outcomes(case, taken(form.outcomes())))
        await doings.save_outcomes(tx, event, told_by=_teller(case))
        tx.publish(event)

    return await act(visit, referral, form, "outcomes", do)


@router.post("/close")
async def close(visit: Here, referral: UUID, form: Annotated[CloseForm, Form()]) -> Response:
    """Close the case, with its outcomes."""

    async def do(tx: Tx, case: Case) -> None:
        closed = taken(domain.close(case, form.reason, taken(form.outcomes()), form.version, tx.now))
        await doings.save_outcomes(tx, closed.event, told_by=_teller(case))
        await cases.save_case(tx, closed.case)
        tx.publish(closed.event)

    return await act(visit, referral, form, "close", do)


@router.post("/reopen")
async def reopen(visit: Here, referral: UUID, form: Annotated[Versioned, Form()]) -> Response:
    """Open a closed case again: the person came back."""

    async def do(tx: Tx, case: Case) -> None:
        reopened = taken(domain.reopen(case, form.version, tx.now, visit.desk.rules))
        await cases.save_case(tx, reopened.case)
        tx.publish(reopened.event)

    return await act(visit, referral, form, "reopen", do)


def _teller(case: Case) -> str:
    return f"{staff.LINK_WORKER}:{case.link_worker}"
