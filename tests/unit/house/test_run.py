"""A run that ran too little is not called good: skips are forgiven for two reasons only, and never count as passed."""

from pathlib import Path

import pytest

from tests.run import NO_DATA, NOT_ROOT, TIERS, failed, faults, is_unsteady, minimums

PASSED = '<testcase classname="tests.unit.a" name="test_b" />'
FAILED = '<testcase classname="tests.unit.a" name="test_b"><failure message="no">no</failure></testcase>'
BROKEN = '<testcase classname="tests.unit.a" name="test_b"><error message="no">no</error></testcase>'


def skipped(reason: str) -> str:
    """A skip as pytest writes it."""
    inner = f'<skipped type="pytest.skip" message="{reason}">a.py:1: {reason}</skipped>'
    return f'<testcase classname="tests.unit.a" name="test_c">{inner}</testcase>'


def faults_of(folder: Path, *cases: str, minimum: int = 1) -> list[str]:
    """What is said of a run of these tests."""
    report = folder / "unit.xml"
    report.write_text(f'<testsuites><testsuite name="pytest">{"".join(cases)}</testsuite></testsuites>')
    return faults("unit", report, minimum)


def test_a_run_of_enough_passed_tests_is_good(tmp_path: Path) -> None:
    assert faults_of(tmp_path, PASSED, PASSED, minimum=2) == []


@pytest.mark.parametrize("other", [skipped(NO_DATA), skipped(NOT_ROOT), FAILED, BROKEN])
def test_only_passed_tests_count_towards_the_minimum(tmp_path: Path, other: str) -> None:
    [fault] = faults_of(tmp_path, PASSED, other, minimum=2)
    assert fault == "unit: 1 tests passed, at least 2 are expected (tests/minimum.txt)"


@pytest.mark.parametrize(
    "reason", [NO_DATA, f"{NOT_ROOT}: somebody else", "the real data, ../shared/data, is not here"]
)
def test_a_skip_for_want_of_the_data_beside_the_project_or_of_root_is_forgiven(tmp_path: Path, reason: str) -> None:
    assert faults_of(tmp_path, PASSED, skipped(reason)) == []


@pytest.mark.parametrize("reason", ["", "no Kafka here", "the real data oruk is not on this machine"])
def test_a_skip_for_any_other_reason_is_told_with_its_reason(tmp_path: Path, reason: str) -> None:
    assert faults_of(tmp_path, PASSED, skipped(reason)) == [f"tests.unit.a.test_c was skipped: {reason}"]


def test_a_run_that_collected_nothing_is_not_good(tmp_path: Path) -> None:
    assert faults_of(tmp_path) == ["unit: 0 tests passed, at least 1 are expected (tests/minimum.txt)"]


def test_every_tier_has_a_minimum() -> None:
    assert set(minimums()) == set(TIERS)


def test_failed_tests_are_named_as_pytest_is_asked_for_them(tmp_path: Path) -> None:
    report = tmp_path / "unit.xml"
    report.write_text(
        "<testsuite>"
        '<testcase classname="tests.unit.house.test_run" name="test_a[x-1]"><failure/></testcase>'
        '<testcase classname="tests.unit.house.test_run" name="test_b"/>'
        '<testcase classname="tests.unit.house.test_run" name="test_c"><error/></testcase>'
        "</testsuite>"
    )
    assert failed(report) == ["tests/unit/house/test_run.py::test_a[x-1]", "tests/unit/house/test_run.py::test_c"]


@pytest.mark.parametrize(
    ("names", "codes", "unsteady"),
    [
        (["a"], [0, 0, 0], True),
        (["a", "b"], [0, 0, 0], True),
        (["a"], [0, 0, 1], False),
        (["a"], [1], False),
        (["a", "b", "c"], [], False),
        ([], [], False),
    ],
)
def test_few_failed_tests_that_pass_each_time_by_themselves_are_unsteady(
    names: list[str], codes: list[int], unsteady: bool
) -> None:
    left = list(codes)
    assert is_unsteady(names, lambda _names: left.pop(0)) is unsteady
    assert left == []
