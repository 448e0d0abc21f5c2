"""Writes that nobody reads go together just before the commit, and share the fate of everything else."""

from types import ModuleType
from uuid import uuid4

import pytest

from shared.contracts import ReferralClosed
from shared.messaging import Cause, Tx, consumes
from tests.harness import Bench, bench

WRITE = "INSERT INTO effect (event_id, key, reason) VALUES ($1, $2, $3)"


@consumes(ReferralClosed)
async def on_referral_closed(event: ReferralClosed, tx: Tx) -> None:
    """Write the effect with all others; one reason is none that the table takes."""
    tx.write(WRITE, tx.cause.id, event.key, None if event.reason == "refused" else event.reason)


HANDLERS = ModuleType("buffering")
HANDLERS.on_referral_closed = on_referral_closed  # type: ignore[attr-defined]  # a module made by hand


def closed(reason: str) -> ReferralClosed:
    return ReferralClosed(referral=uuid4(), programme="toy", practice="toy", reason=reason)


async def test_what_handlers_of_a_batch_write_is_there_in_their_order(service_dsn: str) -> None:
    async with bench(service_dsn, "toy", HANDLERS) as toys:
        await toys.deliver(*(closed(str(n)) for n in range(20)))
        written = [row["reason"] for row in await toys.rows("SELECT reason FROM effect ORDER BY n")]
    assert written == [str(n) for n in range(20)]


async def test_a_write_that_is_refused_parks_its_own_message_alone(service_dsn: str) -> None:
    async with bench(service_dsn, "toy", HANDLERS) as toys:
        await toys.deliver(closed("a"), closed("refused"), closed("b"))
        written = [row["reason"] for row in await toys.rows("SELECT reason FROM effect ORDER BY n")]
        parked = await toys.parked()
    assert written == ["a", "b"]
    assert [row["kind"] for row in parked] == ["not-null-violation-error"], parked


async def test_nothing_is_written_where_the_transaction_is_rolled_back(service_dsn: str) -> None:
    async with bench(service_dsn, "toy", HANDLERS) as toys:
        with pytest.raises(ZeroDivisionError):
            await _write_and_fail(toys)
        assert not await toys.rows("SELECT FROM effect")


async def _write_and_fail(toys: Bench) -> None:
    async with toys.database.transaction(Cause.tick("test", "1")) as tx:
        tx.write(WRITE, uuid4(), "key", "reason")
        raise ZeroDivisionError
