"""Mails say what is to be done, in plain words, and do not say whom it is about."""

import json
import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from uuid import UUID

import pytest

from notifications.domain import (
    WHOM_TO_TELL,
    Delivery,
    Recipient,
    Role,
    facts_of,
    offer_facts,
    referral_facts,
    undelivered_facts,
)
from notifications.letters import Letters
from shared.contracts import EVENTS, Event, OfferMade, ReferralReturned
from shared.needs import NEEDS
from shared.web.links import Links
from shared.web.pages import reference
from tests.unit.notifications.samples import (
    ASKED,
    DESK,
    DUTY,
    KNOWN,
    NOW,
    OFFER,
    PRACTICE,
    REFERRAL,
    WORKER,
    claimed,
    example,
    settings,
)

BY_ROLE = {Role.PRACTICE: PRACTICE, Role.LINK_WORKER: WORKER, Role.DUTY_CONTACT: DUTY, Role.ORGANISATION: DESK}
CLOSED = {
    "reason": "completed",
    "outcomes": [{"code": "income-gained", "amount": 1840.0}, {"code": "of-next-year", "amount": None}],
    "link_worker_name": WORKER.name,
}
LETTERS = Letters(settings(casework_public_url="https://casework.example.org/"))
LINES = [
    (event, line, role)
    for event, lines in WHOM_TO_TELL.items()
    for line in lines
    for role in (line.role, line.otherwise)
    if role
]


def read(post: object) -> EmailMessage:
    message = message_from_bytes(post.message, policy=policy.default)  # type: ignore[attr-defined]  # a Post
    assert isinstance(message, EmailMessage)
    return message


def text(message: EmailMessage) -> str:
    return str(message.get_content()).replace("\r\n", "\n")


def facts(event: type[Event], role: Role) -> dict[str, object]:
    """What a handler would say, from the contract's example."""
    if role is Role.ORGANISATION:
        return {
            **offer_facts(ASKED),
            "respond_by": "2026-03-10T17:00:00+00:00",
            "share": ["name"],
            "reason": "case-closed",
        }
    names = {"practice_name": PRACTICE.name, "link_worker_name": WORKER.name, "service_name": ASKED.service_name}
    return {**facts_of(example(event)), **referral_facts(KNOWN), **names}


@pytest.mark.parametrize(("event", "line", "role"), LINES, ids=lambda each: getattr(each, "__name__", str(each)))
def test_every_line_of_the_table_can_be_written(event: type[Event], line: object, role: Role) -> None:
    template = line.template  # type: ignore[attr-defined]  # a Tell
    message = read(LETTERS.mail(claimed(template, BY_ROLE[role], facts(event, role))))
    body = text(message)
    assert reference(REFERRAL) in message["Subject"]
    assert message["Subject"] == message["Subject"].strip()
    assert len(message["Subject"]) <= 120
    assert "{{" not in body
    assert "{%" not in body
    assert "None" not in body
    assert "  \n" not in body
    assert "\n\n\n" not in body


def test_a_mail_says_that_a_machine_wrote_it_and_where_answers_go() -> None:
    message = read(LETTERS.mail(claimed("reopened", WORKER, {})))
    assert message["Message-ID"] == "<00000000-0000-0000-0000-000000000007@linkway.example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == NOW
    assert message["Reply-To"] == "Linkway <help@linkway.example.org>"
    assert message["To"] == "Ailsa Moncurrie <ash@example.org>"
    assert message["References"] is None


def test_mails_about_a_referral_answer_its_first() -> None:
    message = read(LETTERS.mail(claimed("reopened", WORKER, {}, thread=UUID(int=3))))
    first = "<00000000-0000-0000-0000-000000000003@linkway.example.org>"
    assert (message["In-Reply-To"], message["References"]) == (first, first)


def test_the_same_delivery_is_written_the_same_each_time() -> None:
    delivery = claimed("offer", DESK, facts(OfferMade, Role.ORGANISATION))
    assert LETTERS.mail(delivery) == LETTERS.mail(delivery)


def test_a_mail_is_ascii_with_short_lines_whatever_it_says() -> None:
    named = Recipient(Role.LINK_WORKER, "wren", "Zoë Ó Briain", "wren@example.org", ("mail",))
    post = LETTERS.mail(
        claimed("offer-answered", named, {"answer": "accepted", "reason": None, "service_name": "Café Tŷ £5"})
    )
    assert post.message.isascii()
    assert max(map(len, post.message.splitlines())) <= 998
    assert "Café Tŷ £5" in text(read(post))


