"""Open a table that is plain, gzipped or one of several in a zip, and say how far it has been read."""

import csv
import gzip
import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV table: its columns, its rows, and the share of its file that has been read, between 0 and 1."""

    name: str
    header: list[str]
    rows: Iterator[list[str]]
    done: Callable[[], float]


def tables(path: Path) -> Iterator[Table]:
    """Give each table of a file while it is open; bytes that are no UTF-8 are no reason to stop."""
    size = max(path.stat().st_size, 1)
    with path.open("rb") as raw:
        for name, binary in _members(path, raw):
            rows = csv.reader(io.TextIOWrapper(binary, encoding="utf-8-sig", errors="replace", newline=""))
            yield Table(name, next(rows, []), rows, lambda: raw.tell() / size)


def _members(path: Path, raw: BinaryIO) -> Iterator[tuple[str, IO[bytes]]]:
    if zipfile.is_zipfile(raw):
        yield from _zipped(raw)
        return
    raw.seek(0)
    is_gzip = raw.read(2) == b"\x1f\x8b"
    raw.seek(0)
    yield path.name, cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if is_gzip else raw


def _zipped(raw: BinaryIO) -> Iterator[tuple[str, IO[bytes]]]:
    """Open the tables of a zip; `multi_csv` holds the table of the whole country once more, in pieces."""
    with zipfile.ZipFile(raw) as archive:
        for name in archive.namelist():
            if name.lower().endswith(".csv") and "multi_csv/" not in name.lower():
                with archive.open(name) as member:
                    yield name, member
