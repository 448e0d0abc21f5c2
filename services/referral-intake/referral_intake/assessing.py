"""Triage one request: from what was asked to where the referral stands, the events that say so, and what was read."""

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from referral_intake.domain import Act, Referral, ReferralRequest, State, age_on, next_state
from referral_intake.domain.programme import Programme
from referral_intake.domain.words import ACCESS
from referral_intake.triage.decisions import Accepted, Decision, NeedsInformation, ReturnProposed
from referral_intake.triage.facts import RequestFacts
from referral_intake.triage.reader import read
from referral_intake.triage.reading import Reading, Wishes
from referral_intake.triage.rules import Rules, decide
from shared.contracts import (
    Event,
    NeedRead,
    Place,
    Preferences,
    ReferralAccepted,
    ReferralNeedsInformation,
    ReferralReturnProposed,
    RiskAlerted,
)


@dataclass(frozen=True, slots=True, repr=False)
class Assessment:
    """What triage made of a referral; `reading` holds words of the letter and is sealed."""

    referral: Referral
    events: tuple[Event, ...]
    reading: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What triage needs beside the request: where the person lives, the programme, the rules, and the time."""

    place: Place
    programme: Programme
    rules: Rules
    now: datetime
    today: date


def assess(referral: Referral, request: ReferralRequest, around: Circumstances) -> Assessment:
    """Triage a referral that waits: a draft, or one that was added to; a current risk is told first, once per kind."""
    reading = read(request.letter, request.codes)
    decision = decide(_facts(request, around), reading, _rules(around), around.now)
    state = next_state(referral.state, _ACTS[type(decision)])
    assert isinstance(state, State), "callers bring referrals that wait"
    standing = _standing(replace(referral, state=state), decision, around)
    alerts = _alerts(referral, decision)
    risks = (*referral.risk_kinds, *(kind for alert in alerts for kind in alert.kinds))
    event = _event(standing, request, decision, around, _preferences(request.preferences, reading.wishes))
    return Assessment(replace(standing, risk_kinds=risks), (*alerts, event), _reading(reading, decision))


def overruled(rules: Rules) -> Rules:
    """Return the rules without those that stop a referral, for one that a named person lets through."""
    return replace(rules, rules=tuple(rule for rule in rules.rules if rule.then == "ask-later"))


_ACTS: dict[type[Decision], Act] = {
    Accepted: Act.ACCEPT,
    NeedsInformation: Act.ASK,
    ReturnProposed: Act.PROPOSE_RETURN,
}


def _facts(request: ReferralRequest, around: Circumstances) -> RequestFacts:
    person = request.person
    reachable = (person.phone, person.email, person.contact_notes, person.address.lines)
    return RequestFacts(
        stated_needs=request.needs,
        age_years=age_on(around.today, person.birth_date),
        contactable=any(reachable),
        agreement=request.agreement.referral,  # type: ignore[arg-type]  # the contract's words are the same three
        urgency_asked=request.urgency,
        in_area=around.programme.serves(around.place.council),
    )


def _rules(around: Circumstances) -> Rules:
    minimum_age = around.programme.minimum_age
    return around.rules if minimum_age is None else replace(around.rules, minimum_age=minimum_age)


def _standing(referral: Referral, decision: Decision, around: Circumstances) -> Referral:
    """Return the referral with the clock, reason and questions of a decision."""
    match decision:
        case NeedsInformation():
            due_at, rule = around.programme.due(around.programme.needs_information, around.now)
            return replace(referral, due_at=due_at, due_rule=rule, reason=None, missing=decision.missing)
        case ReturnProposed():
            due_at, rule = around.programme.due(around.programme.return_decision, around.now)
            return replace(referral, due_at=due_at, due_rule=rule, reason=decision.reason, missing=())
        case Accepted():
            return replace(referral, due_at=None, due_rule=None, reason=None, missing=())


def _event(
    referral: Referral, request: ReferralRequest, decision: Decision, around: Circumstances, preferences: Preferences
) -> Event:
    match referral.state, referral.due_at:
        case State.NEEDS_INFORMATION, datetime() as due_at:
            return ReferralNeedsInformation(**referral.names, missing=referral.missing, answer_by=due_at)
        case State.RETURN_PROPOSED, datetime() as due_at:
            return ReferralReturnProposed(**referral.names, reason=referral.reason or "", decide_by=due_at)
    return ReferralAccepted(
        **referral.names,
        person=referral.person,
        urgency=decision.urgency,
        needs=tuple(NeedRead(code=need.code, source=need.source) for need in decision.needs),
        nothing_read=not decision.needs,
        age=age_on(around.today, request.person.birth_date),
        place=around.place,
        preferences=preferences,
        agreement=request.agreement,
        rules_version=decision.rules_version,
    )


def _preferences(stated: Preferences, read: Wishes) -> Preferences:
    """Return what was stated, and for each thing of which nothing was stated what the letter says, in codes."""
    access = tuple(dict.fromkeys(_ACCESS_AS.get(word, word) for word in read.access))
    return Preferences(
        interests=stated.interests or read.interests,
        access=stated.access or tuple(word for word in access if word in ACCESS),
        language=stated.language if stated.language != _NOT_SAID else read.language or _NOT_SAID,
        company=stated.company or read.company,
    )


_NOT_SAID = Preferences().language
_ACCESS_AS = {"wheelchair": "step-free"}


def _alerts(referral: Referral, decision: Decision) -> tuple[RiskAlerted, ...]:
    kinds = tuple(kind for kind in (decision.alert.kinds if decision.alert else ()) if kind not in referral.risk_kinds)
    return (RiskAlerted(**referral.names, kinds=kinds),) if kinds else ()


def _reading(reading: Reading, decision: Decision) -> dict[str, Any]:
    """Return what was read with its evidence, and why it was so decided, for staff who may open it."""
    questions = decision.questions if isinstance(decision, Accepted) else ()
    return {
        "needs": [asdict(need) for need in decision.needs],
        "risks": [asdict(risk) for risk in reading.risks],
        "refusal": reading.refusal,
        "ruled_out": [asdict(out) for out in reading.ruled_out],
        "wishes": asdict(reading.wishes),
        "nothing_usable": reading.nothing_usable,
        "reasons": [asdict(reason) for reason in decision.reasons],
        "questions": [asdict(question) for question in questions],
        "rules_version": decision.rules_version,
    }
