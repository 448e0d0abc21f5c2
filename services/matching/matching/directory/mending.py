"""What people do to a listing: add it, correct it, confirm it, report it, say whether it has room.

Each step takes the transaction first, holds the directory's lock and publishes what it changed; `by` is an opaque name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from matching import storage
from matching.directory.changes import Changes
from matching.directory.imports.correcting import Correction, checked
from matching.directory.imports.gathering import pair_of
from matching.directory.imports.joining import Verdict, compare
from matching.directory.imports.local import LOCAL, Draft, local_read
from matching.directory.imports.recording import record
from matching.directory.imports.refreshing import refresh
from matching.directory.imports.traits import traits_of
from matching.directory.imports.written import traits_from
from matching.domain import Finding, Listing, Stated, judge
from matching.domain.trust import FINDING_KINDS, FindingKind
from shared.contracts import AccuracyChanged, CapacityChanged
from shared.messaging import Tx

FUNDING_WARNING_DAYS = 56
"""How long before its end a service's funding is a task for somebody."""

SIMILAR_AT_MOST = 200


class NotListedError(Exception):
    """The directory has no such listing."""


@dataclass(frozen=True, slots=True)
class Similar:
    """A listing that may be what somebody is about to add."""

    service: str
    own: str
    verdict: Verdict


async def find_similar(tx: Tx, draft: Draft) -> list[Similar]:
    """Return the listings that may be the drafted group already, each by its likeliest record, the likeliest first."""
    read = local_read(draft)
    traits = traits_of(read.listing.id, LOCAL.name, read.listing.id, read)
    least = (len(traits.name) + 1) // 2
    rows = await storage.pairing.get_traits_like(tx, traits.name, least, SIMILAR_AT_MOST)
    found = [
        Similar(row["service"], row["own"], compare(traits, traits_from({**row["traits"], "own": row["own"]})))
        for row in rows
        if row["own"] != traits.own
    ]
    near = sorted(found, key=lambda each: (-each.verdict.score, each.own))
    likeliest: dict[str, Similar] = {}
    for each in near:
        if each.verdict.answer != "different":
            likeliest.setdefault(each.service, each)
    return list(likeliest.values())


async def add_listing(tx: Tx, draft: Draft) -> str:
    """Add a group that is in no directory, and return its id; what may be the same is a doubt for a person.

    Raises:
        ValueError: a field is not of its kind; says which.
    """
    version = await storage.lock_directory(tx)
    similar = await find_similar(tx, draft)
    read = local_read(draft)
    recorded = await record(tx, LOCAL, [read], complete=False)
    await refresh(tx, recorded.services, LOCAL.name, version)
    own = (await storage.imports.get_kept(tx, LOCAL.name))[read.listing.id].own
    for each in similar:
        await storage.pairing.save_doubt(tx, pair_of(own, each.own), each.verdict.score, each.verdict.reasons)
    return own


async def correct(tx: Tx, service: str, fields: Mapping[str, Any], by: str, note: str = "") -> Changes:
    """Lay what a person knows better over a listing; reports of wrong details are settled by it.

    Raises:
        NotListedError: there is no such listing.
        ValueError: a field cannot be corrected, or a value is not of its kind; says which.
    """
    version = await storage.lock_directory(tx)
    listing = await _listing(tx, service)
    values = {name: checked(name, value) for name, value in fields.items()}
    given = [Correction(listing.id, name, value, by, tx.now, note) for name, value in values.items()]
    rows = [(each.service, each.field, each.value_as_json, each.by, each.note) for each in given]
    await storage.corrections.save_corrections(tx, rows)
    changes, version = await refresh(tx, {listing.id}, LOCAL.name, version)
    await storage.mending.settle_findings(tx, listing.id, "corrected", kinds=("details-wrong", "mail-bounced"))
    await _judge(tx, listing, version)
    return changes


async def take_back(tx: Tx, service: str, fields: tuple[str, ...]) -> Changes:
    """Let the sources' word count again where it was corrected."""
    version = await storage.lock_directory(tx)
    listing = await _listing(tx, service)
    await storage.corrections.drop_corrections(tx, listing.id, fields)
    return (await refresh(tx, {listing.id}, LOCAL.name, version))[0]


async def confirm(
    tx: Tx, service: str, by: str, on: date, *, kind: str = "phone", stated: Stated | None = None
) -> None:
    """Keep that somebody spoke with the organisation on a day and that the listing is right, with its availability.

    With whom they spoke is not kept. What was reported up to that day is settled.
    """
    version = await storage.lock_directory(tx)
    listing = await _listing(tx, service)
    contact = tx.new_id("contact")
    await storage.mending.save_contact(tx, contact, listing.organisation, listing.id, kind=kind, held_on=on, by=by)
    await storage.mending.settle_findings(tx, listing.id, "confirmed", until=on)
    version = await _judge(tx, listing, version, confirmed_on=on)
    if stated is not None:
        await _state(tx, listing, stated, version)


