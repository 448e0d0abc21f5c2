"""Composes listings anew where something about them changed, saves what came of it, and tells it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from matching import storage
from matching.directory.changes import Changes, compare
from matching.directory.imports.composing import SourceRecord, compose
from matching.directory.imports.correcting import Correction, correction_of, lay_over, taken_over
from matching.directory.imports.written import read_of
from matching.domain import Availability, Listing
from shared.messaging import Tx

LISTINGS_AT_ONCE = 1_000


async def refresh(tx: Tx, services: Collection[str], source: str, version: int) -> tuple[Changes, int]:
    """Bring listings to what their records and corrections say; return what changed and the directory's version.

    The caller holds the directory's lock, and `version` is what it was locked at; `source` is where a new listing is
    said to come from.
    """
    held: dict[str, Listing] = {}
    composed: dict[str, Listing] = {}
    homes: dict[str, str] = {}
    wanted = sorted(services)
    for start in range(0, len(wanted), LISTINGS_AT_ONCE):
        part = wanted[start : start + LISTINGS_AT_ONCE]
        was = await storage.find_listings(tx, part)
        made, moved = await _composed(tx, part, was)
        held, composed, homes = held | was, composed | made, homes | moved
    changes = compare(_one_organisation_each(composed.values(), held), held)
    if changes.touched:
        version += 1
        await _save(tx, changes, source, version, homes)
    if homes:
        await storage.imports.save_unlisted(tx, dict.fromkeys(homes, "joined"), homes)
    return changes, version


async def _composed(
    tx: Tx, services: Collection[str], held: Mapping[str, Listing]
) -> tuple[dict[str, Listing], dict[str, str]]:
    """Return the listings as they should be, and where those are now that were joined."""
    records = await _records(tx, services)
    homes = await storage.imports.find_homes(tx, services)
    corrections = await _corrections(tx, services, records)
    found: dict[str, Listing] = {}
    for service in services:
        if service in records:
            listing = compose(service, records[service])
            agreed = taken_over(listing, corrections[service])
            await storage.corrections.take_over(tx, [(each.service, each.field) for each in agreed])
            laid = lay_over(listing, [each for each in corrections[service] if each not in agreed])
            found[service] = as_stated(laid, held.get(service))
        elif service in homes and service in held:
            found[service] = replace(held[service], unlisted="joined")
    return found, {service: home for service, home in homes.items() if service not in records}


async def _records(tx: Tx, services: Collection[str]) -> dict[str, list[SourceRecord]]:
    found: dict[str, list[SourceRecord]] = defaultdict(list)
    for row in await storage.imports.get_source_records(tx, services):
        found[row["service"]].append(
            SourceRecord(
                row["source"],
                row["own"],
                read_of(row["read"]),
                row["priority"],
                row["changed_at"],
                row["first_seen"],
                row["missed"],
            )
        )
    return dict(found)


async def _corrections(
    tx: Tx, services: Collection[str], records: Mapping[str, Collection[SourceRecord]]
) -> Mapping[str, list[Correction]]:
    """Return each listing's corrections, with those of the listings that were joined to it."""
    home = {record.own: service for service, each in records.items() for record in each}
    found: dict[str, list[Correction]] = {service: [] for service in services}
    for row in await storage.corrections.find_corrections(tx, {*services, *home}):
        found[home.get(row["service"], row["service"])].append(correction_of(row))
    return found


def as_stated(composed: Listing, held: Listing | None) -> Listing:
    """Keep what people stated of a listing's availability and accuracy, unless its source counted later."""
    if held is None:
        return composed
    composed = replace(composed, accuracy=held.accuracy)
    stated, counted = held.availability.stated_at, composed.capacity.counted_at
    if stated is None:
        return composed
    if counted is not None and counted > stated:
        return replace(composed, availability=Availability())
    return replace(composed, availability=held.availability, capacity=held.capacity)


def _one_organisation_each(listings: Iterable[Listing], held: Mapping[str, Listing]) -> list[Listing]:
    """Give each organisation one name and one description, so that the same records lead to the same listings.

    No description is none told, and leaves the one that is there.
    """
    listings = list(listings)
    names: dict[str, str] = {}
    told: dict[str, str] = {}
    for listing in listings:
        names.setdefault(listing.organisation, listing.organisation_name)
        if listing.organisation_description:
            told.setdefault(listing.organisation, listing.organisation_description)
    for listing in held.values():
        told.setdefault(listing.organisation, listing.organisation_description)
    return [
        replace(
            listing,
            organisation_name=names[listing.organisation],
            organisation_description=told.get(listing.organisation, ""),
        )
        for listing in listings
    ]


async def _save(tx: Tx, changes: Changes, source: str, version: int, homes: Collection[str]) -> None:
    """Save what changed, the rows that offers lock in the order in which offers lock them."""
    await storage.save_version(tx, version)
    touched = changes.touched
    for start in range(0, len(touched), LISTINGS_AT_ONCE):
        part = touched[start : start + LISTINGS_AT_ONCE]
        await storage.save_organisations(tx, part, version)
        await storage.save_listings(tx, part, source, version)
        await storage.release_counted(tx, await storage.save_capacities(tx, part))
        await storage.save_areas(tx, part)
        await storage.save_sites(tx, part)
        await storage.save_schedules(tx, part)
        here = [each for each in part if each.id not in homes]
        await storage.imports.save_unlisted(tx, {each.id: each.unlisted for each in here}, {})
    for event in changes.as_events(version):
        tx.publish(event)
