"""The directory is loaded as a whole or not at all, twice is once, and nothing is lost because a file came short."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from matching import api
from matching.directory.cache import DirectoryCache
from matching.directory.feed import read_feed
from matching.directory.load import load
from matching.finding.finder import Finder
from shared.contracts import OfferMade, ServiceChanged, ServiceDelisted, ServiceListed
from shared.messaging import Cause
from shared.service.http import application
from tests.integration.matching.conftest import Matching, a_service, answered
from tests.run import NO_DATA
from tests.unit.matching.builders import wanted

TABLES = ("directory", "organisation", "service", "service_area", "site", "schedule", "service_capacity", "quarantine")
ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "deploy/sample/directory.json"
REAL = ROOT.parent / "shared/data/oruk/bristol.json"


async def everything(matching: Matching) -> list[Any]:
    """Every row of the directory, with its physical version: a row that was written again is another row."""
    return [await matching.rows(f"SELECT xmin, ctid, * FROM {table} ORDER BY ctid") for table in TABLES]


async def test_a_second_load_of_the_same_file_writes_nothing(matching: Matching) -> None:
    feed = read_feed(SAMPLE.read_bytes())
    for times in range(2):
        async with matching.database.transaction(Cause.request("load", str(times))) as tx:
            report = await load(tx, feed, "sample")
        if not times:
            first, events = await everything(matching), len(await matching.published())
            assert len(report.changes.listed) == events >= 120
    assert report.unchanged == len(feed.reads)
    assert report.version == 1
    assert await everything(matching) == first
    assert len(await matching.published()) == events


async def test_a_real_councils_feed_is_loaded_twice_and_the_second_time_writes_nothing(matching: Matching) -> None:
    if not REAL.exists():
        pytest.skip(NO_DATA)
    feed = read_feed(REAL.read_bytes(), REAL.name)
    for times in range(2):
        async with matching.database.transaction(Cause.request("load", str(times))) as tx:
            report = await load(tx, feed, "bristol")
        if not times:
            first = await everything(matching)
            assert len(report.changes.listed) == 811
    assert (report.changes.touched, report.version, await everything(matching)) == ((), 1, first)


async def test_a_description_of_an_organisation_stays_when_another_of_its_services_says_none(
    matching: Matching,
) -> None:
    theirs = {"id": "help", "name": "Help"}
    cache = DirectoryCache()
    await matching.load(a_service("debt", organization=theirs | {"description": "Since 1970"}))
    await matching.load(a_service("tea", organization=theirs))
    await matching.load(a_service("tea", organization=theirs | {"description": "Since 1971"}))
    async with matching.database.transaction(Cause.request("look", "")) as tx:
        told = {each.organisation_description for each in (await cache.latest(tx)).listings.values()}
    assert told == {"Since 1971"}


async def test_each_change_is_told_once_with_its_version(matching: Matching) -> None:
    await matching.load(a_service("debt"), a_service("tea", 2, "loneliness"))
    await matching.load(a_service("debt", name="Debt and more"), a_service("tea", 2, "loneliness", status="defunct"))
    told = [(event.type, event.key, event.directory_version) for event in await matching.published()]
    assert told == [
        (ServiceListed.type, "debt", 1),
        (ServiceListed.type, "tea", 1),
        (ServiceChanged.type, "debt", 2),
        (ServiceDelisted.type, "tea", 2),
    ]


async def test_a_change_that_is_taken_back_is_told_again(matching: Matching) -> None:
    for name in ("One", "Two", "One", "Two"):
        await matching.load(a_service("debt", name=name))
    ids = await matching.rows("SELECT DISTINCT event_id FROM outbox")
    assert len(ids) == 4, "consumers would take the second change for a repetition of the first"


async def test_a_short_file_deletes_nothing(matching: Matching) -> None:
    await matching.load(a_service("debt"), a_service("tea"))
    before = await everything(matching)
    report = await matching.load(a_service("debt"))
    assert report.not_in_file == 1
    assert await everything(matching) == before


async def test_a_load_that_fails_midway_changes_nothing(matching: Matching) -> None:
    await matching.load(a_service("debt"))
    before = await everything(matching)
    feed = read_feed(json.dumps([a_service("debt", name="New"), a_service("tea")]).encode())

    async def fail_at_the_end() -> None:
        async with matching.database.transaction(Cause.request("load", "fails")) as tx:
            await load(tx, feed, "sample")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_at_the_end()
    assert await everything(matching) == before
    assert len(await matching.published(ServiceListed)) == 1


async def test_quarantined_records_are_kept_with_their_reasons_until_they_are_mended(matching: Matching) -> None:
    await matching.load(a_service("debt"), a_service("tea", name=""), a_service("walk", id=None))
    rows = await matching.rows("SELECT record, reason FROM quarantine ORDER BY record")
    assert [tuple(row.values()) for row in rows] == [("record 2", "name is empty"), ("record 3", "id is missing")]
    await matching.load(a_service("debt"), a_service("tea"), a_service("walk", id=None))
    assert [row["record"] for row in await matching.rows("SELECT record FROM quarantine")] == ["record 3"]


async def test_a_new_name_of_an_organisation_reaches_its_other_listings(matching: Matching) -> None:
    ours, theirs = {"id": "trust", "name": "Old Trust"}, {"id": "trust", "name": "New Trust"}
    await matching.load(a_service("debt", organization=ours), a_service("tea", organization=ours))
    cache = DirectoryCache()
    async with matching.database.transaction(Cause.request("look", "1")) as tx:
        assert (await cache.latest(tx)).listings["tea"].organisation_name == "Old Trust"
    await matching.load(a_service("debt", organization=theirs))
    async with matching.database.transaction(Cause.request("look", "2")) as tx:
        assert (await cache.latest(tx)).listings["tea"].organisation_name == "New Trust"


async def test_what_is_kept_at_hand_follows_every_change_and_a_restore(matching: Matching) -> None:
    cache = DirectoryCache()

    async def at_hand() -> tuple[int, list[str]]:
        async with matching.database.transaction(Cause.request("look", "")) as tx:
            latest = await cache.latest(tx)
            return latest.version, sorted(latest.listings)

    assert await at_hand() == (0, [])
    await matching.load(a_service("debt"), a_service("tea"))
    assert await at_hand() == (1, ["debt", "tea"])
    await matching.load(a_service("tea", status="inactive"), a_service("walk"))
    assert await at_hand() == (2, ["debt", "walk"])
    await matching.rows("UPDATE directory SET version = 1")
    await matching.rows("UPDATE service SET status = 'active', changed_version = 1 WHERE id = 'tea'")
    assert await at_hand() == (1, ["debt", "tea", "walk"])


async def test_a_directory_that_changed_much_is_laid_out_anew_beside_the_work_and_answers_the_same(
    matching: Matching,
) -> None:
    cache = DirectoryCache()

    async def finder() -> Finder:
        async with matching.database.transaction(Cause.request("look", "")) as tx:
            return await cache.finder(tx)

    await matching.load(a_service("tea"))
    assert not (await finder()).index.is_worn
    assert not await cache.renew()
    await matching.load(*(a_service(f"debt-{number}") for number in range(501)))
    worn = await finder()
    assert worn.index.is_worn

    assert await cache.renew()

    fresh = await finder()
    assert not fresh.index.recent.listings
    assert fresh.version == worn.version
    asked = wanted("debt-advice")
    assert fresh.find(asked) == worn.find(asked)
    assert len(cache.some_missing(1000)) == 502
    await matching.load(a_service("debt-7", status="inactive"))
    await finder()
    assert len(cache.some_missing(1000)) == 501


async def test_a_listing_comes_back_from_the_database_as_it_was_read(matching: Matching) -> None:
    feed = read_feed(SAMPLE.read_bytes())
    async with matching.database.transaction(Cause.request("load", "")) as tx:
        await load(tx, feed, "sample")
        latest = await DirectoryCache().latest(tx)
    read = {each.listing.id: each.listing for each in feed.reads if each.listing.is_listed}
    assert dict(latest.listings) == read


async def test_a_new_count_of_places_takes_in_who_was_accepted_before_it(matching: Matching) -> None:
    await matching.load(a_service("debt", capacities=[{"available": 1, "updated": "2026-01-01T00:00:00Z"}]))
    await matching.referral_with_offer("debt")
    await matching.deliver(answered(await matching.last(OfferMade), "accepted"))
    assert await matching.offers() == [("debt", "accepted", "used")]
    await matching.load(a_service("debt", capacities=[{"available": 1, "updated": "2026-02-01T00:00:00Z"}]))
    assert await matching.offers() == [("debt", "accepted", "used")], "counted before the place was used"
    await matching.load(a_service("debt", capacities=[{"available": 1, "updated": "2099-01-01T00:00:00Z"}]))
    assert await matching.offers() == [("debt", "accepted", None)]


async def test_a_listing_may_be_read_by_anyone_with_the_places_that_are_free(matching: Matching) -> None:
    await matching.load(a_service("debt", 3, description="Help with letters"))
    await matching.referral_with_offer("debt")
    app = application("matching", [api.router])
    app.state.database = matching.database
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://matching") as client:
        found = await client.get("/services/debt")
        missing = await client.get("/services/nothing")
        wrong = await client.get("/services/No%00")
    assert found.status_code == 200
    assert found.json() | {"free_places": 2, "name": "Debt", "description": "Help with letters"} == found.json()
    assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")
    assert wrong.status_code == 422


@pytest.mark.parametrize(
    ("content", "status", "told"),
    [
        (json.dumps([a_service("debt"), {"name": "nobody's"}]), 0, "1 listed, 0 changed"),
        ("Group name,Organisation\nTea Club,Help\n", 0, "1 records read (spreadsheet)"),
        ('[{"id": "debt", "na', 1, "nothing was changed: it is not JSON at line 1"),
    ],
)
def test_the_command_prints_a_report_or_says_that_nothing_was_changed(
    service_dsn: str, tmp_path: Path, content: str, status: int, told: str
) -> None:
    file = tmp_path / "directory.json"
    file.write_text(content)
    ran = subprocess.run(
        [sys.executable, "-m", "matching.directory", "load", str(file)],
        env=os.environ | {"LINKWAY_POSTGRES": service_dsn},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, told in ran.stdout + ran.stderr) == (status, True), ran.stdout + ran.stderr
