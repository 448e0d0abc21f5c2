"""Signposting over a real directory's tables: a question leaves a count and nothing else, and a list has one key."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest_asyncio
from structlog.testing import capture_logs

from matching import api, signposting
from matching.directory.cache import DirectoryCache
from matching.signposting.desk import Desk
from shared.service.http import application
from tests.integration.matching.conftest import SETTINGS, Matching, a_service

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
QUESTION = {"need": "Zebediah is behind with debt repayments", "place": "DD1 4HN", "age": "44"}


@pytest_asyncio.fixture
async def client(matching: Matching) -> AsyncIterator[httpx.AsyncClient]:
    """The service's HTTP side over two services in Dundee, of which one is for debt."""
    await matching.load(
        a_service("debt", 3, description="Help with debt repayments", phone="01632 960100", minimum_age=None),
        a_service("tea", 2, "loneliness", description="Tea and company on Tuesdays", minimum_age=None),
    )
    app = application("matching", [*signposting.routers, api.router])
    app.state.database = matching.database
    app.state.signposting = Desk.open(SETTINGS, DirectoryCache())
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://matching.test", headers=BROWSER) as made:
        yield made


async def test_a_question_is_answered_and_leaves_a_count_without_its_words(
    matching: Matching, client: httpx.AsyncClient
) -> None:
    with capture_logs() as lines:
        page = await client.post("/signposting", data=QUESTION)
        programs = await client.get("/api/signposting", params=QUESTION)
        nothing = await client.post("/signposting", data=QUESTION | {"need": "xylophones"})
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
    assert 'data-service="debt"' in page.text
    assert "Nothing here" in nothing.text
    assert programs.headers["cache-control"] == "private, max-age=60"
    [service] = programs.json()["services"]
    assert (service["id"], service["wait"], service["phone"]) == ("debt", "3 places free", "01632 960100")
    assert service["reasons"]
    assert [line["route"] for line in lines] == ["/signposting", "/api/signposting", "/signposting"]
    assert not re.search("zebediah|repayments|4HN|xylophones", str(lines), re.IGNORECASE)
    counted = await matching.rows("SELECT outward, need, asked, unanswered FROM signposting_count ORDER BY asked")
    assert [tuple(row.values()) for row in counted] == [("DD1", "", 1, 1), ("DD1", "debt-advice", 2, 0)]


async def test_what_is_beyond_the_bound_is_told_when_to_come_again(client: httpx.AsyncClient) -> None:
    desk: Desk = client._transport.app.state.signposting  # type: ignore[attr-defined]
    desk.room.taken = desk.room.places
    refused = [
        await client.post("/signposting", data=QUESTION),
        await client.get("/api/signposting", params=QUESTION),
        await client.get("/signposting/open/DD1"),
    ]
    assert [(answer.status_code, answer.headers["retry-after"]) for answer in refused] == [(503, "2")] * 3


async def test_a_listing_is_a_page_for_browsers_and_json_for_others(client: httpx.AsyncClient) -> None:
    page = await client.get("/services/debt")
    again = await client.get("/services/debt", headers={"If-None-Match": page.headers["etag"]})
    plain = await client.get("/services/debt", headers={"Accept": "*/*"})
    assert "<h1>Debt</h1>" in page.text
    assert (page.headers["vary"], page.headers["cache-control"]) == ("Accept", "public, max-age=60")
    assert (again.status_code, again.content) == (304, b"")
    assert plain.json()["id"] == "debt"
    assert (await client.get("/services/nothing")).status_code == 404


async def test_a_list_is_read_by_its_address_and_changed_by_its_key_only(
    matching: Matching, client: httpx.AsyncClient
) -> None:
    made = await client.post("/lists", data={"name": "Heddle <Street>", "service": ["debt", "nowhere"]})
    edit = made.headers["location"]
    address, key = edit.split("/edit/")
    assert made.status_code == 303
    assert key not in str(await matching.rows("SELECT * FROM shortlist"))
    assert 'data-service="tea"' in (await client.post(edit, data={"act": "find", "need": "company and tea"})).text
    for act, service in (("add", "tea"), ("up", "tea"), ("add", "unknown")):
        assert (await client.post(edit, data={"act": act, "service": service})).status_code == 303
    shown = await client.get(address)
    assert re.findall(r'data-service="(\w+)"', shown.text) == ["tea", "debt"]
    assert "Heddle &lt;Street&gt;" in shown.text
    assert [each["id"] for each in (await client.get(f"/api{address}")).json()["services"]] == ["tea", "debt"]
    other = f"{address}/edit/{'A' * 43}"
    assert (await client.get(other)).status_code == 404
    assert (await client.post(other, data={"act": "delete"})).status_code == 404
    assert (await client.get(f"{address}/edit/short")).status_code == 404
    assert await matching.rows("SELECT * FROM signposting_count") == [], "looking for an entry is no question"
    assert (await client.post(edit, data={"act": "delete"})).status_code == 303
    assert (await client.get(address)).status_code == 404


async def test_only_so_many_lists_are_made_in_a_day(matching: Matching, client: httpx.AsyncClient) -> None:
    await matching.rows(
        "INSERT INTO shortlist SELECT 'l' || n, 'n', '' FROM generate_series(1, $1::int) AS n", SETTINGS.lists_a_day
    )
    assert (await client.post("/lists", data={"name": "One more"})).status_code == 503


async def test_what_is_open_nearby_leaves_out_what_was_offered_often(
    matching: Matching, client: httpx.AsyncClient
) -> None:
    sent = await client.post("/signposting/open", data={"place": "dd1 4hn"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/signposting/open/DD1")
    both = await client.get("/signposting/open/DD1")
    await matching.rows("UPDATE service_capacity SET places = 9 WHERE service = 'debt'")
    for _ in range(4):
        await matching.referral_with_offer("debt")
    one = (await client.get("/api/signposting/open/DD1")).json()
    assert set(re.findall(r'data-service="(\w+)"', both.text)) == {"debt", "tea"}
    assert [each["id"] for each in one["services"]] == ["tea"]


async def test_counts_of_whole_months_are_shown_from_five_on(matching: Matching, client: httpx.AsyncClient) -> None:
    await matching.rows(
        """
        INSERT INTO signposting_count
        SELECT (date_trunc('month', now()) - interval '1 day' * n)::date, 'DD1', need, asked, 0
        FROM (VALUES (0, 'debt-advice', 400), (1, 'debt-advice', 3), (2, 'debt-advice', 3), (3, 'loneliness', 4))
            AS given (n, need, asked)
        """
    )
    shown = (await client.get("/signposting/counts")).text
    assert re.findall(r"<td>(\d+)</td>", shown) == ["6", "0"]
