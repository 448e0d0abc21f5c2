"""A small quiet Linkway in which all is well, for tests that break one thing of it."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid5

from shared.contracts import (
    ContactRecorded,
    LinkWorkerAssigned,
    MessageParked,
    NotificationCreated,
    ReferralAccepted,
    ReferralReceived,
)
from shared.messaging.reading import Record
from tests.acceptance.topics import Message
from tests.chaos.book import Act, Answer, Book, Fault, Poisoned, Request
from tests.chaos.snapshot import Arrival, Aside, Choice, Delivery, Line, Reads, Row, Snapshot, Stored
from tests.reliability.accounts import Round

SPACE = UUID(int=7)
REFERRAL, OTHER = str(uuid5(SPACE, "referral")), str(uuid5(SPACE, "other"))
PRACTICE = "heddle-street"
NOON = 1_800_000_000.0
REFERRALS, ROUTING, CASEWORK = "linkway.referrals", "linkway.routing", "linkway.casework"
POISON_AT = (ROUTING, 3, 1)


def event_id(name: str, referral: str = REFERRAL) -> str:
    """Name an event by what it says of whom."""
    return str(uuid5(SPACE, f"{name} {referral}"))


def a_row(type_: str, number: int, *, service: str, topic: str, offset: int, key: str = REFERRAL, **said: Any) -> Row:
    """Give an event as it was stored and sent, all in one second."""
    id_ = event_id(type_, key)
    return Row(
        service=service,
        id=number,
        event=id_,
        topic=topic,
        key=key,
        type=type_,
        headers={"ce_id": id_, "ce_type": type_, "ce_causationid": f"what led to {type_}"},
        value=json.dumps({"referral": key, **said}).encode(),
        created_at=NOON + number,
        sent_at=NOON + number + 0.1,
        partition=3,
        offset=offset,
    )


def a_record(row: Row, offset: int | None = None) -> Message:
    """Give the record that was made of a row."""
    headers = tuple((name, value.encode()) for name, value in row.headers.items())
    at = row.offset if offset is None else offset
    return Message(row.topic, row.partition or 0, at or 0, row.key.encode(), row.value, headers, row.created_at)


DELIVERY = str(uuid5(SPACE, "delivery"))
ROWS = (
    a_row(ReferralReceived.type, 1, service="referral-intake", topic=REFERRALS, offset=0),
    a_row(ReferralAccepted.type, 2, service="referral-intake", topic=REFERRALS, offset=1),
    a_row(LinkWorkerAssigned.type, 1, service="matching", topic=ROUTING, offset=0, link_worker="ishbel"),
    a_row(NotificationCreated.type, 1, service="notifications", topic="linkway.notifications", offset=0,
          notification=DELIVERY),
    a_row(ContactRecorded.type, 1, service="casework", topic=CASEWORK, offset=0),
    a_row(MessageParked.type, 2, service="casework", topic="linkway.operations", offset=0, key="casework"),
)  # fmt: skip
RECEIVED, ACCEPTED, ASSIGNED, TOLD, CONTACT, SET_ASIDE = ROWS
STRANGE = Message(*POISON_AT, b"a key", b"noise", (("ce_type", b"\xff"),), NOON)


def a_quiet_day() -> tuple[Book, Snapshot]:
    """Return a book and a snapshot to which no check objects."""
    return a_book(), a_snapshot()


def a_book() -> Book:
    """Return a book of one referral that was sent twice, one that was wrong, a contact, poison and a kill."""
    request = Request("json", PRACTICE, "request-1", "digest", "new", NOON, [Answer(NOON + 0.5, 201, REFERRAL)])
    again = replace(request, intent="repeat", answers=[Answer(NOON + 1, 0), Answer(NOON + 2, 201, REFERRAL)])
    wrong = Request("json", PRACTICE, "request-2", "other", "invalid", NOON, [Answer(NOON + 0.1, 422)])
    return Book(
        seed=7,
        began=NOON,
        calm_until=NOON + 10,
        load_ended=NOON + 60,
        quiet=NOON + 70,
        requests=[request, again, wrong],
        acts=[Act(REFERRAL, "contact", NOON + 5, acknowledged=True)],
        poisoned=[Poisoned(*POISON_AT, b"noise", "bad-headers", NOON)],
        faults=[
            Fault("poison-only", "partition 3", NOON, NOON + 10, NOON + 10, NOON + 10),
            Fault("kill", "matching-1", NOON + 30, NOON + 30, NOON + 33, NOON + 34),
        ],
    )


def a_snapshot() -> Snapshot:
    """Return what is found when that referral is with its link worker."""
    rows = [*ROWS[:-1], _told_of_parking()]
    reads = {
        "matching": Reads(frozenset({REFERRALS}), frozenset({ReferralAccepted.type})),
        "casework": Reads(frozenset({REFERRALS, ROUTING}), frozenset({ReferralAccepted.type, LinkWorkerAssigned.type})),
    }
    handled = {
        (service, row.event): Line(f"{service}-1", row.created_at + 0.2, "message_handled")
        for service, each in reads.items()
        for row in rows
        if row.type in each.types
    }
    return Snapshot(
        records=[*map(a_record, rows), STRANGE],
        rows=rows,
        claims=dict.fromkeys(handled, 1),
        archived={row.event: 1 for row in rows},
        asides=[an_aside("casework")],
        positions={("matching", REFERRALS, 3): 2, ("casework", REFERRALS, 3): 2, ("casework", ROUTING, 3): 2},
        reads=reads,
        intake={REFERRAL: "accepted"},
        requests=[Stored(PRACTICE, "request-1", REFERRAL)],
        matching={REFERRAL: ("assigned", "ishbel")},
        casework={REFERRAL: ("open", "ishbel")},
        choices=[Choice("offer-1", REFERRAL, "walking", "open")],
        deliveries=[Delivery(DELIVERY, REFERRAL, "assigned", "mail", "ishbel", "", settled=True)],
        arrivals=[Arrival("mail", DELIVERY, NOON + 3)],
        handled=handled,
        ledger=Round({REFERRAL: "open"}, {}, {"not sent by matching": 0}),
    )


def an_aside(service: str, **changes: Any) -> Aside:
    """Give the day's poison as a service has set it aside."""
    record = Record(*POISON_AT, STRANGE.key, STRANGE.value, STRANGE.headers)
    aside = Aside(
        service, POISON_AT, None, None, None, "bad-headers", "held", blocks=False, parked_at=NOON, settled_at=None,
        record=record,
    )  # fmt: skip
    return replace(aside, **changes)


def _told_of_parking() -> Row:
    said = {"source_topic": POISON_AT[0], "partition": POISON_AT[1], "offset": POISON_AT[2], "digest": "abc"}
    return replace(SET_ASIDE, value=json.dumps(said).encode())
