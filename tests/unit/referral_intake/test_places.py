"""Places: a located postcode leaves as no more than a kilometre, and what is only guessed says so."""

from dataclasses import replace

import pytest

from referral_intake.places import Located, place_of
from shared.contracts import Place
from shared.places import read_postcode

CITY = Located(56.46, -2.97, "S12000042")


def test_a_place_that_nobody_told_is_unknown() -> None:
    assert place_of(None, None) == Place(precision="unknown")


def test_a_listed_postcode_gives_its_point_to_a_kilometre_and_its_council_by_its_present_code() -> None:
    place = place_of(read_postcode("PH1 5NB"), Located(56.397_911, -3.435_292, "S12000024"))
    assert (place.latitude, place.longitude, place.council, place.precision) == (56.4, -3.44, "S12000048", "postcode")


def test_an_unlisted_postcode_is_approximate() -> None:
    place = place_of(read_postcode("DD4 9ZZ"), None)
    assert (place.outward, place.precision) == ("DD4", "outward")
    assert place.latitude == pytest.approx(56.48, abs=0.1)


@pytest.mark.parametrize(
    ("typed", "located", "precision"),
    [
        ("DD1 4HN", CITY, "postcode"),
        ("DDI 4HN", CITY, "approximate"),
        ("DD1 4HN", replace(CITY, approximate=True), "approximate"),
        ("DDI 4HN", None, "outward"),
        ("DD1", None, "outward"),
    ],
)
def test_what_is_mended_retired_or_split_is_told_with_its_areas_as_approximate(
    typed: str, located: Located | None, precision: str
) -> None:
    place = place_of(read_postcode(typed), located)
    assert (place.precision, place.outward, place.council) == (precision, "DD1", "S12000042")


def test_a_council_says_its_health_board_and_integration_authority_where_the_table_does_not() -> None:
    place = place_of(read_postcode("DD1 4HN"), CITY)
    assert (place.health_board, place.integration_authority) == ("S08000030", "S37000007")


def test_areas_are_told_by_their_present_codes_and_classes_as_they_are() -> None:
    located = Located(
        *(56.11, -3.16, "S12000015", "S13002980", "S08000018", "S37000014"), urban_rural=2, simd_quintile=4
    )
    place = place_of(read_postcode("KY1 1XT"), located)
    assert (place.council, place.health_board, place.integration_authority) == ("S12000047", "S08000029", "S37000032")
    assert (place.ward, place.urban_rural, place.simd_quintile) == ("S13002980", 2, 4)


def test_an_outward_part_anywhere_in_the_country_has_a_distance() -> None:
    place = place_of(read_postcode("LS10 4YU"), None)
    assert (place.outward, place.latitude, place.longitude, place.precision) == ("LS10", 53.76, -1.53, "outward")


def test_an_outward_part_outside_the_table_still_travels() -> None:
    place = place_of(read_postcode("ZE9 9ZZ"), None)
    assert (place.outward, place.latitude, place.precision) == ("ZE9", None, "outward")


def test_a_council_is_named_only_where_the_whole_outward_code_lies_in_it_and_the_health_board_likewise() -> None:
    across = place_of(read_postcode("DD5"), None)
    assert (across.council, across.health_board) == (None, "S08000030")
    assert place_of(read_postcode("AB10"), None).council == "S12000033"
