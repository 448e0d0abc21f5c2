"""The table of known mistakes is whole, each finds what it changes in the product, and only the right check counts."""

import multiprocessing
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.chaos.aimed import NEW_NEED
from tests.chaos.checks import CHECKS
from tests.chaos.inside import failing, mutating
from tests.chaos.inside.patching import PatchTargetGone, rewrite
from tests.chaos.mutants import CAUGHT_BY_SABOTAGE, MUTANTS, Seen
from tests.reliability.traffic import NEEDS


def in_a_process_of_its_own(change: Callable[..., None], *told: object) -> int | None:
    """Patch there, so that nothing is patched here; return the exit code."""
    process = multiprocessing.get_context("fork").Process(target=change, args=told)
    process.start()
    process.join()
    return process.exitcode


def test_each_mistake_that_can_be_made_is_in_the_table_once() -> None:
    assert sorted(mutant.name for mutant in MUTANTS) == sorted(mutating.MUTANTS)


def test_each_mistake_is_expected_by_a_check_that_there_is() -> None:
    assert {mutant.expected for mutant in MUTANTS} <= {*CHECKS, CAUGHT_BY_SABOTAGE}


@pytest.mark.parametrize("name", mutating.MUTANTS)
def test_what_a_mistake_changes_is_still_in_the_product(name: str) -> None:
    assert in_a_process_of_its_own(mutating.install, name, "operations") == 0


def test_what_the_fail_points_hang_on_is_still_in_the_product(tmp_path: Path) -> None:
    assert in_a_process_of_its_own(failing.install, tmp_path, "matching") == 0


def test_the_same_text_cannot_be_changed_twice() -> None:
    once = rewrite("one", "two")("one of them")
    with pytest.raises(PatchTargetGone):
        rewrite("one", "two")(once)


def test_nobody_refers_for_the_need_that_a_link_worker_adds() -> None:
    assert NEW_NEED not in NEEDS


@pytest.mark.parametrize(
    ("expected", "caught_by", "said", "good"),
    [
        ("lost", ["order", "lost"], ["…"], True),
        ("lost", ["order"], ["…"], False),
        ("lost", [], ["TimeoutError: "], False),
        ("", [], [], True),
        ("", ["rest"], ["…"], False),
        ("", [], ["not quiet after failed_once"], False),
    ],
)
def test_only_the_check_that_should_catch_a_mistake_counts(
    expected: str, caught_by: list[str], said: list[str], good: bool
) -> None:
    assert Seen("name", "scene", expected, caught_by, 1.0, said).is_good is good
