"""The pages of operators: who may see them, what they show, and what can be done about a parked message."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID, uuid4

import httpx
import pytest_asyncio
from lxml import html
from pydantic import SecretStr

from operations import clocks
from shared.messaging import Cause
from shared.web.links import Links
from shared.web.sign_in import Identity, request_sign_in
from tests.integration.casework.scene import Mailbox
from tests.integration.operations.conftest import Office


class Browser:
    """A browser that keeps cookies and fills in forms."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(office.service.http), base_url="http://operations.test", follow_redirects=True
        )
        self.page: html.HtmlElement = html.fromstring("<p>nothing yet</p>")
        self.status = 0

    async def open(self, path: str) -> str:
        return self._took(await self.client.get(path))

    async def send(self, form_id: str, **fields: str) -> str:
        (form,) = self.page.xpath(f"//form[@id='{form_id}']")
        return self._took(await self.client.post(form.action, data={**dict(form.fields), **fields}))

    def _took(self, response: httpx.Response) -> str:
        self.status = response.status_code
        assert response.headers["content-security-policy"].startswith("default-src 'none'")
        self.page = html.fromstring(response.text)
        return re.sub(r"\s+", " ", " ".join(self.page.itertext()))

    async def sign_in(self, name: str = "ash") -> None:
        settings = self.office.service.settings
        cause = Cause.request("sign-in", str(uuid4()))
        async with self.office.service.database.transaction(cause) as tx:
            await request_sign_in(tx, Identity(clocks.OPERATOR, name), "/")
        async with self.office.service.database.connection() as connection:
            row = await connection.fetchrow("SELECT id, expires_at FROM sign_in ORDER BY requested_at DESC LIMIT 1")
        token = Links(settings.session_key).sign("sign-in", str(row["id"]), row["expires_at"])  # type: ignore[attr-defined]  # operations' own settings
        await self.open(f"/sign-in/{token}")
        await self.send("sign-in-confirm-form")


@pytest_asyncio.fixture
async def browser(office: Office) -> AsyncIterator[Browser]:
    made = Browser(office)
    yield made
    await made.client.aclose()


async def a_parked_message(office: Office) -> tuple[UUID, str]:
    """Have casework park a message; return its referral and the path of its page."""
    await office.loop.admin.execute("INSERT INTO casework.held VALUES ('refuse', 'open', 'x')")
    referral = await office.loop.refer()
    await office.loop.flow()
    parked = await office.loop.admin.fetchval("SELECT id FROM casework.parked")
    return referral, f"/parked/casework/{parked}"


async def test_without_signing_in_there_is_nothing_to_see(office: Office, browser: Browser) -> None:
    for path in ("/", f"/referrals/{uuid4()}", f"/parked/casework/{uuid4()}", f"/referrals?id={uuid4()}"):
        assert "Send me a link" in await browser.open(path)
    await browser.sign_in("birch")
    assert "Send me a link" in await browser.open("/"), "birch is no operator any more"


async def test_zero_is_shown_calmly_and_a_loss_is_named(office: Office, browser: Browser) -> None:
    await browser.sign_in()
    assert "No round of the ledger has ended yet" in await browser.open("/")
    lost = await office.loop.refer()
    await office.loop.flow()
    await office.run()
    words = await browser.open("/")
    (section,) = browser.page.xpath("//section[@id='unaccounted']")
    assert "good" in section.get("class")
    assert section.xpath(".//p[@class='figure']/@data-count") == ["0"]
    assert "Open 1" in words
    await office.loop.sabotage("DELETE FROM casework.held WHERE key = $1", str(lost))
    await office.run()
    await browser.open("/")
    (section,) = browser.page.xpath("//section[@id='unaccounted']")
    assert "alert" in section.get("class")
    assert section.xpath(".//li/@data-referral") == [str(lost)]


async def test_lag_and_a_silent_service_are_shown(office: Office, browser: Browser) -> None:
    await office.loop.refer()
    await office.loop.send()
    office.loop.members["notifications"].away = True
    await office.run()
    await browser.sign_in()
    words = await browser.open("/")
    assert "notifications does not answer" in words
    (lag,) = browser.page.xpath("//li[@data-service='matching']//*[@data-figure='lag']")
    assert lag.text_content() == "2 not read (referrals 2)"


async def test_a_referral_is_found_by_its_id_with_its_way_in_words(office: Office, browser: Browser) -> None:
    referral = await office.loop.refer()
    await office.loop.flow()
    await office.run()
    await browser.sign_in()
    await browser.open("/")
    words = await browser.open(f"/referrals?id=%20{referral}")
    assert "In the hands of ash" in words
    steps = [line.text_content() for line in browser.page.xpath("//ol[@id='timeline']//strong")]
    assert steps == [
        "toy-practice sent the referral, by the door for json.",
        "Triage accepted it as routine; needs read: none.",
        "ash has it (serves-practice).",
        "The link-worker ash is to be told by mail (assigned).",
    ]
    for wrong in ("/referrals?id=no-id", f"/referrals/{uuid4()}"):
        await browser.open(wrong)
        assert browser.status == 404


async def test_a_parked_message_is_looked_into_under_ones_own_name(office: Office, browser: Browser) -> None:
    referral, path = await a_parked_message(office)
    await browser.sign_in()
    words = await browser.open("/")
    assert "rejected by its handler" in words
    assert path in browser.page.xpath("//a/@href")
    assert "link_worker" not in await browser.open(path)
    words = await browser.send("view", purpose="find-the-fault")
    assert f'"referral":"{referral}"' in words
    assert "linkway.referral.link-worker-assigned.v1" in words
    views = await office.loop.admin.fetch("SELECT viewed_by, purpose FROM casework.parked_view")
    assert [tuple(view) for view in views] == [("ash", "find-the-fault")]


