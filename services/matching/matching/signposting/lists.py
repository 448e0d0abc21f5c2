"""`/lists`: a practice's own kept list of services, read by anyone who has its address, changed by who has its key.

Matching knows no practice's staff, so a list is made without an account, and the link that changes it is shown once.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field, StringConstraints

from matching.domain import signposting as decide
from matching.signposting import answers, words
from matching.signposting.ask import MOST_TOGETHER, ServiceId, Words, cards_for, to_self
from matching.signposting.desk import Here, Visit
from matching.storage import shortlists
from matching.storage.shortlists import Shortlist
from shared.messaging import Cause, Tx
from shared.web.pages import PageRoute
from shared.web.refusals import NotFound, Refusal

router = APIRouter(prefix="/lists", route_class=PageRoute, include_in_schema=False)

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are mistaken for each other when an address is read out."""
ID_LETTERS = 8

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f]*$")]
ListId = Annotated[str, Path(pattern=rf"^[{LETTERS}]{{{ID_LETTERS}}}$")]
Key = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{43}$")]
Act = Literal["find", "add", "remove", "up", "rename", "delete"]


class NewList(BaseModel):
    """A new list's name, and the services that it begins with."""

    name: Name
    service: list[ServiceId] = Field(default_factory=list, max_length=MOST_TOGETHER)


class Change(BaseModel):
    """One change of a list; the key in the form's address is what makes it ours."""

    act: Act
    service: ServiceId | Literal[""] = ""
    name: Name | Literal[""] = ""
    need: Words = ""


@router.get("")
async def show_form(visit: Here) -> Response:
    """Show how a list is made."""
    return visit.desk.pages.render("new_list.html")


@router.post("")
async def make_list(visit: Here, form: Annotated[NewList, Form()]) -> Response:
    """Make a list and go on to the address that changes it."""
    key = secrets.token_urlsafe(32)
    made = Shortlist("".join(secrets.choice(LETTERS) for _ in range(ID_LETTERS)), form.name, _digest(key))
    async with visit.database.transaction(Cause.request("make_list", made.id)) as tx:
        if await shortlists.count_made(tx, tx.now - timedelta(days=1)) >= visit.desk.lists_a_day:
            raise Refusal(503, "No more lists today", "Very many lists were made in the last day. Try again tomorrow.")
        await shortlists.save_shortlist(tx, made)
        await shortlists.save_entries(tx, made.id, form.service)
    return RedirectResponse(f"/lists/{made.id}/edit/{key}", 303)


@router.get("/{list_id}")
async def show_list(visit: Here, list_id: ListId) -> Response:
    """Show a list to anyone."""
    shortlist, services = await read(visit, list_id)
    cards = await cards_for(visit, services)
    address = f"{visit.desk.public_url}/lists/{list_id}"
    gone = len(services) - len(cards)
    return visit.kept(
        visit.desk.pages.render("list.html", name=shortlist.name, cards=cards, gone=gone, **to_self(cards, address))
    )


@router.get("/{list_id}/edit/{key}")
async def show_editing(visit: Here, list_id: ListId, key: Key) -> Response:
    """Show a list to who may change it."""
    return await _editing(visit, list_id, key)


@router.post("/{list_id}/edit/{key}")
async def change_list(visit: Here, list_id: ListId, key: Key, form: Annotated[Change, Form()]) -> Response:
    """Change a list, or look for services to add."""
    if form.act == "find":
        return await _editing(visit, list_id, key, need=form.need)
    async with visit.database.transaction(Cause.request("change_list", list_id)) as tx:
        await _require_key(tx, list_id, key)
        await _change(tx, list_id, form)
    return RedirectResponse("/lists" if form.act == "delete" else f"/lists/{list_id}/edit/{key}", 303)


async def read(visit: Visit, list_id: str) -> tuple[Shortlist, list[str]]:
    """Return a list with its services.

    Raises:
        NotFound: there is none.
    """
    async with visit.database.transaction(Cause.request("read_list", list_id)) as tx:
        shortlist = await shortlists.find_shortlist(tx, list_id)
        if shortlist is None:
            raise NotFound
        return shortlist, await shortlists.get_entries(tx, list_id)


async def _editing(visit: Visit, list_id: str, key: str, need: str = "") -> Response:
    async with visit.database.transaction(Cause.request("edit_list", list_id)) as tx:
        shortlist = await _require_key(tx, list_id, key)
        services = await shortlists.get_entries(tx, list_id)
    question = decide.read_question(need)
    found = await answers.answer(visit, question, counted=False) if question.words else None
    return visit.desk.pages.render(
        "edit_list.html",
        shortlist=shortlist,
        address=f"{visit.desk.public_url}/lists/{list_id}",
        cards=await cards_for(visit, services),
        need=need,
        found=None if found is None else [card for card in words.cards_of(found) if card.listing.id not in services],
        most=shortlists.MOST_ENTRIES,
    )


async def _require_key(tx: Tx, list_id: str, key: str) -> Shortlist:
    """Lock and return a list for who has its key; to anyone else it is not there."""
    shortlist = await shortlists.find_shortlist(tx, list_id, lock=True)
    if shortlist is None or not hmac.compare_digest(shortlist.key_digest, _digest(key)):
        raise NotFound
    return shortlist


async def _change(tx: Tx, list_id: str, form: Change) -> None:
    if form.act == "delete":
        await shortlists.drop_shortlist(tx, list_id)
    elif form.act == "rename":
        if form.name:
            await shortlists.rename(tx, list_id, form.name)
    else:
        entries = await shortlists.get_entries(tx, list_id)
        await shortlists.save_entries(tx, list_id, changed(entries, form.act, form.service))


def changed(entries: Sequence[str], act: Act, service: str) -> list[str]:
    """Return a list's services after one was added at the end, removed, or moved up by one."""
    others = [each for each in entries if each != service]
    if act == "remove":
        return others
    if act == "add":
        return list(entries) if service in entries or not service else [*entries, service]
    at = max(0, entries.index(service) - 1) if service in entries else 0
    return [*others[:at], service, *others[at:]] if service in entries else list(entries)


def _digest(key: str) -> bytes:
    """Return what is kept of a key; it has 256 random bits, so a plain digest cannot be guessed back."""
    return hashlib.sha256(key.encode()).digest()
