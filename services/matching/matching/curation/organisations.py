"""`/mend/organisations/{id}`: who was in touch with an organisation and when, and what it offers."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Response
from fastapi.responses import RedirectResponse

from matching import storage
from matching.curation import words
from matching.curation.desk import Here, Mender, Visit
from matching.curation.forms import ContactForm
from matching.curation.typed import Faults, check_note, days_to_choose, read_day
from matching.directory import mending
from matching.storage import curation as kept
from shared.clocks import PLACE
from shared.messaging import Cause, Tx
from shared.web.pages import PageRoute
from shared.web.refusals import NotFound

router = APIRouter(prefix="/mend/organisations/{organisation}", route_class=PageRoute, include_in_schema=False)

Organisation = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
SERVICES_SHOWN = 100
CONTACTS_SHOWN = 30
COUNTED_DAYS = 365


@router.get("")
async def show(visit: Here, organisation: Organisation, done: str = "") -> Response:
    """Show an organisation to a link worker or curator."""
    return await _show(visit, organisation, done=words.DONE.get(done))


@router.post("/contacts")
async def note_contact(visit: Here, organisation: Organisation, form: Annotated[ContactForm, Form()]) -> Response:
    """Keep a visit to an organisation or a word with it."""
    faults: Faults = {}
    async with visit.database.transaction(Cause.request("read_contact", "read")) as tx:
        await visit.require_staff(tx)
        day = read_day(form.on, tx.now.astimezone(PLACE).date())
        listings = await kept.find_of_organisation(tx, organisation, 1)
    if not listings:
        raise NotFound
    if day is None:
        faults["on"] = "Choose a day of the last month."
    check_note(form.note, faults, listings[0].organisation_name)
    if day is None or faults:
        return await _show(visit, organisation, status=422, faults=faults, typed=form.model_dump())

    async def do(tx: Tx, mender: Mender) -> None:
        await mending.note_contact(tx, organisation, mender.by, day, form.kind)

    said = {"kind": form.kind, "on": day.isoformat()}
    await visit.act(form, "contact", do, organisation=organisation, said=said, note=form.note, staff_only=True)
    return RedirectResponse(f"/mend/organisations/{organisation}?done=contact", 303)


async def _show(
    visit: Visit,
    organisation: str,
    *,
    status: int = 200,
    done: str | None = None,
    faults: Faults | None = None,
    typed: dict[str, Any] | None = None,
) -> Response:
    async with visit.database.transaction(Cause.request("show_organisation", "read")) as tx:
        mender = await visit.require_staff(tx)
        listings = await kept.find_of_organisation(tx, organisation, SERVICES_SHOWN)
        today = tx.now.astimezone(PLACE).date()
        since = today - timedelta(days=COUNTED_DAYS)
        counts = await storage.mending.count_contacts(tx, [organisation], since)
        contacts = await kept.find_contacts(tx, organisation, CONTACTS_SHOWN)
    if not listings:
        raise NotFound
    return visit.render(
        "organisation.html",
        status,
        mender=mender,
        organisation=organisation,
        name=listings[0].organisation_name,
        listings=listings,
        count=counts.get(organisation),
        contacts=contacts,
        days=days_to_choose(today),
        contact_kinds=words.CONTACT_KINDS,
        done=done,
        faults=faults or {},
        typed=typed or {},
    )
