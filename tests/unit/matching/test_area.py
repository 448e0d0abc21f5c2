"""Where a service works and where a person lives: yes, no, or not known."""

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.domain import Area, Home, Point
from matching.domain.constraints import Wanted
from shared.contracts import Place

DUNDEE, ANGUS, FIFE, OLD_FIFE, EDINBURGH, LEEDS = (
    *("S12000042", "S12000041", "S12000047", "S12000015"),
    *("S12000036", "E08000035"),
)
TAYSIDE, OLD_TAYSIDE, LOTHIAN = "S08000030", "S08000027", "S08000024"
LOCHEE = "S13002543"


def home(**said: object) -> Home:
    return Home.of(Place.model_validate(said))


@pytest.mark.parametrize(
    ("code", "where", "answer"),
    [
        (DUNDEE, {"council": DUNDEE}, True),
        (ANGUS, {"council": DUNDEE}, False),
        (ANGUS, {"outward": "DD5"}, None),
        (OLD_FIFE, {"council": FIFE}, True),
        (FIFE, {"council": OLD_FIFE}, True),
        (LOCHEE, {"council": DUNDEE, "ward": LOCHEE}, True),
        (LOCHEE, {"council": DUNDEE}, None),
        (LOCHEE, {"council": DUNDEE, "ward": "S13002544"}, False),
        (TAYSIDE, {"council": DUNDEE}, True),
        (OLD_TAYSIDE, {"council": DUNDEE}, True),
        (TAYSIDE, {"health_board": OLD_TAYSIDE}, True),
        (LOTHIAN, {"council": DUNDEE}, False),
        (LOTHIAN, {"outward": "DD5"}, None),
        (DUNDEE, {"health_board": TAYSIDE}, None),
        (EDINBURGH, {"health_board": TAYSIDE}, False),
        ("S37000007", {"council": DUNDEE}, True),
        ("S37000003", {"council": DUNDEE}, False),
        ("S37000007", {"health_board": TAYSIDE}, None),
        ("S37000012", {"health_board": TAYSIDE}, False),
        ("S37000014", {"council": FIFE}, True),
        ("E54000054", {"council": LEEDS, "health_board": "E54000054"}, True),
        ("E54000054", {"council": LEEDS}, None),
        ("E12000003", {"council": LEEDS}, None),
        ("E12000003", {"council": DUNDEE}, False),
        (LEEDS, {"outward": "DD5"}, False),
        (DUNDEE, {"outward": "LS10"}, False),
        (LEEDS, {"outward": "TD15"}, None),
        ("S92000003", {"outward": "DD5"}, True),
        ("S92000003", {"health_board": TAYSIDE}, True),
        ("K04000001", {"outward": "CF10"}, True),
        ("K04000001", {"council": DUNDEE}, False),
        ("K02000001", {}, True),
        ("S01007705", {"council": DUNDEE}, None),
    ],
)
def test_a_code_covers_a_home_or_not_or_that_is_not_known(
    code: str, where: dict[str, object], answer: bool | None
) -> None:
    assert Area("gss", code).covers(home(**where)) is answer


@pytest.mark.parametrize(
    ("precision", "inside", "outside"),
    [("postcode", True, False), ("approximate", True, False), ("outward", True, None)],
)
def test_a_circle_is_held_against_a_postcodes_point_and_a_districts_middle_only_says_yes(
    precision: str, inside: bool, outside: bool | None
) -> None:
    where = home(latitude=56.46, longitude=-2.97, precision=precision)
    assert Area("circle", centre=Point(56.47, -2.97), radius_km=3).covers(where) is inside
    assert Area("circle", centre=Point(56.70, -2.97), radius_km=3).covers(where) is outside


def test_a_postcode_of_nobody_is_found_by_its_district() -> None:
    assert Home.found("ab10 1ab") == Home(
        council="S12000033",
        outward="AB10",
        point=Point(57.14, -2.12),
        health_board="S08000020",
        integration_authority="S37000001",
    )
    leeds = Home.found("LSI 4DY")
    assert leeds is not None
    assert (leeds.outward, leeds.council, leeds.nation, leeds.exact) == ("LS1", None, "E", False)
    assert Home.found("ZE9 1AA") == Home(outward="ZE9")
    assert Home.found("near the park") is None


COUNCILS = st.sampled_from([DUNDEE, ANGUS, FIFE, EDINBURGH, "S12000005", "S12000030"])
CODES = st.sampled_from([DUNDEE, OLD_FIFE, LEEDS, TAYSIDE, LOTHIAN, LOCHEE, "S37000005", "S08000019", "S92000003"])


@given(CODES, COUNCILS, st.sets(st.sampled_from(["council", "health_board", "integration_authority", "outward"])))
def test_knowing_less_of_a_home_turns_no_answer_but_into_not_known(code: str, council: str, lost: set[str]) -> None:
    known = replace(home(council=council), outward="DD1")
    forgotten: dict[str, Any] = dict.fromkeys(lost)
    answer = Area("gss", code).covers(replace(known, **forgotten))
    assert answer in {Area("gss", code).covers(known), None}


def test_how_deprived_a_place_is_never_gets_into_a_home() -> None:
    assert {home(council=DUNDEE, simd_quintile=quintile) for quintile in (None, 1, 5)} == {home(council=DUNDEE)}
    assert not [field.name for kind in (Home, Wanted) for field in fields(kind) if "simd" in field.name]
