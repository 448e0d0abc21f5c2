"""A goal is met on its side of the bound, shares are taken in pairs, and a result file says it all again."""

import json
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import report, results
from benchmarks.figures import Goal, Outcome, Series, interleave, percentile
from benchmarks.plot import draw
from benchmarks.processes import part_of

VALUES = st.lists(st.floats(0.001, 1e6), min_size=1, max_size=9)
FIGURE = Series("handled", "events/s", (900.0, 1000.0, 1100.0))
LIMIT = Series("bare & quick", "events/s", (1800.0, 2500.0, 2200.0))


def an_outcome(*goals: Goal) -> Outcome:
    tables = {"waits": [["kind", "share"], ["lock", "3%"]]}
    return Outcome("Events", (FIGURE, LIMIT), goals, "event", {"kafka": 0.5, "driver": 0.1}, ("One note.",), tables)


@pytest.mark.parametrize(("value", "at_least", "met"), [(0.4, True, True), (0.39, True, False), (0.39, False, True)])
def test_a_goal_is_met_on_its_side_of_the_bound(value: float, at_least: bool, met: bool) -> None:
    assert Goal("of it", value, 0.4, at_least).met is met


def test_shares_of_a_limit_are_taken_run_by_run() -> None:
    assert FIGURE.over(LIMIT).values == (0.5, 0.4, 0.5)


def test_series_of_different_lengths_have_no_shares() -> None:
    with pytest.raises(ValueError, match="zip"):
        FIGURE.over(Series("short", "events/s", (1.0,)))


@given(VALUES, st.floats(0.01, 1))
def test_so_large_a_share_of_the_values_does_not_exceed_a_percentile(values: list[float], share: float) -> None:
    found = percentile(values, share)
    assert sum(value <= found for value in values) >= share * len(values)
    assert sum(value < found for value in values) < share * len(values)


async def test_measures_are_taken_in_turn() -> None:
    order: list[str] = []

    async def measure(name: str) -> float:
        order.append(name)
        return float(len(order))

    columns = await interleave(3, lambda: measure("figure"), lambda: measure("limit"))
    assert order == ["figure", "limit"] * 3
    assert columns == [(1.0, 3.0, 5.0), (2.0, 4.0, 6.0)]


def test_an_outcome_is_read_back_from_its_file() -> None:
    outcome = an_outcome(Goal("of the bare loop", 0.5, 0.3))
    again = results.from_json(json.loads(json.dumps(results.as_json(outcome))))
    assert (again.series, again.goals, again.processor_ms) == (outcome.series, outcome.goals, outcome.processor_ms)


def test_a_goal_that_was_missed_stands_out_in_the_document() -> None:
    missed = Goal("of the bare loop", 0.2, 0.3)
    said = {"date": "2026-01-01", "commit": "abc", "machine": {"cores": "2"}}
    written = report.figures(said, {"events": an_outcome(missed)})
    assert "**missed**: of the bare loop 0.20, wanted at least 0.30" in written
    assert "| lock | 3% |" in written


@given(VALUES)
def test_a_drawing_is_well_formed_and_every_dot_lies_inside(values: list[float]) -> None:
    drawing = ET.fromstring(draw(Outcome("A & B", (Series("a < b", "x", tuple(values)),), (), "x", {})))
    dots = [float(dot.attrib["cx"]) for dot in drawing.iter("{http://www.w3.org/2000/svg}circle")]
    assert len(dots) == len(values)
    assert all(330 <= x <= 670 for x in dots)


@pytest.mark.parametrize(("name", "part"), [("matching-2", "matching"), ("referral-intake-1", "referral-intake")])
def test_replicas_count_as_their_service(name: str, part: str) -> None:
    assert part_of(name) == part
