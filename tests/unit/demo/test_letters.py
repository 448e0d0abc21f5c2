"""Everybody finds their mail: told apart by where its link leads, read once, waited for no longer than said."""

import asyncio
from typing import Any

import pytest

from deploy.demo.driver.book import Book
from deploy.demo.driver.calling import Caller, Unanswered, template
from deploy.demo.driver.letters import read_letter
from deploy.demo.driver.post import Post

REFERRAL = "3f2a9c1d-1111-4222-8333-444444444444"


def a_mail(**changed: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "id": 1,
        "to": ["desk@example.org"],
        "subject": "Can The Desk help? (LW-3F2A-9C1D)",
        "message_id": "<1@linkway.example.org>",
        "headers": [["To", '"The Desk" <desk@example.org>']],
        "text": "",
        "links": [],
    }
    return facts | changed


@pytest.mark.parametrize(
    ("mail", "kind", "about"),
    [
        ({"links": ["http://127.0.0.1:1/sign-in/abc"]}, "sign-in", "desk@example.org"),
        ({"links": ["http://127.0.0.1:1/offers/abc"]}, "offer", "LW-3F2A-9C1D"),
        ({"links": [f"http://127.0.0.1:1/referrals/{REFERRAL}"]}, "case", REFERRAL),
        ({"text": f"Referral: LW-3F2A-9C1D\nIn full:  {REFERRAL}\n"}, "notice", REFERRAL),
        ({"text": "No longer needed"}, "other", ""),
    ],
)
def test_a_mail_is_told_by_where_its_link_leads(mail: dict[str, Any], kind: str, about: str) -> None:
    letter = read_letter(a_mail(**mail))
    assert (letter.kind, letter.about, letter.to, letter.name) == (kind, about, "desk@example.org", "The Desk")


async def a_post(*mails: dict[str, Any]) -> tuple[Post, Book]:
    book = Book()
    post = Post(Caller(["http://127.0.0.1:1"]), book)
    for mail in mails:
        await post.bring(read_letter(mail))
    return post, book


async def test_a_letter_is_read_by_whom_it_is_for_and_once() -> None:
    offer = {"links": ["http://127.0.0.1:1/offers/abc"]}
    post, _ = await a_post(a_mail(**offer), a_mail(message_id="<2@x>", to=["other@example.org"], **offer))
    letter = await post.next("offer", to=["other@example.org"], within=1)
    assert letter.to == "other@example.org"
    assert (await post.next("offer", within=1)).to == "desk@example.org"
    with pytest.raises(Unanswered, match="no offer mail"):
        await post.next("offer", within=0.01)


async def test_a_letter_is_waited_for() -> None:
    post, _ = await a_post()
    waiting = asyncio.create_task(post.next("case", about=REFERRAL, within=5))
    await asyncio.sleep(0)
    await post.bring(read_letter(a_mail(links=[f"http://127.0.0.1:1/referrals/{REFERRAL}"])))
    assert (await waiting).about == REFERRAL


async def test_the_same_mail_that_came_twice_is_one_letter_and_no_fault() -> None:
    mail = a_mail(links=["http://127.0.0.1:1/offers/abc"])
    _, book = await a_post(mail, mail)
    assert (book.counts["mails"], book.counts["mails repeated"], book.surprises) == (1, 1, [])


async def test_one_offer_under_two_message_ids_is_a_fault() -> None:
    offer = {"links": ["http://127.0.0.1:1/offers/abc"]}
    _, book = await a_post(a_mail(**offer), a_mail(message_id="<2@x>", **offer))
    assert len(book.surprises) == 1
    assert "two Message-IDs" in book.surprises[0]


def test_what_is_told_of_a_path_leaves_ids_and_tokens_out() -> None:
    assert template(f"http://127.0.0.1:1/referrals/{REFERRAL}/withdraw?x=1") == "/referrals/…/withdraw"
