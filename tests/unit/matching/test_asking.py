"""Organisations are asked one after another: what each answer leads to, and what no order of events can break."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID, uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from matching.domain import (
    Asked,
    Exhausted,
    Made,
    NoEffect,
    Offer,
    Referral,
    Refused,
    Settled,
    Standing,
    answer,
    ask,
    chains,
    choose,
    expire,
    keeps_place,
)
from shared.clocks import Clock
from shared.contracts import Choice, OfferExpired
from shared.contracts.event import READING
from tests.unit.matching.builders import NOW, a_choice, a_referral, a_standing, an_offer

CLOCK = Clock(3600, "second")


def asked_for(*services: str, referral: Referral | None = None, **standings: Standing) -> tuple[Asked, ...]:
    """Ask for one need's choices in order."""
    who = referral or a_referral()
    chosen = choose(who, [a_choice(service) for service in services], [uuid4() for _ in services], ())
    known = {service: a_standing(service) for service in services} | standings
    return ask(who, chains(chosen, {"debt-advice"}), known, NOW, CLOCK)


def test_the_first_choice_is_asked_and_its_clock_set() -> None:
    (made,) = asked_for("first", "second")
    assert isinstance(made, Made)
    event = made.as_event()
    assert (event.service, event.choice, event.share) == ("first", 1, ("name", "phone"))
    assert event.respond_by == NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("standing", "reason"),
    [
        ({"places": 2, "taken": 2}, "no-place"),
        ({"places": 0}, "no-place"),
        ({"status": "defunct"}, "listing-ended"),
        ({"status": "inactive"}, "listing-ended"),
        ({"organisation": "somebody-else"}, "listing-ended"),
        ({"status": "temporarily-closed"}, "closed"),
    ],
)
def test_a_choice_that_cannot_be_asked_is_refused_and_the_next_is_asked(standing: dict[str, Any], reason: str) -> None:
    refused, made = asked_for("first", "second", first=a_standing("first", **standing))
    assert isinstance(refused, Refused)
    assert refused.as_event().reason == reason
    assert isinstance(made, Made)
    assert (made.offer.service, made.as_event().choice) == ("second", 2)


def test_a_service_that_the_directory_does_not_have_is_refused() -> None:
    who = a_referral()
    chosen = choose(who, [a_choice("gone")], [uuid4()], ())
    refused, exhausted = ask(who, chains(chosen, {"debt-advice"}), {}, NOW, CLOCK)
    assert isinstance(refused, Refused)
    assert refused.reason == "listing-ended"
    assert isinstance(exhausted, Exhausted)


def test_a_service_of_unknown_capacity_may_be_asked() -> None:
    (made,) = asked_for("first", first=a_standing("first", places=None, taken=99))
    assert isinstance(made, Made)


@pytest.mark.parametrize(
    "referral",
    [a_referral(sharing="declined"), a_referral(refused=frozenset({"first-org"})), a_referral(state="ended")],
)
def test_nobody_is_asked_against_the_persons_word(referral: Referral) -> None:
    chosen = choose(a_referral(), [a_choice("first")], [uuid4()], ())
    outcomes = ask(referral, chains(chosen, {"debt-advice"}), {"first": a_standing("first")}, NOW, CLOCK)
    assert [type(outcome) for outcome in outcomes] == [Refused, Exhausted]


def test_after_the_last_choice_the_need_is_exhausted_and_says_how_many_were_tried() -> None:
    outcomes = asked_for("a", "b", a=a_standing("a", places=0), b=a_standing("b", places=0))
    assert isinstance(outcomes[-1], Exhausted)
    assert (outcomes[-1].as_event().tried, outcomes[-1].as_event().need) == (2, "debt-advice")


