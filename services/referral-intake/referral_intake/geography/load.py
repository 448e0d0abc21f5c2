"""Take a file of postcodes, data zones or SIMD into the database, batch by batch; again changes nothing."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby, islice
from pathlib import Path

from referral_intake import storage
from referral_intake.geography.columns import Kind, Layout, recognise
from referral_intake.geography.files import Table, tables
from referral_intake.geography.progress import Progress
from referral_intake.geography.reading import LeftOut, Part, postcode_of, zone_of
from referral_intake.geography.records import PostcodeRecord, ZoneRecord, joined, latest, whole
from shared.messaging import Cause, Database, Tx

BATCH = 5_000

Save = Callable[[Tx], Awaitable[int]]
"""Stores a batch and returns how many rows it changed."""


class NotRecognisedError(ValueError):
    """No table of the file has the columns of postcodes, SIMD or data zones."""


@dataclass(slots=True)
class Report:
    """What became of a table."""

    name: str
    kind: Kind
    rows: int = 0
    taken: int = 0
    changed: int = 0
    marks: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)

    def lines(self) -> list[str]:
        """Tell it, a line for each thing to know."""
        noun = "postcodes" if self.kind == "postcodes" else "data zones"
        marks = "".join(f", {count} {mark}" for mark, count in sorted(self.marks.items()))
        return [
            f"{self.name}: {self.rows} rows, {self.taken} {noun} taken{marks}, {self.changed} new or changed",
            *(f"  left out: {count} with {reason}" for reason, count in self.left_out.most_common()),
        ]


async def load(
    database: Database, path: Path, kind: Kind | None = None, progress: Progress | None = None
) -> list[Report]:
    """Load each table of a file that is known by its columns and return what became of it.

    Raises:
        NotRecognisedError: there was none.
    """
    reports, headers = [], []
    for table in tables(path):
        layout = recognise(table.header, kind)
        if layout:
            report = Report(table.name, layout.kind)
            await _load_table(database, table, layout, report, progress)
            reports.append(report)
        headers.append(", ".join(table.header[:12]))
    if not reports:
        raise NotRecognisedError(f"no columns of {kind or 'postcodes, SIMD or data zones'} in: {'; '.join(headers)}")
    return reports


async def _load_table(
    database: Database, table: Table, layout: Layout, report: Report, progress: Progress | None
) -> None:
    """Save batch by batch, each in a transaction of its own, reading the next in a thread."""
    batches = _postcodes(table, layout, report) if layout.kind == "postcodes" else _zones(table, layout, report)
    while save := await asyncio.to_thread(next, batches, None):
        async with database.transaction(Cause.request("load_geography", f"{table.name}/{report.rows}")) as tx:
            report.changed += await save(tx)
        if progress:
            progress.tell(table.done(), report.rows)


def _postcodes(table: Table, layout: Layout, report: Report) -> Iterator[Save]:
    """Read batches of postcodes; split ones come last, when all their parts are known."""
    parts: list[PostcodeRecord] = []
    groups = groupby((postcode_of(layout, row) for row in table.rows), _postcode)
    while batch := [found for _, group in islice(groups, BATCH) for found in group]:
        report.rows += len(batch)
        report.left_out.update(found.reason for found in batch if isinstance(found, LeftOut))
        parts += [found.record for found in batch if isinstance(found, Part)]
        # Directories keep the row of a split postcode as a whole, too; its parts say more.
        split = {part.postcode for part in parts if part.retired_on is None}
        records = [found for found in batch if isinstance(found, PostcodeRecord) and found.postcode not in split]
        yield _counted(records, report)
    if parts:
        wholes = whole(parts)
        report.marks["split between areas"] += len(wholes)
        yield _counted(wholes, report)


def _postcode(found: PostcodeRecord | Part | LeftOut) -> str:
    if isinstance(found, LeftOut):
        return ""
    return found.record.postcode if isinstance(found, Part) else found.postcode


def _counted(records: list[PostcodeRecord], report: Report) -> Save:
    report.taken += len(records)
    report.marks.update("retired" for record in records if record.retired_on)
    return partial(storage.save_postcodes, records=latest(records))


def _zones(table: Table, layout: Layout, report: Report) -> Iterator[Save]:
    while rows := list(islice(table.rows, BATCH)):
        found = [zone_of(layout, row) for row in rows]
        report.left_out.update(one.reason for one in found if isinstance(one, LeftOut))
        records = [one for one in found if isinstance(one, ZoneRecord)]
        report.rows, report.taken = report.rows + len(rows), report.taken + len(records)
        yield partial(storage.save_zones, records=joined(records))
