"""Takes away, on purpose, what nothing should ever take away, to see whether the ledger names whom it concerns."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from deploy.demo.driver.calling import Unanswered
from shared.contracts import ReferralAccepted
from tests.acceptance import topics
from tests.acceptance.books import looking
from tests.acceptance.test_ledger import answer_to_nothing
from tests.acceptance.world import OPERATOR_KEY, World
from tests.reliability.traffic import Book, practices

NAMED_WITHIN_SECONDS = 60.0
PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.3

REASONS = {
    "unsent event": "referral-intake published",
    "parked message": "matching parked",
    "delivery": "notifications announced",
    "position": "casework read past",
}
"""What is taken, and how the reason begins that the ledger gives."""
T = TypeVar("T")


@dataclass
class Sabotage:
    """Which referral each thing was taken of, how long it took until the ledger named it, and whom else it named."""

    taken: dict[str, str] = field(default_factory=dict)
    named: dict[str, float] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)

    @property
    def unnamed(self) -> list[str]:
        """What was taken, or was to be taken, without the ledger saying so."""
        return [what for what in REASONS if what not in self.named]

    @property
    def is_named(self) -> bool:
        """Whether the ledger named just those."""
        return not self.unnamed and not self.others

    def told(self) -> dict[str, Any]:
        """Return what JSON can say of it."""
        seconds = {what: round(after, 1) for what, after in self.named.items()}
        return {"named_seconds": seconds, "unnamed": self.unnamed, "named_besides": self.others}


async def run(world: World) -> Sabotage:
    """Take one of each of a quiet Linkway, and wait until the ledger has named them, or has had time enough.

    Raises:
        AssertionError: it could not even be arranged; says what did not come about.
    """
    sabotage, before = Sabotage(), set(await _reasons(world))
    aside, told = [await _refer(world) for _ in range(2)]
    await _until(lambda: _rests(world, aside, told), "both are with their link workers, and everybody is told")
    await topics.put(world.stack.addresses.kafka, [answer_to_nothing(aside)])
    async with _no_relay(world, "intake"):
        await _until(lambda: _delete(world, _PARKED, aside), "matching sets a message aside")
        unsent = await _refer(world)
        await _until(lambda: _delete(world, _UNSENT, unsent, ReferralAccepted.type), "an event waits in the outbox")
    skipped = await _skip(world)
    await _until(lambda: _delete(world, _DELIVERY, told), "there is a delivery")
    sabotage.taken = dict(zip(REASONS, (unsent, aside, told, skipped), strict=True))
    await _watch(world, sabotage, before)
    return sabotage


async def _watch(world: World, sabotage: Sabotage, before: set[str]) -> None:
    """Look at the ledger, whose rounds come by themselves, until it has named them all, or time is over."""
    began = time.monotonic()
    while sabotage.unnamed and time.monotonic() - began < NAMED_WITHIN_SECONDS:
        reasons = await _reasons(world)
        for what, referral in sabotage.taken.items():
            if what not in sabotage.named and reasons.get(referral, "").startswith(REASONS[what]):
                sabotage.named[what] = time.monotonic() - began
        known = before | set(sabotage.taken.values())
        sabotage.others = {referral: reason for referral, reason in reasons.items() if referral not in known}
        await asyncio.sleep(LOOK_SECONDS)


async def _reasons(world: World) -> dict[str, str]:
    ledger = await world.ask("operations", "GET", "/api/ledger", OPERATOR_KEY)
    return dict(ledger["reasons"])


async def _refer(world: World) -> str:
    async with practices(world, Book()) as systems:
        entry = await systems.refer()
    assert entry.referral, f"a practice is not answered: {entry.said}"
    return entry.referral


async def _rests(world: World, *referrals: str) -> bool:
    """Say whether the ledger has these as open, and nothing more is to be delivered about them."""
    async with looking(world) as database:
        if await database.fetchval(_UNDELIVERED, list(referrals)):
            return False
    accounts = [await _account(world, referral) for referral in referrals]
    return all(account == "open" for account in accounts)


async def _account(world: World, referral: str) -> str:
    try:
        found = await world.ask("operations", "GET", f"/api/referrals/{referral}", OPERATOR_KEY)
    except (AssertionError, Unanswered):  # the ledger has not heard of it yet
        return ""
    return str((found["account"] or {}).get("state", ""))


async def _delete(world: World, sql: str, *arguments: str) -> bool:
    async with looking(world) as database:
        return bool(await database.fetch(sql, *arguments))


@contextlib.asynccontextmanager
async def _no_relay(world: World, schema: str) -> AsyncIterator[None]:
    """Lead a service's relay in its place, without sending anything, for the length of a block."""
    async with looking(world) as leader, looking(world) as other:
        waiting = asyncio.create_task(leader.execute(_LEAD.format(schema=schema)))
        while not waiting.done():
            await other.execute(_UNSEAT.format(schema=schema), leader.get_server_pid())
            await asyncio.sleep(0.05)
        await waiting
        yield


