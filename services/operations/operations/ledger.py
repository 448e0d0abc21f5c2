"""The ledger: asks every service what it holds, compares the books referral by referral, and raises the alarm."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from prometheus_client import Gauge

from operations import domain
from operations.config import Settings
from operations.domain import Books, Page, Reader, Sum, Unaccounted, Unchecked, Window
from operations.peers import MOST_KEYS, Away, Counts, Door, Peers
from operations.storage import accounts, archive, rounds
from operations.storage.accounts import Due, Finding
from shared.messaging import Cause, Database
from shared.messaging.log_ends import Ends

log = structlog.get_logger()

UNACCOUNTED = Gauge("linkway_unaccounted", "Referrals that nobody can account for")
SILENT = Gauge("linkway_ledger_silent", "Services that did not answer the ledger")

OVERLAP = timedelta(seconds=30)
"""An event recorded just before a round may be committed just after it: a transaction lasts 15 s at most."""

_READ = Cause.tick("ledger", "read")


@dataclass
class Ledger:
    """Runs rounds, one at a time however many replicas there are."""

    peers: Peers
    log_ends: Callable[[], Awaitable[Ends | None]]
    settings: Settings

    async def tick(self, database: Database, _settings: object) -> int:
        """Run a round unless another replica ran one lately; show the figures either way."""
        async with _turn(database) as mine:
            async with database.transaction(_READ) as tx:
                last = await rounds.find_last_round(tx)
            lately = last is not None and last["age_seconds"] < self.settings.ledger_every_seconds / 2
            if mine and not lately:
                await self.round(database)
            elif last is not None:
                UNACCOUNTED.set(last["unaccounted"])
        return 0

    async def run_now(self, database: Database) -> None:
        """Run a round that begins after this call, waiting for one that is under way."""
        while True:
            async with _turn(database) as mine:
                if mine:
                    await self.round(database)
                    return
            await asyncio.sleep(0.1)

    async def round(self, database: Database) -> None:
        """Ask, compare, decide, keep."""
        async with database.transaction(_READ) as tx:
            began_at = tx.now
            last = await rounds.find_last_round(tx)
        silent = await self._hear(database, last["id"] if last else 0)
        async with database.transaction(Cause.tick("ledger", "stir")) as tx:
            await accounts.stir(tx, await archive.find_heard_of(tx, (last["began_at"] if last else began_at) - OVERLAP))
            due = await accounts.find_due(tx, self.settings.ledger_in_turn)
        suspects = await self._look(database, due, silent, certain=False)
        if suspects:
            await asyncio.sleep(self.settings.ledger_confirm_seconds)
            await self._look(database, suspects, silent, certain=True)
        async with database.transaction(Cause.tick("ledger", "round")) as tx:
            states: dict[str, int] = {}
            for tally in await accounts.get_tallies(tx):
                states[tally.state] = states.get(tally.state, 0) + tally.referrals
            await rounds.save_round(tx, began_at, len(due), sorted(silent), states)
        UNACCOUNTED.set(states.get(Unaccounted.state, 0))
        SILENT.set(len(silent))
        log.info("ledger_round", looked_at=len(due), silent=sorted(silent), **states)

    async def _hear(self, database: Database, turn: int) -> set[str]:
        """Hear every service's counts and compare its ids; return those that did not answer."""
        ends = await self.log_ends()
        heard = await asyncio.gather(
            *(self._hear_one(database, door, ends, turn) for door in self.peers.doors.values())
        )
        silent = {name for name, answered in zip(self.peers.doors, heard, strict=True) if not answered}
        for name in sorted(silent):
            log.warning("ledger_peer_silent", service=name)
        return silent

    async def _hear_one(self, database: Database, door: Door, ends: Ends | None, turn: int) -> bool:
        try:
            counts = await door.counts()
            compared = await _save_answer(database, door.service, counts, ends)
            await self._compare(database, door, counts, compared, turn)
        except Away:
            await _save_answer(database, door.service, None, None)
            return False
        return True

    async def _compare(
        self, database: Database, door: Door, counts: Counts, compared: datetime | None, turn: int
    ) -> None:
        """Compare the ids of the last windows, of what came since, and of a past day in turn."""
        width = self.settings.ledger_window
        windows: list[Window] = []
        if counts.first_subject is not None:
            windows = domain.windows_to_compare(counts.first_subject, counts.now, compared, width, turn)
        for window in windows:
            await self._compare_window(database, door, window, width)
        async with database.transaction(Cause.tick("ledger", "unsettled")) as tx:
            await accounts.stir(tx, counts.unsettled)
            await rounds.save_compared(tx, door.service, counts.now)

    async def _compare_window(self, database: Database, door: Door, window: Window, width: timedelta) -> None:
        """Compare count and digest; where they differ, the halves; in the smallest window, the ids."""
        async with database.transaction(_READ) as tx:
            known = await rounds.get_seen(tx, door.service, window)
        if await door.sum(window) == Sum.of(known):
            return
        if halves := window.halves(width):
            for half in halves:
                await self._compare_window(database, door, half, width)
            return
        told = await door.ids(window)
        async with database.transaction(Cause.tick("ledger", "seen")) as tx:
            await rounds.save_seen(tx, door.service, window, told - known, sorted(known - told))
            await accounts.stir(tx, told ^ known)

    async def _look(self, database: Database, due: Sequence[Due], silent: set[str], *, certain: bool) -> list[Due]:
        """Account for referrals and keep the findings; what newly seems unaccounted for is returned instead.

        With `certain`, that is kept too, and told.
        """
        suspects: list[Due] = []
        for begin in range(0, len(due), MOST_KEYS):
            some = due[begin : begin + MOST_KEYS]
            books = await self._pull(database, some, silent)
            found = [(each, _find(each.referral, books)) for each in some]
            new = [(each, finding) for each, finding in found if _is_new_loss(each, finding)]
            kept = [finding for each, finding in found if not _changes_nothing(each, finding)]
            if not certain:
                suspects += [each for each, _ in new]
                again = {each.referral for each in suspects}
                kept = [finding for finding in kept if finding.referral not in again]
            async with database.transaction(Cause.tick("ledger", "findings")) as tx:
                await accounts.save_findings(tx, kept)
            if certain:
                _alarm([finding for _, finding in new])
        return suspects

    async def _pull(self, database: Database, due: Sequence[Due], silent: set[str]) -> Books:
        """Pull what every service says of some referrals, then ask each consumer about what it has read past."""
        referrals = [each.referral for each in due]
        pages: dict[str, dict[UUID, Page]] = {}
        readers: dict[str, Reader] = {}

        async def pull(door: Door) -> None:
            try:
                pages[door.service], readers[door.service] = await door.custody(referrals)
            except Away:
                silent.add(door.service)

        await asyncio.gather(*(pull(door) for name, door in self.peers.doors.items() if name not in silent))
        async with database.transaction(_READ) as tx:
            on_kafka = await archive.find_on_kafka(tx, referrals)
        books = Books(pages, readers, on_kafka=on_kafka)
        confirmed = frozenset[UUID]().union(*(each.confirmed for each in due))
        return await self._check_claims(books, confirmed, silent)

    async def _check_claims(self, books: Books, confirmed: frozenset[UUID], silent: set[str]) -> Books:
        """Ask each consumer whether it claimed the events that lie before its position."""
        missing: set[tuple[str, UUID]] = set()
        unreadable: dict[tuple[str, UUID], str] = {}
        for service, events in books.to_ask(confirmed, self.settings.claims_kept_seconds).items():
            try:
                lacking, unread = await self.peers.doors[service].claimed(events)
            except Away:
                silent.add(service)
            else:
                missing |= {(service, event) for event in lacking}
                unreadable |= {(service, event): kind for event, kind in unread.items()}
        return Books(books.pages, books.readers, frozenset(silent), frozenset(missing), unreadable, books.on_kafka)


