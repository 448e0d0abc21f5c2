"""Offers hold places, have clocks and lead to the next choice, and no place is given twice."""

from collections import Counter
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from matching import storage
from shared.clocks import Clock
from shared.contracts import (
    Agreement,
    AgreementChanged,
    AgreementRevoked,
    ChoicesExhausted,
    OfferExpired,
    OfferMade,
    OfferRefused,
    ReferralWithdrawn,
)
from shared.messaging import Cause
from tests.integration.matching.conftest import (
    PROGRAMME,
    Matching,
    a_service,
    accepted,
    answered,
    at_once,
    chosen,
    closed,
)


def withdrawn(referral: UUID) -> ReferralWithdrawn:
    return ReferralWithdrawn(referral=referral, programme=PROGRAMME, practice="heddle", reason="other", by="person")


def revoked(referral: UUID, organisation: str | None) -> AgreementRevoked:
    return AgreementRevoked(referral=referral, programme=PROGRAMME, practice="heddle", organisation=organisation)


@pytest.fixture
async def directory(matching: Matching) -> None:
    await matching.load(a_service("one"), a_service("two"), a_service("three"), a_service("tea", 1, "loneliness"))


pytestmark = pytest.mark.usefixtures("directory")


async def test_the_first_choice_is_asked_with_a_place_held_and_a_clock(matching: Matching) -> None:
    due = Clock.read("5 working days").due
    earliest = due(datetime.now(UTC))
    referral = await matching.referral_with_offer("one", "two")
    (made,) = await matching.published(OfferMade)
    assert (made.service, made.service_name, made.organisation_name) == ("one", "One", "One Trust")
    assert (made.share, made.choice) == (("name",), 1)
    assert made.respond_by in {earliest, due(datetime.now(UTC))}
    assert await matching.offers() == [("one", "open", "held"), ("two", "chosen", None)]
    async with matching.database.transaction(Cause.request("custody", "")) as tx:
        held = (await storage.custody(tx, [str(referral)]))[str(referral)]
    assert (held.state, held.owner, held.deadline) == ("open", "one-org", made.respond_by)
    (row,) = await matching.rows("SELECT respond_rule FROM offer WHERE state = 'open'")
    assert row["respond_rule"].endswith("5 working days")


async def test_an_accepted_offer_uses_its_place_and_nobody_else_is_asked(matching: Matching) -> None:
    await matching.referral_with_offer("one", "two")
    await matching.deliver(answered(await matching.last(OfferMade), "accepted"))
    assert await matching.offers() == [("one", "accepted", "used"), ("two", "passed-over", None)]
    assert len(await matching.published(OfferMade)) == 1


async def test_declines_lead_down_the_list_and_then_the_link_worker_has_it_back(matching: Matching) -> None:
    await matching.referral_with_offer("one", "two")
    for _ in range(2):
        await matching.deliver(answered(await matching.last(OfferMade), "declined"))
    (exhausted,) = await matching.published(ChoicesExhausted)
    assert (exhausted.tried, exhausted.need) == (2, "debt-advice")
    assert [made.choice for made in await matching.published(OfferMade)] == [1, 2]
    assert await matching.offers() == [("one", "declined", None), ("two", "declined", None)]


async def test_needs_run_beside_each_other(matching: Matching) -> None:
    await matching.referral_with_offer("one", "two", ("tea", "loneliness"))
    assert {made.service for made in await matching.published(OfferMade)} == {"one", "tea"}
    tea = next(made for made in await matching.published(OfferMade) if made.service == "tea")
    await matching.deliver(answered(tea, "declined"))
    assert [event.need for event in await matching.published(ChoicesExhausted)] == ["loneliness"]
    assert ("one", "open", "held") in await matching.offers()


async def test_silence_past_the_clock_asks_the_next_choice(matching: Matching) -> None:
    await matching.referral_with_offer("one", "two")
    assert await matching.expire_offers() == 0
    await matching.let_time_pass()
    assert await matching.expire_offers() == 1
    assert [event.service for event in await matching.published(OfferExpired)] == ["one"]
    assert await matching.offers() == [("one", "expired", None), ("two", "open", "held")]


