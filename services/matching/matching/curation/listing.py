"""`/mend/services/{id}`: one listing, where its values come from, and what can be done about it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Response
from fastapi.responses import RedirectResponse

from matching import storage
from matching.curation import words
from matching.curation.desk import Do, Here, Mender, Visit
from matching.curation.forms import FindingForm, FundingForm, ReportForm, SplitForm, SpokeForm
from matching.curation.provenance import origins, record_of
from matching.curation.typed import HOLDS, Faults, check_note, days_to_choose, read_funding, read_spoke, said_of
from matching.directory import mending, settling
from matching.directory.imports.correcting import correction_of
from matching.domain import Listing, Stated
from matching.storage import curation as kept
from shared.clocks import PLACE
from shared.messaging import Cause, Tx
from shared.web.pages import PageRoute
from shared.web.refusals import NotFound
from shared.web.sessions import Guarded

router = APIRouter(prefix="/mend/services/{service}", route_class=PageRoute, include_in_schema=False)

Service = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
FIGURES_DAYS = 365
ACTS_SHOWN = 30


@router.get("")
async def show(visit: Here, service: Service, done: str = "") -> Response:
    """Show a listing to who may mend it."""
    return await show_listing(visit, service, done=words.DONE.get(done))


async def show_listing(
    visit: Visit,
    service: str,
    *,
    status: int = 200,
    done: str | None = None,
    faulty: str = "",
    faults: Mapping[str, str] | None = None,
    typed: Mapping[str, Any] | None = None,
) -> Response:
    """Render a listing's page, with what was just done, or with what was typed into the faulty form."""
    async with visit.database.transaction(Cause.request("show_mended", "read")) as tx:
        mender = await visit.require(tx)
        listing = await visit.require_listing(tx, service, mender)
        page = await _read(tx, listing)
    return visit.render(
        "listing.html",
        status,
        **page,
        mender=mender,
        listing=listing,
        done=done,
        faulty=faulty,
        faults=faults or {},
        typed=typed or {},
        reports={kind: words.FINDINGS[kind] for kind in words.REPORTS},
        contact_kinds=words.CONTACT_KINDS,
        states=words.STATES,
        holds=HOLDS,
        accuracy=words.ACCURACY[listing.accuracy.level],
    )


async def _read(tx: Tx, listing: Listing) -> dict[str, Any]:
    """Read what the page shows beside the listing itself."""
    ids = await kept.find_joined(tx, listing.id)
    records = [record_of(row) for row in await storage.imports.get_source_records(tx, [listing.id])]
    corrections = [correction_of(row) for row in await storage.corrections.find_corrections(tx, ids)]
    return {
        "taken": (await storage.get_taken(tx, [listing.id])).get(listing.id, 0),
        "origins": origins(listing, records, corrections),
        "records": records,
        "findings": await storage.mending.get_history(tx, listing.id),
        "funded_until": await storage.mending.find_funding(tx, listing.id),
        "figures": await kept.get_figures(tx, listing.id, tx.now - timedelta(days=FIGURES_DAYS)),
        "acts": await kept.find_acts(tx, ids, ACTS_SHOWN),
        "days": days_to_choose(tx.now.astimezone(PLACE).date()),
    }


async def done_and_back(visit: Visit, service: str, form: Guarded, name: str, do: Do, **said: Any) -> Response:
    """Do an act on a listing and go back to its page."""
    await visit.act(form, name, do, service=service, **said)
    return RedirectResponse(f"/mend/services/{service}?done={name}", 303)


@router.post("/spoke")
async def note_spoken(visit: Here, service: Service, form: Annotated[SpokeForm, Form()]) -> Response:
    """Keep that somebody spoke with the organisation, that the listing is right, and whether they have room."""
    async with visit.database.transaction(Cause.request("read_spoke", "read")) as tx:
        listing = await visit.require_listing(tx, service, await visit.require_staff(tx))
        day, stated, faults = read_spoke(form, tx.now)
    check_note(form.note, faults, listing.name, listing.organisation_name)
    if faults:
        return await _again(visit, service, "spoke", form, faults)

    async def do(tx: Tx, mender: Mender) -> None:
        newest = await newer(tx, service, stated)
        await mending.confirm(tx, service, mender.by, day, kind=form.kind, stated=newest)

    said = {"kind": form.kind, "on": day.isoformat(), **said_of(form.state, stated)}
    return await done_and_back(visit, service, form, "spoke", do, said=said, note=form.note, staff_only=True)


async def newer(tx: Tx, service: str, stated: Stated | None) -> Stated | None:
    """Return a word on room, unless a later one stands."""
    listing = await storage.find_listing(tx, service)
    if stated is None or listing is None or stated.availability.stated_at is None:
        return stated
    held = listing.availability.stated_at
    return None if held and held > stated.availability.stated_at else stated


@router.post("/room")
async def tell_room(visit: Here, service: Service, form: Annotated[SpokeForm, Form()]) -> Response:
    """Keep whether there is room, as the organisation itself says."""
    async with visit.database.transaction(Cause.request("read_room", "read")) as tx:
        await visit.require_listing(tx, service, await visit.require(tx))
        _, stated, faults = read_spoke(form, tx.now)
    if stated is None and not faults:
        faults = {"state": "Choose one."}
    if stated is None or faults:
        return await _again(visit, service, "room", form, faults)

    async def do(tx: Tx, _mender: Mender) -> None:
        await mending.state(tx, service, stated)

    return await done_and_back(visit, service, form, "room", do, said=said_of(form.state, stated))


@router.post("/right")
async def say_right(visit: Here, service: Service, form: Annotated[Guarded, Form()]) -> Response:
    """Keep that the listing is right, as the organisation itself says: what was reported is settled by it."""

    async def do(tx: Tx, mender: Mender) -> None:
        if mender.is_staff:
            raise NotFound
        await mending.confirm(tx, service, mender.by, tx.now.astimezone(PLACE).date(), kind="message")

    return await done_and_back(visit, service, form, "right", do)


@router.post("/report")
async def report(visit: Here, service: Service, form: Annotated[ReportForm, Form()]) -> Response:
    """Keep that something speaks against a listing."""
    faults: Faults = {} if form.finding else {"finding": "Choose what is wrong."}
    check_note(form.note, faults)
    if faults:
        return await _again(visit, service, "report", form, faults)

    async def do(tx: Tx, mender: Mender) -> None:
        assert form.finding, "read above"
        await mending.report(tx, service, form.finding, mender.by, form.note)

    said = {"finding": form.finding}
    return await done_and_back(visit, service, form, "report", do, said=said, note=form.note, staff_only=True)


@router.post("/asked")
async def note_asked(visit: Here, service: Service, form: Annotated[Guarded, Form()]) -> Response:
    """Note that the organisation was asked about what speaks against its listing."""

    async def do(tx: Tx, _mender: Mender) -> None:
        await mending.ask_organisation(tx, service)

    return await done_and_back(visit, service, form, "asked", do, staff_only=True)


@router.post("/unfounded")
async def take_finding_back(visit: Here, service: Service, form: Annotated[FindingForm, Form()]) -> Response:
    """Settle a report that is not so, as the organisation or a curator says."""

    async def do(tx: Tx, mender: Mender) -> None:
        if mender.role == "link-worker":
            raise NotFound
        await mending.settle(tx, service, "withdrawn", (form.finding,))

    return await done_and_back(visit, service, form, "unfounded", do, said={"finding": form.finding})


@router.post("/funding")
async def note_funding(visit: Here, service: Service, form: Annotated[FundingForm, Form()]) -> Response:
    """Keep when a service's funding ends, or that it goes on."""
    async with visit.database.transaction(Cause.request("read_funding", "read")) as tx:
        listing = await visit.require_listing(tx, service, await visit.require(tx))
        faults: Faults = {}
        ends_on = read_funding(form.ends_on, tx.now.astimezone(PLACE).date(), faults)
    check_note(form.note, faults, listing.name, listing.organisation_name)
    if faults:
        return await _again(visit, service, "funding", form, faults)

    async def do(tx: Tx, mender: Mender) -> None:
        await mending.fund_until(tx, service, ends_on, mender.by)

    said = {"until": ends_on.isoformat() if ends_on else ""}
    return await done_and_back(visit, service, form, "funding", do, said=said, note=form.note)


@router.post("/split")
async def split(visit: Here, service: Service, form: Annotated[SplitForm, Form()]) -> Response:
    """Take one directory's record out of a listing."""

    async def do(tx: Tx, mender: Mender) -> None:
        try:
            await settling.split(tx, service, form.own, mender.by)
        except mending.NotListedError:
            raise NotFound from None

    return await done_and_back(visit, service, form, "split", do, staff_only=True)


async def _again(visit: Visit, service: str, name: str, form: Guarded, faults: Faults) -> Response:
    """Show the page again with what was typed, and what is wrong with it."""
    return await show_listing(visit, service, status=422, faulty=name, faults=faults, typed=form.model_dump())
