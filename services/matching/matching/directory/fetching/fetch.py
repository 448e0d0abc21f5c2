"""Fetches one source into a snapshot, which is applied when it is complete and else changes nothing."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit
from uuid import UUID, uuid4

from matching import storage
from matching.directory.feed import Feed
from matching.directory.fetching.getting import FetchError, Getter, NotThereError
from matching.directory.fetching.paging import (
    MOST_PASSES,
    Paging,
    Seen,
    decide,
    has_shrunk,
    look,
    next_pages,
    paging_of,
)
from matching.directory.fetching.reading import Pages, one_file, past_the_end, wants_full
from matching.directory.fetching.sources import Source
from matching.directory.load import Report, load
from shared.messaging import Cause, Database, Tx

BODIES_AT_ONCE = 200

Progress = Callable[[int, int | None, str], None]
"""Is told how many have arrived, of how many if that is known, and what they are."""


def in_silence(_arrived: int, _of: int | None, _what: str) -> None:
    """Tell nobody."""


@dataclass
class Fetch:
    """A fetch under way: each page is kept as it arrives, so that another can go on after this one was cut."""

    database: Database
    source: Source
    getter: Getter
    progress: Progress = in_silence
    accept_shrunk: bool = False
    id: UUID = field(default_factory=uuid4)
    number_of_pass: int = 1
    seen: dict[int, Seen] = field(default_factory=dict)
    saving: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One connection is enough to keep what arrives."""

    async def run(self) -> Report:
        """Fetch everything and bring the directory to it.

        Raises:
            FetchError, FeedError: the source did not answer, or came short; nothing was changed.
        """
        async with self._transaction("begin") as tx:
            self.id, self.number_of_pass = await storage.fetching.begin_fetch(tx, self.source.name, self.id)
        feed = await (self._file() if self.source.format == "file" else self._pages())
        async with self._transaction("apply") as tx:
            known = await storage.fetching.count_known(tx, self.source.name)
            whole = self.accept_shrunk or not has_shrunk(feed.read, known)
            report = await load(tx, feed, self.source.origin, complete=whole)
            await storage.fetching.end_fetch(tx, self.id, "applied")
        await self._forget()
        return report

    async def _file(self) -> Feed:
        """Fetch one file; one that says it holds more than it does is fetched again."""
        before: frozenset[str] | None = None
        for number in range(1, MOST_PASSES + 1):
            body = await self.getter.get(self.source.url, self.source.page(1))
            self.progress(len(body), None, "bytes")
            name = urlsplit(self.source.url).path.rpartition("/")[2]
            feed = await asyncio.to_thread(one_file, body, name)
            ids = frozenset(read.listing.id for read in feed.reads)
            seen = Paging(ids, feed.read - len(ids), feed.announced, 1, 1, ended=True)
            decision = decide(seen, before, number)
            if decision == "complete":
                return feed
            before = ids
        raise await self._short(seen)

    async def _pages(self) -> Feed:
        """Fetch all pages, pass after pass until one is complete."""
        before = await self._earlier_pass()
        while True:
            paging = await self._one_pass()
            decision = decide(paging, before, self.number_of_pass)
            if decision == "complete":
                return await self._read(paging)
            if decision == "short":
                raise await self._short(paging)
            before, self.seen, self.number_of_pass = paging.ids, {}, self.number_of_pass + 1
            async with self._transaction("pass") as tx:
                await storage.fetching.begin_pass(tx, self.id, self.number_of_pass)

    async def _earlier_pass(self) -> frozenset[str] | None:
        """Return what the pass before saw, where the fetch was cut after it."""
        if self.number_of_pass == 1:
            return None
        return paging_of(await self._arrived(self.number_of_pass - 1)).ids

    async def _one_pass(self) -> Paging:
        self.seen = await self._arrived(self.number_of_pass)
        while wanted := next_pages(self.seen):
            await _all(self._page(number) for number in wanted)
            paging = paging_of(self.seen)
            self.progress(paging.seen, paging.announced, "services")
        return paging_of(self.seen)

    async def _arrived(self, number_of_pass: int) -> dict[int, Seen]:
        found = {}
        async with self._transaction("look") as tx:
            for number in await storage.fetching.get_page_numbers(tx, self.id, number_of_pass):
                found[number] = look(await storage.fetching.get_page(tx, self.id, number_of_pass, number))
        return found

    async def _page(self, number: int) -> None:
        try:
            body = await self.getter.get(self.source.url, self.source.page(number))
        except NotThereError:
            if number == 1:
                raise
            body = past_the_end()
        seen = await asyncio.to_thread(look, body)
        async with self.saving, self._transaction("page") as tx:
            await storage.fetching.save_page(tx, self.id, self.number_of_pass, number, body)
        self.seen[number] = seen

    async def _read(self, paging: Paging) -> Feed:
        """Read the pages, with the full records where the pages hold short ones."""
        shorts = {number: page.short for number, page in self.seen.items() if page.records}
        full = wants_full(self.source.full_records, self.source.format, shorts)
        if full:
            await self._full_records(paging.ids)
        pages = Pages(f"{self.source.name}.json")
        for number in range(1, paging.last + 1):
            async with self._transaction("read") as tx:
                body = await storage.fetching.get_page(tx, self.id, self.number_of_pass, number)
            await asyncio.to_thread(pages.add, number, body)
        after = ""
        while full:
            async with self._transaction("read") as tx:
                bodies = await storage.fetching.get_bodies(tx, self.id, after, BODIES_AT_ONCE)
            if not bodies:
                break
            await asyncio.to_thread(pages.add_full, bodies)
            after = bodies[-1][0]
        return pages.feed()

    async def _full_records(self, ids: frozenset[str]) -> None:
        async with self._transaction("look") as tx:
            arrived = await storage.fetching.get_body_ids(tx, self.id)
        wanted = sorted(ids - arrived)
        done = len(ids) - len(wanted)
        for start in range(0, len(wanted), BODIES_AT_ONCE):
            part = wanted[start : start + BODIES_AT_ONCE]
            await _all(self._full_record(source_id) for source_id in part)
            done += len(part)
            self.progress(done, len(ids), "full records")

    async def _full_record(self, source_id: str) -> None:
        parts = urlsplit(self.source.url)
        path = f"{parts.path.rstrip('/')}/{quote(source_id, safe='')}"
        try:
            body = await self.getter.get(urlunsplit(parts._replace(path=path)), self.source.parameters)
        except NotThereError:
            body = b""
        async with self.saving, self._transaction("body") as tx:
            await storage.fetching.save_body(tx, self.id, source_id, body)

    async def _short(self, paging: Paging) -> FetchError:
        """End a fetch that came short, and return what to say of it."""
        async with self._transaction("short") as tx:
            await storage.fetching.end_fetch(tx, self.id, "short")
        await self._forget()
        if not paging.seen:
            return FetchError("it holds no service, and that is no directory")
        twice = f", {paging.repeated} of them twice" if paging.repeated else ""
        return FetchError(f"it came short: of {paging.announced} services {paging.seen} were seen{twice}")

    async def _forget(self) -> None:
        """Forget the pages of a fetch that has ended."""
        async with self._transaction("forget") as tx:
            await storage.fetching.drop_pages(tx, self.id)
            await storage.fetching.drop_bodies(tx, self.id)

    def _transaction(self, step: str) -> AbstractAsyncContextManager[Tx]:
        return self.database.transaction(Cause.tick("fetch", f"{self.id}/{step}"))


async def _all(gets: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Wait for all of them, and only then raise what went wrong first: what arrived beside it is kept."""
    for result in await asyncio.gather(*gets, return_exceptions=True):
        if result is not None:
            raise result


async def fetch(
    database: Database,
    source: Source,
    getter: Getter,
    progress: Progress = in_silence,
    *,
    accept_shrunk: bool = False,
) -> Report:
    """Fetch a source and bring the directory to it, or say why not.

    With `accept_shrunk` a snapshot of less than half of what is known also counts what it lacks as missing.

    Raises:
        FetchError, FeedError: nothing was changed; what arrived of a fetch that was cut is kept for the next.
    """
    return await Fetch(database, source, getter, progress, accept_shrunk).run()
