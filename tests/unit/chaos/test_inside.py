"""Which processes are let faults into, and what a patch asks of what it replaces."""

import types
from pathlib import Path

import pytest

from tests.chaos.failpoints import BEFORE_BATCH, HANDLING, POINTS, arm, disarm, fire, fired, fired_by, set_clock
from tests.chaos.inside.entering import service_of
from tests.chaos.inside.patching import PatchTargetGone, replace


@pytest.mark.parametrize(
    ("command", "service"),
    [
        ("python /v/bin/faststream run matching.app:app --port 1", "matching"),
        ("faststream run referral_intake.app:app", "referral-intake"),
        ("python faststream run tests.integration.chaos.app:app", "chaos"),
        ("python -m shared.messaging.migrate", None),
        ("python -m pytest", None),
        ("faststream run matching.other:app", None),
        ("faststream docs serve matching.app:app", None),
    ],
)
def test_only_a_process_that_runs_a_service_is_one(command: str, service: str | None) -> None:
    assert service_of(command.split()) == service


def test_a_patch_gets_the_original_and_takes_its_place() -> None:
    owner = types.SimpleNamespace(double=lambda number: 2 * number)
    replace(owner, "double", lambda double: lambda number: double(number) + 1)
    assert owner.double(2) == 5


def test_a_patch_refuses_where_its_target_is_gone() -> None:
    with pytest.raises(PatchTargetGone, match="has no double"):
        replace(types.SimpleNamespace(), "double", lambda original: original)


class _Base:
    def inherited(self) -> None: ...


class _Child(_Base): ...


def test_a_patch_refuses_what_its_owner_only_inherits() -> None:
    with pytest.raises(PatchTargetGone, match="_Child has no inherited"):
        replace(_Child, "inherited", lambda original: original)


@pytest.mark.parametrize("point", POINTS)
def test_an_armed_point_can_be_taken_back_once(tmp_path: Path, point: str) -> None:
    arm(tmp_path, "matching", point)
    assert disarm(tmp_path, "matching", point)
    assert not disarm(tmp_path, "matching", point)
    assert not fired(tmp_path, "matching", point)


def test_one_process_does_as_it_is_told_and_is_known_afterwards(tmp_path: Path) -> None:
    arm(tmp_path, "matching", BEFORE_BATCH, "wait", 2.5)
    assert fired_by(tmp_path, "matching", BEFORE_BATCH) is None
    assert fire(tmp_path, "matching", BEFORE_BATCH, 4711) == ("wait", 2.5)
    assert fire(tmp_path, "matching", BEFORE_BATCH, 4712) is None
    assert fired_by(tmp_path, "matching", BEFORE_BATCH) == 4711


def test_what_was_fired_before_it_was_armed_again_does_not_count(tmp_path: Path) -> None:
    arm(tmp_path, "matching", BEFORE_BATCH, "stop")
    fire(tmp_path, "matching", BEFORE_BATCH, 4711)
    arm(tmp_path, "matching", BEFORE_BATCH, "stop")
    assert not fired(tmp_path, "matching", BEFORE_BATCH)


def test_a_point_that_does_not_exist_cannot_be_armed(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="after-lunch is none of"):
        arm(tmp_path, "matching", "after-lunch")


def test_what_nobody_can_do_at_a_point_cannot_be_armed(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="sulk is none of"):
        arm(tmp_path, "matching", POINTS[0], "sulk")


def test_a_point_in_the_handling_of_any_type_can_be_armed(tmp_path: Path) -> None:
    arm(tmp_path, "casework", f"{HANDLING}linkway.referral.received.v1", "raise")
    assert [path.name for path in tmp_path.iterdir()] == ["casework.handling-linkway.referral.received.v1"]


def test_a_clock_is_set_and_set_right_again(tmp_path: Path) -> None:
    set_clock(tmp_path, "casework", -300)
    assert (tmp_path / "casework.clock").read_text() == "-300"
    set_clock(tmp_path, "casework", 0)
    assert list(tmp_path.iterdir()) == []
