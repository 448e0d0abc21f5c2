"""Turn a typed postcode into a place that is as coarse as events may carry."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from referral_intake.places.postcode import Postcode, read_postcode
from shared.contracts import Place

__all__ = ["Located", "Postcode", "place_of", "read_postcode"]

OUTWARD_FILE = Path(__file__).with_name("outward.csv")

COUNCIL_ALIASES = {
    "S12000015": "S12000047",  # Fife, 2018
    "S12000024": "S12000048",  # Perth and Kinross, 2018
    "S12000043": "S12000049",  # Glasgow City, twice: 2011 and 2019
    "S12000046": "S12000049",
    "S12000025": "S12000050",  # North Lanarkshire, twice: 2011 and 2019
    "S12000044": "S12000050",
}
"""Council codes that the Office for National Statistics has replaced, and what by."""


@dataclass(frozen=True, slots=True)
class Located:
    """Where a postcode lies: degrees north and east, and the council's GSS code where it is known."""

    latitude: float
    longitude: float
    council: str | None


def place_of(postcode: Postcode | None, located: Located | None) -> Place:
    """Return the place of a postcode, `located` being its row in the postcode table if there is one.

    A mended postcode is a guess, and an unlisted one may be retired: both are told by their outward part only.
    """
    if postcode is None:
        return Place()
    centre = outward_codes().get(postcode.outward)
    exact = located if located and not postcode.repaired else None
    where = exact or centre
    return Place(
        outward=postcode.outward,
        latitude=round(where.latitude, 2) if where else None,
        longitude=round(where.longitude, 2) if where else None,
        council=where and where.council and COUNCIL_ALIASES.get(where.council, where.council),
        precision="postcode" if exact else "outward",
    )


@cache
def outward_codes() -> dict[str, Located]:
    """Return the centre of each Scottish outward code, and its council where the whole of it lies in one."""
    with OUTWARD_FILE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {
            row["outward"]: Located(float(row["latitude"]), float(row["longitude"]), row["council"] or None)
            for row in rows
        }
