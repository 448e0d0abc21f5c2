"""Send referrals through a whole Linkway and know when each has arrived: its link worker told, its ledger written."""

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from benchmarks.messages import fhir_message, post
from benchmarks.posting import Answer, closed_loop, open_loop, until
from benchmarks.scene import Linkway

AT_ONCE = 12
LEDGER = {
    "LINKWAY_LEDGER_EVERY_SECONDS": "2",
    "LINKWAY_LEDGER_CONFIRM_SECONDS": "1",
    "LINKWAY_LEDGER_IN_TURN": "67",
}
"""The ledger's rounds come closer than as shipped (each half minute), so that a run need not wait for one.

Of what rests each looks at as much less, so that it is as much a second as shipped.
"""

_OPEN = "SELECT count(*) FROM operations.account WHERE referral = ANY ($1) AND state = 'open' AND settled"


@dataclass
class Flow:
    """Referrals of new people, to one Linkway."""

    scene: Linkway
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    @property
    def door(self) -> str:
        """Where practices post; replicas of referral-intake beyond the first are reached in their own rows."""
        return self.scene.door("referral-intake")

    def requests(self, count: int) -> list[bytes]:
        """Return so many requests, made before anything is timed."""
        return [post(fhir_message(next(self._numbers)), self.scene.keys) for _ in range(count)]

    async def post_at(self, count: int, per_second: float) -> list[Answer]:
        """Post in an open loop and wait until every link worker was told."""
        answers = await open_loop(self.door, self.requests(count), per_second)
        await self.until_told(answers)
        return answers

    async def burst(self, count: int, *, ledger: bool = True) -> float:
        """Post as fast as they are accepted; return the seconds until all were told of and stand in the ledger.

        Without `ledger` nobody waits for it.
        """
        requests = self.requests(count)
        began = time.monotonic()
        answers = await closed_loop(self.door, requests, AT_ONCE)
        await self.until_told(answers)
        if ledger:
            await self.until_in_ledger(answers)
        return time.monotonic() - began

    async def until_told(self, answers: Sequence[Answer], within_seconds: float = 120) -> None:
        """Wait until the link worker of each has a mail."""

        async def told() -> bool:
            return all(answer.referral in self.scene.mailbox.told_at for answer in answers)

        await until(told, within_seconds)

    async def until_in_ledger(self, answers: Sequence[Answer], within_seconds: float = 120) -> None:
        """Wait until the ledger has each as open, with nothing of it on its way."""
        wanted = [UUID(answer.referral) for answer in answers]

        async def written() -> bool:
            return bool((await self.scene.sql(_OPEN, wanted))[0]["count"] == len(wanted))

        await until(written, within_seconds, every_seconds=0.2)

    async def warm_up(self, count: int = 30) -> None:
        """Let every service do everything once."""
        await self.burst(count)
