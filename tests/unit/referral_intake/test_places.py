"""Places: a postcode is read as people type it, and leaves as no more than a kilometre."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referral_intake.places import Located, outward_codes, place_of, read_postcode
from referral_intake.places.postcode import AREAS

OUTWARD = st.sampled_from(sorted(outward_codes()))
INWARD = st.from_regex(r"[0-9][ABD-HJLNP-UW-Z]{2}", fullmatch=True)


@pytest.mark.parametrize(
    ("typed", "full", "repaired"),
    [
        ("DD1 4HN", "DD1 4HN", False),
        ("dd14hn", "DD1 4HN", False),
        ("  PH10  6aa ", "PH10 6AA", False),
        ("DD1  4HN.", "DD1 4HN", False),
        ("DDI 4HN", "DD1 4HN", True),
        ("PH1O 6AA", "PH10 6AA", True),
        ("KY1 lLN", "KY1 1LN", True),
        ("G2O OXA", "G20 0XA", True),
        ("EC1A 1BB", "EC1A 1BB", False),
    ],
)
def test_a_postcode_is_read_as_people_type_it(typed: str, full: str, repaired: bool) -> None:
    postcode = read_postcode(typed)
    assert postcode is not None
    assert (postcode.full, postcode.repaired) == (full, repaired)


@pytest.mark.parametrize(
    ("typed", "outward"), [("DD4", "DD4"), ("ph1", "PH1"), ("DD4 ?", "DD4"), ("KY1 2", "KY1"), ("DDI", "DD1")]
)
def test_an_outward_part_alone_is_kept(typed: str, outward: str) -> None:
    postcode = read_postcode(typed)
    assert postcode is not None
    assert (postcode.outward, postcode.full) == (outward, None)


@pytest.mark.parametrize("typed", ["", "   ", "unknown", "NFA", "12345", "QQ1 1AA", "no fixed abode", "DD1 4HC1234"])
def test_what_is_no_postcode_gives_no_place(typed: str) -> None:
    assert read_postcode(typed) is None or read_postcode(typed).full is None  # type: ignore[union-attr]  # narrowed on the left
    assert place_of(None, None).precision == "unknown"


@given(OUTWARD, INWARD, st.data())
def test_letters_typed_for_digits_are_mended_to_the_same_postcode_or_not_at_all(
    outward: str, inward: str, data: st.DataObject
) -> None:
    slips = {"0": "O", "1": "I"}
    typed = "".join(slips.get(c, c) if data.draw(st.booleans()) else c for c in f"{outward} {inward}")
    postcode = read_postcode(typed)
    assert postcode is None or postcode.full == f"{outward} {inward}"
    assert postcode is None or postcode.repaired == (typed != f"{outward} {inward}")


@given(st.text(max_size=12))
def test_whatever_is_typed_the_outward_part_has_a_real_area(typed: str) -> None:
    postcode = read_postcode(typed)
    assert postcode is None or {postcode.outward[:2], postcode.outward[:1]} & AREAS


def test_a_listed_postcode_gives_its_point_to_a_kilometre_and_its_council_by_its_present_code() -> None:
    place = place_of(read_postcode("PH1 5NB"), Located(56.397_911, -3.435_292, "S12000024"))
    assert (place.latitude, place.longitude, place.council, place.precision) == (56.4, -3.44, "S12000048", "postcode")


def test_an_unlisted_postcode_is_approximate() -> None:
    place = place_of(read_postcode("DD4 9ZZ"), None)
    assert (place.outward, place.precision) == ("DD4", "outward")
    assert place.latitude == pytest.approx(56.48, abs=0.1)


def test_a_mended_postcode_is_approximate_even_when_it_is_listed() -> None:
    assert place_of(read_postcode("DDI 4HN"), Located(56.46, -2.97, "S12000042")).precision == "outward"


def test_an_outward_part_outside_the_table_still_travels() -> None:
    place = place_of(read_postcode("LS10 4YU"), None)
    assert (place.outward, place.latitude, place.precision) == ("LS10", None, "outward")


def test_a_council_is_named_only_where_the_whole_outward_code_lies_in_it() -> None:
    assert place_of(read_postcode("DD3"), None).council in {"S12000042", None}
    assert place_of(read_postcode("AB10"), None).council == outward_codes()["AB10"].council
