"""Cases and offers with defaults, and the rules that tests run by."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from casework.domain import Case, Due, Offer, ReviewRules, Standing
from shared.clocks import Clock
from shared.contracts import NeedRead, Proposal

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
REFERRAL = UUID("0b1c2d3e-0000-4000-8000-000000000001")
OFFER = UUID("0b1c2d3e-0000-4000-8000-000000000002")
RULES = ReviewRules(
    {
        "urgent": Clock.read("1 working day"),
        "soon": Clock.read("3 working days"),
        "routine": Clock.read("5 working days"),
    },
    after_contact=Clock.read("4 weeks"),
    after_no_answer=Clock.read("3 working days"),
)


def a_case(**changes: Any) -> Case:
    """Return a case that waits for a link worker, with two needs."""
    facts: dict[str, Any] = {
        "referral": REFERRAL,
        "programme": "toy",
        "urgency": "routine",
        "needs": (NeedRead(code="debt-advice", source="text"), NeedRead(code="loneliness", source="code")),
        "accepted_at": NOW,
    }
    return Case(**(facts | changes))


def an_open_case(**changes: Any) -> Case:
    """Return a case that a link worker holds."""
    facts = {"state": "open", "version": 1, "link_worker": "ash", "opened_at": NOW, "review": Due(NOW, "toy")}
    return a_case(**(facts | changes))


def an_offer(**changes: Any) -> Offer:
    """Return an offer that waits for its answer."""
    facts: dict[str, Any] = {
        "id": OFFER,
        "referral": REFERRAL,
        "service": "debt-desk",
        "service_name": "Debt Desk",
        "organisation": "kettle",
        "organisation_name": "Kettle and Company",
        "need": "debt-advice",
        "share": ("name", "phone"),
        "choice": 1,
        "respond_by": NOW + timedelta(days=5),
        "made_at": NOW,
    }
    return Offer(**(facts | changes))


def a_proposal(service: str = "debt-desk", *needs: str) -> Proposal:
    """Return a service that was proposed."""
    return Proposal(
        service=service,
        service_name=service,
        organisation="kettle",
        organisation_name="Kettle and Company",
        needs=needs or ("debt-advice",),
        score=1,
        parts=(),
    )


def under_way(**changes: Any) -> Standing:
    """Return what is known of an open case that waits for nobody."""
    facts: dict[str, Any] = {
        "referral": REFERRAL,
        "urgency": "routine",
        "outward": "DD4",
        "age": 58,
        "practice": "toy-practice",
        "needs": ("debt-advice",),
        "since": NOW - timedelta(days=9),
        "review_at": NOW + timedelta(days=9),
        "risk_at": None,
        "last_contact_at": NOW - timedelta(days=2),
        "last_reached_at": NOW - timedelta(days=2),
        "exhausted_at": None,
        "accepted_at": None,
        "late_accepted_at": None,
    }
    return Standing(**(facts | changes))
