"""`/mend/doubts`: records of two directories that may be one service, for a person to settle."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Path, Response
from fastapi.responses import RedirectResponse

from matching import storage
from matching.curation import words
from matching.curation.desk import Here, Mender
from matching.directory import mending, settling
from matching.directory.imports.written import read_of
from matching.storage import curation as kept
from shared.messaging import Cause, Tx
from shared.web.pages import PageRoute
from shared.web.refusals import NotFound
from shared.web.sessions import Guarded

router = APIRouter(prefix="/mend/doubts", route_class=PageRoute, include_in_schema=False)

Own = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
DOUBTS_SHOWN = 30


class SettleForm(Guarded):
    """What a person says of two records."""

    how: Literal["joined", "apart"]


@router.get("")
async def show_all(visit: Here, done: str = "") -> Response:
    """Show the doubts that nobody settled, the surest first."""
    async with visit.database.transaction(Cause.request("show_doubts", "read")) as tx:
        mender = await visit.require_staff(tx)
        doubts = await storage.pairing.find_doubts(tx, DOUBTS_SHOWN)
        read = await _read(tx, [own for each in doubts for own in (each.one, each.other)])
        count = await kept.count_doubts(tx)
    return visit.render("doubts.html", mender=mender, doubts=doubts, read=read, count=count, done=words.DONE.get(done))


@router.get("/{one}/{other}")
async def show(visit: Here, one: Own, other: Own) -> Response:
    """Show two records beside each other."""
    async with visit.database.transaction(Cause.request("show_doubt", "read")) as tx:
        mender = await visit.require_staff(tx)
        doubt = await kept.find_doubt(tx, one, other)
        read = await _read(tx, (one, other))
    if doubt is None or len(read) < 2:
        raise NotFound
    return visit.render("doubt.html", mender=mender, doubt=doubt, pair=(read[one], read[other]))


@router.post("/{one}/{other}")
async def settle(visit: Here, one: Own, other: Own, form: Annotated[SettleForm, Form()]) -> Response:
    """Join two records, or keep them apart."""
    async with visit.database.transaction(Cause.request("read_doubt", "read")) as tx:
        await visit.require_staff(tx)
        rows = await kept.find_records(tx, (one, other))
    if len(rows) < 2:
        raise NotFound

    async def do(tx: Tx, mender: Mender) -> None:
        try:
            if form.how == "apart":
                await settling.keep_apart(tx, one, other, mender.by)
            elif rows[one]["service"] != rows[other]["service"]:
                await settling.join(tx, rows[one]["service"], rows[other]["service"], mender.by)
        except mending.NotListedError:
            raise NotFound from None

    await visit.act(form, form.how, do, service=rows[one]["service"], said={"records": [one, other]}, staff_only=True)
    return RedirectResponse(f"/mend/doubts?done={form.how}", 303)


async def _read(tx: Tx, owns: Sequence[str]) -> dict[str, dict[str, Any]]:
    rows = await kept.find_records(tx, owns)
    return {
        own: {
            "own": own,
            "source": row["source"],
            "service": row["service"],
            "listing": read_of(row["read"]).listing,
        }
        for own, row in rows.items()
    }
