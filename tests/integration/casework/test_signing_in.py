"""Signing in by a mailed link: nobody learns who has an account, and no link works twice or by being opened."""

import asyncio

from shared.messaging import Cause
from shared.web.sign_in import rows
from tests.integration.casework.scene import Browser, Scene


async def ask(browser: Browser, mail: str = "ash@example.org") -> None:
    await browser.open("/sign-in")
    await browser.send("sign-in-form", email=mail)


async def test_a_known_and_an_unknown_address_are_answered_alike(scene: Scene) -> None:
    known, unknown = scene.browser(), scene.browser()

    await ask(known)
    await ask(unknown, "nobody@example.org")

    assert (known.status, known.text()) == (unknown.status, unknown.text())
    await scene.send_mails()
    assert await scene.send_mails() == 0
    assert [mail["To"] for mail in scene.mailbox.mails] == ["ash@example.org"]


async def test_an_address_is_known_whatever_its_capitals_and_spaces(scene: Scene) -> None:
    browser = scene.browser()

    await ask(browser, "  Ash@Example.ORG ")

    assert await scene.send_mails() == 1


async def test_opening_a_link_changes_nothing_and_the_button_signs_in(scene: Scene) -> None:
    browser, scanner = scene.browser(), scene.browser()
    await ask(browser)
    await scene.send_mails()
    (link,) = scene.links()

    for _ in range(3):
        await scanner.open(link)
    assert scanner.status == 200
    await scanner.open("/")
    assert scanner.has("sign-in-form")

    await browser.open(link)
    await browser.send("sign-in-confirm-form")
    assert browser.url == "/"
    assert browser.has("sign-out-form")


async def test_a_link_works_once_but_a_double_click_is_once(scene: Scene) -> None:
    browser, thief = scene.browser(), scene.browser()
    await ask(browser)
    await scene.send_mails()
    (link,) = scene.links()
    await browser.open(link)
    await thief.open(link)
    action, data = browser.form("sign-in-confirm-form")

    answers = await asyncio.gather(*(browser.client.post(action, data=data) for _ in range(2)))
    await thief.send("sign-in-confirm-form")

    assert [answer.status_code for answer in answers] == [303, 303]
    assert thief.status == 410
    await thief.open("/")
    assert thief.has("sign-in-form")
    await browser.open(link)
    assert browser.status == 410


async def test_a_link_has_its_time(scene: Scene) -> None:
    browser = scene.browser()
    await ask(browser)
    await scene.send_mails()
    await browser.open(scene.links()[0])

    await scene.events.rows("UPDATE sign_in SET expires_at = now()")
    await browser.send("sign-in-confirm-form")

    assert browser.status == 410


async def test_the_link_is_neither_stored_nor_in_anything_but_the_mail(scene: Scene) -> None:
    browser = scene.browser()
    await ask(browser)
    await scene.send_mails()
    token = scene.links()[0].rpartition("/")[2]

    assert token not in repr(await scene.events.rows("SELECT * FROM sign_in"))


