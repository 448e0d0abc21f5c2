"""A directory's file is read tolerantly: what cannot be used is left out or quarantined with its reason."""

import contextlib
import json
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.directory.feed import Feed, FeedError, read_feed
from matching.directory.ids import SLUG, slug, slug_of_name
from matching.directory.raw import UnusableRecordError
from matching.directory.record import Terms, read_record
from matching.directory.text import plain
from matching.domain import Area, Capacity, Label, Listing, Point
from shared.needs import NEEDS
from tests.run import NO_DATA

ROOT = Path(__file__).parents[3]
REAL = ROOT.parent / "shared" / "data" / "oruk"


def a_record(**changed: Any) -> dict[str, Any]:
    return {
        "id": "ac148810-d857-441c-9679-408f346de14b",
        "name": "Debt Clinic",
        "status": "active",
        "organization": {"id": "org-1", "name": "Tayside Help"},
    } | changed


def a_listing_of(**changed: Any) -> Listing:
    return read_record(a_record(**changed)).listing


def feed_of(*records: object) -> Feed:
    return read_feed(json.dumps(list(records)).encode())


def real(name: str) -> bytes:
    path = REAL / name
    if not path.exists():
        pytest.skip(NO_DATA)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"id": None}, "id is missing"),
        ({"id": "  "}, "id is missing"),
        ({"id": True}, "id is missing"),
        ({"id": {"value": "x"}}, "id is missing"),
        ({"name": " <p> </p> "}, "name is empty"),
        ({"organization": None}, "organisation is missing"),
        ({"organization": {"id": "", "name": " "}}, "organisation is missing"),
        ({"organization_id": "a", "organization": None}, "organisation name is empty"),
        ({"organization": {"id": "a", "name": ""}}, "organisation name is empty"),
    ],
)
def test_a_record_without_what_a_listing_needs_is_quarantined_with_its_reason(
    changed: dict[str, Any], reason: str
) -> None:
    feed = feed_of(a_record(id="good"), a_record(**changed))
    assert [read.listing.id for read in feed.reads] == ["good"]
    assert feed.quarantined == {"record 2": reason}


@pytest.mark.parametrize("entry", [None, 7, "text", [], [a_record()]])
def test_an_entry_that_is_no_object_is_quarantined(entry: object) -> None:
    assert feed_of(a_record(), entry).quarantined == {"record 2": "the record is no object"}


def test_a_record_that_says_nothing_new_is_one_and_counted() -> None:
    short = {"id": "one", "name": "First", "organization": {"id": "org-1", "name": "Tayside Help"}}
    feed = feed_of(a_record(id="one", name="First"), a_record(id="one", name="First"), short)
    assert (len(feed.reads), feed.repeated, feed.quarantined, feed.read) == (1, 2, {}, 3)


def test_of_two_records_that_differ_the_last_stands_and_what_only_the_first_says_stays() -> None:
    feed = feed_of(a_record(id="one", name="First", description="Long"), a_record(id="one", name="Second"))
    assert [(read.listing.name, read.listing.description) for read in feed.reads] == [("Second", "Long")]
    assert "description" in feed.reads[0].stated
    assert feed.quarantined == {"record 1": "a later record with the id one says otherwise"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not JSON"),
        (b'{"contents": [{"id": "x", "na', "not JSON at line 1"),
        (b"[" * 100_000, "not JSON"),
        (b"\xff\xfe[]", "not UTF-8 at byte 0"),
        (b"[]", "holds no service"),
        (b'{"contents": []}', "holds no service"),
        (b'{"total": 1}', "neither a list"),
        (b"7", "not JSON, and no table"),
        (b"1" * 5000, "not JSON, and no table"),
        (b"[" + b"1" * 5000 + b"]", "not JSON"),
        (b"PK\x03\x04 cut", "the archive is cut"),
    ],
)
def test_a_file_that_is_cut_or_no_directory_is_refused_whole(content: bytes, reason: str) -> None:
    with pytest.raises(FeedError, match=reason):
        read_feed(content)


@pytest.mark.parametrize("envelope", ["contents", "content", "services", "data", "results"])
def test_every_envelope_in_use_is_opened(envelope: str) -> None:
    feed = read_feed(b"\xef\xbb\xbf" + json.dumps({"total_items": 9, envelope: [a_record()]}).encode())
    assert (len(feed.reads), feed.announced) == (1, 9)


