"""Mending over a real directory's tables: who may do what, what is kept of it, and that an import undoes none of it."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from lxml import html

from matching import signposting
from matching.curation import staff
from matching.curation.desk import Desk, find_address
from matching.curation.routes import routers
from matching.directory.cache import DirectoryCache
from shared.messaging import Cause
from shared.service.http import application
from shared.web.links import Links
from shared.web.sign_in import Identity
from tests.integration.matching.conftest import SETTINGS, Matching, a_service

ASH, ROWAN, TEA = "ash@example.org", "rowan@third-sector.example.org", "hello@tea.example.org"
PROGRAMME = {
    "programme": "toy",
    "link_workers": [{"id": "ash", "mail": ASH}],
    "curators": [{"id": "rowan", "mail": ROWAN}],
}
A_GROUP = {
    "name": "Lochee Tea Table",
    "purpose": "debt advice over tea",
    "where": "St Mary's Hall, DD2 3JJ",
    "when": "Tuesdays 10 to 12",
    "contact": "01382 496 000",
}


class Signed:
    """Somebody's browser, signed in: opens pages and sends their forms as they stand there."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.status, self.path = 0, ""
        self.page: Any = html.fromstring("<html></html>")

    async def open(self, path: str) -> None:
        await self._ask("GET", path)

    async def send(self, form: str, /, **fields: Any) -> None:
        action, data = self.form(form)
        await self._ask("POST", action, data | fields)

    def form(self, id_: str) -> tuple[str, dict[str, Any]]:
        (form,) = self.page.xpath(f"//form[@id='{id_}']")
        data: dict[str, Any] = {}
        for name, value in form.form_values():
            data.setdefault(name, []).append(value)
        return form.action, data

    def text(self, element: str) -> str:
        return " ".join(self.page.xpath(f"//*[@id='{element}']")[0].text_content().split())

    def all(self, attribute: str) -> list[str]:
        return [str(value) for value in self.page.xpath(f"//@data-{attribute}")]

    async def _ask(self, method: str, path: str, data: dict[str, Any] | None = None) -> None:
        answer = await self.client.request(method, path, data=data, follow_redirects=True)
        self.status, self.path = answer.status_code, answer.url.path
        self.page = html.fromstring(answer.text)


class Door:
    """The service's HTTP side, and a way through it for an address."""

    def __init__(self, matching: Matching) -> None:
        self.matching = matching
        self.desk = Desk.open(SETTINGS, DirectoryCache())
        self.app = application("matching", [*signposting.routers, self.desk.sign_in.router, *routers])
        self.app.state.database, self.app.state.curation = matching.database, self.desk
        self.app.state.signposting = signposting.Desk.open(SETTINGS, DirectoryCache())
        self.app.state.service = self
        self.clients: list[httpx.AsyncClient] = []

    def wake(self, _worker: str) -> None:
        """Nobody mails here: the link is taken from its row."""

    def browser(self) -> Signed:
        made = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://matching.test")
        self.clients.append(made)
        return Signed(made)

    async def signed_in(self, mail: str) -> Signed:
        browser = self.browser()
        await browser.open("/mend")
        await browser.send("sign-in-form", email=mail)
        (row,) = await self.matching.rows("SELECT * FROM sign_in WHERE used_at IS NULL")
        async with self.matching.database.transaction(Cause.request("test", "address")) as tx:
            assert await find_address(tx, Identity(row["kind"], row["subject"])) == mail
        token = Links(SETTINGS.session_key).sign("sign-in", str(row["id"]), row["expires_at"])
        await browser.open(f"/sign-in/{token}")
        await browser.send("sign-in-confirm-form")
        assert browser.path == "/mend"
        return browser


@pytest_asyncio.fixture
async def door(matching: Matching) -> AsyncIterator[Door]:
    await staff.apply(matching.database, staff.Programme.model_validate(PROGRAMME))
    await matching.load(a_service("tea", None, "loneliness", email=TEA), a_service("debt", 3, phone="01382 496 111"))
    made = Door(matching)
    yield made
    for client in made.clients:
        await client.aclose()