async def test_signing_in_leads_to_the_page_that_was_asked_for_and_to_no_other_site(scene: Scene) -> None:
    referral = await scene.open_case()
    browser, lured = scene.browser(), scene.browser()

    await browser.open(f"/referrals/{referral}")
    await browser.send("sign-in-form", email="ash@example.org")
    await scene.send_mails()
    await browser.open(scene.links()[-1])
    await browser.send("sign-in-confirm-form")
    assert browser.url == f"/referrals/{referral}"

    for where in ("https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "javascript:1"):
        await lured.client.get("/sign-in", params={"next": where})
        await lured.open("/sign-in")
        await lured.send("sign-in-form", email="ash@example.org", next=where)
        (row,) = await scene.events.rows("SELECT next_path FROM sign_in ORDER BY requested_at DESC LIMIT 1")
        assert row["next_path"] == "/"


async def test_a_form_without_our_page_asks_for_nothing(scene: Scene) -> None:
    browser, other = scene.browser(), scene.browser()
    await browser.open("/sign-in")
    await other.open("/sign-in")

    await other.post(*browser.form("sign-in-form", email="ash@example.org"))
    assert other.status == 403
    await browser.send("sign-in-form", email="ash@example.org", csrf="")
    assert browser.status in (403, 422)
    assert await scene.send_mails() == 0


async def test_signing_out_ends_the_session_wherever_its_cookie_went(scene: Scene) -> None:
    browser = await scene.signed_in()
    copied = scene.browser()
    copied.client.cookies.update(browser.client.cookies)
    await copied.open("/")
    assert copied.has("sign-out-form")

    await browser.send("sign-out-form")

    assert browser.has("sign-in-form")
    await copied.open("/")
    assert copied.has("sign-in-form")


async def test_somebody_who_left_the_programme_is_out_at_once(scene: Scene) -> None:
    browser = await scene.signed_in()

    await scene.events.rows("UPDATE staff SET active = false WHERE id = 'link-worker-ash'")
    await browser.open("/")

    assert browser.status == 404
    await ask(scene.browser())
    assert await scene.send_mails() == 0


async def test_nobodys_mailbox_is_flooded_through_us(scene: Scene) -> None:
    for _ in range(8):
        browser = scene.browser()
        await ask(browser)
        assert "Look in your mail" in browser.text()
    while await scene.send_mails():
        pass
    assert len(scene.mailbox.mails) == 5

    await scene.events.rows("UPDATE sign_in SET expires_at = now()")
    await ask(scene.browser())
    assert await scene.send_mails() == 1, "those that nobody used are over"


async def test_a_mail_that_fails_goes_again_under_its_own_id(scene: Scene) -> None:
    await ask(scene.browser())
    await scene.events.rows("UPDATE sign_in SET attempts = attempts + 4")  # so that it waits longer than a second
    scene.mailbox.refuses = 1

    assert await scene.send_mails() == 1
    assert await scene.send_mails() == 0, "not at once"
    await scene.events.rows("UPDATE sign_in SET try_at = now()")
    assert await scene.send_mails() == 1
    assert await scene.send_mails() == 0

    assert len({mail["Message-ID"] for mail in scene.mailbox.mails}) == 1
    assert len({str(mail) for mail in scene.mailbox.mails}) == 1
    assert len(scene.mailbox.mails) == 2


async def test_a_worker_that_died_while_sending_leaves_the_mail_to_another(scene: Scene) -> None:
    await ask(scene.browser())
    database = scene.service.database
    async with database.transaction(Cause.tick("one", "x")) as one, database.transaction(Cause.tick("two", "x")) as two:
        taken = await rows.claim_mail(one)
        assert taken is not None
        assert await rows.claim_mail(two) is None, "two workers at once never take the same mail"
    await scene.events.rows("UPDATE sign_in SET try_at = now()")
    assert await scene.send_mails() == 1

    await scene.events.rows("UPDATE sign_in SET sent_at = NULL")
    assert await scene.send_mails() == 0, "whoever has it may still be at it"
    await scene.events.rows("UPDATE sign_in SET try_at = now()")
    assert await scene.send_mails() == 1


async def test_pages_carry_the_headers_that_keep_them_to_themselves(scene: Scene) -> None:
    browser = await scene.signed_in()

    for path in ("/", "/sign-in", "/sign-in/nonsense", "/referrals/nonsense", "/offers/nonsense"):
        await browser.open(path)
        assert "default-src 'none'" in browser.headers["Content-Security-Policy"], path
        assert browser.headers["Cache-Control"] == "no-store", path
        assert browser.headers["Referrer-Policy"] == "same-origin", path
        assert browser.headers["X-Content-Type-Options"] == "nosniff", path
        assert not browser.page.xpath("//script | //@style | //style"), path
        assets = browser.page.xpath("//link/@href | //img/@src")
        assert assets
        assert all(asset.startswith("/static/") for asset in assets), path


async def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(scene: Scene) -> None:
    browser = scene.browser()
    await ask(browser)
    await scene.send_mails()
    await browser.open(scene.links()[-1])
    action, data = browser.form("sign-in-confirm-form")

    answer = await browser.client.post(action, data=data)

    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("linkway-casework-session=")
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie
