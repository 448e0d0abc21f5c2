"""Fetches every source when it is due, one replica at a time."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from matching import storage
from matching.directory.feed import FeedError
from matching.directory.fetching.fetch import Progress, fetch, in_silence
from matching.directory.fetching.getting import FetchError, Getter
from matching.directory.fetching.sources import Source, SourcesError, read_sources
from matching.directory.load import Report
from shared.clocks import Clock
from shared.messaging import Cause, Database
from shared.messaging.errors import describe, is_unavailable

log = structlog.get_logger()

TRY_AGAIN = timedelta(hours=1)
"""After how long a source that did not answer is tried again, if it is not due sooner."""


class FetchingElsewhereError(FetchError):
    """Another process is fetching at this moment."""


async def fetch_due(database: Database, path: Path, getter: Getter | None = None) -> int:
    """Fetch the sources that are due, and return how many were tried; none while another replica is at it."""
    try:
        sources = {source.name: source for source in read_sources(path) if source.enabled}
    except SourcesError as error:
        log.error("sources_unusable", error=str(error))
        return 0
    async with database.transaction(Cause.tick("fetching", "look")) as tx:
        due = await storage.fetching.find_due(tx, list(sources))
    tried = 0
    for name in sorted(due):
        try:
            report = await fetch_now(database, sources[name], getter=getter)
        except FetchingElsewhereError:
            break
        except (FetchError, FeedError) as error:
            log.warning("source_not_fetched", source=name, error=str(error))
        else:
            changes = report.changes
            log.info(
                "source_fetched",
                source=name,
                listed=len(changes.listed),
                changed=len(changes.changed),
                delisted=len(changes.delisted),
                quarantined=len(report.feed.quarantined),
            )
        tried += 1
    return tried


async def fetch_now(
    database: Database,
    source: Source,
    progress: Progress = in_silence,
    *,
    getter: Getter | None = None,
    accept_shrunk: bool = False,
) -> Report:
    """Fetch one source, and keep when it is due again.

    Raises:
        FetchingElsewhereError: another process is at it.
        FetchError, FeedError: nothing was changed.
    """
    async with database.connection() as connection:
        if not await storage.fetching.lock_fetching(connection):
            raise FetchingElsewhereError("another process is fetching")
        try:
            async with getter or Getter() as getting:
                report = await fetch(database, source, getting, progress, accept_shrunk=accept_shrunk)
        except Exception as error:
            if not is_unavailable(error):
                told = str(error) if isinstance(error, FetchError | FeedError) else describe(error)[0]
                await _tried(database, source, told)
            raise
        finally:
            await storage.fetching.unlock_fetching(connection)
    await _tried(database, source, None)
    return report


async def _tried(database: Database, source: Source, trouble: str | None) -> None:
    now = datetime.now(UTC)
    due = Clock.read(source.every).due(now)
    async with database.transaction(Cause.tick("fetching", source.name)) as tx:
        await storage.fetching.save_try(tx, source.name, min(due, now + TRY_AGAIN) if trouble else due, trouble)