async def test_a_parked_message_is_handled_again(office: Office, browser: Browser) -> None:
    referral, path = await a_parked_message(office)
    await browser.sign_in()
    await browser.open(path)
    assert "It was tried and failed again" in await browser.send("redrive")
    await office.loop.admin.execute("DELETE FROM casework.held WHERE key = 'refuse'")
    await browser.open(path)
    assert "It was handled, and left the list" in await browser.send("redrive")
    assert "No message is parked" in await browser.open("/")
    await office.loop.flow()
    await office.run()
    assert await office.ids("open") == [str(referral)]
    assert await office.loop.admin.fetchval("SELECT settled_by FROM casework.parked") == "ash"


async def test_a_parked_message_is_given_up_with_a_reason_and_the_loss_is_told(
    office: Office, browser: Browser
) -> None:
    referral, path = await a_parked_message(office)
    await browser.sign_in()
    await browser.open(path)
    assert "It was given up" in await browser.send("discard", reason="broken-message")
    settled = await office.loop.admin.fetch("SELECT settled_by, reason FROM casework.parked")
    assert [tuple(row) for row in settled] == [("ash", "broken-message")]
    acts = await office.loop.admin.fetch("SELECT operator, act, reason FROM operations.act")
    assert [tuple(act) for act in acts] == [("ash", "discard", "broken-message")]
    await office.loop.flow()
    assert (await office.run())["unaccounted_ids"] == [str(referral)]


async def test_a_form_from_elsewhere_and_an_unknown_reason_do_nothing(office: Office, browser: Browser) -> None:
    _, path = await a_parked_message(office)
    await browser.sign_in()
    for fields, status in (({"csrf": "0" * 64}, 403), ({"reason": "because"}, 422)):
        await browser.open(path)
        await browser.send("discard", **fields)
        assert browser.status == status
    assert await office.loop.admin.fetchval("SELECT state FROM casework.parked") == "held"


async def test_a_service_that_does_not_answer_is_said_so_on_its_messages(office: Office, browser: Browser) -> None:
    _, path = await a_parked_message(office)
    await browser.sign_in()
    await browser.open(path)
    office.loop.members["casework"].away = True
    assert "It does not answer just now" in await browser.send("redrive")
    assert browser.status == 503
    assert "casework does not answer, so its parked messages cannot be shown" in await browser.open("/")


async def test_programs_need_a_key(office: Office) -> None:
    for key in ("", "Bearer wrong", "Bearer "):
        answer = await office.client.get("/api/ledger", headers={"Authorization": key})
        assert answer.status_code == 401
    office.service.http.state.desk = replace(
        office.service.http.state.desk,
        settings=office.ledger.settings.model_copy(update={"operator_key": SecretStr("")}),
    )
    answer = await office.client.get("/api/ledger", headers={"Authorization": "Bearer "})
    assert answer.status_code == 401, "no key is no key"
    internal = f"Bearer {office.service.settings.internal_key.get_secret_value()}"
    assert (await office.client.get("/api/ledger", headers={"Authorization": internal})).status_code == 200


async def test_programs_read_ids_page_by_page_and_a_referrals_timeline(office: Office) -> None:
    made = sorted([str(await office.loop.refer()) for _ in range(3)])
    await office.loop.flow()
    await office.run()
    first = (await office.client.get("/api/ledger/ids", params={"state": "open", "limit": 2})).json()
    assert first["ids"] == made[:2]
    rest = (await office.client.get("/api/ledger/ids", params={"state": "open", "after": first["next"]})).json()
    assert (rest["ids"], rest["next"]) == (made[2:], None)
    assert (await office.client.get("/api/ledger/ids")).json()["ids"] == made
    assert (await office.client.get("/api/ledger/ids", params={"state": "lost"})).status_code == 422
    told = (await office.client.get(f"/api/referrals/{made[0]}")).json()
    assert (told["account"]["state"], told["account"]["owner"]) == ("open", "ash")
    assert [step["type"] for step in told["timeline"]][:2] == [
        "linkway.referral.received.v1",
        "linkway.referral.accepted.v1",
    ]
    assert (await office.client.get(f"/api/referrals/{uuid4()}")).status_code == 404


async def test_an_operator_asks_for_a_link_and_signs_in_by_it(office: Office, browser: Browser) -> None:
    mailbox = Mailbox()
    await mailbox.start()
    settings = office.service.settings.model_copy(update={"smtp": mailbox.address})
    for address in ("stranger@example.org", "Ash@Example.org"):
        await browser.open("/sign-in")
        assert "If we know that address" in await browser.send("sign-in-form", email=address)
        await clocks.send_sign_in_mail(office.service.database, settings)  # type: ignore[arg-type]  # operations' own settings
    await mailbox.stop()
    (mail,) = mailbox.mails
    assert mail["To"] == "ash@example.org"
    (token,) = re.findall(r"http://operations.test(/sign-in/\S+)", mail.get_content())
    await browser.open(token)
    assert "Operations" in await browser.send("sign-in-confirm-form")
    await browser.send("sign-out-form")
    assert "Send me a link" in await browser.open("/")