def test_needs_are_asked_beside_each_other_and_share_the_last_place_fairly() -> None:
    who = a_referral()
    choices = [a_choice("both"), a_choice("both", "loneliness"), a_choice("tea", "loneliness")]
    chosen = choose(who, choices, [uuid4() for _ in choices], ())
    standings = {"both": a_standing("both", places=1), "tea": a_standing("tea")}
    outcomes = ask(who, chains(chosen, {"debt-advice", "loneliness"}), standings, NOW, CLOCK)
    assert [(type(outcome), outcome.offer.service) for outcome in outcomes if not isinstance(outcome, Exhausted)] == [
        (Made, "both"),
        (Refused, "both"),
        (Made, "tea"),
    ]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"limit": 2, "asked": 1}, None),
        ({"limit": 2, "asked": 2}, "intake-limit"),
        ({"organisation_limit": 2, "organisation_asked": 2}, "intake-limit"),
        ({"limit": 0, "places": 0}, "no-place"),
        ({"limit": 0, "places": None}, "intake-limit"),
    ],
)
def test_an_organisation_gets_no_more_offers_in_a_week_than_it_wants(
    changed: dict[str, Any], reason: str | None
) -> None:
    first, *_ = asked_for("a", "b", a=a_standing("a", **changed), b=a_standing("b"))
    assert (first.reason if isinstance(first, Refused) else None) == reason


def test_needs_that_are_asked_beside_each_other_share_what_an_organisation_wants() -> None:
    who = a_referral()
    choices = [a_choice(service, need).model_copy(update={"organisation": "trust"}) for service, need in NEAR_ONES]
    chosen = choose(who, choices, [uuid4() for _ in choices], ())
    wants = {"organisation": "trust", "organisation_limit": 1, "places": None}
    standings = {service: a_standing(service, **wants) for service, _ in NEAR_ONES}
    outcomes = ask(who, chains(chosen, {"debt-advice", "loneliness"}), standings, NOW, CLOCK)
    assert [type(outcome) for outcome in outcomes] == [Made, Refused, Exhausted]


NEAR_ONES = (("debt", "debt-advice"), ("tea", "loneliness"))


def test_a_service_named_twice_for_a_need_is_one_choice() -> None:
    choices = [a_choice("first"), a_choice("first"), a_choice("second")]
    chosen = choose(a_referral(), choices, [uuid4() for _ in choices], ())
    assert [(offer.service, offer.rank) for offer in chosen] == [("first", 1), ("second", 2)]


def test_what_may_be_shared_in_a_word_that_we_do_not_know_is_not_shared() -> None:
    told = a_choice("first").model_dump() | {"share": ("name", "shoe-size")}
    choice = Choice.model_validate(told, context=READING)
    (offer,) = choose(a_referral(), [choice], [uuid4()], ())
    assert offer.share == ("name",)


def test_for_a_need_that_somebody_is_asked_for_nobody_else_is() -> None:
    asked, waiting = an_offer(state="open"), an_offer("later", ranking=2)
    assert chains([asked, waiting], {"debt-advice"}) == ()


def test_a_need_that_was_met_late_is_not_exhausted_by_the_next_ones_decline() -> None:
    assert chains([an_offer(state="accepted"), an_offer("b", state="declined", rank=2)], {"debt-advice"}) == ()


def test_what_an_earlier_ranking_came_to_does_not_count_for_a_new_one() -> None:
    earlier = [an_offer(state="accepted"), an_offer("b", state="declined", rank=2)]
    (chain,) = chains([*earlier, an_offer("c", ranking=2), an_offer("d", ranking=2, state="declined")], {"debt-advice"})
    assert ([offer.service for offer in chain.waiting], chain.tried) == (["c"], 1)


