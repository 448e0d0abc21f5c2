"""Every referral that was acknowledged is accounted for; what is lost is named, and nothing else is."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from shared.contracts import Envelope, OfferAnswered
from tests.acceptance import books, topics
from tests.acceptance.browser import soon
from tests.acceptance.conftest import Told
from tests.acceptance.people import a_referral
from tests.acceptance.users import Everybody
from tests.acceptance.world import OPERATOR_KEY, World

KNOWS_OFFERS = ("matching", "notifications")
"""Who sets an answer aside to an offer that nobody made, each from a topic that it reads at its own pace."""


async def ledger(world: World) -> dict[str, Any]:
    """Have the books compared now and return what the ledger says."""
    found: dict[str, Any] = await world.ask("operations", "POST", "/api/ledger/run", OPERATOR_KEY)
    return found


async def compared(world: World) -> dict[str, Any] | None:
    """Have the books compared, and return what the ledger says once every service has answered and nothing moves."""
    found = await ledger(world)
    return None if found["in_outbox"] or found["in_flight"] or found["unchecked"] else found


async def acknowledged(world: World) -> set[str]:
    """Return the referrals that the ledger knows as acknowledged."""
    return set((await world.ask("operations", "GET", "/api/ledger/ids", OPERATOR_KEY))["ids"])


async def test_all_that_was_acknowledged_is_accounted_for(world: World, told: Told) -> None:
    await asyncio.gather(*told.values(), return_exceptions=True)
    await books.at_rest(world)
    found = await soon(lambda: compared(world), "the ledger has looked at everything")
    assert (found["unaccounted"], found["unaccounted_ids"]) == (0, [])
    assert found["in_outbox"] == found["in_flight"] == found["unchecked"] == found["parked"] == 0
    assert found["closed"] > 0
    assert set(world.acknowledged) == await acknowledged(world)
    assert found["acknowledged"] == len(set(world.acknowledged)) == found["open"] + found["closed"]


async def test_a_lost_event_and_a_lost_message_are_named_and_nothing_else(here: Everybody, told: Told) -> None:
    world, practice = here.world, here.practice("bucklemaker")
    await asyncio.gather(*told.values(), return_exceptions=True)
    lost_message, set_aside = [await practice.refer(a_referral("gardening")) for _ in range(2)]
    await books.at_rest(world)
    strays = [answer_to_nothing(referral) for referral in (lost_message, set_aside)]
    await topics.put(world.stack.addresses.kafka, strays)
    await soon(lambda: _parked(world, lost_message, set_aside), "both answers are set aside by those who know offers")

    await world.stack.stop("kafka")
    lost_event, *others = [await practice.refer(a_referral("gardening")) for _ in range(4)]
    async with books.looking(world) as connection:
        gone = await connection.fetch(
            "DELETE FROM intake.outbox WHERE key = $1 AND sent_at IS NULL AND type LIKE '%accepted%' RETURNING 1",
            lost_event,
        )
        gone += await connection.fetch("DELETE FROM matching.parked WHERE key = $1 RETURNING 1", lost_message)
    assert len(gone) == 2
    await world.stack.start("kafka")
    for referral in others:  # what was acknowledged without a broker arrives when there is one
        await practice.sees(referral, "link-worker-assigned", state="accepted")

    async def named() -> dict[str, Any] | None:
        found = await compared(world)
        return found if found and {lost_event, lost_message} <= set(found["unaccounted_ids"]) else None

    found = await soon(named, "the ledger has looked at everything and names what is lost")
    assert set(found["unaccounted_ids"]) == {lost_event, lost_message}, found["reasons"]
    assert "referral-intake published" in found["reasons"][lost_event]
    assert "matching parked 1 message" in found["reasons"][lost_message]
    assert await state_of(world, set_aside) == "parked"
    for service in KNOWS_OFFERS:
        for row in await world.parked(service):
            await world.give_up(service, row["id"])

    async def open_again() -> bool:
        await ledger(world)
        return await state_of(world, set_aside) == "open"

    await soon(open_again, "what was given up holds nothing up any more")


def answer_to_nothing(referral: str) -> tuple[str, bytes, bytes, topics.Headers]:
    """Return an answer to an offer that nobody made, which those that know offers set aside and try again."""
    answer = OfferAnswered(
        referral=UUID(referral),
        programme="dundee-sources-of-support",
        offer=uuid4(),
        organisation="somebody",
        service="something",
        answer="accepted",
    )
    envelope = Envelope(
        id=uuid4(),
        source="stranger",
        type=answer.type,
        time=datetime.now(UTC),
        subject=referral,
        correlation_id="stranger",
        causation_id="stranger",
    )
    return answer.topic_name, referral.encode(), answer.to_json(), envelope.to_headers()


async def state_of(world: World, referral: str) -> str:
    """Return where the ledger has a referral."""
    found = await world.ask("operations", "GET", f"/api/referrals/{referral}", OPERATOR_KEY)
    return str(found["account"]["state"])


async def _parked(world: World, *referrals: str) -> bool:
    listed = [await world.parked(service) for service in KNOWS_OFFERS]
    return all(set(referrals) <= {row["key"] for row in rows} for rows in listed)
