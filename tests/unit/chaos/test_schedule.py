"""The schedule of faults: the same for the same seed, every kind in it, none at odds with another."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.chaos.profile import Profile
from tests.chaos.schedule import CALM_SHARE, kinds, plan, service_of

SEEDS = st.integers(0, 2**32)


def a_run(seed: int = 7, *, short: bool = False) -> Profile:
    """Return a profile of the size that the goals name, or of the one that runs with every change."""
    return Profile(seed, 120, 45, short=True) if short else Profile(seed, 2000, 480)


@given(SEEDS, st.booleans())
def test_the_same_seed_gives_the_same_schedule(seed: int, short: bool) -> None:
    assert plan(a_run(seed, short=short)) == plan(a_run(seed, short=short))


def test_another_seed_gives_another_schedule() -> None:
    assert plan(a_run(7)) != plan(a_run(8))


@given(SEEDS)
def test_two_thousand_referrals_meet_at_least_forty_faults(seed: int) -> None:
    assert len(plan(a_run(seed))) >= 40


def test_more_referrals_meet_more_faults() -> None:
    assert len(plan(Profile(7, 5000, 1200))) >= 100


@given(SEEDS, st.booleans())
def test_every_kind_occurs_and_every_target_that_must_be_hit_is(seed: int, short: bool) -> None:
    run = a_run(seed, short=short)
    hit = {(fault.kind, fault.target) for fault in plan(run)}
    assert {kind for kind, _ in hit} == {kind.name for kind in kinds(run)}
    assert hit >= {(kind.name, target) for kind in kinds(run) for target in kind.targets}


@given(SEEDS, st.booleans())
def test_all_faults_are_over_while_referrals_still_come_and_none_comes_in_the_calm(seed: int, short: bool) -> None:
    run = a_run(seed, short=short)
    assert min(fault.at_seconds for fault in plan(run)) >= CALM_SHARE * run.seconds
    assert max(fault.at_seconds + fault.seconds for fault in plan(run)) < run.seconds


@given(SEEDS, st.booleans())
def test_no_two_faults_have_hold_of_one_thing_at_a_time(seed: int, short: bool) -> None:
    run = a_run(seed, short=short)
    named = {kind.name: kind for kind in kinds(run) if kind.name != "kill"}
    held: dict[str, list[tuple[float, float]]] = {}
    for fault in plan(run):
        thing = named[fault.kind].thing(fault.target) if fault.kind in named else service_of(fault.target)
        held.setdefault(thing, []).append((fault.at_seconds, fault.at_seconds + fault.seconds))
    for each in held.values():
        assert all(before[1] < after[0] for before, after in pairwise(sorted(each)))


def test_faults_of_different_things_overlap() -> None:
    faults = plan(a_run())
    assert any(after.at_seconds < before.at_seconds + before.seconds for before, after in pairwise(faults))


@pytest.mark.parametrize(
    ("target", "service"),
    [("matching-2", "matching"), ("referral-intake", "referral-intake"), ("referral-intake-1", "referral-intake")],
)
def test_a_replica_and_a_point_belong_to_a_service(target: str, service: str) -> None:
    assert service_of(target) == service
    assert service_of(f"{service}.in-a-rebalance") == service
