"""Quiet days of which one thing is broken, each with what must be found of it, and by which check."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from shared.contracts import ReferralWithdrawn
from tests.acceptance.leaks import Sought, Text
from tests.chaos.book import Act, Answer, Book, Request
from tests.chaos.snapshot import Choice, Delivery, Line, Row, Snapshot, Stored
from tests.reliability.accounts import Round
from tests.unit.chaos.quiet_days import (
    ACCEPTED,
    ASSIGNED,
    DELIVERY,
    NOON,
    OTHER,
    PRACTICE,
    RECEIVED,
    REFERRAL,
    REFERRALS,
    STRANGE,
    a_record,
    a_row,
    an_aside,
)

Day = tuple[Book, Snapshot]
Break = Callable[[Book, Snapshot], Day]


def with_snapshot(**changes: Any) -> Break:
    """Change what is found."""
    return lambda book, snapshot: (book, replace(snapshot, **changes))


def with_book(**changes: Any) -> Break:
    """Change what the driver was told."""
    return lambda book, snapshot: (replace(book, **changes), snapshot)


def without(field: str, lacking: Callable[[Any], bool]) -> Break:
    """Take things away of what is found."""

    def broken(book: Book, snapshot: Snapshot) -> Day:
        kept = [thing for thing in getattr(snapshot, field) if not lacking(thing)]
        return with_snapshot(**{field: kept})(book, snapshot)

    return broken


def having(field: str, *more: Any) -> Break:
    """Add things to what is found."""
    return lambda book, snapshot: with_snapshot(**{field: [*getattr(snapshot, field), *more]})(book, snapshot)


def asked(*requests: Request) -> Break:
    """Add requests to the book."""
    return lambda book, snapshot: (replace(book, requests=[*book.requests, *requests]), snapshot)


def did(*acts: Act) -> Break:
    """Add acts to the book."""
    return lambda book, snapshot: (replace(book, acts=[*book.acts, *acts]), snapshot)


def both(first: Break, then: Break) -> Break:
    """Break two things."""
    return lambda book, snapshot: then(*first(book, snapshot))


def changed(row: Row, **changes: Any) -> Break:
    """Change one row of an outbox."""

    def broken(book: Book, snapshot: Snapshot) -> Day:
        rows = [replace(each, **changes) if each is row else each for each in snapshot.rows]
        return book, replace(snapshot, rows=rows)

    return broken


def is_row_of(row: Row) -> Callable[[Any], bool]:
    """Say whether something is this event, as row or as record."""
    return lambda thing: row.event in (getattr(thing, "event", ""), getattr(thing, "id", ""))


def a_request(request_id: str, *answers: Answer, intent: Any = "new") -> Request:
    """Give a request of the same practice."""
    return Request("fhir-json", PRACTICE, request_id, "digest", intent, NOON, list(answers))


ASSIGNED_AGAIN = replace(ASSIGNED, id=9, event="another-id", offset=5)
A_COPY = a_record(ASSIGNED, offset=2)
LATER = a_row(ReferralWithdrawn.type, 3, service="referral-intake", topic=REFERRALS, offset=2)
SOMETHING = a_row("linkway.something.v1", 5, service="referral-intake", topic=REFERRALS, offset=2)
BEHIND = an_aside(
    "casework", place=(REFERRALS, 3, 0), key=REFERRAL, event=RECEIVED.event, kind="not-yet", blocks=True,
    state="redriven", settled_at=NOON + 3,
)  # fmt: skip
EARLY = {("casework", ACCEPTED.event): Line("casework-1", NOON + 2.2, "message_handled")}

BROKEN: dict[str, tuple[str, Break]] = {
    "acknowledged, and intake has it not": ("lost", with_snapshot(intake={})),
    "acknowledged, and it is not on linkway.referrals": ("lost", without("records", is_row_of(RECEIVED))),
    "acknowledged, and the ledger has it not": ("lost", with_snapshot(ledger=Round({}, {}, {}))),
    "in nobody's hands": ("lost", with_snapshot(casework={})),
    "marked as sent, and lies on no topic": ("lost", without("records", is_row_of(ASSIGNED))),
    "unaccounted for: gone": ("ledger", with_snapshot(ledger=Round({REFERRAL: "unaccounted"}, {REFERRAL: "gone"}, {}))),
    "still parked": ("ledger", with_snapshot(ledger=Round({REFERRAL: "parked"}, {}, {}))),
    "closed by its word": ("ledger", with_snapshot(ledger=Round({REFERRAL: "closed"}, {}, {}))),
    "open by its word": ("ledger", with_snapshot(intake={REFERRAL: "closed"}, casework={REFERRAL: ("closed", "x")})),
    "two referrals for one request": ("requests", asked(a_request("request-1", Answer(NOON, 201, OTHER)))),
    "one referral for two requests": ("requests", asked(a_request("request-3", Answer(NOON, 200, REFERRAL)))),
    "told of another referral": (
        "requests",
        with_snapshot(requests=[Stored(PRACTICE, "request-1", OTHER)], intake={OTHER: "withdrawn"}),
    ),
    "told that it was there before": ("requests", asked(a_request("request-3", Answer(NOON, 409)))),
    "an invalid request was acknowledged": (
        "requests",
        asked(a_request("request-2", Answer(NOON, 201, OTHER), intent="invalid")),
    ),
    "refused, and stored": (
        "requests",
        both(
            asked(a_request("request-3", Answer(NOON, 422))),
            having("requests", Stored(PRACTICE, "request-3", REFERRAL)),
        ),
    ),
    "that no request asked for": ("requests", with_snapshot(intake={REFERRAL: "accepted", OTHER: "withdrawn"})),
    "acknowledged, and fewer": ("acts", did(Act(REFERRAL, "contact", NOON, acknowledged=True))),
    "than anybody did": ("acts", with_book(acts=[])),
    "an event stored twice": ("doubled", having("rows", replace(ASSIGNED, id=9))),
    "happened twice": (
        "doubled",
        having("rows", replace(ASSIGNED_AGAIN, headers={"ce_causationid": "x"}, value=b'{"link_worker":"mungo"}')),
    ),
    "two events for one effect": ("doubled", having("rows", ASSIGNED_AGAIN)),
    "two messages for one event": ("doubled", lambda book, snapshot: told_twice(book, snapshot, "closed")),
    "two messages of what is said once": (
        "doubled",
        having("deliveries", Delivery("other-delivery", REFERRAL, "assigned", "mail", "ishbel", "", settled=True)),
    ),
    "claimed twice": ("doubled", with_snapshot(claims={("casework", ACCEPTED.event): 2})),
    "archived twice": ("doubled", with_snapshot(archived={ACCEPTED.event: 2})),
    "two offers open for one need": ("doubled", having("choices", Choice("offer-2", REFERRAL, "walking", "open"))),
    "two link workers": ("doubled", with_snapshot(casework={REFERRAL: ("open", "mungo")})),
    "one id, other bytes": ("wire", having("records", replace(A_COPY, value=b"{}"))),
    "one id in two partitions": ("wire", having("records", replace(A_COPY, partition=4))),
    "an event on its topic twice": ("wire", having("records", A_COPY)),
    "a mail twice": ("wire", lambda book, snapshot: (book, replace(snapshot, arrivals=[*snapshot.arrivals] * 2))),
    "not in the order of the outbox": ("order", changed(RECEIVED, id=3)),
    "handled before what it had to wait for": (
        "order",
        both(having("asides", BEHIND), with_snapshot(handled=EARLY)),
    ),
    "no transaction wrote it": ("provenance", having("records", a_record(SOMETHING))),
    "not as it was written": ("provenance", changed(ASSIGNED, value=b'{"referral": "somebody"}')),
    "another event lies where": ("provenance", changed(ACCEPTED, offset=0)),
    "gone from its topic": ("poison", without("records", lambda record: record is STRANGE)),
    "not set aside by a consumer": ("poison", with_snapshot(asides=[])),
    "set aside twice": ("poison", having("asides", an_aside("casework"))),
    "set aside with other bytes": ("poison", with_snapshot(asides=[an_aside("casework", record=None)])),
    "set aside as what it is not": ("poison", with_snapshot(asides=[an_aside("casework", kind="bad-json")])),
    "not told of once": ("poison", without("rows", lambda row: "parked" in row.type)),
    "something else set aside for good": (
        "poison",
        having("asides", replace(BEHIND, state="held", settled_at=None)),
    ),
    "while there was nothing but poison": (
        "neighbours",
        with_snapshot(handled={("casework", ACCEPTED.event): Line("casework-1", NOON + 6, "message_handled")}),
    ),
    "casework went past it": ("positions", with_snapshot(claims={("matching", ACCEPTED.event): 1})),
    "has not left": ("rest", changed(ASSIGNED, sent_at=None)),
    "not read to the end": ("rest", with_snapshot(positions={})),
    "still to be tried again": ("rest", having("asides", replace(BEHIND, state="waiting", settled_at=None))),
    "not delivered": (
        "rest",
        with_snapshot(deliveries=[Delivery(DELIVERY, REFERRAL, "offer", "mail", "x", "", settled=False)]),
    ),
    "that flow": ("rest", with_snapshot(ledger=Round({REFERRAL: "open"}, {}, {"not read by matching": 3}))),
    "a log says consumer_stopped": ("rest", with_snapshot(lines=[Line("casework-1", NOON, "consumer_stopped")])),
    "it lies open": (
        "privacy",
        with_snapshot(
            texts=[Text("log casework-1.log", "asked for Quernmore")],
            sought=Sought({("quernmore",): "Hephzibah Quernmore"}, frozenset()),
        ),
    ),
}


def told_twice(book: Book, snapshot: Snapshot, template: str) -> Day:
    """Have one event lead to two messages of one template."""
    first = next(row for row in snapshot.rows if "notification.created" in row.type)
    again = replace(first, id=8, event="told-again", value=first.value.replace(DELIVERY.encode(), b"other-delivery"))
    deliveries = [
        Delivery(id_, REFERRAL, template, "mail", "ishbel", "", settled=True) for id_ in (DELIVERY, "other-delivery")
    ]
    return book, replace(snapshot, rows=[*snapshot.rows, again], deliveries=deliveries)