def _find(referral: UUID, books: Books) -> Finding:
    """Decide about one referral; it is settled when all its events were sent, read and claimed."""
    told = domain.account(referral, books)
    pages = books.of(referral)
    confirmed = books.confirmed(referral)
    settled = told.state in domain.RESTING and all(
        event.event in confirmed for page in pages.values() for event in page.sent
    )
    return Finding(referral, told, accounts.is_acknowledged(pages), settled, confirmed)


def _is_new_loss(due: Due, finding: Finding) -> bool:
    return finding.account.state == Unaccounted.state != due.state


def _changes_nothing(due: Due, finding: Finding) -> bool:
    """Say whether silence is all that was found of a referral whose last state stands meanwhile."""
    return isinstance(finding.account, Unchecked) and due.outlasts_silence


def _alarm(findings: Sequence[Finding]) -> None:
    for finding in findings:
        if isinstance(finding.account, Unaccounted):
            log.critical(
                "referral_unaccounted",
                referral=str(finding.referral),
                holder=finding.account.service,
                reason=finding.account.reason,
            )


async def _save_answer(database: Database, service: str, counts: Counts | None, ends: Ends | None) -> datetime | None:
    async with database.transaction(Cause.tick("ledger", "answer")) as tx:
        lag = counts.reader.behind(ends) if counts and ends else None
        return await rounds.save_answer(tx, service, counts.shown() if counts else None, lag)


@asynccontextmanager
async def _turn(database: Database) -> AsyncIterator[bool]:
    """Give whether this is the one replica that may run a round now; a process that dies gives its turn back."""
    async with database.connection() as connection:
        mine = await connection.fetchval("SELECT pg_try_advisory_lock(current_schema()::regnamespace::oid::integer, 1)")
        try:
            yield mine
        finally:
            if mine and not connection.is_closed():
                await asyncio.shield(connection.execute(_GIVE_BACK))


_GIVE_BACK = "SELECT pg_advisory_unlock(current_schema()::regnamespace::oid::integer, 1)"
