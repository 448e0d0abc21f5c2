"""Clocks of referrals that wait for somebody: when one runs out the next person is asked; nothing ends by itself."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from referral_intake import receiving, storage
from referral_intake.config import Settings
from referral_intake.domain import State
from referral_intake.receiving import Desk
from referral_intake.telling import tell
from shared.contracts import ReferralReturnProposed
from shared.messaging import Cause, Database, Tx

MOST_AT_ONCE = 50


class OverdueClock:
    """The worker that looks for referrals whose clock has run out."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def __call__(self, database: Database, _settings: Settings) -> int:
        """Ask the next person for each overdue referral and return how many there were."""
        async with database.transaction(Cause.tick("find_overdue", "look")) as tx:
            overdue = await storage.find_due(tx, MOST_AT_ONCE)
        for referral, due_at in overdue:
            async with database.transaction(Cause.tick("overdue_clock", f"{referral} {due_at.isoformat()}")) as tx:
                await ask_next(tx, self._desk, referral, due_at)
        return len(overdue)


async def ask_next(tx: Tx, desk: Desk, referral: UUID, due_at: datetime) -> None:
    """Propose the return of a referral whose practice did not answer, or remind whoever has not decided."""
    held = await storage.get_locked_referral(tx, referral)
    if held.due_at != due_at:
        return  # somebody answered in the meantime
    reason = held.reason or "information-not-given"
    programme = await receiving.programme_of(tx, desk, held.programme)
    decide_by, rule = programme.due(programme.return_decision, tx.now)
    proposed = replace(held, state=State.RETURN_PROPOSED, reason=reason, due_at=decide_by, due_rule=rule)
    await storage.save_standing(tx, proposed)
    tell(tx, referral, ReferralReturnProposed(**held.names, reason=reason, decide_by=decide_by))
