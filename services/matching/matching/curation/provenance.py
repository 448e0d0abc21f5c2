"""Where each value of a listing comes from: the source whose word stands, or a correction made here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from matching.directory.imports.composing import TOGETHER, SourceRecord
from matching.directory.imports.correcting import CORRECTABLE, Correction
from matching.directory.imports.written import read_of
from matching.domain import Listing


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose word a value is, and since when; `corrected_by` is empty where it is a source's."""

    on: date
    sources: tuple[str, ...] = ()
    corrected_by: str = ""


def record_of(row: Mapping[str, Any]) -> SourceRecord:
    """Read what one source says of a service, as it was kept."""
    return SourceRecord(
        row["source"],
        row["own"],
        read_of(row["read"]),
        row["priority"],
        row["changed_at"],
        row["first_seen"],
        row["missed"],
    )


def origins(
    listing: Listing, records: Sequence[SourceRecord], corrections: Iterable[Correction]
) -> dict[str, Origin | None]:
    """Return the origin of each field that can be corrected; None where nobody states it."""
    corrected = {
        each.field: Origin(each.at.date(), corrected_by=each.by)
        for each in sorted(corrections, key=lambda each: each.at)
        if not each.taken_over
    }
    ranked = sorted(records, key=lambda each: (-each.priority, -each.changed_at.timestamp(), each.source))
    return {field: corrected.get(field) or _of_sources(field, listing, ranked) for field in sorted(CORRECTABLE)}


def _of_sources(field: str, listing: Listing, ranked: Sequence[SourceRecord]) -> Origin | None:
    value = getattr(listing, field)
    if value in (None, "", ()):
        return None
    if field in TOGETHER:
        telling = [each for each in ranked if set(getattr(each.read.listing, field)) & set(value)]
    else:
        telling = [each for each in ranked if getattr(each.read.listing, field) == value][:1]
    if not telling:
        return None
    sources = tuple(dict.fromkeys(each.source for each in telling))
    return Origin(max(each.changed_at for each in telling).date(), sources)