async def test_replicas_of_the_clock_expire_each_offer_once(matching: Matching) -> None:
    await matching.load(a_service("big", 30))
    for _ in range(12):
        await matching.referral_with_offer("big")
    await matching.let_time_pass()
    expired = await at_once(*(matching.expire_offers() for _ in range(4)))
    assert sum(expired) == 12
    assert len(await matching.published(OfferExpired)) == 12
    assert len(await matching.published(ChoicesExhausted)) == 12


async def test_an_answer_and_the_clock_at_the_same_moment_settle_an_offer_once(matching: Matching) -> None:
    for _ in range(8):
        await matching.load(a_service("big", 30))
        await matching.referral_with_offer("big", "three")
        made = await matching.last(OfferMade)
        await matching.let_time_pass()
        await at_once(matching.handle(answered(made, "declined")), matching.expire_offers())
        (row,) = await matching.rows("SELECT state, referral FROM offer WHERE id = $1", made.offer)
        expired = [event for event in await matching.published(OfferExpired) if event.offer == made.offer]
        assert len(expired) == (row["state"] == "expired")
        asked = [event for event in await matching.published(OfferMade) if event.referral == row["referral"]]
        assert len(asked) == 2, "the next choice was asked twice or never"
        await matching.deliver(withdrawn(row["referral"]))


@pytest.mark.parametrize("said", ["accepted", "declined"])
async def test_an_offer_that_nobody_can_take_any_more_hears_no_answer(matching: Matching, said: str) -> None:
    referral = await matching.referral_with_offer("one", "two")
    made = await matching.last(OfferMade)
    await matching.deliver(withdrawn(referral))
    await matching.deliver(answered(made, said))
    assert await matching.offers() == [("one", "ended", None), ("two", "passed-over", None)]
    assert len(await matching.published(OfferMade)) == 1


async def test_a_late_acceptance_takes_a_place_that_is_still_free(matching: Matching) -> None:
    await matching.referral_with_offer("one", "two")
    made = await matching.last(OfferMade)
    await matching.let_time_pass()
    await matching.expire_offers()
    await matching.deliver(answered(made, "accepted"))
    assert await matching.offers() == [("one", "accepted", "used"), ("two", "open", "held")]


async def test_a_late_acceptance_takes_no_place_that_is_another_persons(matching: Matching) -> None:
    await matching.referral_with_offer("one")
    late = await matching.last(OfferMade)
    await matching.let_time_pass()
    await matching.expire_offers()
    await matching.referral_with_offer("one")
    await matching.deliver(answered(late, "accepted"))
    assert sorted(await matching.offers()) == [("one", "expired", None), ("one", "open", "held")]


async def test_an_answer_waits_for_a_choice_that_has_not_arrived(matching: Matching) -> None:
    await matching.referral_with_offer("one")
    unknown = (await matching.last(OfferMade)).model_copy(update={"offer": uuid4()})
    await matching.deliver(answered(unknown, "accepted"))
    assert [parked["kind"] for parked in await matching.parked()] == ["not-yet"]


@pytest.mark.parametrize(
    ("service", "reason"),
    [
        (a_service("one", 0), "no-place"),
        (a_service("one", status="defunct"), "listing-ended"),
        (a_service("one", status="temporarily closed"), "closed"),
    ],
)
async def test_what_cannot_be_asked_is_refused_and_the_next_is_asked_at_once(
    matching: Matching, service: dict[str, object], reason: str
) -> None:
    await matching.load(service)
    await matching.referral_with_offer("one", "two")
    assert [(event.service, event.reason) for event in await matching.published(OfferRefused)] == [("one", reason)]
    assert (await matching.last(OfferMade)).service == "two"


async def test_a_service_that_nobody_knows_is_refused(matching: Matching) -> None:
    await matching.referral_with_offer("nowhere")
    assert (await matching.last(OfferRefused)).reason == "listing-ended"
    assert (await matching.last(ChoicesExhausted)).tried == 1


async def test_a_new_ranking_replaces_what_nobody_was_asked_about(matching: Matching) -> None:
    referral = await matching.referral_with_offer("one", "two")
    await matching.deliver(chosen(referral, "three"))
    assert len(await matching.published(OfferMade)) == 1, "the offer that is out keeps its clock"
    await matching.deliver(answered(await matching.last(OfferMade), "declined"))
    assert (await matching.last(OfferMade)).service == "three"
    assert ("two", "passed-over", None) in await matching.offers()


