"""Tell NHS numbers, CHI numbers and slips apart, because people are merged on a number only when it checks out."""

from dataclasses import dataclass
from typing import Literal

NumberKind = Literal["nhs", "chi"]

WEIGHTS = range(10, 1, -1)
CHI = range(101_010_000, 3_113_000_000)  # 010101 0000 to 311299 9999: six digits of a birth date first
TEST = range(9_000_000_000, 10_000_000_000)
NHS = (
    range(3_200_000_010, 4_000_000_000),  # Northern Ireland
    range(4_000_000_000, 5_000_000_000),  # England, Wales, Isle of Man
    range(6_000_000_000, 8_000_000_000),  # England, Wales, Isle of Man
    TEST,
)


@dataclass(frozen=True, slots=True, repr=False)
class PersonNumber:
    """A person's number as it was sent; `confirmed` when check digit and range agree with what it claims to be."""

    kind: NumberKind
    digits: str
    confirmed: bool


def read_number(text: str, declared: NumberKind, *, vouched: bool = True) -> PersonNumber:
    """Read a number declared as NHS or CHI; `vouched` is false where the sender says that it was not verified.

    A CHI number passes as an NHS number, so the range decides which it is. What does not check out is kept and
    marked unconfirmed: senders mark wrong numbers as verified.
    """
    digits = "".join(character for character in text if not character.isspace() and character != "-")
    kind = _kind(digits)
    return PersonNumber(
        kind or declared, digits, confirmed=vouched and kind is not None and _agrees(kind, declared, digits)
    )


def _agrees(kind: NumberKind, declared: NumberKind, digits: str) -> bool:
    """Say whether a number may be trusted: declared CHI must be CHI; an NHS field is often filled with a CHI number."""
    return declared in (kind, "nhs") and len(set(digits)) > 1 and passes_modulus_11(digits)


def _kind(digits: str) -> NumberKind | None:
    if len(digits) != 10 or not (digits.isascii() and digits.isdecimal()):
        return None
    number = int(digits)
    if number in CHI and 1 <= int(digits[:2]) <= 31 and 1 <= int(digits[2:4]) <= 12:
        return "chi"
    return "nhs" if any(number in block for block in NHS) else None


def passes_modulus_11(digits: str) -> bool:
    """Check ten digits: the last is 11 less the remainder of the weighted first nine (NHS Data Dictionary)."""
    check = -sum(weight * int(digit) for weight, digit in zip(WEIGHTS, digits, strict=False)) % 11
    return check == int(digits[9])
