"""A load changes what its source speaks of and nothing else."""

from dataclasses import replace
from typing import Any

import pytest

from matching.directory.changes import compare
from matching.directory.imports.composing import SourceRecord, compose
from matching.directory.imports.written import over
from matching.directory.record import Read, read_record
from matching.domain import Listing
from shared.contracts import ServiceChanged, ServiceDelisted, ServiceListed
from tests.unit.matching.builders import a_listing

KEPT = {"debt-clinic": a_listing(description="Long", minimum_age=16)}


def read(service: str = "debt-clinic", **fields: Any) -> Read:
    return read_record(
        {
            "id": service,
            "name": service.replace("-", " ").title(),
            "status": "active",
            "organization": {"id": f"{service}-org", "name": "Tayside Help"},
        }
        | fields
    )


def a_listing_read(service: str = "debt-clinic", **fields: Any) -> Listing:
    return compose(service, [SourceRecord("sample", service, read(service, **fields))])


def test_a_service_that_is_new_is_listed() -> None:
    changes = compare([a_listing_read("tea")], KEPT)
    assert [listing.id for listing in changes.listed] == ["tea"]
    (event,) = changes.as_events(8)
    assert event == ServiceListed(service="tea", organisation="tea-org", directory_version=8, needs=())


def test_a_listing_that_is_the_same_changes_nothing() -> None:
    assert compare(KEPT.values(), KEPT).touched == ()
    assert compare(KEPT.values(), KEPT).unchanged == 1


def test_a_field_that_a_record_leaves_out_stays_and_one_that_it_empties_goes() -> None:
    before = read(description="Long", minimum_age=16)
    after = over(before, read(name="New name")).listing
    assert (after.name, after.description, after.minimum_age) == ("New name", "Long", 16)
    after = over(before, read(description="", minimum_age=None)).listing
    assert (after.description, after.minimum_age) == ("", None)


def test_a_listing_that_the_file_does_not_have_is_left_alone() -> None:
    assert compare([], KEPT).touched == ()


@pytest.mark.parametrize("status", ["defunct", "inactive"])
def test_only_a_record_that_says_so_delists_a_service(status: str) -> None:
    changes = compare([a_listing_read(status=status)], KEPT)
    (event,) = changes.as_events(8)
    assert event == ServiceDelisted(
        service="debt-clinic", organisation="debt-clinic-org", directory_version=8, reason=status
    )


def test_a_service_that_is_over_and_was_never_listed_is_told_and_not_saved() -> None:
    changes = compare([a_listing_read("tea", status="defunct")], KEPT)
    assert (changes.touched, changes.not_listed) == ((), 1)


def test_a_service_that_comes_back_is_listed_again() -> None:
    over: dict[str, Listing] = {"debt-clinic": a_listing(status="defunct")}
    (event,) = compare([a_listing_read()], over).as_events(8)
    assert isinstance(event, ServiceListed)


@pytest.mark.parametrize("reason", ["missing", "joined"])
def test_a_listing_that_its_sources_lost_or_that_was_joined_is_delisted_with_that_reason(reason: Any) -> None:
    (event,) = compare([replace(KEPT["debt-clinic"], unlisted=reason)], KEPT).as_events(8)
    assert isinstance(event, ServiceDelisted)
    assert event.reason == reason


def test_a_service_that_is_closed_for_now_stays_listed() -> None:
    (event,) = compare([a_listing_read(status="temporarily closed")], KEPT).as_events(8)
    assert isinstance(event, ServiceChanged)
