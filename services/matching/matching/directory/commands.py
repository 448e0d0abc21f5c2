"""What the command line can do to the directory; each command takes the database and returns what to print."""

import sys
from collections import defaultdict
from collections.abc import Awaitable, Callable
from pathlib import Path

from matching import storage
from matching.directory import export
from matching.directory import settling as deciding
from matching.directory.feed import Feed
from matching.directory.fetching.schedule import fetch_now
from matching.directory.fetching.sources import Source, SourcesError, read_sources
from matching.directory.imports.correcting import Correction, correction_of
from matching.directory.load import load
from shared.messaging import Cause, Database, Tx

Command = Callable[[Database], Awaitable[str]]

DOUBTS_SHOWN = 200


def loading(feed: Feed, source: str, *, complete: bool) -> Command:
    """Load a file."""

    async def command(database: Database) -> str:
        async with database.transaction(Cause.request("load_directory", feed.digest)) as tx:
            report = await load(tx, feed, source, complete=complete)
        return "\n".join((*report.lines(), ""))

    return command


def fetching(path: Path | None, name: str, *, accept_shrunk: bool) -> Command:
    """Fetch a source, with a line that shows how far it is."""
    source = next((each for each in _sources(path) if each.name == name), None)
    if source is None:
        raise SourcesError(f"there is no source {name}")

    async def command(database: Database) -> str:
        line = ProgressLine()
        try:
            report = await fetch_now(database, source, line, accept_shrunk=accept_shrunk)
        finally:
            line.end()
        return "\n".join((*report.lines(), ""))

    return command


class ProgressLine:
    """A line on a terminal that is written over; where there is none, a line for each tenth."""

    def __init__(self) -> None:
        self._tenth = -1
        self._shown = False

    def __call__(self, arrived: int, of: int | None, what: str) -> None:
        """Show how far it is."""
        share = min(1.0, arrived / of) if of else 0.0
        bar = f"[{'#' * round(20 * share):20}] {share:4.0%} " if of else ""
        text = f"{bar}{arrived}{f' of {of}' if of else ''} {what}"
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{text:79}")
            sys.stderr.flush()
            self._shown = True
        elif int(share * 10) != self._tenth:
            self._tenth = int(share * 10)
            sys.stderr.write(f"{text}\n")

    def end(self) -> None:
        """Leave the line."""
        if self._shown:
            sys.stderr.write("\n")


def listing_sources(path: Path | None) -> Command:
    """Show the configured sources and how they stand."""
    sources = _sources(path)

    async def command(database: Database) -> str:
        async with database.transaction(Cause.request("sources", "show")) as tx:
            kept = await storage.fetching.get_sources(tx)
        lines = []
        for source in sources:
            row = kept.get(source.name)
            state = "off" if not source.enabled else "never fetched"
            if row and row["tried_at"]:
                state = f"{row['records']} records, {row['missing']} missing, {row['snapshots']} snapshots"
                state += f", next {row['due_at']:%Y-%m-%d %H:%M}"
                state += f", trouble: {row['trouble']}" if row["trouble"] else ""
            lines.append(f"{source.name} ({source.format}, every {source.every}): {state}\n")
        return "".join(lines)

    return command


async def listing_doubts(database: Database) -> str:
    """Show the pairs of records that may be one service, the surest first."""
    async with database.transaction(Cause.request("doubts", "show")) as tx:
        doubts = await storage.pairing.find_doubts(tx, DOUBTS_SHOWN)
    return "".join(f"{each.one} {each.other} {each.score:g}: {' '.join(each.reasons)}\n" for each in doubts)


def settling(verb: str, one: str, other: str, by: str) -> Command:
    """Settle a pair of records: *join* or *apart*."""

    async def command(database: Database) -> str:
        decide = deciding.join if verb == "join" else deciding.keep_apart
        async with database.transaction(Cause.request(verb, f"{one} {other}")) as tx:
            tx.begin_cause(Cause.request(verb, f"{one} {other} over {await storage.get_version(tx)}"))
            changes = await decide(tx, one, other, by)
        count = len(changes.touched)
        return f"{count} listing{'' if count == 1 else 's'} changed\n"

    return command


def exporting(what: str, form: str) -> Command:
    """Write the directory or its corrections."""

    async def command(database: Database) -> str:
        async with database.transaction(Cause.request("export", what)) as tx:
            if what == "directory":
                _, listings = await storage.get_changed(tx, -1)
                return export.directory_as_hsds(each for each in listings if each.is_listed).decode()
            corrected = await find_corrected(tx)
        write = export.corrections_as_csv if form == "csv" else export.corrections_as_hsds
        return write(corrected).decode()

    return command


async def find_corrected(tx: Tx) -> list[export.Corrected]:
    """Return every listing that was corrected and whose source has not taken that over."""
    by_service: dict[str, list[Correction]] = defaultdict(list)
    for row in await storage.corrections.find_corrections(tx):
        if row["taken_over_at"] is None:
            by_service[row["service"]].append(correction_of(row))
    homes = {service: service for service in by_service} | await storage.imports.find_homes(tx, by_service)
    listings = await storage.find_listings(tx, set(homes.values()))
    records: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in await storage.imports.get_source_records(tx, set(homes.values())):
        records[row["service"]].append((row["source"], row["read"]["source_id"]))
    return [
        export.Corrected(listings[homes[service]], corrections, records[homes[service]])
        for service, corrections in sorted(by_service.items())
        if homes[service] in listings
    ]


def _sources(path: Path | None) -> tuple[Source, ...]:
    if path is None:
        raise SourcesError("set LINKWAY_DIRECTORY_SOURCES, or give --sources")
    return read_sources(path)
