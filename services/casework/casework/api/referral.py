"""`/referrals/{id}`: one person's case, all on one page."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from casework import domain
from casework.api import words
from casework.api.desk import Visit
from casework.api.forms import SHARED_FIELDS
from casework.gateway import PeopleAwayError
from casework.storage import agreements, doings, offers, reading, staff
from shared.messaging import Cause, Tx
from shared.needs import NEED_GROUPS, NEEDS, OUTCOME_GROUPS, OUTCOMES
from shared.web.pages import PageRoute
from shared.web.refusals import NotFound
from shared.web.sign_in import Session

router = APIRouter(route_class=PageRoute, include_in_schema=False)

DETAILS = ("name", "phone", "email", "address", "contact_notes", "letter", "reading")


@dataclass(frozen=True)
class CasePage:
    """What the page of one case shows, but for the person's details."""

    worker: staff.LinkWorker
    csrf: str
    facts: reading.CaseFacts
    practices: Mapping[str, str]
    needs: Mapping[str, str]
    match: reading.Match | None
    choices: list[dict[str, Any]]
    offers: list[tuple[domain.Offer, str]]
    refusals: Mapping[str, str]
    contacts: list[doings.Contact]
    outcomes: list[doings.OutcomeTold]
    attendances: Mapping[UUID, doings.Attendance]
    organisations: Mapping[str, str]


@dataclass(frozen=True)
class PersonPage:
    """The person's details and the words about them, released for this one page; `away`: intake does not answer."""

    away: bool
    details: Mapping[str, Any]
    notes: list[Mapping[str, Any]]


@router.get("/referrals/{referral}")
async def show(visit: Annotated[Visit, Depends()], referral: UUID, done: str = "") -> Response:
    """Show a case to its link worker."""
    return await show_referral(visit, referral, done=words.DONE.get(done))


async def show_referral(
    visit: Visit,
    referral: UUID,
    *,
    status: int = 200,
    done: str | None = None,
    refused: str | None = None,
    draft: Mapping[str, Any] | None = None,
) -> Response:
    """Render a case's page, with what was just done, or refused together with what was typed."""
    async with visit.database.transaction(Cause.request("show_referral", "read")) as tx:
        session, worker = await visit.require_link_worker(tx)
        page = await read_page(tx, referral, worker, session)
    return visit.desk.pages.render(
        "referral.html",
        status,
        page=page,
        worker=page.worker,
        csrf=page.csrf,
        case=page.facts,
        person=await read_person(visit, page),
        done=done,
        refused=words.REFUSED.get(refused or ""),
        draft=draft or {},
        need_groups=NEED_GROUPS,
        all_needs=NEEDS,
        outcome_groups=OUTCOME_GROUPS,
        all_outcomes=OUTCOMES,
        shared_fields=SHARED_FIELDS,
        sharing_words=words.SHARING,
        contact_kinds=words.CONTACT_KINDS,
        close_reasons=words.CLOSE,
        note_kinds=words.NOTE_KINDS,
    )


async def read_page(tx: Tx, referral: UUID, worker: staff.LinkWorker, session: Session) -> CasePage:
    """Read what the page shows.

    Raises:
        NotFound: there is no such case, or it is somebody else's.
    """
    facts = await reading.find_facts(tx, referral)
    if facts is None or facts.link_worker != worker.id:
        raise NotFound
    made = await offers.list_offers(tx, referral)
    return CasePage(
        worker=worker,
        csrf=session.form_token,
        facts=facts,
        practices=await staff.practice_names(tx, facts.programme),
        needs=await reading.list_needs(tx, referral),
        match=await reading.find_match(tx, referral),
        choices=await reading.list_choices(tx, referral),
        offers=[(offer, domain.standing(offer, facts.state)) for offer in made],
        refusals=await reading.list_refusals(tx, referral),
        contacts=await doings.list_contacts(tx, referral),
        outcomes=await doings.list_outcomes(tx, referral),
        attendances=await doings.list_attendances(tx, referral),
        organisations=await agreements.list_organisations(tx, referral),
    )


async def read_person(visit: Visit, page: CasePage) -> PersonPage:
    """Have the person's details released for the conversation; of somebody who was erased there are none."""
    if page.facts.state == "erased":
        return PersonPage(away=False, details={}, notes=[])
    people, referral, by = visit.desk.people, page.facts.referral, page.worker.id
    try:
        details, notes = await asyncio.gather(
            people.release(referral, "conversation", DETAILS, by), people.notes(referral, by)
        )
    except PeopleAwayError:
        return PersonPage(away=True, details={}, notes=[])
    return PersonPage(away=False, details=details, notes=notes)
