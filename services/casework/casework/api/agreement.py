"""What the person says about organisations, as their link worker hears it: told to intake, which owns the agreement."""

from typing import Annotated
from uuid import UUID, uuid5

from fastapi import APIRouter, Depends, Form, Response

from casework import domain
from casework.api.desk import NotDoneError, Visit
from casework.api.forms import AgreementForm
from casework.api.link_worker import act, show_refused
from casework.domain import Case, Said
from casework.gateway import PeopleAwayError
from casework.storage import agreements, cases, doings
from shared.messaging import Cause, Tx
from shared.web.pages import PageRoute
from shared.web.refusals import NotFound

router = APIRouter(prefix="/referrals/{referral}", route_class=PageRoute, include_in_schema=False)


@router.post("/agreement")
async def record_agreement(
    visit: Annotated[Visit, Depends()], referral: UUID, form: Annotated[AgreementForm, Form()]
) -> Response:
    """Record what the person agrees to; what is taken back is gone here at once, before its event has come round."""
    said = form.to_said()
    try:
        await _tell_intake(visit, referral, form, said)
    except NotDoneError as error:
        return await show_refused(visit, referral, form, error.reason)
    except PeopleAwayError:
        return await show_refused(visit, referral, form, "agreement-away")

    async def do(tx: Tx, _case: Case) -> None:
        if said.sharing:
            await agreements.save_sharing(tx, referral, said.sharing)
        else:
            await agreements.save_revoked(tx, referral, said.organisation)
        if said.takes_back:
            await agreements.stop(tx, referral, said.organisation)

    return await act(visit, referral, form, "agreement", do)


async def _tell_intake(visit: Visit, referral: UUID, form: AgreementForm, said: Said) -> None:
    """Have it recorded, once for this form and this answer, if this link worker may."""
    async with visit.database.transaction(Cause.request("may_record", "read")) as tx:
        session, worker = await visit.require_link_worker(tx)
        visit.desk.sessions.check_form(str(session.id), form.csrf)
        case = await cases.find_case(tx, referral)
        if case is None or case.link_worker != worker.id:
            raise NotFound
        if await doings.was_done(tx, form.form_id):
            return
        if refused := domain.may_record(case, said, form.version):
            raise NotDoneError(refused.reason)
    told = {"share_with_organisations": said.sharing, "revoke": said.organisation}
    if not await visit.desk.people.agree(referral, uuid5(form.form_id, form.said), told, by=worker.id):
        raise NotDoneError("not-open")
