"""Decide what people do, from their plan and from what they see: values in, values out."""

from collections.abc import Collection, Sequence

from deploy.demo.driver.pages import Proposal
from deploy.demo.driver.samples import Outcome, Plan

NOTHING_SUITABLE = Outcome("nothing-suitable")


def choose(ranks: Sequence[int], proposals: Sequence[Proposal], tried: Collection[str] = ()) -> list[Proposal]:
    """Choose services by their places in the list, the best liked first.

    Where the list is shorter than the plan, what is there is taken; who was asked before is not asked again. Whoever
    wanted something chooses something: if no place of the plan is left, it is the first that is.
    """
    left = {proposal.number: proposal for proposal in proposals if proposal.service not in tried}
    chosen = [left[rank] for rank in ranks if rank in left]
    return chosen or (list(left.values())[:1] if ranks else [])


def need_for(proposal: Proposal, added: Collection[str]) -> str:
    """Choose which need a service is for: one from the conversation before one from the letter."""
    return next((need for need in proposal.needs if need in added), proposal.needs[0])


def revise(needs: Sequence[str], plan: Plan) -> list[str]:
    """Return the needs after the conversation; what is there already stays in its place."""
    kept = [need for need in needs if need not in plan.remove]
    return kept + sorted(plan.add - set(kept))


def outcomes_of(plan: Plan, *, taken_on: bool) -> tuple[Outcome, ...]:
    """Return what came of it: as planned, or nothing suitable where a service was wanted and none took the person."""
    return plan.outcomes if taken_on or not plan.choose else (NOTHING_SUITABLE,)
