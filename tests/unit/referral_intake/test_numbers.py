"""Numbers: a person is merged on a number only when its check digit and its range agree with what it claims to be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referral_intake.people.numbers import WEIGHTS, passes_modulus_11, read_number


def with_check_digit(nine: int) -> str | None:
    """Work the check digit out the long way, as the NHS Data Dictionary describes it."""
    digits = f"{nine:09d}"
    left = 11 - sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True)) % 11
    return None if left == 10 else digits + str(0 if left == 11 else left)


@given(st.integers(0, 999_999_999), st.integers(0, 9))
def test_only_the_right_check_digit_passes(nine: int, last: int) -> None:
    assert passes_modulus_11(f"{nine:09d}{last}") == (with_check_digit(nine) == f"{nine:09d}{last}")


@pytest.mark.parametrize(
    ("text", "declared", "kind", "confirmed"),
    [
        ("999 000 0018", "nhs", "nhs", True),
        ("9990000018", "chi", "nhs", False),  # declared CHI, outside its range
        ("0101010013", "chi", "chi", False),  # a digit wrong
        ("999-000-0026", "nhs", "nhs", True),
        ("5990000014", "nhs", "nhs", False),  # 5… is not issued
        ("9990000035", "nhs", "nhs", False),  # a digit wrong, as in the reference messages, which mark it verified
        ("9999999999", "nhs", "nhs", False),  # a placeholder that passes modulus 11
        ("0000000000", "nhs", "nhs", False),
        # Of the ranges of Northern Ireland, England, Wales and the Isle of Man, and nobody's: a digit is wrong.
        ("3200000014", "chi", "nhs", False),
        ("4000000000", "chi", "nhs", False),
        ("6000000000", "chi", "nhs", False),
        ("not known", "nhs", "nhs", False),
    ],
)
def test_a_number_is_trusted_only_when_everything_agrees(text: str, declared: str, kind: str, confirmed: bool) -> None:
    number = read_number(text, declared)  # type: ignore[arg-type]  # parametrised as plain strings
    assert (number.kind, number.confirmed) == (kind, confirmed)


def test_a_chi_number_in_an_nhs_field_is_told_apart_and_trusted() -> None:
    """Of somebody born on 31 February, who cannot be."""
    chi = next(digits for nine in range(310_201_001, 310_201_100) if (digits := with_check_digit(nine)))
    number = read_number(chi, "nhs")
    assert (number.kind, number.confirmed) == ("chi", True)


def test_a_chi_number_keeps_its_leading_zero() -> None:
    number = read_number("0101010013", "nhs")  # a digit wrong: nobody's
    assert (number.kind, number.digits) == ("chi", "0101010013")


def test_a_number_that_its_sender_did_not_verify_is_not_trusted() -> None:
    assert not read_number("999 000 0018", "nhs", vouched=False).confirmed
