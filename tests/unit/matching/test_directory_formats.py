"""Every format of directories becomes the same HSDS, and whatever a file holds is a listing or has its reason."""

import contextlib
import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from matching.directory.feed import Feed, FeedError, read_feed
from matching.directory.formats import content_of, detect, open_document, read_columns
from matching.directory.formats.document import translate
from matching.directory.raw import UnusableRecordError
from matching.directory.record import read_record
from matching.domain import Area, Capacity, Label, Listing, Point
from tests.run import NO_DATA

REAL = Path(__file__).parents[4] / "shared" / "data" / "aliss"
ORGANISATION: dict[str, Any] = {"id": "org-1", "name": "Tayside Help", "description": "Helps"}
SERVICE = {"id": "tea", "name": "Tea Club", "status": "active", "organization": ORGANISATION}


def listing_of(content: bytes, name: str = "") -> Listing:
    (read,) = read_feed(content, name).reads
    return read.listing


def as_json(body: object) -> bytes:
    return json.dumps(body).encode()


def archive(**tables: list[dict[str, Any]]) -> bytes:
    """A zip with a CSV for each table; `datapackage` is JSON."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archived:
        for name, rows in tables.items():
            if name == "datapackage":
                archived.writestr("datapackage.json", json.dumps(rows[0]))
                continue
            text = io.StringIO()
            writer = csv.DictWriter(text, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
            archived.writestr(f"data/{name}.csv", text.getvalue())
    return packed.getvalue()


OPEN_REFERRAL_UK_1 = {
    "id": "tea",
    "name": "Tea Club",
    "description": "<p>Tea &amp; talk</p>",
    "organization": ORGANISATION,
    "service_taxonomys": [
        {"id": "1", "taxonomy": {"id": "esd:7", "name": "Loneliness", "vocabulary": "esdServiceTypes"}},
        {"id": "2", "taxonomy": None},
    ],
    "eligibilitys": [{"eligibility": "Adults", "minimum_age": 18, "maximum_age": -1}, {"minimum_age": "50"}],
    "service_areas": [{"service_area": "Dundee", "uri": "http://statistics.data.gov.uk/id/S12000042"}],
    "service_at_locations": [
        {
            "location": {
                "name": "Hall",
                "latitude": "56.46",
                "longitude": "-2.97",
                "physical_addresses": [{"address_1": "1 Road", "city": "Dundee", "postal_code": "DD1 1AA"}],
            },
            "regular_schedule": [{"weekday": 3, "opens_at": "10:00", "closes_at": "12:00"}],
        }
    ],
    "regular_schedules": [{"byday": "MO", "opens_at": "09:00:00"}],
    "cost_options": [{"amount": "2.50", "option": "a cup"}],
    "contacts": [{"name": "Invented Person", "phones": [{"number": "01632 960100"}]}],
    "languages": [{"language": "Polish"}],
    "attending_type": "Home visit",
    "deliverable_type": "1 to 1 support",
    "pc_targetAudience": [{"id": "9", "audienceType": "Carers "}],
    "pc_metadata": {"date_modified": "2026-05-01"},
}


def test_open_referral_uk_1_is_read_with_all_that_it_says() -> None:
    content = as_json([OPEN_REFERRAL_UK_1])
    listing = listing_of(content)
    assert detect(content) == "Open Referral UK 1"
    assert listing.labels == (
        Label("esdServiceTypes", "esd:7", "Loneliness"),
        Label("pc_targetAudience", "9", "Carers"),
    )
    assert listing.needs_by_label == ("carers", "loneliness")
    assert (listing.minimum_age, listing.maximum_age, listing.eligibility) == (18, None, "Adults")
    assert [(area.kind, area.code) for area in listing.areas] == [("gss", "S12000042")]
    assert [(site.name, site.postcode, site.point) for site in listing.sites] == [
        ("Hall", "DD1 1AA", Point(56.46, -2.97))
    ]
    assert [(each.days, each.opens_at) for each in listing.schedules] == [("MO", "09:00"), ("WE", "10:00")]
    assert (listing.costs, listing.phone, listing.languages) == ("£2.50 (a cup)", "01632 960100", ("polish",))
    assert listing.formats == ("home-visit", "one-to-one")
    assert listing.description == "Tea & talk"
    assert str(listing.checked_on) == "2026-05-01"
    assert "Invented" not in repr(listing)


def test_of_an_older_and_a_newer_field_the_newer_stands() -> None:
    listing = listing_of(
        as_json([SERVICE | {"minimum_age": 60, "eligibility": "Adults", "phone": "1", "phones": [{"number": "2"}]}])
    )
    assert (listing.minimum_age, listing.eligibility, listing.phone) == (60, "Adults", "2")


@pytest.mark.parametrize(
    "taxonomy",
    [
        [{"taxonomy_term": {"code": "x", "name": "Housing"}}],
        [{"taxonomy": {"id": "x", "name": "Housing"}}],
        ["Housing"],
        {"taxonomy_detail": "Housing"},
        [{"taxonomy": "AIRS", "code": "BH-1800", "name": "Housing"}],
    ],
)
def test_the_taxonomy_of_hsds_1_and_2_is_read_in_its_shapes(taxonomy: object) -> None:
    listing = listing_of(as_json([SERVICE | {"service_taxonomy": taxonomy}]))
    assert ([label.name for label in listing.labels], listing.needs) == (["Housing"], ("housing",))


def test_an_organisation_that_holds_its_services_gives_each_its_name() -> None:
    feed = read_feed(
        as_json([ORGANISATION | {"services": [{"id": "tea", "name": "Tea"}, {"id": "walk", "name": "Walk"}]}])
    )
    assert [(read.listing.id, read.listing.organisation) for read in feed.reads] == [
        ("tea", "org-1"),
        ("walk", "org-1"),
    ]


@pytest.mark.parametrize("name", ["services.jsonl", ""])
def test_json_is_read_line_by_line_and_a_bad_line_is_one_record(name: str) -> None:
    lines = [json.dumps(SERVICE), "", json.dumps(SERVICE | {"id": "walk"}), '{"id": "cut", "na']
    feed = read_feed("\n".join(lines).encode(), name)
    assert [read.listing.id for read in feed.reads] == ["tea", "walk"]
    assert feed.quarantined == {"record 3": "the line is not JSON"}


def test_pages_of_an_api_are_opened_together_and_a_repeated_page_is_counted() -> None:
    page = {"total_items": 2, "contents": [SERVICE]}
    feed = read_feed(as_json([page, page, {"total_items": 2, "content": [SERVICE | {"id": "walk"}]}]))
    assert [read.listing.id for read in feed.reads] == ["tea", "walk"]
    assert (feed.repeated, feed.announced, feed.quarantined) == (1, 2, {})


def test_of_two_envelopes_the_one_that_holds_something_is_opened() -> None:
    assert listing_of(as_json({"contents": [], "content": [SERVICE]})).id == "tea"


TABLES: dict[str, list[dict[str, Any]]] = {
    "services": [{"id": "tea", "organization_id": "org-1", "name": "Tea Club", "status": "active", "minimum_age": ""}],
    "organizations": [ORGANISATION],
    "taxonomy_terms": [{"id": "t1", "code": "BL-1", "name": "Befriending", "taxonomy_id": "x1"}],
    "taxonomies": [{"id": "x1", "name": "Human Services"}],
    "attributes": [{"id": "a1", "link_id": "tea", "link_entity": "service", "taxonomy_term_id": "t1"}],
    "service_areas": [{"id": "s1", "service_id": "tea", "name": "Scotland", "extent": ""}],
    "locations": [{"id": "l1", "name": "Hall", "latitude": "56.46", "longitude": "-2.97"}],
    "addresses": [{"id": "d1", "location_id": "l1", "postal_code": "DD1 1AA"}],
    "service_at_locations": [{"id": "sl1", "service_id": "tea", "location_id": "l1"}],
    "phones": [{"id": "p1", "service_id": "tea", "number": "01632 960100"}],
    "schedules": [{"id": "h1", "service_id": "", "service_at_location_id": "sl1", "byday": "MO", "opens_at": "10:00"}],
    "cost_options": [{"id": "c1", "service_id": "tea", "amount": "2"}],
    "languages": [{"id": "g1", "service_id": "tea", "code": "pl"}],
    "service_capacities": [{"id": "k1", "service_id": "tea", "available": "3"}],
}


@pytest.mark.parametrize("content", [archive(**TABLES), as_json(TABLES)], ids=["csv", "json"])
def test_the_tables_of_a_package_are_joined(content: bytes) -> None:
    listing = listing_of(content)
    assert (listing.organisation, listing.organisation_description) == ("org-1", "Helps")
    assert listing.labels == (Label("Human Services", "BL-1", "Befriending"),)
    assert listing.areas == (Area("gss", "S92000003", name="Scotland"),)
    assert [(site.name, site.postcode) for site in listing.sites] == [("Hall", "DD1 1AA")]
    assert (listing.phone, listing.costs, listing.languages) == ("01632 960100", "£2", ("pl",))
    assert [(each.days, each.opens_at) for each in listing.schedules] == [("MO", "10:00")]
    assert (listing.capacity, listing.minimum_age) == (Capacity(3), None)


def test_the_tables_of_hsds_1_are_joined_by_their_own_names() -> None:
    listing = listing_of(
        archive(
            datapackage=[
                {"licenses": [{"title": "OGL v3"}], "resources": [{"name": "service", "path": "data/listings.csv"}]}
            ],
            listings=[{"id": "tea", "organization_id": "org-1", "name": "Tea", "location_id": "l1"}],
            organization=[ORGANISATION],
            taxonomy=[{"id": "101", "name": "Housing", "vocabulary": "OE"}],
            services_taxonomy=[{"id": "1", "service_id": "tea", "taxonomy_id": "101"}],
            eligibility=[{"id": "1", "service_id": "tea", "eligibility": "adult"}],
            regular_schedules=[{"id": "1", "service_id": "tea", "weekday": "1", "opens_at": "09:00:00"}],
            locations=[{"id": "l1", "name": "Hall", "latitude": 56.46, "longitude": -2.97}],
            physical_addresses=[{"id": "1", "location_id": "l1", "postal_code": "DD1 1AA"}],
        )
    )
    assert (listing.labels, listing.needs) == ((Label("OE", "101", "Housing"),), ("housing",))
    assert (listing.eligibility, listing.licence) == ("adult", "OGL v3")
    assert [(each.days, each.opens_at) for each in listing.schedules] == [("MO", "09:00")]
    assert [(site.name, site.postcode) for site in listing.sites] == [("Hall", "DD1 1AA")]


def test_nested_services_among_tables_keep_what_they_hold() -> None:
    nested = SERVICE | {"phones": [{"number": "1"}], "attributes": []}
    tables = {"services": [nested, 7], "attributes": TABLES["attributes"], "taxonomy_terms": TABLES["taxonomy_terms"]}
    feed = read_feed(as_json(tables))
    (read,) = feed.reads
    assert (read.listing.phone, [label.name for label in read.listing.labels]) == ("1", ["Befriending"])
    assert feed.quarantined == {"record 2": "the record is no object"}


def test_a_folder_is_read_as_its_archive_and_twice_alike(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(archive(**TABLES))) as archived:
        archived.extractall(tmp_path)
    assert listing_of(content_of(tmp_path)) == listing_of(archive(**TABLES))
    assert content_of(tmp_path) == content_of(tmp_path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (archive(organizations=[ORGANISATION]), "no services.csv"),
        (archive(services=[{"id": ""}])[:-30], "cut, damaged or locked"),
        (archive(datapackage=[{}]), "no services.csv"),
        (b"PK\x05\x06" + bytes(18), "no services.csv"),
    ],
)
def test_an_archive_that_is_no_directory_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(FeedError, match=reason):
        read_feed(content)


def an_aliss_service(**changed: Any) -> dict[str, Any]:
    return {
        "id": "3da126c1-44b4-4095-a1d1-db21787d0b6a",
        "organisation": {
            "id": "abd47d4d-1ece-4c38-981e-4ccba17013cf",
            "name": "Tayside Help",
            "slug": "tayside-help-0",
        },
        "name": "Food parcels",
        "slug": "food-parcels-1",
        "description": "Every Thursday",
        "phone": "01632 960100",
        "url": "http://help.example.org",
        "categories": [
            {"name": "Foodbank", "slug": "foodbank"},
            {"name": "Food & Nutrition", "slug": "food-nutrition"},
        ],
        "locations": [{"name": "Hall", "postal_code": "DD1 1AA", "latitude": 56.46, "longitude": -2.97}],
        "service_areas": [
            {"code": "S12000046", "type": "Local Authority", "name": "Glasgow City"},
            {"code": "XS", "type": "Country", "name": "Scotland"},
        ],
        "permalink": "https://www.aliss.org/services/3da126c1-44b4-4095-a1d1-db21787d0b6a",
        "aliss_url": "https://www.aliss.org/services/food-parcels-1/",
        "last_updated": "2026-09-17T16:22:50.910751+00:00",
    } | changed


def test_aliss_is_read_with_its_terms_and_what_it_does_not_know_is_unknown() -> None:
    feed = read_feed(
        as_json(
            {
                "meta": {
                    "licence": "https://creativecommons.org/licenses/by/4.0/",
                    "attribution": [{"text": "ALISS users"}],
                },
                "count": 534,
                "next": "https://www.aliss.org/api/v4/services/?page=2",
                "data": [an_aliss_service()],
            }
        )
    )
    (read,) = feed.reads
    listing = read.listing
    assert (feed.format, feed.announced) == ("ALISS", 534)
    assert (listing.licence, listing.attribution) == ("https://creativecommons.org/licenses/by/4.0/", "ALISS users")
    assert listing.source_url == "https://www.aliss.org/services/3da126c1-44b4-4095-a1d1-db21787d0b6a"
    assert listing.labels[0] == Label("aliss", "foodbank", "Foodbank")
    assert listing.needs == ("food",)
    assert [area.code for area in listing.areas] == ["S12000049", "S92000003"]
    assert [(site.name, site.postcode) for site in listing.sites] == [("Hall", "DD1 1AA")]
    assert (listing.status, str(listing.checked_on), listing.phone) == ("active", "2026-09-17", "01632 960100")
    assert {"schedules", "fees", "costs", "capacity"}.isdisjoint(read.stated)


@pytest.mark.parametrize("envelope", ["data", "results"])
def test_the_envelopes_of_alisss_versions_are_opened(envelope: str) -> None:
    service = an_aliss_service(last_reviewed="2026-10-01", community_groups=[{"name": "Carers"}])
    listing = listing_of(as_json({"count": 1, envelope: [service]}))
    assert (str(listing.checked_on), "carers" in listing.needs_by_label) == ("2026-10-01", True)


def test_a_real_answer_of_aliss_is_read_whole() -> None:
    path = REAL / "service-search-v4.json"
    if not path.exists():
        pytest.skip(NO_DATA)
    feed = read_feed(path.read_bytes())
    assert (len(feed.reads), feed.quarantined, feed.announced) == (4, {}, 534)
    assert all(read.listing.labels and read.listing.source_url and read.listing.attribution for read in feed.reads)


TABLE = """Groups in Dundee,,
Group name;Run by;Postcode;Area covered;Ages;Categories;Last checked;Website;Cost
Tea Club;Tayside Help;DD1 1AA;Dundee, S12000042;50+;Befriending;3/9/2026;help.example.org;Free
;;;;;;;;
Walk;;;;under 12;;;;
"""


def test_a_table_is_read_by_its_usual_headers() -> None:
    feed = read_feed(TABLE.encode(), "groups.csv")
    tea, walk = (read.listing for read in feed.reads)
    assert feed.format == "spreadsheet"
    assert (tea.name, tea.organisation_name, tea.minimum_age, tea.fees) == ("Tea Club", "Tayside Help", 50, "Free")
    assert [(area.kind, area.code) for area in tea.areas] == [("words", None), ("gss", "S12000042")]
    assert (tea.labels, tea.needs) == ((Label("categories", "", "Befriending"),), ("befriending",))
    assert (str(tea.checked_on), tea.url, tea.sites[0].postcode) == ("2026-09-03", "http://help.example.org", "DD1 1AA")
    assert (walk.organisation_name, walk.maximum_age, walk.sites) == ("Walk", 11, ())
    assert feed.left_out == {
        "service_areas: an area in words, which nobody can be held against": 1,
        "organisation: none is told, and the service's own name stands for it": 1,
    }
    assert read_feed(TABLE.encode()).reads == feed.reads


def test_a_row_without_an_id_keeps_the_one_that_its_words_give_it_wherever_it_stands() -> None:
    head, *rows = ["name,organisation", "Tea,Help", "Walk,Help"]
    there, here = (read_feed("\n".join([head, *order]).encode()) for order in (rows, rows[::-1]))
    assert {read.listing.id for read in there.reads} == {read.listing.id for read in here.reads}


def test_a_mapping_says_which_column_holds_what() -> None:
    columns = read_columns("name: Was\norganisation: Wer\n")
    feed = read_feed(b"Nr\tWas\tWer\n1\tTee\tHilfe\n", "x.txt", columns)
    assert [(read.listing.name, read.listing.organisation_name) for read in feed.reads] == [("Tee", "Hilfe")]


@pytest.mark.parametrize(
    ("mapping", "reason"),
    [
        ("name: Missing", "no column Missing"),
        ("name: Was\nurl: Web", "no column Web"),
        ("nam: Was", "speaks of nam"),
        ("url: Was", "does not say where the name is"),
        ("- a", "no list of fields"),
        ("{", "neither YAML nor JSON"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(mapping: str, reason: str) -> None:
    with pytest.raises(FeedError, match=reason):
        read_feed(b"Was,Wer\nTee,Hilfe\n", "x.csv", read_columns(mapping))


def test_a_workbook_is_read_like_a_table() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["Our groups"], ["Ref", "Name", "Organisation", "Min age", "Updated"], [7, "Tea", "Help", 18, None]):
        sheet.append(row)
    saved = io.BytesIO()
    book.save(saved)
    (read,) = read_feed(saved.getvalue(), "groups.xlsx").reads
    assert (read.listing.id, read.listing.name, read.listing.minimum_age, read.source_id) == ("7", "Tea", 18, "7")


def test_a_table_saved_by_an_older_spreadsheet_is_read() -> None:
    assert listing_of("name,organisation\nCafé,Hélp\n".encode("cp1252")).name == "Café"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=10,
)
NAMES = st.sampled_from(
    (
        *OPEN_REFERRAL_UK_1,
        *an_aliss_service(),
        *("service_taxonomy", "eligibility", "regular_schedule", "physical_addresses", "locations", "phone", "phones"),
        *("services", "organization_id", "taxonomy_terms", "attributes", "service_capacity", "keywords"),
    )
)
RECORD = st.dictionaries(NAMES, JSON | st.lists(st.dictionaries(NAMES, JSON, max_size=3), max_size=2), max_size=6)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(RECORD)
def test_whatever_a_record_of_any_format_holds_it_is_read_or_quarantined(record: dict[str, Any]) -> None:
    for body in (record, SERVICE | record, OPEN_REFERRAL_UK_1 | record, an_aliss_service(**record)):
        with contextlib.suppress(UnusableRecordError):
            assert read_record(translate(body)).listing.name


PARTS = st.sampled_from((*TABLES, "service", "contents", "data", "meta", "count"))


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(PARTS, st.lists(RECORD | JSON, max_size=3), max_size=6))
def test_whatever_json_a_file_holds_it_is_read_or_refused(body: dict[str, Any]) -> None:
    with contextlib.suppress(FeedError):
        feed: Feed = read_feed(json.dumps(body).encode())
        assert feed.read == len(feed.reads) + len(feed.quarantined) + feed.repeated > 0


CELLS = st.lists(st.lists(st.text(max_size=8), max_size=5), max_size=4)


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(("Name", "Ages", "Area", "Updated", "Lat", "Organisation", "Needs")), min_size=1), CELLS
)
def test_whatever_a_table_holds_it_is_read_or_refused(header: list[str], rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    with contextlib.suppress(FeedError):
        read_feed(text.getvalue().encode("utf-8", "replace"))


@settings(deadline=None)
@given(st.data())
def test_a_damaged_archive_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(archive(**TABLES))
    place = data.draw(st.integers(4, len(content) - 1))
    content[place] = data.draw(st.integers(0, 255))
    with contextlib.suppress(FeedError):
        list(open_document(bytes(content)).services)
