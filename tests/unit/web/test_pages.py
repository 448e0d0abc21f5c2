"""A page is escaped, keeps to itself, and says what is wrong as a page."""

import re
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Annotated
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Form, Response
from jinja2 import UndefinedError

from shared.messaging import Unavailable
from shared.web import pages
from shared.web.headers import PAGE_HEADERS
from shared.web.pages import PageRoute, Pages, asset, clock, day, reference, refusal_page, short_day
from shared.web.refusals import Refusal, SignInFirst
from shared.web.sessions import Guarded

router = APIRouter(route_class=PageRoute)


@router.get("/refused")
async def _refused() -> Response:
    raise Refusal(410, "It <b>ended</b>", "Nobody is at fault & nothing is left to do.")


@router.get("/private/{number}")
async def _private(number: int) -> Response:
    raise SignInFirst(f"/private/{number}")


@router.get("/away")
async def _away() -> Response:
    raise Unavailable("no connection to the database")


@router.get("/broken")
async def _broken() -> Response:
    raise ValueError("a bug")


@router.post("/form")
async def _form(form: Annotated[Guarded, Form()]) -> Response:
    return Response(str(form.form_id))


@pytest.fixture
def client() -> httpx.AsyncClient:
    app = FastAPI()
    app.include_router(router)
    app.include_router(pages.router)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://pages.test")


async def test_a_refusal_is_a_page_with_its_status_and_its_words_escaped(client: httpx.AsyncClient) -> None:
    answer = await client.get("/refused")

    assert answer.status_code == 410
    assert "<h1>It &lt;b&gt;ended&lt;/b&gt;</h1>" in answer.text
    assert "at fault &amp; nothing" in answer.text


@pytest.mark.parametrize("path", ["/refused", "/private/1", "/private/one", "/away"])
async def test_every_answer_of_a_page_has_the_headers_of_pages(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)

    assert {name: answer.headers[name] for name in PAGE_HEADERS} == dict(PAGE_HEADERS)


async def test_who_has_to_sign_in_first_is_sent_there_and_back(client: httpx.AsyncClient) -> None:
    answer = await client.get("/private/1")

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fprivate%2F1")


async def test_an_address_that_cannot_be_is_not_found(client: httpx.AsyncClient) -> None:
    assert (await client.get("/private/one")).status_code == 404


async def test_a_database_that_is_away_is_a_page_that_says_try_again(client: httpx.AsyncClient) -> None:
    answer = await client.get("/away")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert "Nothing was changed" in answer.text


async def test_a_bug_is_left_to_who_counts_bugs(client: httpx.AsyncClient) -> None:
    with pytest.raises(ValueError, match="a bug"):
        await client.get("/broken")


async def test_a_form_that_cannot_be_read_names_its_fields_and_not_their_values(client: httpx.AsyncClient) -> None:
    answer = await client.post("/form", data={"csrf": "x", "form_id": "<script>alert(1)</script>"})

    assert answer.status_code == 422
    assert "form_id" in answer.text
    assert "alert" not in answer.text


async def test_files_of_ours_are_served_from_a_list_and_kept_by_browsers(client: httpx.AsyncClient) -> None:
    style = await client.get(asset("linkway.css"))

    assert style.headers["content-type"].startswith("text/css")
    assert "immutable" in style.headers["cache-control"]
    assert (await client.get("/static/../pages.py")).status_code == 404
    assert (await client.get("/static/pages.py")).status_code == 404


def test_the_stylesheet_loads_nothing_from_elsewhere() -> None:
    style = (files("shared.web") / "static" / "linkway.css").read_text()

    assert not re.search(r"@import|url\(|https?:", style)


def test_what_people_wrote_is_text_and_never_markup() -> None:
    page = Pages("casework").render("refusal.html", 200, refusal=Refusal(200, "<img src=x onerror=alert(1)>", "'\"&"))

    assert "<img src=x" not in bytes(page.body).decode()
    assert "&#39;&#34;&amp;" in bytes(page.body).decode()


def test_a_name_that_a_template_lacks_is_an_error_and_never_a_blank() -> None:
    with pytest.raises(UndefinedError):
        Pages("casework").render("refusal.html")


def test_every_form_of_a_page_has_an_id_of_its_own() -> None:
    page = bytes(Pages("casework").render("sign_in.html", csrf="x", next_path="/").body).decode()
    again = bytes(Pages("casework").render("sign_in.html", csrf="x", next_path="/").body).decode()

    def form_id(text: str) -> str:
        return str(re.findall(r'name="form_id" value="([^"]+)"', text)[0])

    assert UUID(form_id(page)) != UUID(form_id(again))


def test_times_are_written_as_the_clock_on_the_wall_says_them() -> None:
    summer = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)

    assert clock(summer) == "Thursday 2 July 2026, 00:30"
    assert day(summer) == "Thursday 2 July 2026"
    assert short_day(summer) == "2 July"
    assert short_day(date(2026, 3, 2)) == "2 March"


def test_a_referral_has_a_short_form_that_people_can_read_to_each_other() -> None:
    assert reference(UUID("3f2a9c1d-0000-4000-8000-000000000000")) == "LW-3F2A-9C1D"


def test_a_refusal_page_is_whole() -> None:
    page = bytes(refusal_page(Refusal(404, "Not here", "Look elsewhere.")).body).decode()

    assert page.startswith("<!doctype html>")
    assert '<html lang="en-GB">' in page
    assert '<main id="main"' in page
