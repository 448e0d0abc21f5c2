"""What is kept of a postcode and of a data zone, and which of two records of one stays."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class PostcodeRecord:
    """A row of a directory of postcodes; codes are those of today."""

    postcode: str
    latitude: float
    longitude: float
    council: str | None = None
    ward: str | None = None
    health_board: str | None = None
    integration_authority: str | None = None
    urban_rural: int | None = None
    data_zone_2011: str | None = None
    data_zone_2022: str | None = None
    introduced_on: date | None = None
    retired_on: date | None = None
    approximate: bool = False

    def yields_to(self, other: "PostcodeRecord") -> bool:
        """Say whether another record of this postcode takes its place; `save_postcodes` has the same rule.

        Directories have a row for each time that a postcode was in use: a retired one counts if nothing later does.
        """
        if other.retired_on is None:
            return True
        if self.retired_on is None:
            return other.retired_on > (self.introduced_on or date.min)
        return other.retired_on >= self.retired_on


@dataclass(frozen=True, slots=True)
class ZoneRecord:
    """What a file says of a data zone; what it does not speak of is None."""

    code: str
    council: str | None = None
    health_board: str | None = None
    integration_authority: str | None = None
    urban_rural: int | None = None
    zone_2011: str | None = None
    simd_edition: str | None = None
    simd_rank: int | None = None
    simd_quintile: int | None = None


def latest(records: Iterable[PostcodeRecord]) -> list[PostcodeRecord]:
    """Keep one record for each postcode."""
    kept: dict[str, PostcodeRecord] = {}
    for record in records:
        held = kept.get(record.postcode)
        if held is None or held.yields_to(record):
            kept[record.postcode] = record
    return list(kept.values())


def joined(records: Iterable[ZoneRecord]) -> list[ZoneRecord]:
    """Keep one record for each zone, with everything that any of them says."""
    kept: dict[str, ZoneRecord] = {}
    for record in records:
        said = {field.name: getattr(record, field.name) for field in fields(record)}
        kept[record.code] = replace(kept.get(record.code, record), **{k: v for k, v in said.items() if v is not None})
    return list(kept.values())


def whole(parts: Iterable[PostcodeRecord]) -> list[PostcodeRecord]:
    """Join the parts of postcodes that are split: the first part's point, and the areas that all parts share."""
    of_one: dict[str, list[PostcodeRecord]] = {}
    for part in parts:
        of_one.setdefault(part.postcode, []).append(part)
    return [_whole(group) for group in of_one.values()]


def _whole(group: list[PostcodeRecord]) -> PostcodeRecord:
    live = [part for part in group if part.retired_on is None]
    if not live:
        last = max(part.retired_on for part in group if part.retired_on)
        live = [part for part in group if part.retired_on == last]
    first = live[0]
    disputed: dict[str, Any] = {name: None for name in AREAS if len({getattr(part, name) for part in live}) > 1}
    return replace(first, approximate=True, **disputed)


AREAS = tuple(
    field.name
    for field in fields(PostcodeRecord)
    if field.name not in ("postcode", "latitude", "longitude", "introduced_on", "retired_on", "approximate")
)
"""The fields that say which areas a postcode lies in."""