async def note_contact(tx: Tx, organisation: str, by: str, on: date, kind: str) -> None:
    """Keep that somebody visited an organisation or was in touch with it, and about nothing in particular."""
    await storage.mending.save_contact(tx, tx.new_id("contact"), organisation, None, kind=kind, held_on=on, by=by)


async def state(tx: Tx, service: str, stated: Stated) -> None:
    """Keep whether a service has room, as its organisation says; it holds until it lapses or is said anew."""
    version = await storage.lock_directory(tx)
    await _state(tx, await _listing(tx, service), stated, version)


async def report(tx: Tx, service: str, kind: FindingKind, by: str, note: str = "") -> None:
    """Keep that something speaks against a listing; its organisation has to be asked before it stands lower.

    Raises:
        NotListedError: there is no such listing.
        ValueError: it is no kind of finding; *full* and *did not attend* are none.
    """
    if kind not in FINDING_KINDS:
        raise ValueError("that speaks against no listing")
    version = await storage.lock_directory(tx)
    listing = await _listing(tx, service)
    if await storage.mending.save_finding(tx, tx.new_id("finding"), listing.id, kind, by=by, note=note):
        await _judge(tx, listing, version)


async def ask_organisation(tx: Tx, service: str) -> int:
    """Note that an organisation is asked now about what speaks against its listing; return how much that is."""
    version = await storage.lock_directory(tx)
    listing = await _listing(tx, service)
    asked = await storage.mending.ask_about(tx, listing.id)
    await _judge(tx, listing, version)
    return asked


async def settle(tx: Tx, service: str, how: str, kinds: tuple[str, ...] | None = None) -> None:
    """Settle what speaks against a listing, as its organisation or a curator says: *corrected* or *withdrawn*."""
    version = await storage.lock_directory(tx)
    listing = await _listing(tx, service)
    await storage.mending.settle_findings(tx, listing.id, how, kinds=kinds)
    await _judge(tx, listing, version)


async def judge_again(tx: Tx, service: str) -> None:
    """Judge a listing because time has passed."""
    version = await storage.lock_directory(tx)
    await _judge(tx, await _listing(tx, service), version)


async def lapse(tx: Tx, service: str) -> None:
    """Take back a word on availability whose time is over."""
    version = await storage.lock_directory(tx)
    if await storage.mending.lapse(tx, service):
        await _tell_capacity(tx, await _listing(tx, service), version)


async def fund_until(tx: Tx, service: str, ends_on: date | None, by: str) -> None:
    """Keep when a service's funding ends, or that it does not; eight weeks before it is among the tasks."""
    listing = await _listing(tx, service)
    if ends_on is None:
        await storage.mending.drop_funding(tx, listing.id)
    else:
        await storage.mending.save_funding(tx, listing.id, ends_on, by)


async def end_funding(tx: Tx, service: str) -> None:
    """Let a funding that has ended speak against its listing, until its organisation says how it goes on."""
    if await storage.mending.end_funding(tx, service):
        await report(tx, service, "funding-ended", by="clock")


async def _listing(tx: Tx, service: str) -> Listing:
    found = await storage.find_listing(tx, service)
    if found is None:
        raise NotListedError(service)
    return found


async def _judge(tx: Tx, listing: Listing, version: int, confirmed_on: date | None = None) -> int:
    """Judge a listing anew, tell what changed, and return the directory's version."""
    findings: list[Finding] = await storage.mending.find_findings(tx, listing.id)
    days = [day for day in (listing.accuracy.confirmed_on, confirmed_on) if day]
    judged = judge(findings, max(days, default=None), tx.now)
    await storage.mending.save_accuracy(tx, listing.id, judged)
    if judged.accuracy == listing.accuracy:
        return version
    version += 1
    await storage.save_version(tx, version)
    await storage.mending.touch_listing(tx, listing.id, version)
    tx.publish(
        AccuracyChanged(
            service=listing.id,
            organisation=listing.organisation,
            directory_version=version,
            accuracy=judged.accuracy.level,
            reasons=judged.accuracy.reasons,
            lowered=judged.accuracy.lowered,
        )
    )
    return version


async def _state(tx: Tx, listing: Listing, stated: Stated, version: int) -> None:
    await storage.mending.save_availability(tx, listing.id, stated)
    await storage.release_counted(tx, [listing.id])
    await _tell_capacity(tx, listing, version)


async def _tell_capacity(tx: Tx, listing: Listing, version: int) -> None:
    """Publish a listing's places as they are now kept, less those that offers hold."""
    await storage.save_version(tx, version + 1)
    await storage.mending.touch_listing(tx, listing.id, version + 1)
    now = await _listing(tx, listing.id)
    places, taken = now.capacity.places, (await storage.get_taken(tx, [listing.id])).get(listing.id, 0)
    tx.publish(
        CapacityChanged(
            service=now.id,
            organisation=now.organisation,
            directory_version=version + 1,
            availability=now.availability.state,
            free_places=None if places is None else max(0, places - taken),
            waiting_weeks=now.availability.waiting_weeks,
            valid_until=now.availability.valid_until,
        )
    )
