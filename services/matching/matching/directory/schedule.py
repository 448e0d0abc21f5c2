"""What happens to the directory when time passes: sources are fetched, words lapse, and judgements fall due."""

from collections.abc import Awaitable, Callable

from matching import storage
from matching.config import Settings
from matching.directory import mending
from matching.directory.fetching.schedule import fetch_due
from shared.messaging import Cause, Database, Tx

BATCH = 50


async def fetch_sources(database: Database, settings: Settings) -> int:
    """Fetch the directories that are due, where any are configured; rest until the next look."""
    if settings.directory_sources:
        await fetch_due(database, settings.directory_sources)
    return 0


async def look_after(database: Database, _settings: Settings) -> int:
    """Take back what no longer holds, judge again what time has changed, and return how many listings that were."""
    async with database.transaction(Cause.tick("listings", "look")) as tx:
        lapsed = await storage.mending.find_lapsed(tx, BATCH)
        unfunded = await storage.mending.find_funding_ended(tx, BATCH)
        due = await storage.mending.find_judgements_due(tx, BATCH)
    for services, step in ((lapsed, mending.lapse), (unfunded, mending.end_funding), (due, mending.judge_again)):
        for service in services:
            await _step(database, service, step)
    return len(lapsed) + len(unfunded) + len(due)


async def _step(database: Database, service: str, step: Callable[[Tx, str], Awaitable[None]]) -> None:
    async with database.transaction(Cause.tick("listings", f"{service}/{step.__name__}")) as tx:
        tx.begin_cause(Cause.tick("listings", f"{service}/{step.__name__}/{await storage.get_version(tx)}"))
        await step(tx, service)
