"""Read the sample referrals: what is sent, and what the people in each of them do."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

XML, JSON, FHIR_JSON = "application/fhir+xml", "application/json", "application/fhir+json"


@dataclass(frozen=True)
class Contact:
    """A conversation, or a try."""

    kind: str
    reached: bool
    note: str


@dataclass(frozen=True)
class Answer:
    """What an organisation says: `accepted`, `declined` with a reason, or `silent`."""

    answer: str = "accepted"
    reason: str = "other"


@dataclass(frozen=True)
class Withdrawal:
    """When a referral is withdrawn (`after-assignment`, `after-offer`), by whom and why."""

    when: str
    by: str
    reason: str


@dataclass(frozen=True)
class Outcome:
    """A coded outcome, with an amount where the code counts."""

    code: str
    amount: int | None = None


@dataclass(frozen=True)
class Plan:
    """What people do about one referral; what is missing does not happen."""

    information: Mapping[str, Any] | None = None
    decision: str | None = None
    contact: Contact | None = None
    add: frozenset[str] = frozenset()
    remove: frozenset[str] = frozenset()
    choose: tuple[int, ...] = ()
    share: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    attended: bool | None = None
    withdraw: Withdrawal | None = None
    outcomes: tuple[Outcome, ...] = ()
    close: str | None = None

    @classmethod
    def read(cls, plan: Mapping[str, Any]) -> Self:
        """Read `person_plan`."""
        needs = plan.get("needs", {})
        return cls(
            information=plan.get("information"),
            decision=plan.get("return"),
            contact=Contact(**plan["contact"]) if "contact" in plan else None,
            add=frozenset(needs.get("add", ())),
            remove=frozenset(needs.get("remove", ())),
            choose=tuple(plan.get("choose", ())),
            share=tuple(plan.get("share", ())),
            answers=tuple(Answer(**answer) for answer in plan.get("answers", ())),
            attended=plan.get("attended"),
            withdraw=Withdrawal(**plan["withdraw"]) if "withdraw" in plan else None,
            outcomes=tuple(Outcome(**outcome) for outcome in plan.get("outcomes", ())),
            close=plan.get("close"),
        )

    def answer_to(self, asked_before: int) -> Answer:
        """Say what the organisation answers that is asked after so many others; after the plan's end, yes."""
        return self.answers[asked_before] if asked_before < len(self.answers) else Answer()


@dataclass(frozen=True)
class Sample:
    """One sample referral: the body as it is sent, by which door, by which practice."""

    name: str
    practice: str
    body: bytes
    media_type: str
    plan: Plan
    repeat_of: str | None = None

    @property
    def by_fhir(self) -> bool:
        """Whether it is a message Bundle."""
        return self.media_type != JSON

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read one sample; a Bundle is sent byte for byte as it lies beside it."""
        said: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if bundle := said.get("bundle"):
            body, media_type = path.with_name(bundle).read_bytes(), XML if bundle.endswith(".xml") else FHIR_JSON
        else:
            body, media_type = json.dumps(said["request"]).encode(), JSON
        plan = Plan.read(said["person_plan"])
        return cls(path.stem, said["practice"], body, media_type, plan, said.get("repeat_of"))


def read_samples(folder: Path) -> Sequence[Sample]:
    """Read every sample of a folder, in the order of their numbers."""
    return [Sample.read(path) for path in sorted(folder.glob("*.json")) if not path.name.endswith(".bundle.json")]
