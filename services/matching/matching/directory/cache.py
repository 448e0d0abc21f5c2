"""The directory in memory, so that a match is a pure function of values and asks the database one cheap question."""

import asyncio
import random
from pathlib import Path

from matching import storage
from matching.domain import AS_TUNED, Listing, Snapshot, Weights
from matching.finding.bridge import Bridge
from matching.finding.finder import Finder
from matching.finding.index import Index
from matching.finding.meaning import Meaning, MiniLm
from matching.finding.meanings import Meanings
from shared.messaging import Tx
from shared.needs.terms import terms


class DirectoryCache:
    """The directory as this process saw it last, laid out to be searched.

    `meaning` is the model, once it is loaded; until then, and where there is none, words alone serve.
    """

    def __init__(self, weights: Weights = AS_TUNED) -> None:
        self.meaning: Meaning | None = None
        self.meanings = Meanings()
        self._snapshot = Snapshot.of(0, ())
        self._finder: Finder | None = None
        self._bridge: Bridge | None = None
        self._to_learn: dict[str, str] = {}
        """The listings whose meaning is not known, with their texts' digests."""
        self._one_at_a_time = asyncio.Lock()
        self._weights = weights

    async def latest(self, tx: Tx) -> Snapshot:
        """Return the directory as it stands in this transaction, reading only what changed; after a restore, all."""
        await self.finder(tx)
        return self._snapshot

    async def finder(self, tx: Tx) -> Finder:
        """Return what finds listings in the directory as it stands in this transaction."""
        async with self._one_at_a_time:
            version = await storage.get_version(tx)
            if version < self._snapshot.version:
                self._snapshot, self.meanings, self._finder = Snapshot.of(0, ()), Meanings(), None
                self._to_learn = {}
            changed: list[Listing] = []
            if version > self._snapshot.version:
                version, changed = await storage.get_changed(tx, self._snapshot.version)
                self.meanings.keep_all(await storage.get_meanings(tx, [listing.id for listing in changed]))
                self._snapshot = self._snapshot.changed(version, changed)
                for listing in changed:
                    self._to_learn.pop(listing.id, None)
                self._to_learn |= {listing.id: digest for listing, digest in self.meanings.missing(changed)}
            if self._finder is None or changed:
                self._finder = await self._laid_out(changed)
            return self._finder

    async def learn(self, model: Path) -> None:
        """Load the model, beside the work, and lay the directory out by it from the next question on."""
        meaning, bridge = await asyncio.to_thread(_load, model)
        async with self._one_at_a_time:
            self.meaning, self._bridge, self._finder = meaning, bridge, None

    def some_missing(self, most: int) -> list[tuple[Listing, str]]:
        """Return some of the listings whose meaning is not known, with their texts' digests; others by each replica."""
        missing = [service for service in self._to_learn if service in self._snapshot.listings]
        chosen = random.sample(missing, min(most, len(missing)))
        return [(self._snapshot.listings[service], self._to_learn[service]) for service in chosen]

    async def renew(self) -> bool:
        """Lay a worn index out anew, outside any transaction; say whether it was, which a change meanwhile prevents."""
        worn = self._finder
        if worn is None or not worn.index.is_worn:
            return False
        listings = tuple(self._snapshot.listings.values())
        index = await asyncio.to_thread(self._all_laid_out, listings, worn.index.bridge)
        async with self._one_at_a_time:
            stands = self._finder is worn
            if stands:
                self._finder = Finder(index, worn.version, weights=self._weights)
        return stands

    async def _laid_out(self, changed: list[Listing]) -> Finder:
        if self._finder is not None and not self._finder.index.is_worn_out:
            index = self._finder.index.changed(
                changed, self.meanings.current((*self._finder.index.recent.listings, *changed))
            )
        else:
            if self._bridge is None:
                self._bridge = await asyncio.to_thread(Bridge, terms(), None)
            listings = tuple(self._snapshot.listings.values())
            index = await asyncio.to_thread(self._all_laid_out, listings, self._bridge)
        return Finder(index, self._snapshot.version, weights=self._weights)

    def _all_laid_out(self, listings: tuple[Listing, ...], bridge: Bridge) -> Index:
        return Index.of(listings, self.meanings.current(listings), bridge)


def _load(model: Path) -> tuple[Meaning, Bridge]:
    meaning = MiniLm(model)
    return meaning, Bridge(terms(), meaning, kept=model)
