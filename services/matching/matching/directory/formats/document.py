"""Finds out by its content which format a file has, and opens it as services in the words of HSDS-UK 3.0."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from matching.directory.formats import aliss, older, spreadsheet, tables, zipped
from matching.directory.formats.json_text import Page, parse
from matching.directory.formats.shapes import Object
from matching.directory.record import Terms

HSDS = "HSDS 3 or Open Referral UK 3"
OLDER = "HSDS 1 or 2"
OPEN_REFERRAL_UK_1 = "Open Referral UK 1"
ALISS = "ALISS"
TABLES = "HSDS, in tables of JSON"
PACKAGE = "HSDS, in tables of CSV"
SPREADSHEET = "spreadsheet"


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was opened: each of `services` is HSDS, or is what stood there and is no service."""

    format: str
    services: Iterable[object]
    terms: Terms
    announced: int | None = None
    """How many services the file says there are, where it says so."""


def detect(content: bytes, name: str = "") -> str:
    """Say which format a file has, in words; the name helps only where a file is JSON line by line.

    Raises:
        FeedError: it is none that we know.
    """
    return open_document(content, name).format


def open_document(content: bytes, name: str = "", columns: Mapping[str, str] | None = None) -> Document:
    """Open a file; `columns` says for a spreadsheet which of its columns holds what.

    Raises:
        FeedError: it is no format that we know, or is cut.
    """
    if zipped.is_zip(content):
        files = zipped.unpack(content)
        if zipped.is_workbook(files):
            return _spreadsheet(spreadsheet.workbook_rows(content), columns)
        package = zipped.package(files)
        return Document(PACKAGE, map(translate, tables.services_of(package.tables)), package.terms)
    if columns is None and content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"["):
        return _json(parse(content, name))
    return _spreadsheet(spreadsheet.text_rows(content), columns)


def translate(record: object) -> object:
    """Return one record in the words of HSDS 3.0; one that speaks them already, and what is no object, as it is."""
    if not isinstance(record, Mapping):
        return record
    if aliss.is_aliss(record):
        return aliss.translate(record)
    return older.translate(record) if older.is_older(record) else record


def _spreadsheet(rows: list[list[object]], columns: Mapping[str, str] | None) -> Document:
    return Document(SPREADSHEET, spreadsheet.services_of(rows, columns), Terms(stands_alone=True))


def _json(page: Page) -> Document:
    if page.tables:
        services = map(translate, tables.services_of(page.tables))
        return Document(TABLES, services, Terms(page.licence, page.attribution), page.announced)
    known = next((record for record in page.records if isinstance(record, Mapping)), {})
    return Document(
        _spoken(known), map(translate, _unfolded(page.records)), Terms(page.licence, page.attribution), page.announced
    )


def _spoken(record: Object) -> str:
    """Say which words a record speaks."""
    if aliss.is_aliss(record):
        return ALISS
    if not older.OPEN_REFERRAL_UK.isdisjoint(record):
        return OPEN_REFERRAL_UK_1
    return OLDER if older.is_older(record) else HSDS


def _unfolded(records: Iterable[object]) -> Iterator[object]:
    """Yield records, those of an organisation that holds its services one by one with the organisation in each."""
    for record in records:
        held = record.get("services") if isinstance(record, Mapping) else None
        if not isinstance(record, Mapping) or not isinstance(held, list):
            yield record
            continue
        organisation = {name: value for name, value in record.items() if name != "services"}
        for service in held:
            yield {"organization": organisation, **service} if isinstance(service, Mapping) else service
