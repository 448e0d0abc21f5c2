"""Keeps what a source says now beside what it said before, and finds which records are one service."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from matching import storage
from matching.directory.ids import slug
from matching.directory.imports.composing import MISSED_SNAPSHOTS, with_defaults
from matching.directory.imports.gathering import Gathered, Settled, gather
from matching.directory.imports.joining import ALIKE, likeness
from matching.directory.imports.traits import traits_of, words_of
from matching.directory.imports.written import digest_of, over, read_as_json, read_of, traits_as_json, traits_from
from matching.directory.record import Read
from matching.domain import Area, Listing
from matching.storage.imports import Kept
from shared.messaging import Tx


@dataclass(frozen=True, slots=True)
class Origin:
    """A source, and what it says of all its records that state nothing else."""

    name: str
    priority: int = 0
    area: tuple[Area, ...] = ()
    licence: str | None = None
    attribution: str | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a source's records lead to: the listings to compose anew, and whether to look again for what is one."""

    services: frozenset[str]
    regroup: bool
    unchanged: int


async def record(tx: Tx, origin: Origin, reads: Sequence[Read], *, complete: bool) -> Recorded:
    """Keep a source's records; a complete snapshot also counts which of the earlier ones it does not have."""
    reranked = await storage.imports.lock_source(tx, origin.name, origin.priority)
    kept = await storage.imports.get_kept(tx, origin.name)
    organisations = await _organisations(tx, origin.name, reads)
    given = await asyncio.to_thread(_digested, origin, reads, organisations)
    news = {name: read for name, (read, digest) in given.items() if name not in kept or kept[name].digest != digest}
    digests = {name: given[name][1] for name in news}
    rows, otherwise_known = await _rows(tx, origin.name, news, kept, digests)
    await storage.imports.save_records(tx, origin.name, rows)
    await storage.imports.see_records(tx, origin.name, list(given))
    touched = {service for _, _, service, *_ in rows}
    touched |= {kept[name].service for name in given.keys() & kept.keys() if kept[name].missed >= MISSED_SNAPSHOTS}
    if complete:
        await storage.imports.miss_records(tx, origin.name, list(given))
        await storage.imports.count_snapshot(tx, origin.name)
        lost = kept.keys() - given.keys()
        touched |= {kept[name].service for name in lost if kept[name].missed == MISSED_SNAPSHOTS - 1}
    if reranked:
        touched |= await storage.imports.find_shared_services(tx, origin.name)
    return Recorded(frozenset(touched), regroup=otherwise_known, unchanged=len(given) - len(rows))


def _digested(origin: Origin, reads: Sequence[Read], organisations: Mapping[str, str]) -> dict[str, tuple[Read, str]]:
    """Return records as they are kept, with their digests; this is the work of seconds for a large directory."""
    found = {}
    for read in reads:
        whole = with_defaults(read, area=origin.area, licence=origin.licence, attribution=origin.attribution)
        ours = _of_organisation(whole, organisations)
        found[read.listing.id] = ours, digest_of(ours)
    return found


async def regroup(tx: Tx, *, always: bool = False) -> frozenset[str]:
    """Find anew which records are one service, keep what is in doubt, and return the listings that this touches."""
    if not always and await storage.pairing.count_sources(tx) < 2:
        return frozenset()
    rows = await storage.pairing.get_traits(tx)
    joined, apart = await storage.pairing.get_settled(tx)
    traits = [replace(traits_from(row["traits"]), own=row["own"]) for row in rows]
    gathered = await asyncio.to_thread(gather, traits, Settled(frozenset(joined), frozenset(apart)))
    doubts = {pair: (verdict.score, list(verdict.reasons)) for pair, verdict in gathered.doubts.items()}
    await storage.pairing.drop_doubts(tx, doubts)
    await storage.pairing.save_doubts(tx, doubts)
    was = {row["own"]: row["service"] for row in rows}
    now = services_of(gathered, {row["own"]: row["first_seen"] for row in rows})
    moved = {own: service for own, service in now.items() if was[own] != service}
    await storage.pairing.save_services(tx, moved)
    return frozenset({*moved.values(), *(was[own] for own in moved), *moved})


def services_of(gathered: Gathered, first_seen: Mapping[str, datetime]) -> dict[str, str]:
    """Give each group the own id of its eldest record, so that an id stays when others join or leave."""
    found: dict[str, str] = {}
    for group in gathered.groups:
        eldest = min(group, key=lambda own: (first_seen[own], own))
        found |= dict.fromkeys(group, eldest)
    return found


async def _organisations(tx: Tx, source: str, reads: Iterable[Read]) -> Mapping[str, str]:
    """Return which organisation of ours each of a source's means: its own id, unless another already has that."""
    known = await storage.imports.find_source_organisations(tx, source)
    names = {read.listing.organisation: read.listing.organisation_name for read in reads}
    new = {theirs: name for theirs, name in names.items() if theirs not in known}
    taken = await storage.imports.find_taken_organisations(tx, new)
    found = {
        theirs: theirs
        if theirs not in taken or likeness(words_of(name), words_of(taken[theirs])) >= ALIKE
        else slug(f"{source}/{theirs}")
        for theirs, name in new.items()
    }
    await storage.imports.save_source_organisations(tx, source, found)
    return known | found


def _of_organisation(read: Read, organisations: Mapping[str, str]) -> Read:
    theirs = read.listing.organisation
    ours = organisations[theirs]
    return read if ours == theirs else replace(read, listing=replace(read.listing, organisation=ours))


async def _rows(
    tx: Tx, source: str, news: Mapping[str, Read], kept: Mapping[str, Kept], digests: Mapping[str, str]
) -> tuple[list[tuple[Any, ...]], bool]:
    """Make the rows of records that are new or changed, and say whether any is known by something else than before."""
    strangers = [name for name in news if name not in kept]
    before = await storage.imports.get_reads(tx, source, news)
    taken = await storage.imports.find_owned(tx, strangers)
    orphans = await storage.find_listings(tx, [name for name in strangers if name not in taken])
    owns = {name: slug(f"{source}/{name}") if name in taken else name for name in strangers}

    def made() -> tuple[list[tuple[Any, ...]], bool]:
        rows, otherwise_known = [], False
        for name, read in news.items():
            own, service = (kept[name].own, kept[name].service) if name in kept else (owns[name], owns[name])
            earlier = read_of(before[name]) if name in before else _adopted(orphans.get(name))
            whole = over(earlier, read) if earlier else read
            traits = traits_of(own, source, name, whole)
            otherwise_known |= earlier is None or traits_of(own, source, name, earlier) != traits
            rows.append((name, own, service, digests[name], read_as_json(whole), traits_as_json(traits)))
        return rows, otherwise_known or bool(strangers)

    return await asyncio.to_thread(made)


def _adopted(listing: Listing | None) -> Read | None:
    """Take a listing of which no source's record is kept, from before there were any, as its first record."""
    if listing is None:
        return None
    bare = Listing("", "", "", "")
    theirs = replace(listing, availability=bare.availability, accuracy=bare.accuracy, unlisted=None)
    names = Listing.__dataclass_fields__.keys() - {"id"}
    stated = frozenset(name for name in names if getattr(theirs, name) != getattr(bare, name))
    return Read(theirs, stated, (), listing.id, "")
