"""Outward codes have a middle in the whole country, and codes of areas are those of today."""

import math

import pytest

from shared.places import (
    board_of,
    integration_authority_of,
    nation_of,
    outward_centre,
    outward_centres,
    present_code,
)
from shared.places.codes import REPLACED
from shared.places.outward import FILE


def test_every_outward_code_of_the_table_lies_in_the_country_and_its_file_is_small() -> None:
    centres = outward_centres()
    assert len(centres) > 2_800
    assert all(49 < centre.latitude < 61 and -8.5 < centre.longitude < 2 for centre in centres.values())
    assert FILE.stat().st_size < 120 * 1024


@pytest.mark.parametrize(
    ("outward", "north", "east"),
    [("DD1", 56.46, -2.97), ("LS1", 53.80, -1.55), ("CF10", 51.48, -3.18), ("BT1", 54.60, -5.93), ("ZE1", 60.17, -1.2)],
)
def test_a_middle_is_where_the_town_is(outward: str, north: float, east: float) -> None:
    centre = outward_centre(outward)
    assert centre is not None
    assert math.dist((centre.latitude, centre.longitude), (north, east)) < 0.1


def test_an_outward_code_that_nobody_has_has_no_middle() -> None:
    assert outward_centre("ZZ99") is None


@pytest.mark.parametrize("outward", ["TD15", "DD5", "LS1"])
def test_what_lies_across_an_edge_or_outside_scotland_names_no_council(outward: str) -> None:
    centre = outward_centre(outward)
    assert centre is not None
    assert centre.council is None


def test_areas_named_in_the_table_are_those_of_today_and_agree() -> None:
    centres = outward_centres().values()
    assert {centre.council for centre in centres if centre.council} & REPLACED.keys() == set()
    assert [centre for centre in centres if centre.council and board_of(centre.council) != centre.health_board] == []


@pytest.mark.parametrize(
    ("outward", "nation"),
    [("DD4", "S"), ("TD9", None), ("LS10", "E"), ("CF10", "W"), ("SY10", None), ("BT7", "N"), ("IM1", None)],
)
def test_an_outward_code_says_its_nation_except_beside_a_border(outward: str, nation: str | None) -> None:
    assert nation_of(outward) == nation


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("S12000015", "S12000047"),  # Fife
        ("S12000024", "S12000048"),  # Perth and Kinross
        ("S12000043", "S12000049"),  # Glasgow City
        ("S12000046", "S12000049"),
        ("S12000044", "S12000050"),  # North Lanarkshire
        ("S08000018", "S08000029"),  # Fife
        ("S08000027", "S08000030"),  # Tayside
        ("S08000021", "S08000031"),  # Greater Glasgow and Clyde
        ("S08000023", "S08000032"),  # Lanarkshire
        ("S37000014", "S37000032"),  # Fife
        ("S37000023", "S37000033"),  # Perth and Kinross
        ("S37000015", "S37000034"),  # Glasgow City
        ("S37000021", "S37000035"),  # North Lanarkshire
        ("E08000035", "E08000035"),
    ],
)
def test_a_code_is_read_as_the_one_that_replaced_it(old: str, new: str) -> None:
    assert present_code(old) == new


def test_no_replacement_is_itself_replaced() -> None:
    assert REPLACED.keys() & set(REPLACED.values()) == set()


def test_every_council_lies_in_one_health_board_and_has_one_authority() -> None:
    councils = [code for code in (f"S12{n:06}" for n in range(1, 60)) if board_of(code)]
    assert len(councils) == 32
    assert len({integration_authority_of(council) for council in councils}) == 31  # Stirling shares Clackmannanshire's
    assert len({board_of(council) for council in councils}) == 14
    assert all(board_of(integration_authority_of(council)) == board_of(council) for council in councils)
