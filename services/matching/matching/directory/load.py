"""Brings the directory to what a source says, in one transaction: it takes effect as a whole or not at all."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from matching import storage
from matching.directory.changes import Changes
from matching.directory.feed import Feed
from matching.directory.imports.recording import Origin, record, regroup
from matching.directory.imports.refreshing import refresh
from shared.messaging import Cause, Tx

MANY = 500
"""Records from which on a load may take longer than a transaction of a service usually may."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a load found and did."""

    source: str
    feed: Feed
    changes: Changes
    version: int
    unchanged: int
    """Records that say what they said before, and listings that a changed record left as they were."""
    not_in_file: int
    joined: int
    """Listings of this source that are also of another."""
    doubts: int
    """Pairs of records of which a person has to say whether they are one service."""
    complete: bool = False

    def lines(self) -> Iterator[str]:
        """Yield the report for people."""
        feed, changes = self.feed, self.changes
        yield f"{self.source}: {feed.read} records read ({feed.format})"
        yield (
            f"  {len(changes.listed)} listed, {len(changes.changed)} changed, {len(changes.delisted)} delisted, "
            f"{self.unchanged} unchanged, {changes.not_listed} over and not listed, "
            f"{feed.repeated} repeated, {len(feed.quarantined)} quarantined"
        )
        if self.joined or self.doubts:
            yield f"  {self.joined} are one service with another source's, {self.doubts} pairs are in doubt"
        missing = sum(listing.unlisted == "missing" for listing in changes.delisted)
        stay = "those missing from three complete snapshots are unlisted" if self.complete else "they stay"
        yield f"  directory version {self.version}; {self.not_in_file} earlier listings are not in this one: {stay}"
        if missing:
            yield f"  unlisted {missing}: missing from three complete snapshots"
        if feed.announced is not None and feed.announced > feed.read:
            yield f"  the source speaks of {feed.announced} services and holds {feed.read}: it came short"
        for reason, count in Counter(feed.quarantined.values()).most_common():
            yield f"  quarantined {count}: {reason}"
        for what, count in feed.left_out.items():
            yield f"  left out {count}: {what}"


async def load(tx: Tx, feed: Feed, source: str | Origin, *, complete: bool = False) -> Report:
    """Bring the directory to what a source says and publish what changed; the version moves only if something did.

    With `complete` the feed is all that the source has: what it lacks is counted as missing, and unlisted the third
    time. Without, what it lacks stays.
    """
    origin = source if isinstance(source, Origin) else Origin(source)
    if feed.read >= MANY:
        await storage.imports.allow_long(tx)
    version = await storage.lock_directory(tx)
    tx.begin_cause(Cause.request("load_directory", f"{feed.digest} over {version}"))
    recorded = await record(tx, origin, feed.reads, complete=complete)
    services = recorded.services
    if recorded.regroup:
        services |= await regroup(tx)
    changes, version = await refresh(tx, services, origin.name, version)
    await storage.save_quarantine(tx, origin.name, dict(feed.quarantined))
    counts = await storage.imports.count_records(tx, origin.name)
    return Report(
        source=origin.name,
        feed=feed,
        changes=changes,
        version=version,
        unchanged=recorded.unchanged + changes.unchanged,
        not_in_file=counts.elsewhere,
        joined=counts.joined,
        doubts=counts.doubts,
        complete=complete,
    )