@pytest.mark.parametrize(
    ("changed", "found", "left_out"),
    [
        ({"minimum_age": 12, "maximum_age": 100}, (12, 100), []),
        ({"minimum_age": -1, "maximum_age": -1}, (None, None), []),
        ({"minimum_age": "18", "maximum_age": None}, (18, None), []),
        ({"minimum_age": 16.0}, (16, None), []),
        ({"minimum_age": "adults", "maximum_age": 1e999}, (None, None), ["minimum_age", "maximum_age"]),
        ({"minimum_age": 1850}, (None, None), ["minimum_age"]),
        ({"minimum_age": 65, "maximum_age": 18}, (None, None), ["minimum_age"]),
    ],
)
def test_ages_are_read_or_left_out(
    changed: dict[str, Any], found: tuple[int | None, int | None], left_out: list[str]
) -> None:
    read = read_record(a_record(**changed))
    assert (read.listing.minimum_age, read.listing.maximum_age) == found
    assert [what.partition(":")[0].partition(",")[0] for what in read.left_out] == left_out


@pytest.mark.parametrize(
    ("entry", "area"),
    [
        ({"extent_type": "council", "extent": "S12000042", "name": "Dundee City"}, Area("gss", "S12000042")),
        ({"extent": "S12000015"}, Area("gss", "S12000047")),
        ({"uri": "http://statistics.gov.scot/id/statistical-geography/S12000041"}, Area("gss", "S12000041")),
        ({"name": "Scotland"}, Area("gss", "S92000003")),
        ({"extent_type": "postcode", "extent": "DD1, dd2"}, Area("outward", "DD1")),
        ({"extent_type": "ward", "extent": "Coldside"}, Area("words")),
        ({"extent_type": "geojson", "extent": "extent"}, Area("words")),
        ({"extent_type": "geojson", "extent": '{"geometry": {"coordinates": [400, 2]}}'}, Area("words")),
        (
            {
                "extent_type": "geojson",
                "extent": '{"geometry": {"coordinates": [-3.1, 56.7]}, "properties": {"radius_m": 1500}}',
            },
            Area("circle", centre=Point(56.7, -3.1), radius_km=1.5),
        ),
    ],
)
def test_areas_are_read_in_every_way_that_feeds_write_them(entry: dict[str, Any], area: Area) -> None:
    (found, *_) = a_listing_of(service_areas=[entry]).areas
    assert replace(found, name="") == area


@pytest.mark.parametrize(
    ("latitude", "longitude", "point"),
    [
        (56.46, -2.97, Point(56.46, -2.97)),
        ("56.46", "-2.97", Point(56.46, -2.97)),
        (100, 101, None),
        (0, 0, None),
        (None, None, None),
        (10**400, 1, None),
        ("north", 1, None),
    ],
)
def test_a_point_off_the_globe_is_left_out_and_its_site_stays(
    latitude: object, longitude: object, point: Point | None
) -> None:
    location = {"name": "Hall", "latitude": latitude, "longitude": longitude, "addresses": [{"postal_code": "dd1 1aa"}]}
    (site,) = a_listing_of(
        service_at_locations=[{"location": location}, {"location": {"location_type": "virtual"}}]
    ).sites
    assert (site.point, site.postcode, site.name) == (point, "DD1 1AA", "Hall")


def test_needs_formats_and_access_are_read_from_coded_attributes() -> None:
    listing = a_listing_of(
        attributes=[
            {"link_type": "need", "value": "loneliness", "taxonomy_term": {"term": "loneliness"}},
            {"taxonomy_term": {"code": "debt-advice", "taxonomy": "anything"}},
            {"link_type": "need", "value": "world-peace"},
            {"link_type": "format", "value": "group"},
            {"link_type": "access", "taxonomy_term": {"term": "step-free"}},
            {"link_type": "sample", "value": "true"},
            "no object",
        ]
    )
    assert listing.needs == ("debt-advice", "loneliness")
    assert (listing.formats, listing.access) == (("group",), ("step-free",))


@pytest.mark.parametrize(
    ("capacities", "capacity"),
    [
        (
            [{"available": 9, "maximum": 14, "updated": "2026-09-01T09:00:00.000Z"}],
            Capacity(9, datetime(2026, 9, 1, 9, tzinfo=UTC)),
        ),
        ([{"maximum": 14}], Capacity()),
        ([{"available": -1}, {"available": 2}], Capacity(2)),
        ([], Capacity()),
        ("many", Capacity()),
    ],
)
def test_free_places_are_what_is_available_and_never_what_is_possible(capacities: object, capacity: Capacity) -> None:
    assert a_listing_of(capacities=capacities).capacity == capacity


