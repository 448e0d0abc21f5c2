"""Opens zip archives and folders: an HSDS package of CSV tables, or a workbook."""

import csv
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matching.directory.formats.json_text import decoded
from matching.directory.formats.shapes import entries, first, words
from matching.directory.formats.tables import TABLES, table_named
from matching.directory.raw import FeedError
from matching.directory.record import Terms
from matching.directory.text import plain

MOST_BYTES = 1_000_000_000
"""The most that an archive may unpack to; a small file that grows without end is no directory."""
MOST_LETTERS = 1_000_000
"""The most that one cell may hold."""


@dataclass(frozen=True, slots=True)
class Package:
    """The tables of a package, and under which terms it is given."""

    tables: Mapping[str, list[dict[str, Any]]]
    terms: Terms


def content_of(path: Path) -> bytes:
    """Return a file's bytes; a folder's are those of an archive of its tables, the same for the same files."""
    if not path.is_dir():
        return path.read_bytes()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for file in sorted(path.rglob("*")):
            if file.is_file() and file.suffix.lower() in (".csv", ".json"):
                archive.writestr(zipfile.ZipInfo(file.relative_to(path).as_posix()), file.read_bytes())
    return packed.getvalue()


def is_zip(content: bytes) -> bool:
    """Say whether a file is an archive, an empty one included."""
    return content[:4] in (b"PK\x03\x04", b"PK\x05\x06")


def unpack(content: bytes) -> Mapping[str, bytes]:
    """Return the files of an archive by name.

    Raises:
        FeedError: it is cut, damaged, locked or unreasonably large.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(member.file_size for member in archive.infolist()) > MOST_BYTES:
                raise FeedError(f"the archive unpacks to more than {MOST_BYTES // 1_000_000} MB")
            return {member.filename: archive.read(member) for member in archive.infolist() if not member.is_dir()}
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        zlib.error,
        ValueError,
        LookupError,
        OSError,
        EOFError,
        NotImplementedError,
        RuntimeError,
    ):
        raise FeedError("the archive is cut, damaged or locked") from None


def is_workbook(files: Mapping[str, bytes]) -> bool:
    """Say whether an archive is a spreadsheet."""
    return "xl/workbook.xml" in files


def package(files: Mapping[str, bytes]) -> Package:
    """Read the tables of a package, by the names that its datapackage.json gives them or else their files' names.

    Raises:
        FeedError: it has no table of services.
    """
    described = next((_described(files[name]) for name in files if name.endswith("datapackage.json")), {})
    names = {
        words(each.get("path")).rpartition("/")[2]: words(each.get("name"))
        for each in entries(described.get("resources"))
    }
    tables: dict[str, list[dict[str, Any]]] = {}
    for name, content in files.items():
        file = name.rpartition("/")[2]
        table = table_named(names.get(file) or file)
        if file.lower().endswith(".csv") and table in TABLES:
            tables.setdefault(table, []).extend(_rows(file, content))
    if "service" not in tables:
        raise FeedError("the archive has no services.csv")
    licence = words(first(described, "licenses", "license", "licence"))
    attribution = words(first(described, "attribution", "sources", "contributors"))
    return Package(tables, Terms(plain(licence, 500) or None, plain(attribution, 1500) or None))


def _described(content: bytes) -> Mapping[str, Any]:
    try:
        body = json.loads(decoded(content))
    except (ValueError, RecursionError):
        raise FeedError("its datapackage.json is not JSON") from None
    return body if isinstance(body, Mapping) else {}


def _rows(file: str, content: bytes) -> list[dict[str, Any]]:
    csv.field_size_limit(MOST_LETTERS)
    try:
        rows = csv.DictReader(io.StringIO(decoded(content), newline=""), restval="")
        return [{(name or "").strip().lower(): value for name, value in row.items() if name} for row in rows]
    except (csv.Error, FeedError) as error:
        raise FeedError(f"{file}: {error}") from None
