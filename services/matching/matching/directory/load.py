"""Loads a directory's file in one transaction: it takes effect as a whole or not at all."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from matching import storage
from matching.directory.changes import Changes, compare
from matching.directory.feed import Feed
from shared.messaging import Cause, Tx


@dataclass(frozen=True, slots=True)
class Report:
    """What a load found and did."""

    source: str
    feed: Feed
    changes: Changes
    version: int
    not_in_file: int

    def lines(self) -> Iterator[str]:
        """Yield the report for people."""
        feed, changes = self.feed, self.changes
        yield f"{self.source}: {feed.read} records read"
        yield (
            f"  {len(changes.listed)} listed, {len(changes.changed)} changed, {len(changes.delisted)} delisted, "
            f"{changes.unchanged} unchanged, {changes.not_listed} over and not listed, "
            f"{len(feed.quarantined)} quarantined"
        )
        yield f"  directory version {self.version}; {self.not_in_file} earlier listings are not in this file and stay"
        if feed.announced is not None and feed.announced > feed.read:
            yield f"  the file speaks of {feed.announced} services and holds {feed.read}: it came short"
        for reason, count in Counter(feed.quarantined.values()).most_common():
            yield f"  quarantined {count}: {reason}"
        for what, count in feed.left_out.items():
            yield f"  left out {count}: {what}"


async def load(tx: Tx, feed: Feed, source: str) -> Report:
    """Bring the directory to what a file says and publish what changed; the version moves only if something did."""
    version = await storage.lock_directory(tx)
    tx.begin_cause(Cause.request("load_directory", f"{feed.digest} over {version}"))
    held = {listing.id: listing for listing in (await storage.get_changed(tx, -1))[1]}
    changes = compare(feed.reads, held)
    if changes.touched:
        version += 1
        await _save(tx, changes, source, version)
    await storage.save_quarantine(tx, source, dict(feed.quarantined))
    ids = {read.listing.id for read in feed.reads}
    not_in_file = sum(listing.is_listed and listing.id not in ids for listing in held.values())
    return Report(source, feed, changes, version, not_in_file)


async def _save(tx: Tx, changes: Changes, source: str, version: int) -> None:
    """Save what changed, the rows that offers lock in the order in which offers lock them."""
    touched = changes.touched
    await storage.save_version(tx, version)
    await storage.save_organisations(tx, touched, version)
    await storage.save_listings(tx, touched, source, version)
    await storage.release_counted(tx, await storage.save_capacities(tx, touched))
    await storage.save_areas(tx, touched)
    await storage.save_sites(tx, touched)
    await storage.save_schedules(tx, touched)
    for event in changes.as_events(version):
        tx.publish(event)
