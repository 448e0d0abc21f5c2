"""How a programme wants its referrals given to its link workers: programme data, never code."""

from dataclasses import dataclass, replace
from typing import Literal, cast

from matching.domain.referral import Referral
from shared.contracts import ProgrammeApplied, Weights

Mode = Literal["continuity", "smallest-caseload", "named-practice", "manual-queue", "unrecognised"]
"""*continuity*: who knows the person comes first. *smallest-caseload*: whoever has the most room. *named-practice*: the
practice's own link workers before those of its area. *manual-queue*: a person gives each. A word that is new to us
counts as *continuity*."""

PLAIN = Weights()
"""Every referral weighs one."""

FREE_NEEDS = 2
"""Needs that a referral may have before further ones weigh."""


@dataclass(frozen=True, slots=True)
class Programme:
    """What a programme says about giving referrals to link workers."""

    mode: Mode = "continuity"
    requires: frozenset[str] = frozenset()
    """What a link worker must meet where a person asks for it: *language*, or words of access."""
    weights: Weights = PLAIN

    @classmethod
    def applied(cls, event: ProgrammeApplied) -> "Programme":
        """Take over what an operator applied."""
        return cls(cast("Mode", event.allocation), frozenset(event.requires), event.weights)

    def weigh(self, referral: Referral) -> Referral:
        """Return the referral with its weight, and with what its link worker must meet, by this programme's rules."""
        by_urgency = {"urgent": self.weights.urgent, "routine": self.weights.routine}
        weight = by_urgency.get(referral.urgency, self.weights.soon)
        weight += self.weights.further_need * max(0, len(referral.needs) - FREE_NEEDS)
        weight += self.weights.risk if referral.at_risk else 0
        required = {word for word in referral.preferences.access if word in self.requires}
        if "language" in self.requires:
            required |= set(referral.speaks)
        return replace(referral, weight=weight, required=frozenset(required))
