"""A consumer of nothing real: its handlers write one row, and fail in every way when asked to."""

import asyncio
import os
from pathlib import Path

from shared.contracts import AgreementRevoked, PersonErased, ReferralClosed, ReferralReturned, ReferralWithdrawn
from shared.messaging import NotYet, RejectedMessage, Tx, consumes
from shared.messaging.migrate import MACHINERY, Target

SCHEMA = Target("toy", (*sorted(MACHINERY.glob("*.sql")), Path(__file__).parent / "toy.sql"))
"""The machinery's tables and the toy's own."""


async def _effect(tx: Tx, key: str, reason: str) -> None:
    assert tx.envelope is not None
    await tx.execute("INSERT INTO effect (event_id, key, reason) VALUES ($1, $2, $3)", tx.envelope.id, key, reason)


@consumes(ReferralClosed)
async def on_referral_closed(event: ReferralClosed, tx: Tx) -> None:
    """Do what the reason says, then write the effect."""
    key = event.key
    match event.reason:
        case "raise" if not await tx.fetchval("SELECT true FROM known WHERE key = $1", key):
            raise ZeroDivisionError("with a value that must not be stored: Morag")
        case "reject":
            raise RejectedMessage("not like this")
        case "not-yet" if not await tx.fetchval("SELECT true FROM known WHERE key = $1", key):
            raise NotYet("its fact has not come")
        case "kill":
            os._exit(9)
        case "cut":
            await tx.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        case "slow":
            await tx.execute("SET LOCAL statement_timeout = 50")
            await tx.execute("SELECT pg_sleep(600)")
        case "held":
            while not await tx.fetchval("SELECT true FROM known WHERE key = $1", key):  # noqa: ASYNC110 - a test says so, in another process
                await asyncio.sleep(0.02)
    await _effect(tx, key, event.reason)
    tx.publish(ReferralReturned(referral=event.referral, programme="toy", practice="toy", reason=event.reason))


@consumes(ReferralWithdrawn)
async def on_referral_withdrawn(event: ReferralWithdrawn, tx: Tx) -> None:
    """Write the effect; this type never waits."""
    await _effect(tx, event.key, f"withdrawn-{event.reason}")


@consumes(AgreementRevoked)
async def on_agreement_revoked(event: AgreementRevoked, tx: Tx) -> None:
    """Write the effect; this type never waits."""
    await _effect(tx, event.key, "revoked")


@consumes(PersonErased)
async def on_person_erased(event: PersonErased, tx: Tx) -> None:
    """Write the effect; this type never waits."""
    await _effect(tx, event.key, "erased")
