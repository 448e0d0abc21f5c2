"""A listing is composed of what its sources say, and what people here know better stays laid over it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.directory.export import Corrected, as_hsds, corrections_as_csv, corrections_as_hsds
from matching.directory.feed import read_feed
from matching.directory.imports.composing import SourceRecord, compose, with_defaults
from matching.directory.imports.correcting import Correction, checked, correction_of, lay_over, taken_over
from matching.directory.imports.local import Draft, local_read
from matching.directory.imports.refreshing import as_stated
from matching.directory.imports.written import digest_of, read_as_json, read_of
from matching.directory.record import Read, read_record
from matching.domain import Area, Availability, Capacity, Label, Listing, Point, Schedule, Site
from tests.unit.matching.builders import NOW, a_listing
from tests.unit.matching.test_directory_reader import a_record


def a_source(name: str = "aliss", *, priority: int = 0, missed: int = 0, age: int = 0, **fields: Any) -> SourceRecord:
    read = read_record(a_record(**fields))
    return SourceRecord(name, f"{name}-1", read, priority, NOW - timedelta(days=age), NOW, missed)


def test_a_field_is_the_first_sources_that_states_it_by_priority() -> None:
    low = a_source("aliss", description="From ALISS", email="a@a.example", status="active")
    high = a_source("council", priority=5, description="From the council", email="", status="whatever")
    listing = compose("debt", [low, high])
    assert (listing.description, listing.email, listing.status) == ("From the council", "a@a.example", "active")
    assert compose("debt", [high, low]) == listing


def test_of_two_of_one_priority_the_one_that_changed_last_is_believed() -> None:
    assert compose(
        "debt", [a_source("a", age=2, url="http://old.example"), a_source("b", url="http://new.example")]
    ).url == ("http://new.example")


def test_words_of_all_sources_count_and_all_their_terms_are_shown() -> None:
    need = [{"link_type": "need", "value": "debt-advice"}]
    one = with_defaults(a_source(attributes=need).read, licence="OGL", attribution="One")
    other = with_defaults(
        a_source("b", attributes=[{"link_type": "need", "value": "loneliness"}]).read, licence="OGL", attribution="Two"
    )
    listing = compose("debt", [SourceRecord("a", "a", one), SourceRecord("b", "b", other)])
    assert listing.needs == ("debt-advice", "loneliness")
    assert (listing.licence, listing.attribution) == ("OGL", "One; Two")


def test_an_age_range_and_an_organisation_are_never_of_two_sources() -> None:
    one = a_source(priority=1, minimum_age=16, organization={"id": "o", "name": "Help"})
    other = a_source("b", maximum_age=12, organization={"id": "p", "name": "Kids", "description": "For children"})
    listing = compose("debt", [one, other])
    assert (listing.minimum_age, listing.maximum_age) == (16, None)
    assert (listing.organisation, listing.organisation_description) == ("o", "")


def test_the_places_that_were_counted_last_stand() -> None:
    old = a_source(priority=9, capacities=[{"available": 9, "updated": "2026-01-01T00:00:00Z"}])
    new = a_source("b", capacities=[{"available": 2, "updated": "2026-02-01T00:00:00Z"}])
    assert compose("debt", [old, new]).capacity.places == 2


def test_what_a_source_lost_says_nothing_while_another_has_it_and_unlists_it_else() -> None:
    lost = a_source(priority=9, missed=3, description="Lost")
    assert compose("debt", [lost, a_source("b", description="Here")]).description == "Here"
    assert compose("debt", [lost]).unlisted == "missing"
    assert compose("debt", [a_source(missed=2)]).is_listed


def test_a_default_area_is_for_those_that_state_none() -> None:
    bristol = (Area("gss", "E06000023", name="Bristol"),)
    assert with_defaults(a_source().read, area=bristol).listing.areas == bristol
    stated = a_source(service_areas=[{"extent": "S12000042"}]).read
    assert with_defaults(stated, area=bristol) is stated


LISTING = a_listing(
    description="Help with letters",
    url="http://debt.example",
    email="a@debt.example",
    phone="01382 496 0000",
    fees="Free",
    costs="£5 a session; £2 (members)",
    labels=(Label("council", "x7", "Theme 7"), Label("", "", "Theme 8")),
    needs=("debt-advice",),
    formats=("group",),
    access=("step-free",),
    languages=("en", "pl"),
    areas=(
        Area("gss", "S12000042", name="Dundee City"),
        Area("outward", "DD1"),
        Area("circle", centre=Point(56.4, -2.9), radius_km=2.5, name="Near"),
        Area("words", name="All welcome"),
    ),
    sites=(Site("Hall", "DD1 1AA", Point(56.46, -2.97)), Site("Church")),
    schedules=(Schedule("MO", "10:00", "12:00", "Weekly"),),
    capacity=Capacity(3, datetime(2026, 9, 1, tzinfo=UTC)),
    keywords="bills",
    source_url="http://aliss.example/1",
)


def test_a_listing_that_is_exported_is_read_again_as_it_was() -> None:
    read = read_record(as_hsds(LISTING))
    assert read.left_out == ("service_areas: an area in words, which nobody can be held against",)
    assert replace(read.listing, licence=None, attribution=None) == LISTING


def test_a_record_that_is_kept_is_read_again_as_it_was() -> None:
    read = Read(LISTING, frozenset({"name", "needs"}), (), "A 1", "B 2", "SC012345")
    assert read_of(read_as_json(read)) == read
    assert digest_of(read) == digest_of(replace(read, stated=frozenset({"needs", "name"}), left_out=("anything",)))
    assert digest_of(read) != digest_of(replace(read, listing=replace(LISTING, name="Other")))


def a_correction(field: str = "phone", value: Any = "01382 496 0001", **changed: Any) -> Correction:
    return replace(Correction("debt-clinic", field, checked(field, value), "curator-1", NOW), **changed)


def test_a_correction_lies_over_what_sources_say_until_they_say_the_same() -> None:
    correction = a_correction()
    assert lay_over(LISTING, [correction]).phone == "01382 496 0001"
    assert taken_over(LISTING, [correction]) == []
    theirs = replace(LISTING, phone="01382 496 0001")
    assert taken_over(theirs, [correction]) == [correction]
    assert lay_over(LISTING, [replace(correction, taken_over=True)]) == LISTING


def test_of_two_corrections_the_later_stands() -> None:
    first, later = a_correction(value="1111111111"), a_correction(value="2222222222", at=NOW + timedelta(days=1))
    assert lay_over(LISTING, [later, first]).phone == "2222222222"


def test_needs_that_are_corrected_leave_no_need_of_a_label_behind() -> None:
    by_label = replace(LISTING, needs=("debt-advice", "loneliness"), needs_by_label=("loneliness",))
    assert lay_over(by_label, [a_correction("needs", ["debt-advice"])]).needs_by_label == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "x"),
        ("organisation", "x"),
        ("name", ""),
        ("name", None),
        ("name", "<p></p>"),
        ("email", "nobody"),
        ("url", "javascript:alert(1)"),
        ("minimum_age", 200),
        ("minimum_age", "old"),
        ("needs", ["no-such-need"]),
        ("formats", ["Not A Code"]),
        ("status", "sleeping"),
        ("sites", [{"latitude": "x"}]),
    ],
)
def test_what_cannot_be_a_correction_is_refused_without_its_text(field: str, value: Any) -> None:
    with pytest.raises(ValueError, match=field.split("_", maxsplit=1)[0]) as refused:
        checked(field, value)
    assert not value or str(value) not in str(refused.value)


@pytest.mark.parametrize(
    ("field", "value", "held"),
    [
        ("email", "", None),
        ("description", None, ""),
        ("minimum_age", None, None),
        ("needs", [], ()),
        ("needs", ["loneliness", "debt-advice"], ("debt-advice", "loneliness")),
        (
            "sites",
            [{"name": "Hall", "point": {"latitude": 56.4, "longitude": -2.9}}],
            (Site("Hall", None, Point(56.4, -2.9)),),
        ),
        ("phone", " <b>0131</b> ", "0131"),
    ],
)
def test_a_correction_is_held_as_a_listing_holds_it_and_kept_as_json(field: str, value: Any, held: Any) -> None:
    assert checked(field, value) == held
    correction = a_correction(field, value)
    row = {"service": "s", "field": field, "by": "b", "at": NOW, "note": "", "taken_over_at": None}
    assert correction_of({**row, "value": correction.value_as_json}).value == held


def test_corrections_are_written_for_the_source_by_its_own_ids() -> None:
    corrections = [a_correction(note="They moved"), a_correction("name", "=Debt")]
    corrected = Corrected(replace(LISTING, name="=Debt", phone="01382 496 0001"), corrections, [("aliss", "A/1")])
    body = corrections_as_hsds([corrected]).decode()
    assert '"id": "A/1"' in body
    assert '"number": "01382 496 0001"' in body
    assert "curator-1" not in body
    lines = corrections_as_csv([corrected]).decode().splitlines()
    assert lines[1] == "aliss,A/1,debt-clinic,'=Debt,phone,01382 496 0001,2026-10-01,They moved".replace(
        "2026-10-01", NOW.date().isoformat()
    )
    assert lines[2].split(",")[5] == "'=Debt"


def test_a_feed_of_an_export_is_a_directory_again() -> None:
    assert read_feed(corrections_as_hsds([Corrected(LISTING, [a_correction()], [("a", "1")])])).quarantined == {
        "record 1": "organisation is missing"
    }, "a correction is no whole service, and nobody loads it by mistake"


def test_a_group_that_is_in_no_directory_is_a_record_of_ours() -> None:
    draft = Draft("Tea & Blether", "Hilltown Church", postcode="dd3 6aa", area="S12000042", needs=("loneliness",))
    read = local_read(draft)
    assert (read.listing.status, read.listing.sites[0].postcode) == ("active", "DD3 6AA")
    assert read.listing.sites[0].point is not None
    assert local_read(replace(draft, name="tea &  blether")).listing.id == read.listing.id
    with pytest.raises(ValueError, match="minimum_age is above"):
        local_read(replace(draft, minimum_age=50, maximum_age=18))
    with pytest.raises(ValueError, match="postcode"):
        local_read(replace(draft, postcode="nowhere"))


def test_what_people_stated_stays_until_a_source_counts_later() -> None:
    said = Availability("open", None, NOW, NOW + timedelta(days=28))
    held = replace(LISTING, availability=said, capacity=Capacity(3, NOW))
    older = replace(LISTING, capacity=Capacity(9, NOW - timedelta(days=1)))
    newer = replace(LISTING, capacity=Capacity(9, NOW + timedelta(days=1)))
    assert as_stated(older, held) == replace(older, availability=said, capacity=Capacity(3, NOW))
    assert as_stated(newer, held) == newer
    assert as_stated(older, None) == older


@given(st.permutations(range(4)))
def test_a_listing_does_not_hang_on_the_order_of_its_records(order: list[int]) -> None:
    records = [a_source(name, age=n % 2, description=name, maximum_age=n) for n, name in enumerate("abcd")]
    expected: Listing = compose("debt", records)
    assert compose("debt", [records[n] for n in order]) == expected
    assert expected.checked_on is None or isinstance(expected.checked_on, date)
