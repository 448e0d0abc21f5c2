"""Postcodes are read as people type them, and mended only to what was meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.places import outward_centres, read_postcode
from shared.places.postcode import AREAS

OUTWARD = st.sampled_from(sorted(outward_centres()))
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
    postcode = read_postcode(typed)
    assert postcode is None or postcode.full is None


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