async def _skip(world: World) -> str:
    """Move casework's position past an event that it has not read, and return whose it was.

    While its positions are locked it can handle nothing; then it finds its partition where we have put it.
    """
    async with looking(world) as database, database.transaction():
        await database.execute(_LOCK_POSITIONS)
        referral = await _refer(world)
        sent = await _until(lambda: _sent(world, referral), "the referral is on its topic")
        moved = await database.fetch(_MOVE, *sent)
        assert moved, "casework had not read so far"
    return referral


async def _sent(world: World, referral: str) -> tuple[int, int] | None:
    async with looking(world) as database:
        row = await database.fetchrow(_SENT, referral, ReferralAccepted.type)
    return (row["partition"], row["offset"]) if row else None


async def _until(look: Callable[[], Awaitable[T | None]], what: str) -> T:
    """Look until there is something, and return it."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not (found := await look()):
        assert time.monotonic() < until, f"in vain: {what}"
        await asyncio.sleep(LOOK_SECONDS)
    return found


_UNDELIVERED = """
    SELECT count(*) FROM unnest($1::uuid[]) AS wanted
    LEFT JOIN notifications.delivery ON delivery.referral = wanted
    WHERE delivery.id IS NULL OR settled_at IS NULL
"""
_PARKED = "DELETE FROM matching.parked WHERE key = $1 AND settled_at IS NULL RETURNING 1"
_UNSENT = "DELETE FROM intake.outbox WHERE key = $1 AND type = $2 AND sent_at IS NULL RETURNING 1"
_DELIVERY = """
    WITH victim AS (SELECT id FROM notifications.delivery WHERE referral = $1::uuid ORDER BY seq LIMIT 1),
        attempts AS (DELETE FROM notifications.attempt USING victim WHERE attempt.delivery = victim.id)
    DELETE FROM notifications.delivery USING victim WHERE delivery.id = victim.id RETURNING 1
"""
_LEAD = "SELECT pg_advisory_lock('{schema}'::regnamespace::oid::integer, 0)"
_UNSEAT = """
    SELECT pg_terminate_backend(pid) FROM pg_locks
    WHERE locktype = 'advisory' AND classid = '{schema}'::regnamespace::oid AND objid = 0 AND objsubid = 2 AND granted
        AND pid <> $1
"""
_LOCK_POSITIONS = """
    SELECT FROM casework.position WHERE topic = 'linkway.referrals' ORDER BY topic, "partition" FOR UPDATE
"""
_SENT = 'SELECT "partition", "offset" FROM intake.outbox WHERE key = $1 AND type = $2 AND sent_at IS NOT NULL'
_MOVE = """
    UPDATE casework.position SET next_offset = $2::bigint + 1
    WHERE topic = 'linkway.referrals' AND "partition" = $1 AND next_offset <= $2 RETURNING 1
"""
