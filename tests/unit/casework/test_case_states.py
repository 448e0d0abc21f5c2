"""Whatever happens in whatever order, an open case has an owner and a date, and what was withdrawn stays so."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from casework.domain import (
    CLOSE_REASONS,
    Case,
    Refused,
    accept,
    assign,
    close,
    erase,
    exhaust,
    record_contact,
    reopen,
    review,
    revise_needs,
    withdraw,
)
from tests.unit.casework.cases import NOW, RULES, a_case

workers = st.sampled_from(("ash", "birch"))
versions = st.integers(0, 12)


class CaseMachine(RuleBasedStateMachine):
    """A case to which anything may happen at any time; time only passes."""

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = NOW
        self.case: Case = a_case(accepted_at=None)
        self.closed_by_hand = 0

    def become(self, case: Case | None) -> None:
        """Take the case on, and check what must hold between a case and the one before."""
        if case is None:
            return
        before, self.case = self.case, case
        assert case.version >= before.version
        seen_by_pages = ("state", "link_worker", "needs")
        if any(getattr(case, name) != getattr(before, name) for name in seen_by_pages):
            assert case.version > before.version, "a page that is open must notice"
        if before.state == "erased":
            assert case.state == "erased"
        if before.state == "withdrawn":
            assert case.state in ("withdrawn", "erased")

    @rule(hours=st.integers(1, 2000))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def accepted(self) -> None:
        self.case = replace(self.case, accepted_at=self.now)
        self.become(accept(self.case, self.now, RULES))

    @rule(worker=workers)
    def assigned(self, worker: str) -> None:
        self.become(assign(self.case, worker, self.now, RULES))

    @rule()
    def withdrawn(self) -> None:
        self.become(withdraw(self.case, "person-declined", self.now))

    @rule()
    def erased(self) -> None:
        self.become(erase(self.case, self.now))
        assert self.case.state == "erased"

    @rule()
    def choices_run_out(self) -> None:
        self.become(exhaust(self.case, ("debt-advice",), self.now))

    @rule(reached=st.booleans(), days=st.none() | st.integers(-3, 800))
    def talks(self, reached: bool, days: int | None) -> None:
        on = None if days is None else self.now.date() + timedelta(days=days)
        step = record_contact(self.case, "phone", reached=reached, review_on=on, now=self.now, rules=RULES)
        if isinstance(step, Refused):
            assert self.case.state != "open" or on is not None
            return
        self.become(step.case)
        assert self.case.review is not None
        assert self.case.review.at > self.now, "whoever is talked with comes back later and not at once"

    @rule(codes=st.lists(st.sampled_from(("debt-advice", "loneliness", "walking"))), version=versions)
    def corrects_needs(self, codes: list[str], version: int) -> None:
        step = revise_needs(self.case, tuple(codes), version)
        if isinstance(step, Refused):
            assert self.case.state != "open" or version != self.case.version or not codes
        elif step:
            self.become(step.case)
            assert {need.code for need in self.case.needs} == set(codes)
            assert len(self.case.needs) == len(set(codes))

    @rule(reason=st.sampled_from((*CLOSE_REASONS, "tired")), version=versions)
    def closes(self, reason: str, version: int) -> None:
        step = close(self.case, reason, (), version, self.now)
        if isinstance(step, Refused):
            assert self.case.state != "open" or version != self.case.version or reason == "tired"
            return
        self.closed_by_hand += 1
        self.become(step.case)

    @rule(version=versions)
    def reopens(self, version: int) -> None:
        worker = self.case.link_worker
        step = reopen(self.case, version, self.now, RULES)
        if not isinstance(step, Refused):
            self.become(step.case)
            assert step.event.link_worker == worker, "a person comes back to the same link worker"

    @rule()
    def clock_ticks(self) -> None:
        step = review(self.case, self.now)
        if step is None:
            return
        assert step.event.due_at <= self.now
        self.become(step.case)
        assert review(self.case, self.now) is None, "it is said once"

    @invariant()
    def open_means_an_owner_and_a_date(self) -> None:
        assert (self.case.state == "open") == (self.case.review is not None)
        if self.case.state == "open":
            assert self.case.link_worker
            assert self.case.accepted_at

    @invariant()
    def a_case_opens_as_soon_as_it_can(self) -> None:
        assert self.case.state != "awaiting" or not (self.case.link_worker and self.case.accepted_at)

    @invariant()
    def ended_means_when_and_why(self) -> None:
        ended = self.case.state in ("closed", "withdrawn", "erased")
        assert ended == (self.case.ended_at is not None) == (self.case.ended_reason is not None)

    @invariant()
    def nothing_closes_by_itself(self) -> None:
        if self.case.state == "closed":
            assert self.closed_by_hand


TestCase = CaseMachine.TestCase
