"""Learns what listings mean, beside the work: loads the model once, then makes the vectors that are missing."""

import asyncio
import time
from collections.abc import Sequence

import structlog

from matching import storage
from matching.config import Settings
from matching.directory.cache import DirectoryCache
from matching.domain import Listing
from matching.finding.meaning import Meaning
from matching.finding.meanings import made
from shared.messaging import Cause, Database

AT_ONCE = 16
"""Listings in one step: half a second of one core, and then others have their turn."""

log = structlog.get_logger(__name__)


class Learner:
    """The worker by which a directory comes to be found by meaning."""

    def __init__(self, directory: DirectoryCache) -> None:
        self._directory = directory
        self._has_no_model = False

    async def learn(self, database: Database, settings: Settings) -> int:
        """Keep the index fresh, load the model, make some of the vectors that are missing; return how many."""
        await self._directory.renew()
        if settings.model is None or self._has_no_model:
            return 0
        if self._directory.meaning is None:
            await self._load(settings)
            return 0
        async with database.transaction(Cause.tick("meanings", "look")) as tx:
            await self._directory.finder(tx)
        missing = self._directory.some_missing(AT_ONCE)
        if missing and self._directory.meaning is not None:
            meanings = await asyncio.to_thread(_made, missing, self._directory.meaning)
            async with database.transaction(Cause.tick("meanings", f"{time.time_ns()}")) as tx:
                version = await storage.lock_directory(tx) + 1
                await storage.save_version(tx, version)
                await storage.save_meanings(tx, version, meanings)
        return len(missing)

    async def _load(self, settings: Settings) -> None:
        """Load the model; where its files are not there, words alone serve, and the log says so once."""
        assert settings.model is not None
        try:
            await self._directory.learn(settings.model)
            log.info("model_loaded")
        except FileNotFoundError:
            self._has_no_model = True
            log.warning("model_missing", effect="services are found by words alone")


def _made(missing: Sequence[tuple[Listing, str]], meaning: Meaning) -> dict[str, tuple[str, bytes]]:
    return {listing.id: (digest, made(listing, meaning).tobytes()) for listing, digest in missing}
