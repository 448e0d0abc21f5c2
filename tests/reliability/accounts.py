"""Where Linkway itself says that every referral is, by id, and the wait until nothing is on its way any more."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from shared.web.sign_in.rows import MAIL_ATTEMPTS
from tests.acceptance.books import looking
from tests.acceptance.browser import soon
from tests.acceptance.world import World

STATES = ("unaccounted", "parked", "in-outbox", "in-flight", "unchecked", "open", "closed")
ON_THE_WAY = ("parked", "in-outbox", "in-flight", "unchecked")
QUIET_SECONDS = 240.0


@dataclass(frozen=True)
class Round:
    """What one round of the ledger found: each referral's state, why some are unaccounted for, what still flows."""

    states: dict[str, str]
    reasons: dict[str, str]
    flowing: dict[str, int]

    def of(self, *states: str) -> set[str]:
        """Return the referrals in these states."""
        return {referral for referral, state in self.states.items() if state in states}

    def moving(self, referrals: Iterable[str]) -> list[str]:
        """Say what is on its way, and how many of these referrals the ledger does not have."""
        counts = {state: len(self.of(state)) for state in ON_THE_WAY} | self.flowing
        counts["not in the ledger"] = len(set(referrals) - set(self.states))
        return [f"{count} {what}" for what, count in counts.items() if count]


@dataclass(frozen=True)
class Quiet:
    """The ledger when nothing was on its way, and how long that took."""

    round: Round
    seconds: float


async def run_round(world: World) -> Round:
    """Have the ledger look now, and return what it found."""
    page = await world.internal("POST", "operations", "/api/ledger/run")
    lists = [(state, await world.internal("GET", "operations", f"/api/ledger/ids?state={state}")) for state in STATES]
    return Round(
        states={referral: state for state, found in lists for referral in found["ids"]},
        reasons=dict(page["reasons"]),
        flowing={what: count for name, peer in page["peers"].items() for what, count in _flow(name, peer).items()},
    )


def _flow(service: str, peer: dict[str, Any]) -> dict[str, int]:
    if not peer["answers"] or peer["lag"] is None:
        return {f"silence of {service}": 1}
    return {f"not sent by {service}": peer["unsent"], f"not read by {service}": sum(peer["lag"].values())}


async def until_quiet(world: World, referrals: Iterable[str], *, within_seconds: float = QUIET_SECONDS) -> Quiet:
    """Wait until the ledger has these referrals and nothing at all is on its way, twice in a row.

    Raises:
        AssertionError: that did not come about in time; says what was still moving.
    """
    wanted, began = set(referrals), time.monotonic()
    last: Round | None = None
    while True:
        found = await run_round(world)
        moving = [*found.moving(wanted), *await _undelivered(world)]
        if not moving and found == last:
            return Quiet(found, time.monotonic() - began)
        late = time.monotonic() - began > within_seconds
        assert not late, f"after {within_seconds:.0f} s still {', '.join(moving) or 'changing'}"
        last = found
        await asyncio.sleep(0.3)


async def sign_in_mails_left(world: World) -> None:
    """Wait until no mail with a sign-in link is due: somebody who was called away may have asked for it just before."""

    async def none_due() -> bool:
        async with looking(world) as database:
            return not await database.fetchval(_SIGN_IN_MAILS, MAIL_ATTEMPTS)

    await soon(none_due, "the mails with sign-in links have left")


_SIGN_IN_MAILS = """
    SELECT count(*) FROM casework.sign_in WHERE sent_at IS NULL AND expires_at > now() AND attempts < $1
"""


async def _undelivered(world: World) -> list[str]:
    async with looking(world) as database:
        count = await database.fetchval("SELECT count(*) FROM notifications.delivery WHERE settled_at IS NULL")
    return [f"{count} not delivered"] if count else []