@pytest.mark.parametrize(
    ("state", "said", "outcome"),
    [
        ("open", "accepted", ("accepted", False)),
        ("open", "declined", ("declined", True)),
        ("expired", "accepted", ("accepted", False)),
        ("expired", "declined", None),
        ("accepted", "declined", None),
        ("declined", "accepted", None),
        ("ended", "accepted", None),
        ("refused", "accepted", None),
    ],
)
def test_what_an_answer_leads_to(
    state: Any, said: Literal["accepted", "declined"], outcome: tuple[str, bool] | None
) -> None:
    settled = answer(a_referral(), an_offer(state=state), said, "full", a_standing())
    if outcome is None:
        assert isinstance(settled, NoEffect)
    else:
        assert isinstance(settled, Settled)
        assert (settled.state, settled.next_choice) == outcome


@pytest.mark.parametrize(
    ("referral", "standing"),
    [
        (a_referral(), a_standing(places=1, taken=1)),
        (a_referral(), None),
        (a_referral(state="ended"), a_standing()),
        (a_referral(refused=frozenset({"debt-clinic-org"})), a_standing()),
    ],
)
def test_a_late_acceptance_without_a_free_place_has_no_effect(referral: Referral, standing: Standing | None) -> None:
    assert isinstance(answer(referral, an_offer(state="expired"), "accepted", None, standing), NoEffect)


def test_silence_is_an_event_and_asks_the_next() -> None:
    silent = an_offer(state="open")
    settled = expire(silent)
    assert settled.next_choice
    event = settled.as_event()
    assert isinstance(event, OfferExpired)
    assert event.offer == silent.id


@pytest.mark.parametrize(("reason", "kept"), [("completed", True), ("moved-away", False), ("died", False)])
def test_only_who_completed_goes_on_using_their_place(reason: str, *, kept: bool) -> None:
    assert keeps_place(reason) is kept


NEEDS = ("debt-advice", "loneliness")
PLACES = {"one": 1, "two": 2, "unknown": None}
SERVICES = st.sampled_from(sorted(PLACES))


