"""What people did about a case: contacts, outcomes, and the list of acts that makes two clicks one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.contracts import CaseClosed, ContactRecorded, OutcomeRecorded
from shared.messaging import Tx


@dataclass(frozen=True)
class Contact:
    """A contact or a try; its note, if any, lies sealed in intake under that id."""

    kind: str
    reached: bool
    link_worker: str
    note: UUID | None
    at: datetime


@dataclass(frozen=True)
class OutcomeTold:
    """An outcome, who told it, and of which offer it came."""

    code: str
    amount: float | None
    offer: UUID | None
    told_by: str
    at: datetime


@dataclass(frozen=True)
class Attendance:
    """Whether a person came to what an offer was about, as it was told last."""

    offer: UUID
    attended: bool
    at: datetime


async def claim_act(tx: Tx, form_id: UUID, referral: UUID, actor: str, act: str) -> bool:
    """Note that a form does its act now; False: it did before, which a second click asks again."""
    return bool(
        await tx.fetchval(
            """
            INSERT INTO acts (form_id, referral, actor, act) VALUES ($1, $2, $3, $4)
            ON CONFLICT (form_id) DO NOTHING RETURNING true
            """,
            form_id,
            referral,
            actor,
            act,
        )
    )


async def was_done(tx: Tx, form_id: UUID) -> bool:
    """Say whether a form has done its act already."""
    return bool(await tx.fetchval("SELECT true FROM acts WHERE form_id = $1", form_id))


async def save_contact(tx: Tx, event: ContactRecorded, note: UUID | None) -> None:
    """Keep a contact, and under which id its note is sealed in intake."""
    await tx.execute(
        "INSERT INTO contacts (id, referral, link_worker, kind, reached, note) VALUES ($1, $2, $3, $4, $5, $6)",
        tx.new_id("contact"),
        event.referral,
        event.link_worker,
        event.kind,
        event.reached,
        note,
    )


async def list_contacts(tx: Tx, referral: UUID) -> list[Contact]:
    """Return a case's contacts, latest first."""
    rows = await tx.fetch(
        "SELECT kind, reached, link_worker, note, at FROM contacts WHERE referral = $1 ORDER BY at DESC", referral
    )
    return [Contact(**dict(row)) for row in rows]


async def save_outcomes(tx: Tx, event: OutcomeRecorded | CaseClosed, told_by: str) -> None:
    """Keep coded outcomes and who told them."""
    offer = event.offer if isinstance(event, OutcomeRecorded) else None
    await tx.executemany(
        "INSERT INTO outcomes (id, referral, offer, code, amount, told_by) VALUES ($1, $2, $3, $4, $5, $6)",
        [(tx.new_id("outcome"), event.referral, offer, each.code, each.amount, told_by) for each in event.outcomes],
    )


async def list_outcomes(tx: Tx, referral: UUID) -> list[OutcomeTold]:
    """Return a case's outcomes in the order they were told."""
    rows = await tx.fetch(
        "SELECT code, amount, offer, told_by, at FROM outcomes WHERE referral = $1 ORDER BY at, id", referral
    )
    return [OutcomeTold(**dict(row)) for row in rows]


async def list_attendances(tx: Tx, referral: UUID) -> dict[UUID, Attendance]:
    """Return what was told last about each offer's attendance."""
    rows = await tx.fetch(
        """
        SELECT DISTINCT ON (offer) offer, attended, attendances.at
        FROM attendances JOIN offers ON offers.id = offer
        WHERE referral = $1 ORDER BY offer, attendances.at DESC
        """,
        referral,
    )
    return {row["offer"]: Attendance(**dict(row)) for row in rows}
