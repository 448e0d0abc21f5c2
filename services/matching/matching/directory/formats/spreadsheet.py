"""Translates a plain table of services, CSV or XLSX, into HSDS 3.0; one row is one service."""

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from matching.directory.formats.columns import NOT_FOUND, found_in
from matching.directory.formats.json_text import decoded
from matching.directory.formats.shapes import Object, coded, label, words
from matching.directory.ids import written
from matching.directory.raw import FeedError

_HEADER_WITHIN = 10
"""In how many of the first rows the header is looked for; people put a title above it."""
_COPIED = {
    "alternate_name": "alternate_name",
    "description": "description",
    "url": "url",
    "email": "email",
    "status": "status",
    "alert": "alert",
    "keywords": "keywords",
    "eligibility": "eligibility_description",
    "minimum_age": "minimum_age",
    "maximum_age": "maximum_age",
    "cost": "fees",
    "interpretation": "interpretation_services",
    "checked": "assured_date",
    "changed": "last_modified",
    "source_url": "source_url",
}
"""Our fields that are fields of HSDS as they stand."""
_OUTWARD = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?", re.IGNORECASE)
_RANGE = re.compile(r"(\d{1,3})\s*(?:-|\u2013|to)\s*(\d{1,3})")
_FROM = re.compile(r"(\d{1,3})\s*(?:\+|(?:years )?and over|or over|plus)|(?:over|from)\s*(\d{1,3})", re.IGNORECASE)
_UP_TO = re.compile(r"(?:under|up to)\s*(\d{1,3})", re.IGNORECASE)


def text_rows(content: bytes) -> list[list[object]]:
    """Read the rows of a text with commas, semicolons, tabs or bars between its cells.

    Raises:
        FeedError: it is no table.
    """
    text = _text(content)
    head = "\n".join(text.splitlines()[:_HEADER_WITHIN])
    delimiter = max(",;\t|", key=head.count)
    csv.field_size_limit(1_000_000)
    try:
        return [list(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)]
    except csv.Error as error:
        raise FeedError(f"it is no table: {error}") from None


def _text(content: bytes) -> str:
    """Decode a text as spreadsheets save it: UTF-8, else the code page of Windows."""
    try:
        return decoded(content)
    except FeedError:
        if b"\x00" in content or not re.search(rb"[,;\t|]", content[:1000]):
            raise
    return content.decode("cp1252", "replace")


def workbook_rows(content: bytes) -> list[list[object]]:
    """Read the rows of a workbook's first sheet that has any, with the values of formulas as they were saved.

    Raises:
        FeedError: it is damaged.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl tells of every style that it leaves out
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            for sheet in book.worksheets:
                rows: list[list[object]] = [list(row) for row in sheet.iter_rows(values_only=True)]
                if rows:
                    return rows
            return []
    except (
        zipfile.BadZipFile,
        InvalidFileException,
        ParseError,
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
        OSError,
    ):
        raise FeedError("the workbook is damaged") from None


def services_of(rows: list[list[object]], columns: Mapping[str, str] | None) -> Iterator[object]:
    """Return the services of a table, one for each row below its header that is not blank.

    Raises:
        FeedError: no row is a header with the name, or one lacks a column of a given mapping.
    """
    for number, row in enumerate(rows[:_HEADER_WITHIN]):
        if places := found_in(row, columns):
            return _services(rows[number + 1 :], places)
    raise FeedError(NOT_FOUND if columns is None else f"the table has no column {columns['name']}")


def _services(rows: list[list[object]], places: Mapping[str, int]) -> Iterator[object]:
    for row in rows:
        cells = {field: _cell(row[place]) if place < len(row) else "" for field, place in places.items()}
        if any(cells.values()):
            yield _service(cells)


def _cell(value: object) -> str:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return " ".join(written(value).split()) or words(value)


def _service(cells: Mapping[str, str]) -> Object:
    """Write a row as HSDS; one without an id is known by its name, its organisation and its postcode."""
    told = [cells[field] for field in ("organisation", "name", "postcode") if cells.get(field)]
    found: dict[str, Any] = {theirs: cells[ours] for ours, theirs in _COPIED.items() if ours in cells}
    found["id"] = cells.get("id") or (" / ".join(told) if cells.get("name") else "")
    found["name"] = cells.get("name")
    for name in ("assured_date", "last_modified"):
        if found.get(name):
            found[name] = _date(found[name])
    if not found.get("status"):
        found.pop("status", None)
    found["organization"] = {
        "id": cells.get("organisation_id"),
        "name": cells.get("organisation"),
        "description": cells.get("organisation_description"),
        "organization_identifiers": [{"identifier_type": "charity", "identifier": cells.get("charity_number")}],
    }
    for read in (_ages, _terms, _lists, _where):
        found |= read(cells)
    return found


def _date(text: str) -> str:
    """Turn a day as people in the UK write it into ISO 8601."""
    parts = re.fullmatch(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})", text)
    return f"{parts[3]}-{int(parts[2]):02}-{int(parts[1]):02}" if parts else text


def _ages(cells: Mapping[str, str]) -> Object:
    """Read *18+*, *16 to 25*, *over 60* or *under 12*; other words about age say no limit."""
    told = cells.get("ages", "")
    if both := _RANGE.search(told):
        return {"minimum_age": both[1], "maximum_age": both[2]}
    if least := _FROM.search(told):
        return {"minimum_age": least[1] or least[2]}
    if most := _UP_TO.search(told):
        return {"maximum_age": str(int(most[1]) - 1) if "under" in most[0].lower() else most[1]}
    return {}


def _terms(cells: Mapping[str, str]) -> Object:
    if cells.keys().isdisjoint({"categories", "needs", "format", "access"}):
        return {}
    labels = [label("categories", None, part) for part in _parts(cells.get("categories", ""))]
    codes = [
        coded(kind, part.lower().replace(" ", "-"))
        for field, kind in (("needs", "need"), ("format", "format"), ("access", "access"))
        for part in _parts(cells.get(field, ""))
    ]
    return {"attributes": [*labels, *codes]}


def _lists(cells: Mapping[str, str]) -> Object:
    found: dict[str, Any] = {}
    if "phone" in cells:
        found["phones"] = [{"number": cells["phone"]}]
    if "languages" in cells:
        found["languages"] = [{"name": part} for part in _parts(cells["languages"])]
    if "when" in cells:
        found["schedules"] = [{"description": cells["when"]}] if cells["when"] else []
    if "places" in cells:
        found["capacities"] = [{"available": cells["places"]}]
    if "area" in cells:
        found["service_areas"] = [_area(part) for part in _parts(cells["area"])]
    return found


def _area(words_of_area: str) -> Object:
    kind = {"extent_type": "postcode"} if _OUTWARD.fullmatch(words_of_area) else {}
    return {"name": words_of_area, "extent": words_of_area, **kind}


def _where(cells: Mapping[str, str]) -> Object:
    if cells.keys().isdisjoint({"venue", "address", "town", "postcode", "latitude"}):
        return {}
    address = {"address_1": cells.get("address"), "city": cells.get("town"), "postal_code": cells.get("postcode")}
    told = {"name": cells.get("venue"), "latitude": cells.get("latitude"), "longitude": cells.get("longitude")}
    if not any((*address.values(), *told.values())):
        return {"service_at_locations": []}
    return {"service_at_locations": [{"location": {**told, "addresses": [address]}}]}


def _parts(cell: str) -> list[str]:
    return [part for part in (part.strip() for part in re.split(r"[;,|\n]", cell)) if part]
