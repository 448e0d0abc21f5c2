"""`linkway` is a command that is installed, and says what is wrong before it asks the database anything."""

import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from matching.domain import AS_TUNED
from matching.explaining.__main__ import command_of, main, parser
from matching.explaining.commands import Way
from matching.weighing import WeightsError

ROOT = Path(__file__).parents[3]
REFERRAL = "7a1c1f5e-8a53-4c7b-9f0e-0d7a3c5e9b11"


@pytest.mark.parametrize("script", ["linkway", "linkway-local"])
def test_each_script_of_the_package_is_a_function_of_ours(script: str) -> None:
    module, function = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"][script].split(":")
    assert callable(getattr(import_module(module), function))


@pytest.mark.parametrize(
    "line",
    [
        [],
        ["explain"],
        ["explain", "no-uuid"],
        ["dry-run"],
        ["dry-run", "--weights", "w.yaml", "--days", "0"],
        ["dry-run", "--weights", "w.yaml", "--most", "all"],
    ],
)
def test_a_command_line_that_asks_nothing_sensible_is_refused(line: list[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        parser().parse_args(line)
    assert refused.value.code == 2


def test_a_referral_alone_and_weights_alone_are_enough(tmp_path: Path) -> None:
    way, weights = Way(None, AS_TUNED), tmp_path / "weights.yaml"
    weights.write_text("distance: 4")
    assert callable(command_of(parser().parse_args(["explain", REFERRAL]), way))
    assert callable(command_of(parser().parse_args(["dry-run", "--weights", str(weights)]), way))
    weights.write_text("distance: far")
    with pytest.raises(WeightsError):
        command_of(parser().parse_args(["dry-run", "--weights", str(weights)]), way)


def test_a_wrong_file_of_weights_is_told_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = tmp_path / "weights.yaml"
    weights.write_text("# ours\nnearness: 4\n")
    monkeypatch.setattr(sys, "argv", ["linkway", "dry-run", "--weights", str(weights)])
    assert main() == 1
    assert "line 2: there is no part “nearness”" in capsys.readouterr().err
