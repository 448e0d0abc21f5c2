"""What was read in a referral, as records: needs and risks with the words that showed them."""

from dataclasses import dataclass
from typing import Literal

NeedSource = Literal["code", "text", "stated"]
RiskKind = Literal["self-harm", "suicide", "abuse", "child-at-risk", "self-neglect", "harm-by-others", "risk-to-others"]
Standing = Literal["current", "past", "denied", "others"]
Why = Literal["past", "denied", "others", "refused", "hypothetical"]


@dataclass(frozen=True)
class Coding:
    """A code as a message has it; `system` is a URI or a short name of `shared.needs.SYSTEMS`."""

    system: str
    code: str
    display: str = ""


@dataclass(frozen=True)
class NeedSign:
    """A need of the vocabulary; evidence is the sentence of the letter, `system|code`, or "" where it was stated.

    `weight` counts the clauses that tell of it, at most 3.
    """

    code: str
    source: NeedSource
    evidence: str
    weight: int = 1


@dataclass(frozen=True)
class RuledOut:
    """A need that the letter names and that is none now, and why; evidence as for needs."""

    code: str
    why: Why
    evidence: str


@dataclass(frozen=True)
class Wishes:
    """What would suit the person, in words of vocabularies, as far as the letter says it.

    `access` are words of `domain.words` and of letters (a woman or man to see), `interests` are needs' codes.
    """

    company: str | None = None
    language: str | None = None
    access: tuple[str, ...] = ()
    interests: tuple[str, ...] = ()


@dataclass(frozen=True)
class RiskSign:
    """Words that tell of a risk, and whether it is the person's and now; evidence as for needs."""

    kind: RiskKind
    standing: Standing
    evidence: str


@dataclass(frozen=True)
class Reading:
    """All that a referral's letter and codes were read to say; evidence is free text and stays sealed.

    `refusal` is the evidence that the person does not want this referral, "" where nothing says so.
    """

    needs: tuple[NeedSign, ...]
    risks: tuple[RiskSign, ...]
    refusal: str = ""
    ruled_out: tuple[RuledOut, ...] = ()
    wishes: Wishes = Wishes()

    @property
    def nothing_usable(self) -> bool:
        """Say whether not one need was read."""
        return not self.needs

    @property
    def current_risks(self) -> tuple[RiskKind, ...]:
        """Give the kinds of risk that are the person's and now, each once."""
        return tuple(dict.fromkeys(risk.kind for risk in self.risks if risk.standing == "current"))
