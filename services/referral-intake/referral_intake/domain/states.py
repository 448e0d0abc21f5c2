"""The states of a referral at intake and the acts that move it, so that no door can do what another may not."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a referral stands; the first three are open."""

    NEEDS_INFORMATION = "needs-information"
    RETURN_PROPOSED = "return-proposed"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


OPEN = (State.NEEDS_INFORMATION, State.RETURN_PROPOSED, State.ACCEPTED)


class Act(StrEnum):
    """What triage, a practice, a named person, a clock or casework does to a referral."""

    ACCEPT = "accept"
    ASK = "ask"
    PROPOSE_RETURN = "propose-return"
    CONFIRM_RETURN = "confirm-return"
    WITHDRAW = "withdraw"
    CLOSE = "close"
    REOPEN = "reopen"
    AGREE = "agree"


@dataclass(frozen=True, slots=True)
class Refused:
    """A *no*: this act is not for a referral in this state."""

    act: Act
    state: State


_MOVES: dict[Act, tuple[frozenset[State], State | None]] = {
    # A person who looks at a proposed return may also let the referral through.
    Act.ACCEPT: (frozenset({State.NEEDS_INFORMATION, State.RETURN_PROPOSED}), State.ACCEPTED),
    Act.ASK: (frozenset({State.NEEDS_INFORMATION, State.RETURN_PROPOSED}), State.NEEDS_INFORMATION),
    # The clock of a question, or of a proposal that nobody decided, proposes (again): it never returns by itself.
    Act.PROPOSE_RETURN: (frozenset({State.NEEDS_INFORMATION, State.RETURN_PROPOSED}), State.RETURN_PROPOSED),
    Act.CONFIRM_RETURN: (frozenset({State.RETURN_PROPOSED}), State.RETURNED),
    Act.WITHDRAW: (frozenset({State.NEEDS_INFORMATION, State.RETURN_PROPOSED, State.ACCEPTED}), State.WITHDRAWN),
    Act.CLOSE: (frozenset({State.ACCEPTED}), State.CLOSED),
    Act.REOPEN: (frozenset({State.CLOSED}), State.ACCEPTED),
    # What the person agrees to is recorded while it matters to somebody, and moves nothing.
    Act.AGREE: (frozenset(OPEN), None),
}


def next_state(state: State, act: Act) -> State | Refused:
    """Return the state after an act, or the refusal; a referral that is not triaged yet needs information."""
    allowed, after = _MOVES[act]
    return (after or state) if state in allowed else Refused(act, state)
