"""Who waits for a link worker, why, and in which order."""

from datetime import timedelta
from uuid import uuid4

import pytest

from casework.domain import in_order, tasks
from tests.unit.casework.cases import NOW, under_way

EARLIER, LATER = NOW - timedelta(days=3), NOW - timedelta(days=1)


def test_a_case_that_is_under_way_waits_for_nobody() -> None:
    assert tasks(under_way(), NOW) == ()


@pytest.mark.parametrize(
    ("changes", "task"),
    [
        ({"last_contact_at": None, "last_reached_at": None}, "new"),
        ({"risk_at": LATER}, "risk"),
        ({"risk_at": EARLIER, "last_reached_at": None}, "risk"),
        ({"exhausted_at": LATER}, "exhausted"),
        ({"late_accepted_at": LATER}, "late-answer"),
        ({"accepted_at": LATER}, "accepted"),
        ({"review_at": NOW}, "review-due"),
    ],
)
def test_a_case_waits_for_its_reason(changes: dict[str, object], task: str) -> None:
    assert tasks(under_way(**changes), NOW) == (task,)


@pytest.mark.parametrize("fact", ["exhausted_at", "late_accepted_at", "accepted_at", "risk_at"])
def test_talking_about_it_afterwards_settles_it(fact: str) -> None:
    assert tasks(under_way(**{fact: EARLIER}), NOW) == ()


def test_a_risk_is_not_settled_by_a_try_in_vain() -> None:
    assert tasks(under_way(risk_at=EARLIER, last_contact_at=NOW, last_reached_at=None), NOW) == ("risk",)


def test_a_risk_comes_first_then_urgency_then_who_has_waited_longest() -> None:
    new = {"last_contact_at": None, "last_reached_at": None}
    cases = {
        "rests": under_way(referral=uuid4()),
        "routine, short": under_way(referral=uuid4(), since=NOW - timedelta(days=1), **new),
        "routine, long": under_way(referral=uuid4(), since=NOW - timedelta(days=30), **new),
        "soon": under_way(referral=uuid4(), urgency="soon", since=NOW, **new),
        "unknown urgency": under_way(referral=uuid4(), urgency="unrecognised", since=NOW - timedelta(days=2), **new),
        "urgent": under_way(referral=uuid4(), urgency="urgent", since=NOW - timedelta(days=1), **new),
        "risk": under_way(referral=uuid4(), since=NOW, risk_at=LATER),
    }
    names = {case.referral: name for name, case in cases.items()}

    ordered = [names[case.referral] for case, _ in in_order(cases.values(), NOW)]

    assert ordered == ["risk", "unknown urgency", "urgent", "soon", "routine, long", "routine, short"]
