"""How a referral ends at intake: withdrawn, returned by a named person, closed with its case, or erased."""

from dataclasses import replace
from uuid import UUID

from referral_intake import storage
from referral_intake.domain import Act, Referral, Refused, State, next_state
from referral_intake.telling import tell
from shared.contracts import Event, PersonErased, ReferralClosed, ReferralReturned, ReferralWithdrawn
from shared.messaging import Tx


async def withdraw(tx: Tx, referral: Referral, *, by: str, reason: str) -> Referral | Refused:
    """Withdraw a locked referral; one that is withdrawn already stays so and is told no second time."""
    if referral.state is State.WITHDRAWN:
        return referral
    return await _end(tx, referral, Act.WITHDRAW, ReferralWithdrawn(**referral.names, by=by, reason=reason))


async def confirm_return(tx: Tx, referral: Referral) -> Referral | Refused:
    """Return a locked referral to its practice for the reason that was proposed."""
    reason = referral.reason or "not-stated"
    return await _end(tx, referral, Act.CONFIRM_RETURN, ReferralReturned(**referral.names, reason=reason))


async def close(tx: Tx, referral: Referral, *, reason: str) -> Referral | Refused:
    """Close a locked referral whose case ended; one that ended otherwise stays as it is."""
    return await _end(tx, referral, Act.CLOSE, ReferralClosed(**referral.names, reason=reason))


async def erase(tx: Tx, referral: Referral, *, by: str, reason: str) -> list[UUID]:
    """Log the erasure of a referral's person and tell it for each of their referrals; return those referrals.

    The keys are destroyed after the commit: the log outlives a crash between the two, and a worker reads it.
    """
    await storage.forget_person(tx, referral.person, by, reason)
    ids = await storage.referrals_of_person(tx, referral.person)  # the person's lock is held: no more can come
    await tx.lock_keys(map(str, ids))
    for each in ids:
        held = await storage.get_locked_referral(tx, each)
        await withdraw(tx, held, by="person", reason="erased")
        tell(tx, each, PersonErased(**held.names, person=held.person))
    return ids


async def _end(tx: Tx, referral: Referral, act: Act, event: Event) -> Referral | Refused:
    state = next_state(referral.state, act)
    if isinstance(state, Refused):
        return state
    ended = replace(referral, state=state, due_at=None, due_rule=None, missing=())
    await storage.save_standing(tx, ended)
    tell(tx, referral.id, event)
    return ended