async def test_a_link_worker_adds_a_group_and_the_same_one_is_not_added_twice(matching: Matching, door: Door) -> None:
    ash = await door.signed_in(ASH)
    await ash.open("/mend/add")
    await ash.send("add-form", **A_GROUP | {"where": "nowhere in particular", "note": "met Anne there"})
    assert ash.status == 422
    assert {a.get("href") for a in ash.page.xpath("//*[@id='refused']//a")} == {"#where", "#note"}
    assert ash.page.xpath("//input[@id='name']/@value") == [A_GROUP["name"]], "what was typed is kept"
    await ash.send("add-form", where=A_GROUP["where"], note="")
    assert "debt-advice" in ash.page.xpath("//*[@id='need']//input/@value")
    await ash.send("add-form", act="add")
    assert ash.text("need-fault").startswith("Tick what it helps with")
    await ash.send("add-form", act="add", need=["debt-advice"])
    action, again = ash.path, await matching.rows("SELECT id FROM mending_act")
    assert ash.status == 200
    (made,) = await matching.rows(
        """
        SELECT service.*, site.name AS hall, site.postcode, mending_act.by FROM mending_act
        JOIN service ON service.id = mending_act.service JOIN site ON site.service = service.id
        """
    )
    assert (made["needs"], made["phone"], made["hall"], made["postcode"]) == (
        ["debt-advice"], "01382 496 000", "St Mary's Hall", "DD2 3JJ",
    )  # fmt: skip
    assert (made["by"], action) == ("link-worker:ash", f"/mend/services/{made['id']}")
    await ash.open("/mend/add")
    await ash.send("add-form", **A_GROUP, need=["debt-advice"], act="add", form_id=str(again[0]["id"]))
    assert ash.path == action, "the same form again leads to what it made"
    await ash.open("/mend/add")
    await ash.send("add-form", **A_GROUP, need=["debt-advice"], act="add")
    assert ash.text("similar").startswith("It is here already")
    assert len(await matching.rows("SELECT id FROM mending_act")) == 1


async def test_a_word_with_an_organisation_is_kept_without_a_name_and_shown_with_its_day(
    matching: Matching, door: Door
) -> None:
    ash, day = await door.signed_in(ASH), (datetime.now(UTC) - timedelta(days=2)).date()
    await ash.open("/mend/services/tea")
    await ash.send("spoke-form", on=day.isoformat(), state="open", places="3", note="Spoke to Anne: open, 3 places")
    assert (ash.status, ash.text("spoke-note-fault")[:22]) == (422, "Please leave out whom ")
    assert ash.page.xpath("//*[@id='spoke-places']/@value") == ["3"]
    form = ash.form("spoke-form")
    await ash.send("spoke-form", note="")
    assert (ash.all("availability"), ash.all("accuracy")) == (["open"], ["checked"])
    await ash.client.post(form[0], data=form[1] | {"note": ""})
    (contact,) = await matching.rows("SELECT * FROM organisation_contact")
    assert (contact["kind"], contact["held_on"], contact["by"]) == ("phone", day, "link-worker:ash")
    (row,) = await matching.rows("SELECT places, stated_at::date AS on FROM service_capacity WHERE service = 'tea'")
    assert tuple(row.values()) == (3, day)
    (act,) = await matching.rows("SELECT said FROM mending_act")
    assert act["said"] == {"kind": "phone", "on": day.isoformat(), "state": "open", "places": 3, "weeks": None}
    await ash.open("/mend/services/tea")
    await ash.send("funding-form", ends_on=(day + timedelta(days=40)).isoformat())
    await ash.open("/mend?find=tea+trust")
    assert (ash.all("task"), ash.all("service")) == (["funding-ends"], ["tea", "tea"]), "found, and warned of"
    await ash.open("/mend/organisations/tea-org")
    assert ash.text("count").startswith("1 contact in twelve months, 0 of them visits")


async def test_a_correction_tells_its_origin_survives_an_import_and_undoes_nothing_unseen(
    matching: Matching, door: Door
) -> None:
    ash, rowan = await door.signed_in(ASH), await door.signed_in(ROWAN)
    await ash.open("/mend/services/debt/correct")
    await rowan.open("/mend/services/debt/correct")
    await ash.send("correct-form", phone="01382 496 222")
    assert ash.path == "/mend/services/debt"
    await rowan.send("correct-form", fees="Free")
    assert (rowan.status, rowan.text("refused")[:28]) == (409, "Somebody changed this listin")
    await matching.load(a_service("debt", 3, phone="01382 496 111", description="New words"))
    await rowan.open("/mend/services/debt")
    origins = {str(each.get("data-origin")): each.text_content() for each in rowan.page.xpath("//*[@data-origin]")}
    assert re.match(r"Corrected here on .* by a link worker", origins["phone"])
    assert origins["description"].startswith("From sample.json")
    await rowan.open("/mend/services/debt/correct")
    await rowan.send("correct-form", back="phone")
    (row,) = await matching.rows("SELECT phone, description FROM service WHERE id = 'debt'")
    assert tuple(row.values()) == ("01382 496 111", "New words")


