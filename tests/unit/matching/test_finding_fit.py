"""What is laid out in arrays rules nobody out whom the exact rules would let pass."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.domain import Area, Home, Listing, Point, Site, Wanted
from matching.domain.constraints import age, area, distance_km, status
from matching.finding.fit import Fit
from tests.unit.matching.builders import CITY, a_home, a_listing, wanted
from tests.unit.matching.searching import ages, homes, whereabouts


def passes(listing: Listing, wants: Wanted) -> bool:
    return not any(rule(listing, wants, 0).excludes for rule in (status, age, area))


def kept(found: list[Listing], wants: Wanted) -> list[bool]:
    fit = Fit.of(found)
    mask: list[bool] = fit.may_fit(wants, fit.distances_km(wants.home)).tolist()
    return mask


@settings(max_examples=80)
@given(st.lists(whereabouts, min_size=1, max_size=4), homes, ages, st.booleans())
def test_no_listing_that_the_rules_let_pass_is_left_out(
    found: list[Listing], home: Home, years: int | None, is_person: bool
) -> None:
    wants = replace(wanted(age=years, home=home), is_person=is_person)
    for listing, may_fit in zip(found, kept(found, wants), strict=True):
        assert may_fit or not passes(listing, wants), listing


@settings(max_examples=80)
@given(st.lists(whereabouts, min_size=1, max_size=4), homes, ages)
def test_what_is_kept_for_a_person_passes_but_for_what_lies_metres_beyond_the_reach(
    found: list[Listing], home: Home, years: int | None
) -> None:
    wants = wanted(age=years, home=home)
    for listing, may_fit in zip(found, kept(found, wants), strict=True):
        km = distance_km(listing, home)
        if may_fit and home.point is not None and not (km is not None and 29.9 < km < 30.1):
            assert passes(listing, wants), listing


@pytest.mark.parametrize("areas", [(Area("outward"),), (Area("outward", ""),), (Area("outward"), Area("words"))])
@pytest.mark.parametrize("home", [Home(), Home(outward="")])
def test_an_outward_area_without_a_code_is_a_question_to_who_asks_for_nobody(
    areas: tuple[Area, ...], home: Home
) -> None:
    wants = replace(wanted(home=home), is_person=False)
    assert passes(a_listing(areas=areas), wants)
    assert kept([a_listing(areas=areas)], wants) == [True]


degrees = st.tuples(st.floats(49.9, 60.9), st.floats(-8.2, 1.8)).map(lambda at: Point(*at))


@settings(max_examples=40)
@given(degrees, st.lists(st.lists(degrees, max_size=3), min_size=1, max_size=5))
def test_the_way_is_right_to_fifty_metres(home: Point, sites: list[list[Point]]) -> None:
    found = [a_listing(f"s{at}", sites=tuple(Site(point=point) for point in here)) for at, here in enumerate(sites)]
    km = Fit.of(found).distances_km(a_home(point=home))
    for listing, way in zip(found, km.tolist(), strict=True):
        exact = distance_km(listing, a_home(point=home))
        assert way == pytest.approx(np.inf if exact is None else exact, abs=0.05)


@pytest.mark.parametrize("metres", [0, 1, 10, 100, 500, 1_000, 5_000, 29_999])
def test_the_way_round_the_corner_is_right_too(metres: int) -> None:
    there = Point(CITY.latitude + metres / 111_195, CITY.longitude)
    (km,) = Fit.of([a_listing(sites=(Site(point=there),))]).distances_km(a_home())
    assert km * 1000 == pytest.approx(metres, abs=50)


def test_where_either_end_is_unknown_the_way_is_infinite() -> None:
    fit = Fit.of([a_listing(), a_listing("nowhere", sites=(Site("Hall"),)), a_listing("no-site", sites=())])
    assert fit.distances_km(Home()).tolist() == [np.inf] * 3
    assert fit.distances_km(a_home()).tolist() == [pytest.approx(0, abs=0.05), np.inf, np.inf]


def test_nothing_is_laid_out_of_nothing() -> None:
    assert kept([], wanted()) == []
