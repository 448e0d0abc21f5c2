"""`/mend/services/{id}/correct`: a listing's fields as they stand, each with its origin, to be put right."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse

from matching import storage
from matching.curation import words
from matching.curation.changes import filled_in, read_correct, shown_as
from matching.curation.desk import Here, Mender, Visit
from matching.curation.forms import CorrectForm
from matching.curation.listing import Service
from matching.curation.provenance import origins, record_of
from matching.curation.typed import Faults
from matching.directory import mending
from matching.directory.imports.correcting import correction_of
from matching.storage import curation as kept
from shared.messaging import Cause, Tx
from shared.needs import NEED_GROUPS, NEEDS
from shared.web.pages import PageRoute

router = APIRouter(prefix="/mend/services/{service}/correct", route_class=PageRoute, include_in_schema=False)


class ChangedMeanwhileError(Exception):
    """The listing is another by now than the form showed."""


STALE = "Somebody changed this listing while your page was open. Nothing of yours was saved; look again and send it."


@router.get("")
async def show(visit: Here, service: Service) -> Response:
    """Show the form as the listing stands."""
    return await _show(visit, service, {})


@router.post("")
async def correct(visit: Here, service: Service, form: Annotated[CorrectForm, Form()]) -> Response:
    """Keep what is different, and let sources count again where that was chosen."""
    async with visit.database.transaction(Cause.request("read_correction", "read")) as tx:
        mender = await visit.require(tx)
        listing = await visit.require_listing(tx, service, mender)
    fields, faults = read_correct(form, listing)
    if form.shown != shown_as(listing):
        if await _was_done(visit, form):
            return RedirectResponse(f"/mend/services/{service}?done=corrected", 303)
        return await _show(visit, service, faults, form, status=409, refused=STALE)
    if faults:
        return await _show(visit, service, faults, form, status=422)
    back = tuple(field for field in form.back if field in words.FIELDS)
    if not fields and not back:
        return RedirectResponse(f"/mend/services/{service}?done=nothing", 303)

    async def do(tx: Tx, mender: Mender) -> None:
        await storage.lock_directory(tx)
        if form.shown != shown_as(await visit.require_listing(tx, service, mender)):
            raise ChangedMeanwhileError
        if fields:
            await mending.correct(tx, service, fields, mender.by, form.note)
        if back:
            await mending.take_back(tx, service, back)

    said = {"fields": [*fields, *back]}
    try:
        await visit.act(form, "corrected", do, service=service, said=said, note=form.note)
    except ChangedMeanwhileError:
        return await _show(visit, service, faults, form, status=409, refused=STALE)
    still_theirs = mender.is_staff or fields.get("email", listing.email) == listing.email
    return RedirectResponse(f"/mend/services/{service}?done=corrected" if still_theirs else "/mend", 303)


async def _was_done(visit: Visit, form: CorrectForm) -> bool:
    """Say whether this very form was sent before: then the listing stands otherwise because of it."""
    async with visit.database.transaction(Cause.request("was_corrected", "read")) as tx:
        return await kept.find_service_of(tx, form.form_id) is not None


async def _show(
    visit: Visit,
    service: str,
    faults: Faults,
    form: CorrectForm | None = None,
    *,
    status: int = 200,
    refused: str | None = None,
) -> Response:
    async with visit.database.transaction(Cause.request("show_correcting", "read")) as tx:
        mender = await visit.require(tx)
        listing = await visit.require_listing(tx, service, mender)
        ids = await kept.find_joined(tx, listing.id)
        records = [record_of(row) for row in await storage.imports.get_source_records(tx, [listing.id])]
        corrections = [correction_of(row) for row in await storage.corrections.find_corrections(tx, ids)]
    typed: dict[str, Any] = form.model_dump() if form else {**filled_in(listing), "back": [], "note": ""}
    return visit.render(
        "correct.html",
        status,
        mender=mender,
        listing=listing,
        shown=shown_as(listing),
        typed=typed,
        faults=faults,
        refused=refused,
        origins=origins(listing, records, corrections),
        statuses=words.STATUSES,
        all_needs=NEEDS,
        need_groups=NEED_GROUPS,
    )
