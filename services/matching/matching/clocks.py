"""What matching does when time passes: silence past a clock is an event, and so is a place that came free."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar
from uuid import UUID

from matching import domain, handlers, storage
from matching.config import Settings
from matching.domain import Rules
from shared.messaging import Cause, Database
from shared.messaging.errors import is_unavailable

BATCH = 50
FORGOTTEN_AT_ONCE = 1_000
T = TypeVar("T")


async def expire_offers(database: Database, settings: Settings) -> int:
    """Expire offers that nobody answered in time, ask the next choices, and return how many expired."""
    async with database.transaction(Cause.tick("offer_clock", "look")) as tx:
        silent = await storage.find_silent_offers(tx, BATCH)
    return await _each(silent, lambda offer: _expire(database, offer, settings.rules))


async def allocate_waiting(database: Database, settings: Settings) -> int:
    """Try referrals again that wait for a link worker, in their turn, and return how many the queue moved."""
    rules = settings.rules
    async with database.transaction(Cause.tick("queue", "look")) as tx:
        posts = await storage.find_roomy(tx, domain.week_of(tx.now))
        meets = partial(domain.urgencies_met, now=tx.now, meet_by=rules.meet_by(tx.now))
        waiting = await storage.find_waiting(tx, posts, meets, BATCH)
    return await _each(waiting, lambda found: _allocate(database, *found, rules))


async def hand_over(database: Database, settings: Settings) -> int:
    """Take open referrals back from link workers who have left, give each to another or the queue, and count them."""
    async with database.transaction(Cause.tick("hand_over", "look")) as tx:
        left = await storage.find_left(tx, BATCH)
    return await _each(left, lambda found: _hand_over(database, *found, settings.rules))


async def forget_matches(database: Database, settings: Settings) -> int:
    """Forget matches past the time for which they are kept, and return how many."""
    async with database.transaction(Cause.tick("matches", "forget")) as tx:
        return await storage.forget_old_matches(tx, settings.matches_kept_days, FORGOTTEN_AT_ONCE)


async def _expire(database: Database, offer_id: UUID, rules: Rules) -> bool:
    async with database.transaction(Cause.tick("offer_clock", str(offer_id))) as tx:
        offer = await storage.lock_silent_offer(tx, offer_id)
        if offer is None:
            return False
        settled = domain.expire(offer)
        tx.publish(settled.as_event())
        await handlers.settle(tx, settled, rules)
        return True


async def _allocate(database: Database, referral_id: UUID, attempts: int, rules: Rules) -> bool:
    async with database.transaction(Cause.tick("queue", f"{referral_id}/{attempts}")) as tx:
        referral = await storage.lock_waiting(tx, referral_id, attempts)
        return referral is not None and await handlers.allocate(tx, referral, rules)


async def _hand_over(database: Database, referral_id: UUID, attempts: int, rules: Rules) -> bool:
    async with database.transaction(Cause.tick("hand_over", f"{referral_id}/{attempts}")) as tx:
        await storage.lock_programme_of(tx, referral_id)
        referral = await storage.take_back(tx, referral_id, attempts)
        return referral is not None and await handlers.allocate(tx, referral, rules)


async def _each(items: Sequence[T], act: Callable[[T], Awaitable[bool]]) -> int:
    """Act on every item and count what was done; one that fails is told at the end and holds up nobody behind it.

    Raises:
        ExceptionGroup: what went wrong with single items.
    """
    done, errors = 0, []
    for item in items:
        try:
            done += await act(item)
        except Exception as error:
            if is_unavailable(error):
                raise
            errors.append(error)
    if errors:
        raise ExceptionGroup("some rows could not be done", errors)
    return done
