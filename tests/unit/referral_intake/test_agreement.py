"""What is agreed about organisations: the last word holds, and the same again tells nobody."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from referral_intake.api.agreement import SaidBody
from referral_intake.domain import (
    OPEN,
    Added,
    Caller,
    Recorded,
    Referral,
    Refused,
    State,
    TakenBack,
    add_agreement,
    agree,
    step_of,
    with_added,
)
from referral_intake.domain.agreement import Agreed
from shared.contracts import Agreement, AgreementChanged, AgreementRevoked
from tests.unit.referral_intake.test_people import REQUEST

NAMES = {"referral": UUID(int=1), "programme": "tayside", "practice": "north"}

said = st.one_of(
    st.sampled_from(["ask", "agreed", "declined"]).map(Recorded),
    st.sampled_from(["shed", "choir", "cafe"]).map(TakenBack),
)


def a_referral(state: State = State.ACCEPTED, **changes: Any) -> Referral:
    draft = Referral.draft(
        UUID(int=1),
        Caller("tayside", "north"),
        UUID(int=2),
        REQUEST,
        received_at=datetime(2026, 3, 2, 10, tzinfo=UTC),
        same_person_as=None,
    )
    return replace(draft, state=state, **changes)


def agreed(referral: Referral, *words: Recorded | TakenBack) -> Agreed:
    """Return how it stands after all that was said, with everything that was told of it."""
    told: list[Any] = []
    for word in words:
        outcome = agree(referral, word)
        assert isinstance(outcome, Agreed)
        referral = outcome.referral
        told += outcome.events
    return Agreed(referral, tuple(told))


def test_an_agreement_recorded_anew_is_told_as_it_is_now() -> None:
    outcome = agreed(a_referral(agreement=Agreement(referral="agreed")), Recorded("agreed"))
    now = Agreement(referral="agreed", share_with_organisations="agreed")
    assert outcome.referral.agreement == now
    assert outcome.events == (AgreementChanged(**NAMES, agreement=now),)


def test_taking_it_back_from_one_organisation_leaves_the_others() -> None:
    outcome = agreed(a_referral(), TakenBack("shed"), TakenBack("choir"))
    assert outcome.referral.revoked == ("shed", "choir")
    assert outcome.referral.agreement == a_referral().agreement
    assert [event.organisation for event in outcome.events if isinstance(event, AgreementRevoked)] == ["shed", "choir"]


def test_declining_stops_whoever_was_asked_or_told_before() -> None:
    changed, revoked = agreed(a_referral(), Recorded("declined")).events
    assert isinstance(changed, AgreementChanged)
    assert isinstance(revoked, AgreementRevoked)
    assert revoked.organisation is None


def test_before_triage_has_accepted_it_nobody_has_to_stop() -> None:
    [changed] = agreed(a_referral(State.NEEDS_INFORMATION), Recorded("declined")).events
    assert isinstance(changed, AgreementChanged)


def test_after_all_was_declined_no_single_organisation_is_left_to_stop() -> None:
    outcome = agreed(a_referral(), Recorded("declined"))
    assert agree(outcome.referral, TakenBack("shed")) == Agreed(outcome.referral)


def test_the_same_word_recorded_anew_brings_back_what_was_taken_back() -> None:
    sharing = a_referral().agreement.share_with_organisations
    outcome = agreed(a_referral(), TakenBack("shed"), Recorded(sharing))
    assert outcome.referral.revoked == ()
    assert isinstance(outcome.events[-1], AgreementChanged)


@given(words=st.lists(said, min_size=1))
def test_the_same_again_changes_nothing_and_tells_nobody(words: list[Recorded | TakenBack]) -> None:
    outcome = agreed(a_referral(), *words)
    assert agree(outcome.referral, words[-1]) == Agreed(outcome.referral)


@given(words=st.lists(said))
def test_whoever_reads_the_events_knows_what_intake_knows(words: list[Recorded | TakenBack]) -> None:
    outcome = agreed(a_referral(), *words)
    sharing, refused = a_referral().agreement.share_with_organisations, list[str]()
    for event in outcome.events:  # as matching keeps them
        if isinstance(event, AgreementChanged):
            sharing, refused = event.agreement.share_with_organisations, []
        elif event.organisation is None:
            sharing = "declined"
        else:
            refused.append(event.organisation)
    assert (sharing, tuple(refused)) == (
        outcome.referral.agreement.share_with_organisations,
        outcome.referral.revoked,
    )


@pytest.mark.parametrize("state", State)
def test_only_an_open_referral_has_an_agreement_to_record(state: State) -> None:
    for word in (Recorded("agreed"), TakenBack("shed")):
        outcome = agree(a_referral(state), word)
        assert isinstance(outcome, Refused) is (state not in OPEN)
        assert not isinstance(outcome, Agreed) or outcome.referral.state is state


def test_further_information_changes_only_what_it_says() -> None:
    declined = Agreement(referral="not-stated", share_with_organisations="declined")
    request = with_added(replace(REQUEST, agreement=declined), Added(agreement={"referral": "agreed"}))
    assert request.agreement == Agreement(referral="agreed", share_with_organisations="declined")
    held = a_referral(State.NEEDS_INFORMATION, agreement=declined, revoked=("shed",))
    outcome = add_agreement(held, request.agreement)
    assert (outcome.referral.agreement, outcome.referral.revoked, outcome.events) == (request.agreement, ("shed",), ())


def test_further_information_that_says_otherwise_about_organisations_is_told() -> None:
    held = a_referral(State.NEEDS_INFORMATION, agreement=Agreement(share_with_organisations="declined"))
    agreement = Agreement(referral="agreed", share_with_organisations="agreed")
    outcome = add_agreement(held, agreement)
    assert outcome.referral.agreement == agreement
    assert outcome.events == (AgreementChanged(**NAMES, agreement=agreement),)


def test_the_practices_timeline_names_no_organisation() -> None:
    changed, revoked = agreed(a_referral(), Recorded("agreed"), TakenBack("shed")).events
    assert step_of(changed).facts == {"agreement": {"share_with_organisations": "agreed"}}
    assert (step_of(revoked).what, step_of(revoked).facts) == ("agreement-revoked", {})


@pytest.mark.parametrize(
    ("body", "meant"),
    [
        ({"share_with_organisations": "agreed"}, Recorded("agreed")),
        ({"revoke": "shed"}, TakenBack("shed")),
        ({"revoke": "all"}, Recorded("declined")),
    ],
)
def test_a_body_says_one_thing(body: dict[str, str], meant: Recorded | TakenBack) -> None:
    assert SaidBody.model_validate(body).to_said() == meant


@pytest.mark.parametrize("body", [{}, {"revoke": "shed", "share_with_organisations": "agreed"}, {"revoke": None}])
def test_a_body_that_says_nothing_or_two_things_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="one of share_with_organisations and revoke"):
        SaidBody.model_validate(body)
