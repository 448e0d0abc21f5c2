"""The internal door of people: fields released by purpose and written down, notes appended sealed, erasure."""

from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Header
from pydantic import BaseModel, ConfigDict, StringConstraints

from referral_intake import ending, storage
from referral_intake.api.body import Prose
from referral_intake.api.calling import TheDesk
from referral_intake.people import PersonErasedError
from referral_intake.people.release import not_releasable, parts_for, released
from referral_intake.people.sealed import open_part, seal_part
from shared.clocks import PLACE
from shared.messaging import Cause, Tx
from shared.service import Internal, Problem, RequestDatabase

router = APIRouter(prefix="/internal/people", include_in_schema=False)

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9@._-]{0,63}$")]


class ReleaseBody(BaseModel):
    """Which fields are asked for, what for, and by which member of staff."""

    model_config = ConfigDict(hide_input_in_errors=True)

    purpose: Annotated[str, StringConstraints(pattern=r"^[a-z-]{1,40}$")]
    fields: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z_-]{1,40}$")], ...]
    by: Name | None = None


class NoteBody(BaseModel):
    """A note, a goal, or the person's own words."""

    model_config = ConfigDict(hide_input_in_errors=True)

    kind: Literal["note", "goal", "words"]
    text: Prose
    by: Name | None = None


class EraseBody(BaseModel):
    """Who decided the erasure, and why."""

    by: Name
    reason: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]


@router.post("/{referral}/release")
async def release(
    referral: UUID, body: ReleaseBody, service: Internal, desk: TheDesk, database: RequestDatabase
) -> dict[str, dict[str, Any]]:
    """Release fields of a referral's person for a purpose; who was given what is committed before it is given."""
    if refused := not_releasable(body.purpose, body.fields):
        raise Problem(403, "Not for this purpose", "The purpose does not cover these fields.", fields=sorted(refused))
    async with database.transaction(Cause.request("release", str(uuid4()))) as tx:
        key = await _key_of(tx, desk, referral)
        sealed = await storage.get_parts(tx, referral, parts_for(body.fields))
        await storage.save_release(tx, referral, body.fields, purpose=body.purpose, service=service, asked_by=body.by)
    parts = {part: open_part(key, referral, part, value) for part, value in sealed.items()}
    return {"fields": released(body.fields, parts, tx.now.astimezone(PLACE).date())}


@router.post("/{referral}/notes", status_code=201)
async def append_note(
    *,
    referral: UUID,
    body: NoteBody,
    service: Internal,
    desk: TheDesk,
    database: RequestDatabase,
    request_id: Annotated[UUID | None, Header(alias="X-Request-ID")] = None,
) -> dict[str, UUID]:
    """Append a note to a referral, sealed; with a request id, the same request again is the same note."""
    async with database.transaction(Cause.request("append_note", f"{referral}/{request_id or uuid4()}")) as tx:
        key = await _key_of(tx, desk, referral)
        note = tx.new_id("note")
        sealed = seal_part(key, referral, f"note {note}", body.text)
        await storage.save_note(tx, note, referral, kind=body.kind, sealed=sealed, written_by=body.by or service)
    return {"id": note}


@router.get("/{referral}/notes")
async def get_notes(
    referral: UUID, service: Internal, desk: TheDesk, database: RequestDatabase, by: Name | None = None
) -> dict[str, list[dict[str, Any]]]:
    """Return the notes of a referral, oldest first; who read them is written down."""
    async with database.transaction(Cause.request("get_notes", str(uuid4()))) as tx:
        key = await _key_of(tx, desk, referral)
        notes = await storage.get_notes(tx, referral)
        await storage.save_release(tx, referral, ["notes"], purpose="conversation", service=service, asked_by=by)
    opened = [
        {
            "id": note.id,
            "kind": note.kind,
            "text": open_part(key, referral, f"note {note.id}", note.sealed),
            "by": note.written_by,
            "at": note.written_at,
        }
        for note in notes
    ]
    return {"notes": opened}


@router.post("/{referral}/erase")
async def erase(
    referral: UUID, body: EraseBody, _service: Internal, desk: TheDesk, database: RequestDatabase
) -> dict[str, list[UUID]]:
    """Erase a referral's person: the log is committed, then the key is destroyed."""
    async with database.transaction(Cause.request("erase_person", str(referral))) as tx:
        held = await storage.lock_known_referral(tx, referral)
        if held is None:
            raise _no_such_referral()
        erased = await ending.erase(tx, held, by=body.by, reason=body.reason)
    await desk.vault.keyring.destroy([held.person])
    return {"referrals": erased}


async def _key_of(tx: Tx, desk: TheDesk, referral: UUID) -> bytes:
    """Return the key of a referral's person.

    Raises:
        Problem: 404 no such referral, 410 its person was erased.
    """
    person = await storage.find_person_of(tx, referral)
    if person is None:
        raise _no_such_referral()
    try:
        return await desk.vault.keyring.find(person)
    except PersonErasedError:
        raise Problem(410, "Erased", "The person's key was destroyed.") from None


def _no_such_referral() -> Problem:
    return Problem(404, "Not here", "No referral has this id.")