def test_a_listing_was_checked_when_somebody_vouched_for_it_else_when_it_was_touched() -> None:
    assert a_listing_of(assured_date="2025-05-01", last_modified="2026-01-01").checked_on == date(2025, 5, 1)
    assert a_listing_of(assured_date="soon", last_modified="2026-01-01T10:30:45.123Z").checked_on == date(2026, 1, 1)
    assert a_listing_of(last_modified="0001-01-01T00:00:00+14:00").checked_on is None


def test_costs_schedules_and_contact_are_read_and_named_people_are_not() -> None:
    read = read_record(
        a_record(
            cost_options=[{"amount": 35, "amount_description": "a session", "option": "Over 60s"}, {"amount": 10**400}],
            schedules=[{"byday": "TH,FR", "opens_at": "10:00:00", "closes_at": "18:00", "description": "Weekly"}],
            phones=[{"number": "01632 960100"}],
            email="not an address",
            url="javascript:alert(1)",
            contacts=[{"name": "Invented Person", "email": "invented.person@example.org"}],
        )
    )
    listing = read.listing
    assert (listing.costs, listing.phone, listing.email, listing.url) == (
        "£35 a session (Over 60s)",
        "01632 960100",
        None,
        None,
    )
    assert [(each.days, each.opens_at, each.closes_at) for each in listing.schedules] == [("TH,FR", "10:00", "18:00")]
    assert "nvented" not in repr(listing)
    assert read.left_out == ("url: not of its form", "email: not of its form")


def test_organisations_have_one_name_and_description_in_a_file() -> None:
    one, two = {"id": "org-1", "name": "First name"}, {"id": "org-1", "name": "Second name", "description": "Helps"}
    feed = feed_of(a_record(id="a", organization=one), a_record(id="b", organization=two))
    told = {(read.listing.organisation_name, read.listing.organisation_description) for read in feed.reads}
    assert told == {("First name", "Helps")}
    assert all("organisation_description" in read.stated for read in feed.reads)


def test_an_organisation_without_an_id_is_known_by_its_name() -> None:
    first = read_record(a_record(organization={"name": "Tayside  Help"}))
    again = read_record(a_record(organization="TAYSIDE help"))
    assert first.listing.organisation == again.listing.organisation
    assert first.listing.organisation.startswith("tayside-help-")
    assert first.source_organisation_id == ""


def test_a_record_without_an_organisation_stands_alone_only_where_its_format_allows_it() -> None:
    alone = read_record(a_record(organization=None), Terms(stands_alone=True))
    assert alone.listing.organisation_name == "Debt Clinic"
    assert alone.left_out == ("organisation: none is told, and the service's own name stands for it",)


@pytest.mark.parametrize(
    ("entry", "label", "needs"),
    [
        (
            {"taxonomy": "Aliss", "code": "foodbank", "name": "Foodbank"},
            Label("Aliss", "foodbank", "Foodbank"),
            ["food"],
        ),
        ({"taxonomy": "any", "name": "Debt advice"}, Label("any", "", "Debt advice"), ["debt-advice"]),
        ({"name": "Loneliness & isolation"}, Label("", "", "Loneliness & isolation"), ["loneliness"]),
        (
            {
                "taxonomy_detail": {"name": "Open Eligibility"},
                "code": "human_services:food:food_pantry",
                "name": "Pantry",
            },
            Label("Open Eligibility", "human_services:food:food_pantry", "Pantry"),
            ["food"],
        ),
        (
            {"taxonomy": "SDOHCC", "term": "food-insecurity"},
            Label("SDOHCC", "food-insecurity", "food-insecurity"),
            ["food"],
        ),
        ({"name": "Divorce mediation"}, Label("", "", "Divorce mediation"), []),
        ("Housing", Label("", "", "Housing"), ["housing"]),
    ],
)
def test_labels_stay_as_they_came_and_bring_only_needs_that_mean_the_same(
    entry: object, label: Label, needs: list[str]
) -> None:
    listing = a_listing_of(attributes=[{"taxonomy_term": entry}, {"link_type": "need", "value": "stress"}])
    assert listing.labels == (label,)
    assert listing.needs_by_label == tuple(needs)
    assert set(listing.needs) == {"stress", *needs}


