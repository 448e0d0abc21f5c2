"""What is typed into the forms of mending is read as it was meant, or given back with what is wrong beside it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.curation import words
from matching.curation.changes import filled_in, read_correct, shown_as
from matching.curation.forms import CorrectForm, SpokeForm
from matching.curation.provenance import Origin, origins
from matching.curation.staff import Programme
from matching.curation.typed import Faults, names_somebody, read_contact, read_funding, read_spoke, read_where
from matching.directory.imports.composing import SourceRecord
from matching.directory.imports.correcting import Correction
from matching.directory.record import Read
from matching.domain import Listing, Schedule, Site
from matching.storage.curation import Act
from matching.storage.menders import Staff
from tests.unit.matching.builders import NOW, TODAY, a_listing

GUARD: dict[str, Any] = {"csrf": "token", "form_id": uuid4()}


def spoke(**typed: Any) -> SpokeForm:
    return SpokeForm(**GUARD, **typed)


def correcting(listing: Listing, **typed: Any) -> CorrectForm:
    return CorrectForm(**GUARD, **filled_in(listing) | typed)


@pytest.mark.parametrize(
    ("typed", "postcode", "rest"),
    [
        ("DD2 3JJ", "DD2 3JJ", ""),
        ("dd23jj", "DD2 3JJ", ""),
        ("St Mary's Hall, DD2 3JJ", "DD2 3JJ", "St Mary's Hall"),
        ("DD5 library", "DD5", "library"),
        ("Broughty Ferry DD5", "DD5", "Broughty Ferry"),
        ("DDS 2AJ", None, "DDS 2AJ"),
        ("Angus", None, "Angus"),
        ("", None, ""),
    ],
)
def test_a_place_is_a_postcode_with_what_people_call_it_or_words(typed: str, postcode: str | None, rest: str) -> None:
    found = read_where(typed)
    read = found.postcode and (found.postcode.full or found.postcode.outward)
    assert (read, found.rest) == (postcode, rest)


@pytest.mark.parametrize(
    ("typed", "phone", "email", "url"),
    [
        ("01382 496 000", "01382 496 000", None, None),
        ("+44 (0)1382 496000 or hello@tea.example.org", "+44 (0)1382 496000", "hello@tea.example.org", None),
        ("www.tea.example.org, 01382496000.", "01382496000", None, "www.tea.example.org"),
        ("https://tea.example.org/dundee", None, None, "https://tea.example.org/dundee"),
        ("ask at the bar", None, None, None),
    ],
)
def test_one_line_says_how_to_reach_a_group(typed: str, phone: str | None, email: str | None, url: str | None) -> None:
    found = read_contact(typed)
    assert (found.phone, found.email, found.url) == (phone, email, url)


@given(st.text(max_size=200))
def test_whatever_is_typed_is_read_and_raises_nothing(typed: str) -> None:
    read_where(typed)
    read_contact(typed)
    read_funding(typed, TODAY, Faults())
    names_somebody(typed)


def test_open_with_three_places_on_a_day_of_last_week_holds_from_that_day() -> None:
    day = TODAY - timedelta(days=4)
    read, stated, faults = read_spoke(spoke(on=day.isoformat(), state="open", places="3"), NOW)
    assert (read, faults) == (day, {})
    assert stated is not None
    assert stated.places == 3
    assert stated.availability.stated_at == NOW - timedelta(days=4)
    assert stated.availability.valid_until == NOW + timedelta(days=24)


def test_a_word_in_which_room_was_no_matter_states_none() -> None:
    assert read_spoke(spoke(), NOW) == (TODAY, None, {})


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"state": "open", "places": "a few"}, "places"),
        ({"state": "open", "places": "0"}, "places"),
        ({"state": "full", "places": "3"}, "places"),
        ({"places": "3"}, "state"),
        ({"state": "open", "weeks": "2"}, "weeks"),
        ({"on": "2026-11-24"}, "on"),
        ({"on": "2026-01-01"}, "on"),
        ({"on": "yesterday"}, "on"),
        ({"on": "2026-11-03", "state": "open", "days": "14"}, "days"),
    ],
)
def test_what_makes_no_sense_is_told_at_its_field(typed: dict[str, Any], field: str) -> None:
    _, stated, faults = read_spoke(spoke(**typed), NOW)
    assert (stated, list(faults)) == (None, [field])


@pytest.mark.parametrize(
    ("note", "named"),
    [
        ("Spoke to Anne on Tuesday: open", True),
        ("talked with Farid, two weeks", True),
        ("Mrs Baird says they moved", True),
        ("Met Anne at the hall", True),
        ("Spoke to the office on Tuesday", False),
        ("Spoke Tuesday, all fine", False),
        ("spoke to Kettle, all fine", False),
        ("They meet in the back room", False),
    ],
)
def test_a_note_that_names_whom_one_spoke_with_is_noticed(note: str, named: bool) -> None:
    assert names_somebody(note, ("Kettle and Company",)) is named


def test_a_form_sent_as_it_was_shown_corrects_nothing() -> None:
    listing = a_listing(
        phone="01382 496 000", schedules=(Schedule("MO", "10:00", "12:00"), Schedule(description="July"))
    )
    assert read_correct(correcting(listing), listing) == ({}, {})


def test_only_what_is_different_is_corrected() -> None:
    listing = a_listing(phone="01382 496 000", email="old@example.org", sites=())
    form = correcting(listing, phone="01382 496 001", email="", where="Hall, DD5 2AJ", need=["food"], maximum_age="65")
    fields, faults = read_correct(form, listing)
    assert faults == {}
    assert fields.keys() == {"phone", "email", "sites", "needs", "maximum_age"}
    assert (fields["phone"], fields["email"], fields["needs"]) == ("01382 496 001", None, ("food",))
    assert [(site.name, site.postcode, site.point is not None) for site in fields["sites"]] == [
        ("Hall", "DD5 2AJ", True)
    ]


@pytest.mark.parametrize(
    ("field", "typed"),
    [("name", ""), ("email", "no address"), ("minimum_age", "-1"), ("where", "somewhere"), ("need", ["no-need"])],
)
def test_a_correction_of_the_wrong_kind_is_told_at_its_field(field: str, typed: Any) -> None:
    listing = a_listing()
    fields, faults = read_correct(correcting(listing, **{field: typed}), listing)
    assert (fields, list(faults)) == ({}, [field])


def test_a_form_stands_for_what_it_showed() -> None:
    listing = a_listing()
    assert shown_as(listing) == shown_as(replace(listing, keywords="not on the form"))
    assert shown_as(listing) != shown_as(replace(listing, phone="01382 496 000"))


def test_each_value_tells_whose_word_it_is() -> None:
    def record(source: str, priority: int, **said: Any) -> SourceRecord:
        read = Read(a_listing("shed", **said), frozenset(said), (), source, "")
        return SourceRecord(source, source, read, priority, NOW - timedelta(days=priority))

    listing = a_listing("shed", description="From the council", phone="2", email="here@example.org", needs=("food",))
    told = origins(
        listing,
        [
            record("aliss", 0, description="From ALISS", phone="1", needs=("food",)),
            record("council", 1, description="From the council", phone="1", needs=("food",)),
        ],
        [Correction("shed", "phone", "2", "curator:rowan", NOW)],
    )
    day = TODAY - timedelta(days=1)
    assert told["description"] == Origin(day, ("council",))
    assert told["needs"] == Origin(TODAY, ("council", "aliss"))
    assert told["phone"] == Origin(TODAY, corrected_by="curator:rowan")
    assert told["email"] is told["url"] is None
    assert words.origin(told["phone"]) == "Corrected here on 23 November 2026 by the third-sector interface"
    assert words.origin(told["needs"]) == "From council and from aliss, 23 November 2026"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            {"kind": "phone", "on": "2026-11-20", "state": "open", "places": 3},
            "a call, on 20 November 2026, open, 3 places",
        ),
        ({"state": "waiting", "places": None, "weeks": 1}, "waiting, about 1 week"),
        ({"fields": ["phone", "sites"]}, "telephone, where"),
        ({"until": "2027-03-31"}, "until 31 March 2027"),
        ({"until": ""}, "it goes on"),
        ({}, ""),
    ],
)
def test_what_was_done_is_told_in_a_line(said: Mapping[str, Any], told: str) -> None:
    assert words.said(Act("spoke", "link-worker:ash", NOW, said, "")) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(None, "no answer yet"), (120, "within an hour"), (7200, "within 2 hours"), (200_000, "within 2 days")],
)
def test_how_long_answers_took_is_told_roughly(seconds: float | None, told: str) -> None:
    assert words.lasted(seconds) == told


@pytest.mark.parametrize(("typed", "wrong"), [("2026-11-22", True), ("soon", True), ("2027-03-31", False)])
def test_a_funding_ends_from_today_on(typed: str, wrong: bool) -> None:
    faults = Faults()
    read_funding(typed, TODAY, faults)
    assert ("ends_on" in faults) is wrong


def test_a_programme_without_curators_has_its_link_workers_alone() -> None:
    file = {
        "programme": "toy",
        "link_workers": [{"id": "ash", "mail": "ash@example.org", "name": "not read", "ends_on": "2027-03-31"}],
    }
    ash = Staff("link-worker", "ash", "ash@example.org", date(2027, 3, 31))
    assert Programme.model_validate(file).staff() == [ash]
    rowan = {"curators": [{"id": "rowan", "mail": "rowan@example.org"}]}
    assert Programme.model_validate(file | rowan).staff() == [ash, Staff("curator", "rowan", "rowan@example.org")]


def test_a_place_that_is_typed_is_written_as_it_is_shown() -> None:
    listing = a_listing(sites=(Site("Hall", "DD5 2AJ"),))
    assert words.where(listing) == "Hall, DD5 2AJ"
    assert read_where(words.where(listing)).rest == "Hall"


def test_days_are_those_of_the_place_and_not_of_utc() -> None:
    late = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    assert read_spoke(spoke(), late)[0] == date(2026, 7, 2)
