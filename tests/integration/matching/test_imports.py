"""Many sources make one directory: joined, split, corrected, lost and found again, and nothing is told twice."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

import pytest

from matching import storage
from matching.directory import mending, schedule, settling
from matching.directory.commands import find_corrected
from matching.directory.feed import read_feed
from matching.directory.imports.local import Draft
from matching.directory.imports.recording import Origin
from matching.directory.load import Report, load
from matching.domain import Listing, state_availability
from shared.contracts import AccuracyChanged, CapacityChanged, ServiceChanged, ServiceDelisted, ServiceListed
from shared.messaging import Cause, Tx
from tests.integration.matching.conftest import SETTINGS, Matching, a_service
from tests.integration.matching.test_directory_loading import everything
from tests.unit.matching.test_directory_reader import real

T = TypeVar("T")


async def doing(matching: Matching, act: Callable[[Tx], Awaitable[T]]) -> T:
    async with matching.database.transaction(Cause.request("test", str(uuid4()))) as tx:
        return await act(tx)


async def snapshot(matching: Matching, source: str | Origin, *records: dict[str, Any], complete: bool = True) -> Report:
    feed = read_feed(json.dumps(list(records)).encode())
    return await doing(matching, lambda tx: load(tx, feed, source, complete=complete))


async def listing(matching: Matching, service: str) -> Listing:
    found = await doing(matching, lambda tx: storage.find_listing(tx, service))
    assert found is not None
    return found


async def told(matching: Matching) -> list[tuple[str, str]]:
    return [(type(event).__name__, event.key) for event in await matching.published()]


def shed(service: str, **changed: Any) -> dict[str, Any]:
    """The same service as any directory may write it."""
    facts: dict[str, Any] = {
        "organization": {"id": f"{service}-org", "name": "Broughty Men's Shed"},
        "name": "Broughty Men's Shed",
        "url": "https://shed.example/visit",
        "phones": [{"number": "01382 496 0000"}],
    }
    return a_service(service, None, "loneliness", **facts | changed)


async def test_bristol_imported_twice_changes_nothing_the_second_time(matching: Matching) -> None:
    feed = read_feed(real("bristol.json"))
    first = await doing(matching, lambda tx: load(tx, feed, "bristol", complete=True))
    assert len(first.changes.listed) + first.changes.not_listed == len(feed.reads)
    before, events = await everything(matching), len(await told(matching))
    second = await doing(matching, lambda tx: load(tx, feed, "bristol", complete=True))
    assert (second.version, second.changes.touched, second.unchanged) == (1, (), len(feed.reads))
    assert await everything(matching) == before
    assert len(await told(matching)) == events


async def test_the_same_service_in_two_directories_is_one_listing_by_priority(matching: Matching) -> None:
    await snapshot(matching, "aliss", shed("aliss-1", description="From ALISS"), a_service("tea"))
    report = await snapshot(matching, Origin("council", priority=1), shed("council-1", description="From the council"))
    assert (report.joined, report.doubts) == (1, 0)
    assert (await listing(matching, "aliss-1")).description == "From the council"
    assert await told(matching) == [
        ("ServiceListed", "aliss-1"),
        ("ServiceListed", "tea"),
        ("ServiceChanged", "aliss-1"),
    ]
    await snapshot(matching, Origin("council", priority=-1), shed("council-1", description="From the council"))
    assert (await listing(matching, "aliss-1")).description == "From ALISS", "a new priority counts at once"


async def test_one_id_in_two_directories_is_two_services_where_they_are_two(matching: Matching) -> None:
    await snapshot(matching, "a", a_service("7", organization={"id": "1", "name": "Tea Trust"}, name="Tea"))
    await snapshot(matching, "b", a_service("7", organization={"id": "1", "name": "Debt Line"}, name="Letters"))
    rows = await matching.rows("SELECT name, organisation FROM service ORDER BY name")
    assert [row["name"] for row in rows] == ["Letters", "Tea"]
    assert len({row["organisation"] for row in rows}) == 2


async def test_a_listing_can_be_split_and_stays_apart_and_ids_stay(matching: Matching) -> None:
    await snapshot(matching, "aliss", shed("aliss-1"))
    await snapshot(matching, "council", shed("council-1"))
    await doing(matching, lambda tx: settling.split(tx, "aliss-1", "council-1", "curator"))
    assert (await listing(matching, "council-1")).id == "council-1"
    await snapshot(matching, "council", shed("council-1", description="Changed"))
    assert (await listing(matching, "aliss-1")).description == ""
    assert await told(matching) == [
        ("ServiceListed", "aliss-1"),
        ("ServiceListed", "council-1"),
        ("ServiceChanged", "council-1"),
    ]
    await doing(matching, lambda tx: settling.join(tx, "council-1", "aliss-1", "curator"))
    assert (await listing(matching, "council-1")).id == "aliss-1", "the elder's id stays and the other leads to it"
    (gone,) = await matching.published(ServiceDelisted)
    assert (gone.key, gone.reason) == ("council-1", "joined")
    await matching.rows("UPDATE service_capacity SET valid_until = now() WHERE service = 'council-1'")
    assert await schedule.look_after(matching.database, SETTINGS) == 0, "a clock has nothing to do with what was joined"
    await doing(matching, lambda tx: settling.split(tx, "aliss-1", "council-1", "curator"))
    assert (await listing(matching, "council-1")).description == "Changed"


async def test_a_doubt_waits_for_a_person_and_is_not_asked_again(matching: Matching) -> None:
    await snapshot(matching, "aliss", shed("aliss-1", service_at_locations=place("DD5 2AA")))
    report = await snapshot(matching, "council", shed("council-1", service_at_locations=place("DD1 1AA")))
    assert (report.joined, report.doubts) == (0, 1)
    (doubt,) = await doing(matching, lambda tx: storage.pairing.find_doubts(tx, 9))
    assert "They are at different postcodes." in doubt.reasons
    await doing(matching, lambda tx: settling.keep_apart(tx, doubt.one, doubt.other, "curator"))
    report = await snapshot(matching, "council", shed("council-1", service_at_locations=place("DD1 1AB")))
    assert report.doubts == 0


def place(postcode: str) -> list[dict[str, Any]]:
    return [{"location": {"addresses": [{"postal_code": postcode}]}}]


async def test_what_three_complete_snapshots_lack_is_unlisted_and_comes_back(matching: Matching) -> None:
    await snapshot(matching, "aliss", a_service("debt"), a_service("tea"))
    for _ in range(2):
        assert (await snapshot(matching, "aliss", a_service("debt"))).changes.touched == ()
    await snapshot(matching, "aliss", a_service("debt"), complete=False)
    assert await matching.published(ServiceDelisted) == []
    await snapshot(matching, "aliss", a_service("debt"))
    (gone,) = await matching.published(ServiceDelisted)
    assert (gone.key, gone.reason) == ("tea", "missing")
    (row,) = await matching.rows("SELECT status, unlisted FROM service WHERE id = 'tea'")
    assert tuple(row.values()) == ("active", "missing")
    (row,) = await matching.rows("SELECT missed, missing_since IS NOT NULL FROM source_record WHERE own = 'tea'")
    assert tuple(row.values()) == (3, True)
    await snapshot(matching, "aliss", a_service("debt"))
    assert len(await matching.published(ServiceDelisted)) == 1
    await snapshot(matching, "aliss", a_service("debt"), a_service("tea"))
    assert [event.key for event in await matching.published(ServiceListed)][-1] == "tea"
    assert (await listing(matching, "tea")).is_listed


async def test_a_listing_that_one_of_two_sources_lost_stays(matching: Matching) -> None:
    await snapshot(matching, "aliss", shed("aliss-1", description="Old"), a_service("tea"))
    await snapshot(matching, "council", shed("council-1"))
    for _ in range(3):
        await snapshot(matching, "aliss", a_service("tea"))
    assert (await listing(matching, "aliss-1")).is_listed
    assert (await listing(matching, "aliss-1")).description == ""


async def test_a_correction_survives_imports_until_the_source_says_the_same(matching: Matching) -> None:
    await snapshot(matching, "aliss", a_service("debt", None))
    await doing(matching, lambda tx: mending.correct(tx, "debt", {"phone": "01382 496 0001"}, "curator", "They moved"))
    await snapshot(matching, "aliss", a_service("debt", None, phones=[{"number": "0345"}], description="New"))
    found = await listing(matching, "debt")
    assert (found.phone, found.description) == ("01382 496 0001", "New")
    (corrected,) = await doing(matching, find_corrected)
    assert corrected.records == [("aliss", "debt")]
    await snapshot(matching, "aliss", a_service("debt", None, phones=[{"number": "01382 496 0001"}], description="New"))
    assert await doing(matching, find_corrected) == []
    await snapshot(matching, "aliss", a_service("debt", None, phones=[{"number": "0999"}], description="New"))
    assert (await listing(matching, "debt")).phone == "0999", "taken over, so that the source counts again"
    assert len(await matching.published(ServiceChanged)) == 3


async def test_a_correction_can_be_taken_back(matching: Matching) -> None:
    await snapshot(matching, "aliss", a_service("debt", None))
    await doing(matching, lambda tx: mending.correct(tx, "debt", {"name": "Letters"}, "curator"))
    await doing(matching, lambda tx: mending.take_back(tx, "debt", ("name",)))
    assert (await listing(matching, "debt")).name == "Debt"
    with pytest.raises(mending.NotListedError):
        await doing(matching, lambda tx: mending.correct(tx, "nothing", {"name": "x"}, "curator"))


async def test_a_group_that_is_added_is_listed_once_and_found_again_in_a_directory(matching: Matching) -> None:
    draft = Draft(
        "Broughty Men's Shed", "Broughty Men's Shed", phone="01382 496 0000", url="https://shed.example/visit"
    )
    service = await doing(matching, lambda tx: mending.add_listing(tx, draft))
    assert await doing(matching, lambda tx: mending.add_listing(tx, draft)) == service
    assert await told(matching) == [("ServiceListed", service)]
    report = await snapshot(matching, "aliss", shed("aliss-1", description="From ALISS"))
    assert report.joined == 1
    assert (await listing(matching, service)).description == "From ALISS"
    (similar,) = await doing(
        matching, lambda tx: mending.find_similar(tx, Draft("Mens shed, Broughty", "X", phone=draft.phone))
    )
    assert similar.service == service


async def test_what_is_added_though_it_may_be_there_is_a_doubt(matching: Matching) -> None:
    await snapshot(matching, "aliss", shed("aliss-1"))
    await doing(matching, lambda tx: mending.add_listing(tx, Draft("Broughty Men's Shed", "Broughty Men's Shed")))
    assert len(await doing(matching, lambda tx: storage.pairing.find_doubts(tx, 9))) == 1


async def test_spoke_on_tuesday_open_three_places(matching: Matching) -> None:
    await matching.load(a_service("debt", None))
    tuesday = datetime.now(UTC).date() - timedelta(days=2)
    stated = state_availability("open", datetime.now(UTC), places=3)
    await doing(matching, lambda tx: mending.report(tx, "debt", "details-wrong", "ash"))
    await matching.rows("UPDATE finding SET found_at = now() - interval '9 days'")
    await doing(matching, lambda tx: mending.confirm(tx, "debt", "ash", tuesday, stated=stated))
    found = await listing(matching, "debt")
    assert (found.accuracy.level, found.accuracy.confirmed_on) == ("checked", tuesday)
    assert (found.availability.state, found.capacity.places) == ("open", 3)
    assert [event.accuracy for event in await matching.published(AccuracyChanged)] == ["doubtful", "checked"]
    assert (await matching.last(CapacityChanged)).free_places == 3
    counts = await doing(matching, lambda tx: storage.mending.count_contacts(tx, ["debt-org"], date(2026, 1, 1)))
    assert (counts["debt-org"].contacts, counts["debt-org"].visits) == (1, 0)
    await matching.load(a_service("debt", None, description="New"))
    assert (await listing(matching, "debt")).capacity.places == 3, "an import that counts nothing takes nothing back"


async def test_a_word_on_availability_lapses(matching: Matching) -> None:
    await matching.load(a_service("debt", None))
    stated = state_availability("full", datetime.now(UTC))
    await doing(matching, lambda tx: mending.state(tx, "debt", stated))
    assert (await listing(matching, "debt")).capacity.places == 0
    assert await schedule.look_after(matching.database, SETTINGS) == 0
    await matching.rows("UPDATE service_capacity SET valid_until = now()")
    assert await schedule.look_after(matching.database, SETTINGS) == 1
    found = await listing(matching, "debt")
    assert (found.availability.state, found.capacity.places) == ("unknown", None)
    assert [event.availability for event in await matching.published(CapacityChanged)] == ["full", "unknown"]
    assert (await listing(matching, "debt")).accuracy.level == "unchecked", "full says nothing of how right it is"


async def test_a_report_lowers_a_listing_only_after_its_organisation_was_asked(matching: Matching) -> None:
    await matching.load(a_service("debt"))
    for _ in range(2):
        await doing(matching, lambda tx: mending.report(tx, "debt", "reported-closed", "ash"))
    await matching.rows("UPDATE finding SET found_at = now() - interval '99 days'")
    assert await schedule.look_after(matching.database, SETTINGS) == 0
    (task,) = await doing(matching, lambda tx: storage.mending.find_tasks(tx, 56, 9))
    assert (task["kind"], task["about"]) == ("ask-organisation", ["reported-closed"])
    assert await doing(matching, lambda tx: mending.ask_organisation(tx, "debt")) == 1
    assert not (await listing(matching, "debt")).accuracy.lowered
    await matching.rows("UPDATE finding SET asked_at = now() - interval '14 days'")
    await matching.rows("UPDATE service_accuracy SET due_at = now()")
    assert await schedule.look_after(matching.database, SETTINGS) == 1
    assert [(event.accuracy, event.lowered) for event in await matching.published(AccuracyChanged)] == [
        ("doubtful", False),
        ("wrong", True),
    ]
    await doing(matching, lambda tx: mending.settle(tx, "debt", "withdrawn"))
    assert (await listing(matching, "debt")).accuracy.level == "unchecked"
    with pytest.raises(ValueError, match="speaks against no listing"):
        await doing(matching, lambda tx: mending.report(tx, "debt", "full", "ash"))  # type: ignore[arg-type]


async def test_the_end_of_funding_is_a_task_in_advance_and_then_speaks_against_the_listing(matching: Matching) -> None:
    await matching.load(a_service("debt"))
    today = datetime.now(UTC).date()
    await doing(matching, lambda tx: mending.fund_until(tx, "debt", today + timedelta(days=40), "ash"))
    (task,) = await doing(matching, lambda tx: storage.mending.find_tasks(tx, mending.FUNDING_WARNING_DAYS, 9))
    assert (task["kind"], task["service"], task["on"]) == ("funding-ends", "debt", today + timedelta(days=40))
    assert await schedule.look_after(matching.database, SETTINGS) == 0
    await doing(matching, lambda tx: mending.fund_until(tx, "debt", today - timedelta(days=2), "ash"))
    assert await schedule.look_after(matching.database, SETTINGS) == 1
    assert (await listing(matching, "debt")).accuracy.reasons == ("funding-ended",)
    assert await schedule.look_after(matching.database, SETTINGS) == 0


async def test_a_listing_from_before_sources_were_kept_is_taken_over_as_it_is(matching: Matching) -> None:
    await matching.load(a_service("debt", description="Long"))
    await matching.rows("DELETE FROM source_record")
    await snapshot(matching, "aliss", a_service("debt", name="Letters"))
    found = await listing(matching, "debt")
    assert (found.name, found.description, found.capacity.places) == ("Letters", "Long", 1)
