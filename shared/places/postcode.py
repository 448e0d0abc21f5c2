"""Read postcodes as people type them, because a slip in a postcode must not stop a referral."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

AREAS = frozenset(
    """
    AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK
    FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN
    NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW
    UB W WA WC WD WF WN WR WS WV YO ZE
    """.split()  # noqa: SIM905  # a list of 124 quoted words hides a wrong one
)
OUTWARD = re.compile(r"([A-Z]{1,2})[0-9][0-9A-HJKMNPR-Y]?")  # I L O Q Z never stand last
INWARD = re.compile(r"[0-9][ABD-HJLNP-UW-Z]{2}")  # C I K M O V are not used in the last two places
SLIPS = {"O": "0", "0": "O", "I": "1", "1": "I", "L": "1"}


@dataclass(frozen=True, slots=True, repr=False)
class Postcode:
    """A postcode, without its inward part when that could not be read; `repaired` when a slip was mended."""

    outward: str
    inward: str | None
    repaired: bool

    @property
    def full(self) -> str | None:
        """Return the postcode as it is printed, where both parts are known."""
        return f"{self.outward} {self.inward}" if self.inward else None


def read_postcode(text: str) -> Postcode | None:
    """Return what can be read of a postcode, mending O for 0 and I or L for 1; none when two readings are as likely."""
    typed = re.sub(r"[^A-Z0-9]", "", text.upper())
    first, *rest = text.upper().split() or [""]
    if len(typed) >= 5 and (whole := _whole(typed)):
        return whole
    outward = _mend(re.sub(r"[^A-Z0-9]", "", first), _is_outward) if rest or len(typed) < 5 else None
    return Postcode(outward, None, repaired=outward != first) if outward else None


def _whole(typed: str) -> Postcode | None:
    outward, inward = _mend(typed[:-3], _is_outward), _mend(typed[-3:], _is_inward)
    if outward is None or inward is None:
        return None
    return Postcode(outward, inward, repaired=outward + inward != typed)


def _is_outward(part: str) -> bool:
    match = OUTWARD.fullmatch(part)
    return match is not None and match[1] in AREAS


def _is_inward(part: str) -> bool:
    return INWARD.fullmatch(part) is not None


def _mend(part: str, valid: Callable[[str], bool]) -> str | None:
    """Return the valid reading with the fewest mended characters, if there is one alone."""
    if valid(part):
        return part
    readings: dict[int, list[str]] = {}
    for characters in product(*((character, SLIPS.get(character, character)) for character in part[:5])):
        reading = "".join(characters)
        if valid(reading):
            readings.setdefault(sum(a != b for a, b in zip(reading, part, strict=False)), []).append(reading)
    best = set(readings[min(readings)]) if readings else set()
    return best.pop() if len(best) == 1 else None
