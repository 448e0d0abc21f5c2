"""The data set back to an earlier backup, while Kafka, the keys of people and the mails stay as they are."""

import asyncio
import time
from pathlib import Path

import pytest

from tests.acceptance.books import looking
from tests.acceptance.world import World
from tests.reliability.accounts import sign_in_mails_left, until_quiet
from tests.reliability.conftest import Tell
from tests.reliability.conversations import talking
from tests.reliability.effects import find_disagreements, find_faults, read_mails
from tests.reliability.traffic import Book, posting, practices

BEFORE_SECONDS = 5.0


@pytest.mark.timeout(900)
async def test_after_a_restore_consumers_replay_and_the_ledger_names_what_intake_lost(
    world: World, tell: Tell, tmp_path: Path, traffic_seconds: float
) -> None:
    book, backup = Book(), tmp_path / "backup"
    postgres = world.stack.embedded.postgres
    assert postgres is not None
    async with posting(world, book), talking(world, book) as talked:
        await asyncio.sleep(BEFORE_SECONDS)
        backup_began = time.monotonic()
        await postgres.backup(backup)
        backup_seconds = time.monotonic() - backup_began
        await asyncio.sleep(traffic_seconds)
    before = await until_quiet(world, book.acknowledged)
    await sign_in_mails_left(world)
    mails = await read_mails(world)

    began = time.monotonic()
    await world.stack.down()
    await asyncio.to_thread(postgres.restore, backup)
    await world.stack.start("postgres")
    async with looking(world) as database:
        kept = {str(row["id"]) for row in await database.fetch("SELECT id FROM intake.referral")}
    lost = set(book.acknowledged) - kept
    await world.stack.up()
    up_seconds = time.monotonic() - began
    after = await until_quiet(world, before.round.states)
    again = await read_mails(world)

    tell(book.figures())
    tell(f"{talked.figures()}; backup in {backup_seconds:.1f} s; intake lost {len(lost)} of {len(book.acknowledged)}")
    tell(f"down, set back and up in {up_seconds:.1f} s, quiet {after.seconds:.1f} s later")
    tell(f"{len(mails.arrived)} mails before, {len(again.arrived)} after, {again.repeated - mails.repeated} again")
    assert book.unacknowledged == []
    assert lost
    assert book.by_then(backup_began) <= kept
    assert after.round.of("unaccounted") == lost, after.round.reasons
    assert set(again.arrived) == set(mails.arrived)
    assert again.repeated > mails.repeated  # what was replayed was told again, as what it was
    assert await find_faults(world) == []
    assert await find_disagreements(world, before.round.states) == []  # who was told first keeps the referral
    await sent_again_they_are_the_same(world, book, lost)


async def sent_again_they_are_the_same(world: World, book: Book, lost: set[str]) -> None:
    """Let practices send what was lost again: the same requests are the same referrals, and nobody is told anew.

    What intake parked about them meanwhile, because it did not know them, a person hands to it again.
    """
    mails = await read_mails(world)
    async with practices(world, book) as systems:
        entries = [book.acknowledged[referral] for referral in sorted(lost)]
        for entry in entries:
            await systems.post(entry)
    assert {entry.referral for entry in entries} == lost
    for message in await world.internal("GET", "referral-intake", "/internal/operations/parked?limit=1000"):
        if message["state"] == "held":
            door = f"/internal/operations/parked/{message['id']}/redrive"
            assert await world.internal("POST", "referral-intake", door, {"by": "an-operator"}) == {"settled": True}
    quiet = await until_quiet(world, book.acknowledged)
    assert quiet.round.reasons == {}
    assert set((await read_mails(world)).arrived) == set(mails.arrived)
    assert await find_faults(world) == []
