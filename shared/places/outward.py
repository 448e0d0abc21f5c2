"""The middle of each outward code, so that distances can be told before any table of postcodes is loaded."""

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shared.places.postcode import AREAS

FILE = Path(__file__).with_name("outward.csv")

SCOTTISH = frozenset(("AB", "DD", "DG", "EH", "FK", "G", "HS", "IV", "KA", "KW", "KY", "ML", "PA", "PH", "ZE"))
WELSH = frozenset(("CF", "SA"))
ACROSS_A_BORDER = frozenset(("CH", "GL", "HR", "LD", "LL", "NP", "SY", "TD"))
OUTSIDE = frozenset(("GY", "IM", "JE"))
NATIONS = (
    dict.fromkeys(AREAS - SCOTTISH - WELSH - ACROSS_A_BORDER - OUTSIDE - {"BT"}, "E")
    | dict.fromkeys(SCOTTISH, "S")
    | dict.fromkeys(WELSH, "W")
    | {"BT": "N"}
)
"""Postcode areas that lie wholly in one nation, and the first letter of that nation's GSS codes."""


@dataclass(frozen=True, slots=True)
class OutwardCentre:
    """Degrees north and east, and the codes of the council and the health board where all of it lies in one."""

    latitude: float
    longitude: float
    council: str | None = None
    health_board: str | None = None


@cache
def outward_centres() -> dict[str, OutwardCentre]:
    """Return the middle of every outward code of the bundled table, which names its sources."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {
            row["outward"]: OutwardCentre(
                float(row["latitude"]), float(row["longitude"]), row["council"] or None, row["health_board"] or None
            )
            for row in rows
        }


def outward_centre(outward: str) -> OutwardCentre | None:
    """Return the middle of an outward code, or None for one that the table has not."""
    return outward_centres().get(outward)


def nation_of(outward: str) -> str | None:
    """Return the first letter of the GSS codes of an outward code's nation, or None beside a border."""
    area = re.match("[A-Z]+", outward)
    return NATIONS.get(area[0]) if area else None