def test_a_link_in_an_offer_opens_that_offer_and_says_nothing_of_it() -> None:
    body = text(read(LETTERS.mail(claimed("offer", DESK, facts(OfferMade, Role.ORGANISATION)))))
    found = re.search(r"https://casework\.example\.org/offers/(\S+)", body)
    assert found
    assert Links(bytes(range(32))).read("offer", found[1], NOW) == str(OFFER)
    assert str(REFERRAL) not in body


def test_an_alert_says_that_this_is_no_emergency_service() -> None:
    for to in (PRACTICE, DUTY, WORKER):
        body = text(
            read(LETTERS.mail(claimed("risk-alert", to, {"kinds": ["self-harm"], "practice_name": "A practice"})))
        )
        assert "NO EMERGENCY SERVICE" in body
        assert "999" in body
        assert "self harm" in body


def test_the_link_workers_first_mail_names_needs_in_words_and_says_what_is_unmet() -> None:
    body = text(
        read(LETTERS.mail(claimed("assigned", WORKER, {**referral_facts(KNOWN), "practice_name": "A practice"})))
    )
    assert f"- {NEEDS['debt-advice'].name}\n" in body
    assert f"- {NEEDS['low-mood'].name} (nothing in the directory fits)\n" in body
    assert f"https://casework.example.org/referrals/{REFERRAL}" in body


def test_what_the_practice_files_has_each_outcome_with_its_amount() -> None:
    body = text(read(LETTERS.mail(claimed("closed", PRACTICE, CLOSED))))
    assert "- Income gained: £1,840\n" in body
    assert "- of next year\n" in body


def test_the_practice_is_not_invited_to_refer_again_whom_it_lost() -> None:
    body = text(read(LETTERS.mail(claimed("closed", PRACTICE, {**CLOSED, "reason": "died"}))))
    assert "refer them again" not in body
    assert "refer them again" in text(read(LETTERS.mail(claimed("closed", PRACTICE, CLOSED))))


def test_a_webhook_is_the_partners_event_and_where_to_answer() -> None:
    sent = json.loads(LETTERS.webhook(claimed("offer", DESK, facts(OfferMade, Role.ORGANISATION))))
    assert sent.keys() == {"type", "timestamp", "data"}
    answer_url = sent["data"].pop("answer_url")
    assert answer_url.startswith("https://casework.example.org/offers/")
    event = EVENTS[sent["type"]].model_validate(sent["data"])
    assert event.topic_name == "linkway.partner.tay-money-desk"
    assert sent["data"].keys() == {
        "referral", "offer", "organisation", "service", "service_name", "need", "respond_by"
    }  # fmt: skip


def test_a_failure_is_told_with_whom_to_ring_and_why() -> None:
    failed = Delivery(OFFER, REFERRAL, "dundee", "offer", "mail", DESK.kind, DESK.id, urgent=False, facts={})
    body = text(
        read(LETTERS.mail(claimed("undeliverable", WORKER, undelivered_facts(failed, DESK.name, "recipient-refused"))))
    )
    assert "Tay Money Desk (organisation)" in body
    assert "recipient refused" in body


def test_our_own_name_may_be_of_any_language_and_our_address_stays_readable() -> None:
    letters = Letters(
        settings(mail_from="Linkway Dùn Dè <linkway@example.org>", mail_reply_to="Cobhair <help@example.org>")
    )
    post = letters.mail(claimed("returned", PRACTICE, facts(ReferralReturned, Role.PRACTICE)))
    message = read(post)
    assert (message["From"].addresses[0].display_name, post.sender) == ("Linkway Dùn Dè", "linkway@example.org")
    assert message["From"].addresses[0].addr_spec == "linkway@example.org"
    assert message["Reply-To"].addresses[0].addr_spec == "help@example.org"


def test_a_name_with_a_line_end_begins_no_header() -> None:
    named = Recipient(Role.PRACTICE, "a", "Heddle\r\nBcc: all@example.org", "practice@example.org", ("mail",))
    message = read(LETTERS.mail(claimed("returned", named, facts(ReferralReturned, Role.PRACTICE))))
    assert message["Bcc"] is None
    assert message["To"].addresses[0].addr_spec == "practice@example.org"
