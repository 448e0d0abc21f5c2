"""What has to be seen is counted from what was found, and a run that saw nothing is told what it lacks."""

from dataclasses import replace
from typing import Any

import pytest

from shared.contracts import OfferExpired
from tests.chaos import sometimes
from tests.chaos.book import Book
from tests.chaos.snapshot import Line, Snapshot
from tests.unit.chaos.quiet_days import ASSIGNED, NOON, a_book, a_quiet_day, a_record, a_row


def a_line(event: str, *, process: str = "matching-1", **told: Any) -> Line:
    """Give a line of a log."""
    return Line(process, NOON, event, told)


def handled(outcome: str) -> Line:
    """Give the line of a message with which something was done."""
    return a_line("message_handled", outcome=outcome)


SEEN: dict[str, tuple[Line, ...]] = {
    "redelivery": (handled("duplicate"),),
    "rebalance": (a_line("partitions_assigned", consumer="matching"),) * 2,
    "rebalance-in-a-batch": (a_line("revoked_in_a_batch"),),
    "lost-compare-and-set": (a_line("position_lost"),),
    "unclean-end": (a_line("unclean_end"),),
    "one-by-one": (a_line("message_handled", outcome="duplicate", alone=True),),
    "unavailable": (a_line("waiting"),),
    "not-yet": (handled("parked-not-yet"),),
    "behind": (handled("parked-behind"),),
    "redriven": (handled("redriven"),),
    "killed-worker": (handled("parked-killed-worker"),),
    "bad-json": (handled("parked-bad-json"),),
    "unknown-type": (handled("parked-unknown-type"),),
    "relay-leader-changed": (
        a_line("relay_leads", schema="x"),
        a_line("relay_leads", process="matching-2", schema="x"),
    ),
    "relay-waits": (a_line("relay_waiting"),),
    "producer-rebuilt": (a_line("producer_built", number=1), a_line("producer_built", number=2)),
    "killed-and-back": (a_line("service_started"), a_line("waiting"), a_line("service_started")),
    "orderly-end": (a_line("service_stopped"),),
    "caught-up-first": (a_line("catching_up"),),
    "not-now": (a_line("request_answered", status=503),),
    "delivered-at-last": (a_line("delivery_attempted", attempt=2),),
    "outcome-unknown": (a_line("delivery_attempted", attempt=1, result="unknown"),),
    "ledger-peer-silent": (a_line("ledger_peer_silent"),),
}
"""The lines that show each condition which logs show."""
QUIET = (
    handled("done"),
    a_line("partitions_assigned", consumer="matching"),
    a_line("partitions_assigned", consumer="casework"),
    a_line("relay_leads", schema="matching"),
    a_line("relay_leads", schema="casework"),
    a_line("producer_built", number=1),
    a_line("service_started"),
    a_line("request_answered", status=201),
    a_line("delivery_attempted", attempt=1, result="accepted"),
)
"""What is said on any day."""


@pytest.mark.parametrize("name", SEEN)
def test_a_condition_is_counted_from_its_lines(name: str) -> None:
    assert sometimes.seen(Book(), Snapshot(lines=SEEN[name]))[name] == 1
    assert name not in sometimes.missing(Book(), Snapshot(lines=SEEN[name]))
    assert name in sometimes.missing(Book(), Snapshot(lines=QUIET))


def test_what_was_handled_at_once_but_alone_went_one_by_one() -> None:
    handled = {("matching", "e-1"): a_line("message_handled", alone=True), ("matching", "e-2"): a_line("", alone=False)}
    assert sometimes.seen(Book(), Snapshot(handled=handled))["one-by-one"] == 1


def test_a_process_that_said_that_it_ends_was_not_killed() -> None:
    lines = [a_line(event) for event in ("service_started", "service_stopped", "service_started")]
    assert "killed-and-back" in sometimes.missing(Book(), Snapshot(lines=lines))


def test_a_request_that_was_told_twice_is_a_repeated_one() -> None:
    assert sometimes.seen(a_book(), Snapshot())["request-repeated"] == 1
    once = replace(a_book(), requests=a_book().requests[:1])
    assert sometimes.seen(once, Snapshot())["request-repeated"] == 0


def test_neighbours_copies_and_what_people_did_are_counted_too() -> None:
    book, snapshot = a_quiet_day()
    expired = a_row(OfferExpired.type, 4, service="matching", topic="linkway.routing", offset=9)
    snapshot = replace(
        snapshot, records=[*snapshot.records, a_record(ASSIGNED, offset=2)], rows=[*snapshot.rows, expired]
    )
    seen = sometimes.seen(book, snapshot)
    assert (seen["calm-neighbours"], seen["wire-repeat"], seen["offer-expired"]) == (2, 1, 1)


def test_the_short_run_wants_some_of_all() -> None:
    assert sometimes.SHORT < sometimes.ALL
    assert set(sometimes.missing(Book(), Snapshot())) == sometimes.ALL
    assert set(sometimes.missing(Book(), Snapshot(), sometimes.SHORT)) == sometimes.SHORT
