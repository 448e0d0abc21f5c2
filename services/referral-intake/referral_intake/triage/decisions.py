"""What triage can decide, as records that carry their reasons."""

from dataclasses import dataclass
from datetime import datetime

from referral_intake.triage.facts import Urgency
from referral_intake.triage.reading import NeedSign, RiskKind


@dataclass(frozen=True)
class Reason:
    """Why, as a code that may travel and a sentence for people; neither says anything of the letter's own words."""

    code: str
    sentence: str


@dataclass(frozen=True)
class RiskAlert:
    """Current risks to tell the practice and the duty contact at once, beside whatever else was decided."""

    kinds: tuple[RiskKind, ...]


@dataclass(frozen=True)
class _Decision:
    """What every decision says."""

    urgency: Urgency
    needs: tuple[NeedSign, ...]
    reasons: tuple[Reason, ...]
    alert: RiskAlert | None
    rules_version: str
    decided_at: datetime


@dataclass(frozen=True)
class Accepted(_Decision):
    """The referral goes to a link worker, with what they should ask; reasons are those of its urgency."""

    nothing_read: bool
    questions: tuple[Reason, ...]


@dataclass(frozen=True)
class NeedsInformation(_Decision):
    """The referral waits for its practice; `missing` are the codes of what it was asked for."""

    missing: tuple[str, ...]


@dataclass(frozen=True)
class ReturnProposed(_Decision):
    """A named person should decide whether the referral goes back; `reason` is the code of the first of its reasons."""

    reason: str


Decision = Accepted | NeedsInformation | ReturnProposed
