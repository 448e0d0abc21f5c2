"""Record what a person agrees that organisations may be told, by whichever door it is said."""

from referral_intake import storage
from referral_intake.domain import Recorded, Referral, Refused, TakenBack, agree
from referral_intake.receiving import AnotherBody, Arrival, Desk, Receipt, answer, as_before
from referral_intake.telling import tell
from shared.messaging import Tx


async def record(
    tx: Tx, desk: Desk, arrival: Arrival, referral: Referral, said: Recorded | TakenBack
) -> Receipt | AnotherBody | Refused:
    """Record on a locked referral what its person says; the same request gets the same answer, a *no* keeps nothing."""
    body_hash = desk.vault.hash(arrival.body)
    if earlier := await storage.find_request(tx, arrival.caller, arrival.key):
        return as_before(earlier, body_hash)
    agreed = agree(referral, said)
    if isinstance(agreed, Refused):
        return agreed
    await storage.claim_request(tx, arrival.caller, arrival.key, body_hash, referral.id)
    await storage.save_standing(tx, agreed.referral)
    tell(tx, referral.id, *agreed.events)
    return answer(tx, arrival, agreed.referral)
