"""`/mend/add`: a group that is in no directory, in a minute: what was typed is answered by what it may help with."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse

from matching import storage
from matching.curation.desk import Here, Mender, Visit
from matching.curation.forms import AddForm
from matching.curation.typed import Faults, check_note, known_needs, read_contact, read_number, read_where
from matching.directory import mending
from matching.directory.imports.local import Draft, local_read
from matching.directory.places import NATIONS
from matching.domain import Listing
from matching.storage import curation as kept
from shared.messaging import Cause, Tx
from shared.needs import NEED_GROUPS, NEEDS
from shared.web.pages import PageRoute

router = APIRouter(prefix="/mend", route_class=PageRoute, include_in_schema=False)

MOST_SUGGESTED = 6
MOST_SIMILAR = 3
MOST_AGE = 120
NOTHING_KNOWN = "Give a postcode or its first part, for example DD5, or an area that the directory knows, as Scotland."


@dataclass(frozen=True, slots=True)
class Looked:
    """What the form is shown with: what is wrong, what the group may help with, and what it may be already."""

    faults: Faults
    suggested: Sequence[str] = ()
    similar: Sequence[Listing] = ()
    present: Listing | None = None
    step: str = "look"


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of the form: a draft, or what is wrong with it."""

    draft: Draft | None
    faults: Faults


@router.get("/add")
async def show_form(visit: Here) -> Response:
    """Show the form alone."""
    async with visit.database.transaction(Cause.request("show_add", "read")) as tx:
        mender = await visit.require_staff(tx)
    return _show(visit, mender, AddForm(csrf="", form_id=uuid4()), Looked({}))


@router.post("/add")
async def add(visit: Here, form: Annotated[AddForm, Form()]) -> Response:
    """Look for what the group may help with and whether it is here already; or add it."""
    async with visit.database.transaction(Cause.request("look_before_adding", str(form.form_id))) as tx:
        mender = await visit.require_staff(tx)
        visit.desk.sessions.check_form(mender.session, form.csrf)
        if done := await kept.find_service_of(tx, form.form_id):
            return RedirectResponse(f"/mend/services/{done}?done=added", 303)
        read = await read_draft(tx, form)
        if read.draft is None:
            return _show(visit, mender, form, Looked(read.faults), status=422)
        present, similar = await _look(tx, read.draft)
        finder = await visit.desk.directory.finder(tx)
    if present is None and form.act == "add" and read.draft.needs:
        return await _add(visit, form, read.draft)
    near = (await asyncio.to_thread(finder.question, f"{form.name}. {form.purpose}")).near
    suggested = known_needs(each.term.need for each in near)[:MOST_SUGGESTED]
    faults = {"need": "Tick what it helps with, one at least."} if form.act == "add" and present is None else {}
    status = 422 if faults or (present and form.act == "add") else 200
    return _show(visit, mender, form, Looked(faults, suggested, similar, present, "check"), status=status)


async def read_draft(tx: Tx, form: AddForm) -> Read:
    """Read the form as a group to be added."""
    faults: Faults = {}
    where, reach = read_where(form.where), read_contact(form.contact)
    area = None
    if where.postcode is None and where.rest:
        area = NATIONS.get(where.rest.lower()) or await kept.find_area_code(tx, where.rest)
    for field, wrong in (
        ("name", None if form.name else "Give its name."),
        ("purpose", None if form.purpose else "Say in your own words what it is for."),
        ("where", None if where.postcode or area else NOTHING_KNOWN),
        ("contact", None if reach.phone or reach.email or reach.url else "Give a telephone number, e-mail or website."),
    ):
        if wrong:
            faults[field] = wrong
    low = read_number(form.minimum_age, "minimum_age", MOST_AGE, faults)
    high = read_number(form.maximum_age, "maximum_age", MOST_AGE, faults)
    if low is not None and high is not None and low > high:
        faults["minimum_age"] = "The lower limit is above the upper one."
    check_note(form.note, faults, form.name, form.organisation)
    draft = Draft(
        name=form.name,
        organisation_name=form.organisation,
        description=form.purpose,
        phone=reach.phone,
        email=reach.email,
        url=reach.url,
        postcode=(where.postcode.full or where.postcode.outward) if where.postcode else None,
        place=where.rest if where.postcode else "",
        area=area,
        area_name=where.rest if area else "",
        when=form.when,
        fees=form.fees or None,
        needs=known_needs(form.need),
        minimum_age=low,
        maximum_age=high,
    )
    if not faults:
        faults = _unfit(draft)
    return Read(None if faults else draft, faults)


def _unfit(draft: Draft) -> Faults:
    """Say which field the directory does not take, though it looked well."""
    try:
        local_read(draft)
    except ValueError as error:
        field = str(error).partition(" ")[0]
        contact = field in ("phone", "email", "url")
        return {"contact" if contact else "name": "This cannot be kept as it is. Please check how it is written."}
    return {}


async def _look(tx: Tx, draft: Draft) -> tuple[Listing | None, list[Listing]]:
    """Return the very same group where it was added before, and those that may be it."""
    present = await storage.find_listing(tx, local_read(draft).listing.id)
    similar = await mending.find_similar(tx, draft)
    found = await storage.find_listings(tx, [each.service for each in similar[:MOST_SIMILAR]])
    here = [found[each.service] for each in similar[:MOST_SIMILAR] if each.service in found]
    return present, [each for each in here if present is None or each.id != present.id]


async def _add(visit: Visit, form: AddForm, draft: Draft) -> Response:
    async def do(tx: Tx, _mender: Mender) -> None:
        service = await mending.add_listing(tx, draft)
        await kept.name_service(tx, form.form_id, service)

    await visit.act(form, "added", do, note=form.note, staff_only=True)
    async with visit.database.transaction(Cause.request("show_added", "read")) as tx:
        service = await kept.find_service_of(tx, form.form_id)
    return RedirectResponse(f"/mend/services/{service}?done=added", 303)


def _show(visit: Visit, mender: Mender, form: AddForm, looked: Looked, *, status: int = 200) -> Response:
    return visit.render(
        "add.html",
        status,
        mender=mender,
        form=form,
        faults=looked.faults,
        suggested=list(dict.fromkeys((*known_needs(form.need), *looked.suggested))),
        similar=looked.similar,
        present=looked.present,
        step=looked.step,
        all_needs=NEEDS,
        need_groups=NEED_GROUPS,
    )
