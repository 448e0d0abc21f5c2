"""Caught mails are kept as they came and shown without harm."""

import html
import re
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.local.mailsink.mailbox import Mailbox
from deploy.local.mailsink.pages import application, linked

SENDER, RECIPIENT = "linkway@example.org", "worker@example.test"


def a_mail(text: str, subject: str = "An offer for you", **headers: str) -> bytes:
    """Write a mail as a program would."""
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = SENDER
    message["To"] = RECIPIENT
    message["Message-ID"] = "<1@example.org>"
    for name, value in headers.items():
        message[name] = value
    message.set_content(text)
    return message.as_bytes()


async def get(mailbox: Mailbox, path: str, **parameters: str) -> httpx.Response:
    """Ask for a page."""
    transport = httpx.ASGITransport(application(mailbox))
    async with httpx.AsyncClient(transport=transport, base_url="http://mail") as client:
        return await client.get(path, params=parameters)


def test_a_mail_is_kept_with_its_envelope_its_text_and_its_links(tmp_path: Path) -> None:
    subject = "Grüße " + "and a subject that is folded onto several lines " * 3 + "at its end"
    text = "Please answer at https://example.org/offers/1?k=a&b=c.\nOr (http://127.0.0.1:8030/x)."
    kept = Mailbox(tmp_path).add(SENDER, [RECIPIENT, "b@example.test"], a_mail(text, subject))
    assert Mailbox(tmp_path).mails == [kept]
    assert (kept.id, kept.sender, kept.recipients) == (1, SENDER, (RECIPIENT, "b@example.test"))
    assert (kept.subject, kept.message_id) == (subject, "<1@example.org>")
    assert kept.links == ["https://example.org/offers/1?k=a&b=c", "http://127.0.0.1:8030/x"]


def test_the_same_mail_twice_is_two_mails(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    for _ in range(2):
        mailbox.add(SENDER, [RECIPIENT], a_mail("x"))
    assert [mail.id for mail in Mailbox(tmp_path).mails] == [1, 2]


HEADERS = st.sampled_from(["Content-Type", "Subject", "Message-ID", "To", "Date", "Content-Transfer-Encoding"])
VALUES = st.text(st.sampled_from('<>@",;:=?()[] text/plain charset=utf-8 multipart boundary=b64é'), max_size=40)
LINES = st.lists(st.builds("{}: {}".format, HEADERS, VALUES), max_size=4).map("\r\n".join)


@given(content=st.binary() | st.builds(lambda lines, body: lines.encode() + b"\r\n\r\n" + body, LINES, st.binary()))
async def test_whatever_bytes_are_handed_in_can_be_read_again(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("mails")
    kept = Mailbox(folder).add(SENDER, [RECIPIENT], content)
    assert Mailbox(folder).mails == [kept]
    assert (await get(Mailbox(folder), "/mails/1")).status_code == 200
    assert len((await get(Mailbox(folder), "/messages")).json()) == 1


async def test_the_list_leads_to_each_mail_newest_first(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    for subject in ("First", "Second"):
        mailbox.add(SENDER, [RECIPIENT], a_mail("See https://example.org/a", subject))
    index = (await get(mailbox, "/")).text
    assert re.findall(r'<a href="/mails/(\d)">(\w+)</a>', index) == [("2", "Second"), ("1", "First")]
    assert '<a href="https://example.org/a" rel="noreferrer">' in (await get(mailbox, "/mails/1")).text
    assert (await get(mailbox, "/mails/3")).status_code == 404


async def test_programs_read_what_came_after_what_they_know(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    assert (await get(mailbox, "/messages")).json() == []
    for subject in ("First", "Second"):
        mailbox.add(SENDER, [RECIPIENT], a_mail("See https://example.org/a", subject))
    assert [mail["subject"] for mail in (await get(mailbox, "/messages")).json()] == ["First", "Second"]
    [second] = (await get(mailbox, "/messages", after="1")).json()
    assert (second["to"], second["links"]) == ([RECIPIENT], ["https://example.org/a"])
    assert (await get(mailbox, "/messages", after="x")).status_code == 400


async def test_a_mail_cannot_bring_a_script_or_a_style_to_the_page(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    attack = '<script>alert(1)</script> https://example.org/"onmouseover="x'
    mailbox.add(SENDER, [RECIPIENT], a_mail(attack, "<b>bold</b>"))
    for path in ("/", "/mails/1"):
        answer = await get(mailbox, path)
        assert "<script" not in answer.text
        assert "<b>" not in answer.text
        assert '"onmouseover' not in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "script-src" not in answer.headers["content-security-policy"]


@given(st.text(st.sampled_from("ahtps:/.<>&\"' ?=\n")))
def test_links_add_nothing_to_what_is_read(text: str) -> None:
    assert html.unescape(re.sub(r"</?a[^>]*>", "", linked(text))) == text