async def test_the_last_place_is_given_once_however_many_ask_for_it(matching: Matching) -> None:
    await matching.load(a_service("big", 5))
    referrals = [uuid4() for _ in range(40)]
    await matching.deliver(*(accepted(referral) for referral in referrals))
    await at_once(*(matching.handle(chosen(referral, "big", "two")) for referral in referrals))
    made = Counter(event.service for event in await matching.published(OfferMade))
    refused = Counter((event.service, event.reason) for event in await matching.published(OfferRefused))
    assert made == {"big": 5, "two": 1}
    assert refused == {("big", "no-place"): 35, ("two", "no-place"): 34}
    assert len(await matching.published(ChoicesExhausted)) == 34


async def test_two_needs_of_one_person_do_not_share_one_place(matching: Matching) -> None:
    await matching.referral_with_offer("one", ("one", "loneliness"))
    assert len(await matching.published(OfferMade)) == 1
    assert (await matching.last(OfferRefused)).reason == "no-place"


async def test_a_place_that_came_free_can_be_given_again(matching: Matching) -> None:
    await matching.referral_with_offer("one")
    await matching.deliver(answered(await matching.last(OfferMade), "declined"))
    await matching.referral_with_offer("one")
    assert len(await matching.published(OfferMade)) == 2


@pytest.mark.parametrize(
    ("reason", "place"), [("completed", "used"), ("moved-away", None), ("declined-by-person", None)]
)
async def test_a_closed_case_ends_what_is_open_and_keeps_the_place_of_who_completed(
    matching: Matching, reason: str, place: str | None
) -> None:
    referral = await matching.referral_with_offer("one", ("tea", "loneliness"))
    first = next(made for made in await matching.published(OfferMade) if made.service == "one")
    await matching.deliver(answered(first, "accepted"), closed(referral, reason))
    assert sorted(await matching.offers()) == [("one", "accepted", place), ("tea", "ended", None)]


async def test_a_revoked_agreement_ends_that_organisations_offer_and_asks_the_next(matching: Matching) -> None:
    referral = await matching.referral_with_offer("one", "two", "three")
    await matching.deliver(revoked(referral, "one-org"))
    assert await matching.offers() == [("one", "ended", None), ("two", "open", "held"), ("three", "chosen", None)]


async def test_an_agreement_revoked_altogether_leaves_nobody_asked(matching: Matching) -> None:
    referral = await matching.referral_with_offer("one", "two")
    await matching.deliver(revoked(referral, None))
    assert await matching.offers() == [("one", "ended", None), ("two", "passed-over", None)]
    assert len(await matching.published(ChoicesExhausted)) == 1


@pytest.mark.parametrize("organisation", ["one-org", None])
async def test_a_revocation_stands_until_an_agreement_is_recorded_anew(
    matching: Matching, organisation: str | None
) -> None:
    """A revocation never waits: here it even overtakes the acceptance."""
    referral = uuid4()
    await matching.deliver(revoked(referral, organisation), accepted(referral), chosen(referral, "one"))
    assert (await matching.last(OfferRefused)).reason == "not-agreed"
    anew = AgreementChanged(
        referral=referral,
        programme=PROGRAMME,
        practice="heddle",
        agreement=Agreement(referral="agreed", share_with_organisations="agreed"),
    )
    await matching.deliver(anew, chosen(referral, "one"))
    assert (await matching.last(OfferMade)).service == "one"


async def test_the_same_choice_delivered_again_makes_the_same_offer(matching: Matching) -> None:
    """A replay after a restore: the rows are gone, the events come again, and the ids are those that others know."""
    referral, event_id = uuid4(), uuid4()
    await matching.deliver(accepted(referral))
    await matching.deliver(chosen(referral, "one"), event_id=event_id)
    first = await matching.rows("SELECT event_id, value FROM outbox WHERE type LIKE '%offer.made%'")
    await matching.rows("DELETE FROM offer")
    await matching.rows("DELETE FROM inbox WHERE event_id = $1", event_id)
    await matching.rows("DELETE FROM outbox WHERE type LIKE '%offer.made%'")
    await matching.deliver(chosen(referral, "one"), event_id=event_id)
    again = await matching.rows("SELECT event_id, value FROM outbox WHERE type LIKE '%offer.made%'")
    assert [row["event_id"] for row in again] == [row["event_id"] for row in first]
    made = await matching.last(OfferMade)
    assert str(made.offer).encode() in first[0]["value"]
