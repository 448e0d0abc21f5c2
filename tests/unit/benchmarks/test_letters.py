"""The bench of letters: each letter's answer, and figures against what people expect of it."""

import argparse
import json
from pathlib import Path

import pytest

from benchmarks.quality.counting import Counts, tally
from benchmarks.quality.letters import measure, run, told

LETTERS = [
    {
        "id": "1",
        "text": "She is lonely. No longer drinks. Suicidal.",
        "needs": [{"code": "loneliness"}, {"code": "food"}],
        "acceptable": [],
        "ruled_out": [{"code": "alcohol", "why": "past"}],
        "risks": [{"kind": "suicide", "standing": "current"}],
    },
    {"id": "2", "text": "Please see.", "codes": [{"system": "gravity", "code": "food-insecurity"}]},
]


def test_each_letter_is_answered_and_held_against_its_expectations() -> None:
    found = measure(LETTERS)
    first, second = found["letters"]
    assert [need["code"] for need in first["needs"]] == ["loneliness"]
    assert [(out["code"], out["why"]) for out in first["ruled_out"]] == [("alcohol", "past")]
    assert [(risk["kind"], risk["standing"]) for risk in first["risk"]] == [("suicide", "current")]
    assert [(need["code"], need["source"]) for need in second["needs"]] == [("food", "code")]
    figures = found["figures"]
    assert (figures["needs"]["all"]["precision"], figures["needs"]["all"]["recall"]) == (1.0, 0.5)
    assert figures["needs"]["food"]["missed"] == 1
    assert figures["current_risks"]["suicide"]["recall"] == 1.0
    assert figures["ruled_out_found"] == 1.0
    assert figures["false_alarms"] == {"letters": 0, "of": 0, "share": 0.0}
    assert any("precision" in line for line in told("letters", figures))


def test_what_is_acceptable_counts_neither_for_nor_against() -> None:
    counts = Counts()
    tally(counts, {"food", "sleep"}, {"food"}, {"sleep"})
    assert counts.as_json()["all"]["precision"] == 1.0


def test_letters_go_to_stdout_a_line_each_or_into_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    letters, out = tmp_path / "given.jsonl", tmp_path / "found.json"
    letters.write_text("\n".join(json.dumps(letter) for letter in LETTERS))
    assert run(argparse.Namespace(letters=letters, out=out)) == 0
    assert capsys.readouterr().out == ""
    assert [each["id"] for each in json.loads(out.read_text())["given"]["letters"]] == ["1", "2"]
