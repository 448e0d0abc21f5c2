"""Know a file by the names of its columns: directories call the same thing by a dozen names, with the year inside."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["postcodes", "simd", "datazones"]
KINDS: tuple[Kind, ...] = get_args(Kind)

COLUMNS: dict[str, tuple[str, ...]] = {
    "postcode": ("pcds", "postcode", "pcd", "pcd8", "pcd7", "pcd2"),
    "latitude": ("lat", "latitude"),
    "longitude": ("long", "longitude", "lng", "lon"),
    "council": (r"councilarea(\d{4})?code", "(os)?laua", r"lad\d\dcd", r"ca(\d{4})?(code)?", r"la(\d{4})?code"),
    "ward": (r"electoralward(\d{4})?code", "osward", "ward", r"wd\d\dcd"),
    "health_board": (r"healthboard(area)?(\d{4})?code", "(os)?hlthau", r"hlth\d\dcd", r"hb(\d{4})?(code)?"),
    "care_board": (r"icb(\d\dcd)?",),
    "integration_authority": (r"integrationauthority(\d{4})?code", r"hscp(\d{4})?(code)?"),
    "urban_rural": (r"urbanrural8fold(\d{4})?(code)?", r"ur8fold(\d{4})?"),
    "introduced_on": ("dateofintroduction", "dointr"),
    "retired_on": ("dateofdeletion", "doterm"),
    "quality": ("osgrdind", "gridind", "gridlinkpositionalaccuracy"),
    "simd_rank": (r"simd(\d{4}(v\d)?)?rank",),
    "simd_quintile": (r"simd(\d{4}(v\d)?)?(country)?quintile",),
}
"""The names of each field, small letters and digits only, the most telling first; of several years the latest counts.

Names are those of the Scottish Postcode Directory (small and large users), of ONSPD and NSPL before and since 2025,
of Public Health Scotland's and the Scottish Government's SIMD tables, and of lookup tables of data zones.
"""

ZONES = r"datazone(\d{4})?(code)?|dz(\d\d|\d{4})?(code|cd)?|lsoa(11|21)(cd)?"
"""Columns of data zones: of which year a zone is, its code says better than its column."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What a file is, and in which column each field stands."""

    kind: Kind
    at: Mapping[str, int]
    zones: tuple[int, ...]
    edition: str | None

    def cell(self, row: Sequence[str], field: str) -> str:
        """Return a field of a row without blanks around it; empty where the file or the row has none."""
        index = self.at.get(field)
        return row[index].strip() if index is not None and index < len(row) else ""

    def zone_cells(self, row: Sequence[str]) -> list[str]:
        """Return what stands in the columns of data zones."""
        return [row[index].strip() for index in self.zones if index < len(row)]


def recognise(header: Sequence[str], kind: Kind | None = None) -> Layout | None:
    """Return what a file with these columns is, or None for one that is nothing known, or not what was asked for."""
    names = [re.sub("[^a-z0-9]", "", name.lower()) for name in header]
    at = {field: index for field, patterns in COLUMNS.items() if (index := _find(names, patterns)) is not None}
    zones = tuple(index for index, name in enumerate(names) if re.fullmatch(ZONES, name))
    kinds = _kinds(at, zones)
    if not kinds or (kind is not None and kind not in kinds):
        return None
    return Layout(kind or kinds[0], at, zones, _edition(names))


def _kinds(at: Mapping[str, int], zones: tuple[int, ...]) -> list[Kind]:
    """List what a file can be read as, the likeliest first."""
    areas = {"council", "health_board", "integration_authority", "urban_rural"}
    told: dict[Kind, bool] = {
        "postcodes": {"postcode", "latitude", "longitude"} <= at.keys(),
        "simd": bool(zones) and bool(at.keys() & {"simd_rank", "simd_quintile"}),
        "datazones": len(zones) > 1 or (bool(zones) and bool(areas & at.keys())),
    }
    return [kind for kind, is_told in told.items() if is_told]


def _find(names: Sequence[str], patterns: tuple[str, ...]) -> int | None:
    for pattern in patterns:
        matching = [index for index, name in enumerate(names) if re.fullmatch(pattern, name)]
        if matching:
            return max(matching, key=lambda index: names[index])
    return None


def _edition(names: Sequence[str]) -> str | None:
    editions = [match[1] for name in names if (match := re.match(r"simd(\d{4}(?:v\d)?)", name))]
    return max(editions, default=None)
