"""Read one row of a directory: a record, or why it is left out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from referral_intake.geography.columns import Layout
from referral_intake.geography.records import PostcodeRecord, ZoneRecord
from shared.places import present_code, read_postcode

PREFIXES = {
    "council": ("S12", "W06", "E06", "E07", "E08", "E09", "N09"),
    "ward": ("S13", "W05", "E05", "N08"),
    "health_board": ("S08", "W11"),
    "care_board": ("E54",),
    "integration_authority": ("S37",),
}
"""How the codes of each field begin; the same columns hold other things for other nations, and 99999999 for nothing."""

PART = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]? [0-9][A-Z]{2})[ABC]")
"""A part of a split postcode, as the Scottish Postcode Directory writes it: AB12 3GQA."""

FIRST_ZONE_OF_2011, FIRST_ZONE_OF_2022 = "S01006506", "S01013482"
"""Data zones are numbered on through their generations; those below are of 2001."""

ZONES_OF_2011 = 6976
"""How many there are: SIMD ranks them all, and its quintiles cut the ranks into five alike."""

RECKONED, NOWHERE = frozenset("568"), "9"
"""Grid quality as ONS codes it: imputed from neighbours, mean of the sector, last known; and no grid reference."""

NORTH, EAST = (49.0, 61.5), (-9.0, 2.5)
"""Degrees between which the United Kingdom and the islands of the Crown lie."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that is not taken, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a split postcode, which only its other parts make whole."""

    record: PostcodeRecord


def postcode_of(layout: Layout, row: Sequence[str]) -> PostcodeRecord | Part | LeftOut:
    """Read a row of a directory of postcodes."""
    written = layout.cell(row, "postcode").upper()
    part = PART.fullmatch(written)
    postcode = read_postcode(part[1] if part else written)
    if postcode is None or postcode.full is None or postcode.repaired:
        return LeftOut("no whole postcode")
    point, quality = _point(layout, row), layout.cell(row, "quality")
    if point is None or quality == NOWHERE:
        return LeftOut("no point on the map")
    try:
        introduced_on, retired_on = (date_of(layout.cell(row, name)) for name in ("introduced_on", "retired_on"))
    except ValueError:
        return LeftOut("a date that cannot be read")
    zones = _zones(layout, row)
    record = PostcodeRecord(
        postcode.full,
        *point,
        council=_code(layout, row, "council"),
        ward=_code(layout, row, "ward"),
        health_board=_code(layout, row, "health_board") or _code(layout, row, "care_board"),
        integration_authority=_code(layout, row, "integration_authority"),
        urban_rural=_number(layout.cell(row, "urban_rural"), 8),
        data_zone_2011=zones[2011],
        data_zone_2022=zones[2022],
        introduced_on=introduced_on,
        retired_on=retired_on,
        approximate=quality in RECKONED,
    )
    return Part(record) if part else record


def zone_of(layout: Layout, row: Sequence[str]) -> ZoneRecord | LeftOut:
    """Read a row of a table of data zones or of SIMD."""
    zones, is_simd = _zones(layout, row), layout.kind == "simd"
    of_2011, of_2022 = zones[2011], zones[2022]
    code = (of_2011 or of_2022) if is_simd else (of_2022 or of_2011)
    if code is None:
        return LeftOut("no data zone of 2011 or 2022")
    rank = _number(layout.cell(row, "simd_rank"), ZONES_OF_2011 * 2) if is_simd else None
    quintile = (_number(layout.cell(row, "simd_quintile"), 5) or _quintile(code, rank)) if is_simd else None
    if is_simd and quintile is None:
        return LeftOut("no rank and no quintile")
    return ZoneRecord(
        code,
        council=_code(layout, row, "council"),
        health_board=_code(layout, row, "health_board"),
        integration_authority=_code(layout, row, "integration_authority"),
        urban_rural=_number(layout.cell(row, "urban_rural"), 8),
        zone_2011=of_2011 if code == of_2022 else None,
        simd_edition=layout.edition if is_simd else None,
        simd_rank=rank,
        simd_quintile=quintile,
    )


def date_of(text: str) -> date | None:
    """Read a date as directories write them: 199606, 2019-12-31, 1/6/1996 00:00:00 (the day first); empty is None.

    Raises:
        ValueError: it is none of these.
    """
    if not text:
        return None
    if re.fullmatch(r"\d{6}", text):
        return date(int(text[:4]), int(text[4:]), 1)
    if match := re.match(r"(\d{1,2})/(\d{1,2})/(\d{4})\b", text):
        return date(int(match[3]), int(match[2]), int(match[1]))
    return date.fromisoformat(text[:10])


def _quintile(zone: str, rank: int | None) -> int | None:
    """Return a zone's quintile by its rank, 1 being the most deprived fifth, as the Scottish Government cuts them."""
    known = rank is not None and rank <= ZONES_OF_2011 and zone < FIRST_ZONE_OF_2022
    return -(-rank * 5 // ZONES_OF_2011) if known and rank else None


def _point(layout: Layout, row: Sequence[str]) -> tuple[float, float] | None:
    try:
        north, east = float(layout.cell(row, "latitude")), float(layout.cell(row, "longitude"))
    except ValueError:
        return None
    inside = NORTH[0] <= north <= NORTH[1] and EAST[0] <= east <= EAST[1]
    return (north, east) if inside else None


def _code(layout: Layout, row: Sequence[str], field: str) -> str | None:
    code = layout.cell(row, field).upper()
    is_one = len(code) == 9 and code.startswith(PREFIXES[field]) and code[3:].isdecimal() and code[3:] != "999999"
    return present_code(code) if is_one else None


def _zones(layout: Layout, row: Sequence[str]) -> dict[int, str | None]:
    zones: dict[int, str | None] = {2011: None, 2022: None}
    for code in layout.zone_cells(row):
        if re.fullmatch(r"S01\d{6}", code) and code >= FIRST_ZONE_OF_2011:
            zones[2022 if code >= FIRST_ZONE_OF_2022 else 2011] = code
    return zones


def _number(text: str, highest: int) -> int | None:
    number = int(text) if re.fullmatch(r"\d{1,5}", text) else 0
    return number if 1 <= number <= highest else None