class Asking(RuleBasedStateMachine):
    """Every order of choices, answers, silences and changes of mind, over a few services with few places."""

    referrals = Bundle("referrals")

    @initialize()
    def begin(self) -> None:
        self.known: dict[UUID, Referral] = {}
        self.kept: dict[UUID, Offer] = {}
        self.places: dict[UUID, str] = {}
        self.status = dict.fromkeys(PLACES, "active")
        self.exhausted: set[tuple[UUID, str, int]] = set()

    @rule(target=referrals)
    def accept_a_referral(self) -> UUID:
        referral = a_referral()
        self.known[referral.id] = referral
        return referral.id

    @rule(referral=referrals, picks=st.lists(st.tuples(st.sampled_from(NEEDS), SERVICES), min_size=1, max_size=4))
    def choose_services(self, referral: UUID, picks: list[tuple[str, str]]) -> None:
        choices = [a_choice(service, need) for need, service in picks]
        chosen = choose(self.known[referral], choices, [uuid4() for _ in choices], self.of(referral))
        needs = {offer.need for offer in chosen}
        self.pass_over(referral, needs)
        self.kept |= {offer.id: offer for offer in chosen}
        self.ask_next(referral, needs)

    @rule(data=st.data(), said=st.sampled_from(["accepted", "declined"]))
    def hear_an_answer(self, data: st.DataObject, said: Literal["accepted", "declined"]) -> None:
        if self.kept:
            offer = self.kept[data.draw(st.sampled_from(sorted(self.kept)))]
            outcome = answer(self.known[offer.referral], offer, said, None, self.standing(offer.service))
            if isinstance(outcome, Settled):
                self.settle(outcome)

    @rule()
    def let_the_clock_run_out(self) -> None:
        for offer in [offer for offer in self.kept.values() if offer.state == "open"]:
            self.settle(expire(offer))

    @rule(service=SERVICES, status=st.sampled_from(["active", "defunct", "temporarily-closed"]))
    def change_a_listing(self, service: str, status: str) -> None:
        self.status[service] = status

    @rule(referral=referrals, service=SERVICES)
    def revoke_an_agreement(self, referral: UUID, service: str) -> None:
        organisation = f"{service}-org"
        who = self.known[referral]
        self.known[referral] = replace(who, refused=who.refused | {organisation})
        stopped = self.stop(referral, lambda offer: offer.organisation == organisation, keep_used=False)
        self.ask_next(referral, stopped)

    @rule(referral=referrals, completed=st.booleans())
    def end_a_referral(self, referral: UUID, *, completed: bool) -> None:
        self.known[referral] = replace(self.known[referral], state="ended")
        self.stop(referral, lambda _offer: True, keep_used=completed)

    @invariant()
    def no_service_gives_more_places_than_it_has(self) -> None:
        for service, places in PLACES.items():
            assert places is None or self.standing(service).taken <= places

    @invariant()
    def nobody_is_asked_twice_at_once_for_a_need(self) -> None:
        asked = [(offer.referral, offer.need) for offer in self.kept.values() if offer.state == "open"]
        assert len(asked) == len(set(asked))

    @invariant()
    def every_open_offer_holds_a_place_and_every_place_has_its_offer(self) -> None:
        held = {offer.id for offer in self.kept.values() if offer.state == "open"}
        assert held == {offer for offer, place in self.places.items() if place == "held"}
        assert all(self.kept[offer].state == "accepted" for offer, place in self.places.items() if place == "used")

    @invariant()
    def every_chain_is_under_way_or_has_come_to_its_end(self) -> None:
        for referral, who in self.known.items():
            for need in {offer.need for offer in self.of(referral)}:
                ours = [offer for offer in self.of(referral) if offer.need == need]
                states = {offer.state for offer in ours}
                if who.state == "ended" or "open" in states:
                    continue
                assert "chosen" not in states, "a choice waits and nobody is being asked"
                latest = max(offer.ranking for offer in ours)
                assert "accepted" in states or (referral, need, latest) in self.exhausted

    def of(self, referral: UUID) -> list[Offer]:
        return [offer for offer in self.kept.values() if offer.referral == referral]

    def standing(self, service: str) -> Standing:
        taken = sum(self.kept[offer].service == service for offer in self.places)
        return a_standing(service, places=PLACES[service], taken=taken, status=self.status[service])

    def ask_next(self, referral: UUID, needs: set[str]) -> None:
        left = chains(self.of(referral), needs)
        standings = {service: self.standing(service) for service in PLACES}
        for outcome in ask(self.known[referral], left, standings, NOW, CLOCK):
            if isinstance(outcome, Exhausted):
                latest = max(offer.ranking for offer in self.of(referral) if offer.need == outcome.need)
                self.exhausted.add((referral, outcome.need, latest))
            else:
                self.kept[outcome.offer.id] = outcome.offer
            if isinstance(outcome, Made):
                self.places[outcome.offer.id] = "held"

    def settle(self, settled: Settled) -> None:
        offer = settled.offer
        self.kept[offer.id] = offer
        self.places.pop(offer.id, None)
        if settled.state == "accepted":
            self.places[offer.id] = "used"
        if settled.next_choice:
            self.ask_next(offer.referral, {offer.need})
        else:
            self.pass_over(offer.referral, {offer.need})

    def pass_over(self, referral: UUID, needs: set[str]) -> None:
        for offer in self.of(referral):
            if offer.state == "chosen" and offer.need in needs:
                self.kept[offer.id] = replace(offer, state="passed-over")

    def stop(self, referral: UUID, concerns: Any, *, keep_used: bool) -> set[str]:
        stopped = set()
        for offer in filter(concerns, self.of(referral)):
            if offer.state == "open":
                stopped.add(offer.need)
                self.kept[offer.id] = replace(offer, state="ended")
            elif offer.state == "chosen":
                self.kept[offer.id] = replace(offer, state="passed-over")
            if self.places.get(offer.id) == "held" or not keep_used:
                self.places.pop(offer.id, None)
        return stopped


Asking.TestCase.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
TestAsking = Asking.TestCase
