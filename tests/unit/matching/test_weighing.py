"""Weights are data: a file says what differs from the tuned ones, and is refused where it says anything else."""

from dataclasses import fields, replace
from pathlib import Path

import pytest

from matching.domain import AS_TUNED, Proposed, Weights, match
from matching.weighing import WeightsError, read_weights, weights_of
from tests.unit.matching.builders import a_listing, wanted
from tests.unit.matching.searching import a_finder
from tests.unit.matching.test_matching_settings import some_settings

NAMES = [each.name for each in fields(Weights)]


def test_what_a_file_does_not_name_stays_as_it_was_tuned() -> None:
    assert weights_of("distance: 3.5\ndoubt: 0\n") == replace(AS_TUNED, distance=3.5, doubt=0.0)


def test_an_empty_file_changes_nothing() -> None:
    assert weights_of("# nothing yet\n") == AS_TUNED


@pytest.mark.parametrize("name", NAMES)
def test_every_part_has_its_points(name: str) -> None:
    assert getattr(weights_of(f"{name}: 7"), name) == 7.0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("need: 1\ndistence: 2\n", "line 2: there is no part “distence”; is it “distance”?"),
        ("zzz: 2\n", "line 1: there is no part “zzz”; there are access, age"),
        ("need: 1\nneed: 2\n", "line 2: “need” stands twice"),
        ("need: many\n", "line 1: “need” must be a number, 0 or more"),
        ("need: -1\n", "must be a number"),
        ("need: yes\n", "must be a number"),
        ("need: 0\n", "line 1: “need” must be more than 0"),
        ('need: "7"\n', "must be a number"),
        ("need: !!float x\n", "must be a number"),
        ("need: .inf\n", "must be a number"),
        ("need: .nan\n", "must be a number"),
        ("need: [1]\n", "must be a number"),
        ("need: !!python/object:os.system x\n", "line 1: “need” must be a number"),
        ("need: &a {b: *a}\n", "must be a number"),
        ("? [a, b]\n: 1\n", "line 1: there is no part"),
        ("- need\n", "lines of name: points"),
        ("need\n", "lines of name: points"),
        ("need: [1\n", "is not YAML"),
        ("need: 1\n---\nlabel: 2\n", "is not YAML"),
    ],
)
def test_what_says_no_points_is_refused_with_its_place(text: str, told: str) -> None:
    with pytest.raises(WeightsError) as refused:
        weights_of(text)
    assert told in str(refused.value)


def test_a_file_that_is_not_there_or_is_wrong_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="cannot be read"):
        read_weights(tmp_path / "none.yaml")
    wrong = tmp_path / "weights.yaml"
    wrong.write_text("nerd: 1")
    with pytest.raises(WeightsError, match=r"weights.yaml: line 1: .* is it “need”"):
        _ = some_settings(weights=wrong).weighing
    assert some_settings().weighing == AS_TUNED


def test_search_and_score_go_by_the_same_weights() -> None:
    weights = Weights(need=1, text=0.5, distance=0)
    finder = replace(a_finder(a_listing(), with_meaning=False), weights=weights)
    wants = wanted()
    (proposed,) = match(wants, finder.find(wants), {}, weights=weights)
    assert isinstance(proposed, Proposed)
    points = {part.name: part.value for part in proposed.proposals[0].parts}
    assert (points["need"], points["distance"]) == (1.0, 0.0)
    assert finder.search("debt-advice").points_closely(0) == pytest.approx(points["need"] + points["text"], abs=0.001)
