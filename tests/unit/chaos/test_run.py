"""What a run concludes from what it sees: who speaks to PostgreSQL, when all is caught up, when all is quiet."""

from datetime import UTC, datetime, timedelta

import pytest
from aiokafka import TopicPartition

from tests.chaos.book import Answer, Book, Request
from tests.chaos.proxy import role_in
from tests.chaos.quiet import on_the_way
from tests.chaos.watch import Mark
from tests.reliability.accounts import Round

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIRST, SECOND = TopicPartition("linkway.referrals", 0), TopicPartition("linkway.referrals", 1)


def a_request(*answers: Answer) -> Request:
    """Return a request that was sent at 100 and answered so."""
    return Request("json", "dura-neuk", "r-1", "d-1", "new", 100.0, list(answers))


@pytest.mark.parametrize(
    ("parameters", "role"),
    [
        (b"user\x00matching\x00database\x00linkway\x00\x00", "matching"),
        (b"database\x00u\x00\x00", ""),
        (b"\xff\x01", ""),
    ],
)
def test_a_client_of_postgresql_names_its_role_first(parameters: bytes, role: str) -> None:
    assert role_in(parameters) == role


def test_a_consumer_has_caught_up_when_it_has_read_what_was_there_and_nothing_of_then_is_unsent() -> None:
    mark = Mark({FIRST: 10, SECOND: 3}, {"matching": {FIRST: 4, SECOND: 3}}, NOON)
    late = NOON + timedelta(seconds=1)
    assert mark.is_reached(late, {"matching": {FIRST: 10, SECOND: 3}})
    assert mark.is_reached(None, {"matching": {FIRST: 11, SECOND: 3}})
    assert not mark.is_reached(NOON, {"matching": {FIRST: 10, SECOND: 3}})
    assert not mark.is_reached(late, {"matching": {FIRST: 9, SECOND: 3}})
    assert not mark.is_reached(late, {})


def test_what_the_ledger_lacks_or_has_on_its_way_is_not_quiet() -> None:
    found = Round({"a": "open", "b": "in-outbox", "c": "closed"}, {}, {})
    assert on_the_way(found, ["a", "c"]) == ["1 in-outbox"]
    assert on_the_way(Round({"a": "open"}, {}, {}), ["a", "d"]) == ["1 not in the ledger"]
    assert on_the_way(Round({"a": "open", "b": "unaccounted"}, {}, {}), ["a", "b"]) == []


def test_a_request_is_acknowledged_by_the_first_answer_that_names_a_referral() -> None:
    request = a_request(Answer(101, 0), Answer(103, 201, "x"), Answer(104, 200, "x"))
    assert (request.referral, request.waited_seconds) == ("x", 3.0)
    assert a_request(Answer(101, 503), Answer(102, 409)).referral is None
    assert Book(7, requests=[request, a_request(Answer(105, 201, "x"))]).acknowledged == {"x": request}


def test_latency_is_of_what_was_acknowledged() -> None:
    book = Book(7, requests=[a_request(Answer(100 + n, 201, str(n))) for n in range(1, 101)] + [a_request()])
    assert (book.latency(0.5), book.latency(0.99), book.latency(1.0)) == (50, 99, 100)
    assert Book(7).latency(0.5) is None