def test_a_wider_crosswalk_is_no_need() -> None:
    wider = next(walk for walk in NEEDS["debt-advice"].crosswalks if walk.match == "wider" and walk.system == "gravity")
    listing = a_listing_of(attributes=[{"taxonomy_term": {"taxonomy": "Gravity", "code": wider.code, "name": "x"}}])
    assert "debt-advice" not in listing.needs


@pytest.mark.parametrize("written", ["GROUP.7", "a_b", "a b", "https://x.example/services/7", "é", "x" * 65, "7/8"])
def test_an_id_of_any_characters_becomes_a_stable_slug_and_is_kept_as_it_was(written: str) -> None:
    read = read_record(a_record(id=written))
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", read.listing.id)
    assert read.listing.id == read_record(a_record(id=written)).listing.id
    assert read.source_id == written


@pytest.mark.parametrize(
    ("written", "ours"),
    [
        ("debt-clinic", "debt-clinic"),
        (12, "12"),
        (12.0, "12"),
        ("AC148810-D857-441C-9679-408F346DE14B", "ac148810-d857-441c-9679-408f346de14b"),
    ],
)
def test_an_id_that_may_be_ours_is_kept(written: object, ours: str) -> None:
    assert read_record(a_record(id=written)).listing.id == ours


@given(st.text(max_size=90), st.text(max_size=90))
def test_different_ids_stay_apart(one: str, two: str) -> None:
    if one.strip() != two.strip():
        assert slug(one) != slug(two)
    for ours in filter(None, (slug(one), slug(two), slug_of_name(one))):
        assert SLUG.fullmatch(ours)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<p>Come&nbsp;in<br>now</p><p>free</p>", "Come in now free"),
        ("a\x00b\ud800c\u200b  d\n", "abc d"),
        ("Tom & Jerry < cat", "Tom & Jerry < cat"),
        ("x" * 50, "x" * 19 + "…"),
        ("&lt;p&gt;Come in&lt;/p&gt;", "Come in"),
        ("a <!-- note --> b", "a b"),
        (7, ""),
        (None, ""),
    ],
)
def test_text_of_others_is_cleaned_of_markup_and_of_what_no_database_bears(text: object, found: str) -> None:
    assert plain(text, 20) == found


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
IDENTITY = ("id", "name", "status", "organization")
FACTS = ("description", "minimum_age", "maximum_age", "languages", "attributes", "capacities", "fees", "cost_options")
WHERE = ("service_areas", "service_at_locations", "schedules", "phones", "email", "url", "assured_date", "alert")
FIELDS = st.sampled_from((*IDENTITY, *FACTS, *WHERE))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(FIELDS, JSON))
def test_whatever_a_record_holds_it_is_read_or_quarantined(fields: dict[str, Any]) -> None:
    try:
        read = read_record(a_record() | fields)
    except UnusableRecordError:
        return
    text = repr(read.listing)
    assert "\\x00" not in text
    assert "\\ud8" not in text


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_whatever_bytes_a_file_has_it_is_read_or_refused(content: bytes) -> None:
    with contextlib.suppress(FeedError):
        assert read_feed(content).read > 0


def test_the_sample_directory_is_read_whole() -> None:
    feed = read_feed((ROOT / "deploy/sample/directory.json").read_bytes())
    assert len(feed.reads) >= 120
    assert feed.quarantined == {}
    assert all(read.listing.needs for read in feed.reads)


def test_the_uk_profiles_own_examples_are_read() -> None:
    (full,) = read_feed(real("uk-profile-service_full.json")).reads
    (short,) = read_feed(real("uk-profile-service_list.json")).reads
    assert (full.listing.minimum_age, full.listing.maximum_age, full.listing.sites[0].point) == (12, 100, None)
    assert full.left_out == (
        "service_areas: an area in words, which nobody can be held against",
        "service_at_locations: a point that is not on the globe",
    )
    assert short.listing.id == full.listing.id
    assert "areas" not in short.stated


def test_a_real_councils_feed_is_read_with_each_quarantined_record_explained() -> None:
    feed = read_feed(real("bristol.json"))
    assert feed.read == 819
    assert len(feed.reads) == 811
    assert Counter(feed.quarantined.values()) == {
        "organisation is missing": 6,
        "name is empty": 1,
        "a later record with the id 2af617e5-4532-bebe-1036-ffdf2e93ce55 says otherwise": 1,
    }
    assert feed.format == "Open Referral UK 1"
    assert sum(len(read.listing.labels) for read in feed.reads) > 700
    assert not any("</" in read.listing.description for read in feed.reads)