async def test_an_organisation_sees_its_own_figures_and_answers_what_speaks_against_it(
    matching: Matching, door: Door
) -> None:
    ash = await door.signed_in(ASH)
    await ash.open("/mend/services/tea")
    await ash.send("report-form", finding="reported-closed", note="The door was locked")
    await ash.send("asked-form")
    for reason in ("full", "full", None):
        await matching.referral_with_offer("tea")
        await matching.rows(
            """
            UPDATE offer SET state = CASE WHEN $1::text IS NULL THEN 'accepted' ELSE 'declined' END, reason = $1,
                place = NULL, settled_at = made_at + interval '2 days' WHERE state = 'open'
            """,
            reason,
        )
    tea = await door.signed_in(TEA)
    assert tea.all("service") == ["tea"]
    await tea.open("/mend/services/tea")
    assert [tea.page.xpath(f"//*[@data-figure='{name}']")[0].text_content() for name in ("made", "accepted")] == [
        "3",
        "1",
    ]
    assert "no place just then: 2" in tea.text("figures")
    assert "within 2 days" in tea.text("figures")
    assert "The door was locked" in tea.text("findings")
    await tea.send("right-form")
    await tea.send("room-form", state="full")
    assert (tea.all("availability"), tea.all("accuracy")) == (["full"], ["checked"])
    for path in ("/mend/services/debt", "/mend/services/debt/correct", "/mend/add", "/mend/doubts"):
        await tea.open(path)
        assert tea.status == 404, path
    form = ash.form("report-form")
    await tea.client.post(form[0], data=form[1] | {"finding": "details-wrong"})
    acts = await matching.rows("SELECT act, split_part(by, ':', 1) AS role FROM mending_act ORDER BY at")
    assert [tuple(each.values()) for each in acts] == [
        ("report", "link-worker"),
        ("asked", "link-worker"),
        ("right", "organisation"),
        ("room", "organisation"),
    ]


async def test_a_person_settles_whether_two_records_are_one(matching: Matching, door: Door) -> None:
    for service, postcode in (("shed", "DD5 2AA"), ("yard", "DD1 1AA")):
        facts: dict[str, Any] = {
            "name": "Broughty Men's Shed",
            "organization": {"id": f"{service}-org", "name": "Broughty Men's Shed"},
            "phones": [{"number": "01382 496 000"}],
            "url": "https://shed.example/visit",
            "service_at_locations": [{"location": {"addresses": [{"postal_code": postcode}]}}],
        }
        await matching.load(a_service(service, **facts), source=service)
    rowan = await door.signed_in(ROWAN)
    await rowan.open("/mend/doubts")
    assert rowan.all("doubt") == ["shed yard"]
    for how, settled in (("joined", ("joined", "shed")), ("apart", ("apart", "yard"))):
        await rowan.open("/mend/doubts/shed/yard")
        await rowan.send("settle-form", how=how)
        rows = await matching.rows(
            """
            SELECT pairing.state, record.service, pairing.by FROM pairing, source_record AS record
            WHERE record.own = 'yard' AND pairing.one = 'shed'
            """
        )
        assert [tuple(row.values()) for row in rows] == [(*settled, "curator:rowan")]
    await rowan.open("/mend/doubts/shed/yard")
    await rowan.send("settle-form", how="joined")
    await rowan.open("/mend/services/yard")
    assert rowan.all("record") == ["shed", "yard"], "the joined listing's address leads to what it is part of"


@pytest.mark.parametrize("path", ["/mend", "/mend/add", "/mend/services/tea/correct", "/mend/organisations/tea-org"])
async def test_nobody_sees_a_page_of_mending_without_signing_in(door: Door, path: str) -> None:
    browser = door.browser()
    await browser.open(path)
    assert browser.path == "/sign-in"
    await browser.open("/")
    assert browser.path == "/signposting"
