"""The states of a referral: whatever is done to it in whatever order, an end is an end until it is reopened."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from referral_intake.domain import OPEN, Act, Refused, State, next_state

ENDED = frozenset(State) - set(OPEN)


class Life(RuleBasedStateMachine):
    """A referral to which anything is done, with a plain record of what has been done."""

    def __init__(self) -> None:
        super().__init__()
        self.state = State.NEEDS_INFORMATION
        self.proposed_last = False
        self.was_accepted = False

    @rule(act=st.sampled_from(Act))
    def do(self, act: Act) -> None:
        before, outcome = self.state, next_state(self.state, act)
        if isinstance(outcome, Refused):
            assert (outcome.act, outcome.state) == (act, before)
            return
        assert before not in ENDED or act is Act.REOPEN
        assert outcome is not State.RETURNED or self.proposed_last
        self.state = outcome
        if act is not Act.AGREE:  # which moves nothing
            self.proposed_last = act is Act.PROPOSE_RETURN
        self.was_accepted |= act is Act.ACCEPT

    @precondition(lambda self: self.state in OPEN)
    @rule()
    def an_open_referral_can_always_be_withdrawn(self) -> None:
        assert next_state(self.state, Act.WITHDRAW) is State.WITHDRAWN

    @invariant()
    def only_what_was_accepted_is_closed(self) -> None:
        assert self.state is not State.CLOSED or self.was_accepted


TestLife = Life.TestCase


@pytest.mark.parametrize("state", [State.RETURNED, State.WITHDRAWN])
@given(act=st.sampled_from(Act))
def test_returned_and_withdrawn_are_for_good(state: State, act: Act) -> None:
    assert isinstance(next_state(state, act), Refused)


def test_nothing_but_a_named_persons_confirmation_returns_a_referral() -> None:
    ways = {(state, act) for state in State for act in Act if next_state(state, act) is State.RETURNED}
    assert ways == {(State.RETURN_PROPOSED, Act.CONFIRM_RETURN)}
