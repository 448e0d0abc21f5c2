"""Where a referral is: one answer whatever the books say, and no row can go without the answer telling."""

from dataclasses import replace
from typing import get_args
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.domain import (
    CASEWORK,
    INTAKE,
    MATCHING,
    Account,
    Aside,
    Books,
    Closed,
    Held,
    InFlight,
    InOutbox,
    NoReferral,
    Open,
    Page,
    Parked,
    Reader,
    Sent,
    Unaccounted,
    Unchecked,
    Unsent,
    account,
)
from tests.unit.operations.journeys import (
    ACCEPTED,
    ASSIGNED,
    CREATED,
    DEADLINE,
    NOTIFICATIONS,
    OPERATIONS,
    REFERRAL,
    STEPS,
    TOPICS,
    journey,
    robbed,
    with_page,
)

WITH_CASE, CLOSED = 4, 6

MOMENTS = [
    *((steps, last) for steps in range(1, CLOSED + 1) for last in ("unsent", "in-flight")),
    *((steps, "parked") for steps in range(1, CLOSED + 1) if STEPS[steps - 1].next),
    (WITH_CASE, "read"),
    (CLOSED, "read"),
]
"""Every moment of a referral's way at which it is accounted for."""


@pytest.mark.parametrize(("steps", "last"), MOMENTS)
def test_at_every_moment_of_its_way_a_referral_is_accounted_for(steps: int, last: str) -> None:
    expected = {"unsent": InOutbox, "in-flight": InFlight, "parked": Parked}
    kind = expected.get(last, Open if steps == WITH_CASE else Closed)
    assert isinstance(account(REFERRAL, journey(steps, last)), kind)


@pytest.mark.parametrize(("steps", "last"), MOMENTS)
def test_one_row_gone_at_any_moment_makes_it_unaccounted(steps: int, last: str) -> None:
    thefts = robbed(journey(steps, last))
    assert thefts
    kept = {
        name: told for name, books in thefts.items() if not isinstance(told := account(REFERRAL, books), Unaccounted)
    }
    assert kept == {}


@pytest.mark.parametrize("service", [INTAKE, MATCHING, CASEWORK])
def test_while_a_case_is_open_no_service_on_its_way_may_lose_its_record(service: str) -> None:
    books = journey(WITH_CASE)
    lost = with_page(books, service, replace(books.pages[service][REFERRAL], custody=None))
    told = account(REFERRAL, lost)
    assert isinstance(told, Unaccounted)
    assert told.service == service
    assert "has no record of it" in told.reason


def test_an_open_one_has_an_owner_and_a_date() -> None:
    assert account(REFERRAL, journey(WITH_CASE)) == Open(CASEWORK, "conversation", "ash", DEADLINE)
    for held in (Held("open", "conversation", None, DEADLINE), Held("open", "conversation", "ash", None)):
        books = with_page(journey(WITH_CASE), CASEWORK, Page(custody=held))
        assert isinstance(account(REFERRAL, books), Unaccounted)


def test_handed_on_without_an_event_on_its_way_is_unaccounted() -> None:
    told = account(REFERRAL, journey(2, "read"))
    assert told == Unaccounted(MATCHING, "referral-intake handed it on and matching has no record of it")


def test_a_case_that_was_closed_and_never_came_back_to_intake_is_unaccounted() -> None:
    told = account(REFERRAL, journey(5, "read"))
    assert told == Unaccounted(CASEWORK, "casework has it as closed, and nobody holds it")


def test_a_case_open_again_after_matching_ended_it_is_with_its_link_worker() -> None:
    books = journey(WITH_CASE)
    ended = replace(books.pages[MATCHING][REFERRAL], custody=Held("closed", "ended"))
    assert isinstance(account(REFERRAL, with_page(books, MATCHING, ended)), Open)


def test_what_others_know_and_intake_does_not_was_lost_by_intake() -> None:
    books = journey(WITH_CASE)
    pages = {service: about for service, about in books.pages.items() if service != INTAKE}
    told = account(REFERRAL, replace(books, pages=pages))
    assert isinstance(told, Unaccounted)
    assert told.service == INTAKE
    assert "known to casework, matching, notifications, operations" in told.reason


def test_what_only_the_archive_knows_was_lost_by_intake() -> None:
    books = Books({OPERATIONS: {REFERRAL: Page()}}, {}, on_kafka=frozenset({REFERRAL}))
    assert isinstance(account(REFERRAL, books), Unaccounted)


def test_intake_lost_it_even_where_a_later_event_about_it_is_parked_at_intake() -> None:
    aside = Aside(UUID(int=1), "referral-missing", "held")
    parked = Page(parked=1, parked_rows=1, parked_messages=(aside,))
    books = Books({INTAKE: {REFERRAL: parked}}, {}, on_kafka=frozenset({REFERRAL}))
    assert isinstance(account(REFERRAL, books), Unaccounted)


def test_a_listing_is_no_referral_and_its_lost_event_is_told_all_the_same() -> None:
    sent = Sent(UUID(int=1), "linkway.service.listed.v1", "linkway.directory", 0, 0)
    listing = Page(published=1, outbox_rows=1, sent=(sent,))
    books = Books({MATCHING: {REFERRAL: listing}}, {})
    assert account(REFERRAL, books) == NoReferral()
    gone = Books({MATCHING: {REFERRAL: replace(listing, outbox_rows=0, sent=())}}, {})
    assert account(REFERRAL, gone) == Unaccounted(MATCHING, "matching published 1 event and has 0")


def test_what_a_person_has_to_look_at_comes_before_what_is_tried_again() -> None:
    books = journey(WITH_CASE)
    page = books.pages[CASEWORK][REFERRAL]
    waiting, held = Aside(UUID(int=1), "not-yet", "waiting"), Aside(UUID(int=2), "rejected-message", "held")
    parked = replace(page, parked=2, parked_rows=2, parked_messages=(waiting, held))
    assert account(REFERRAL, with_page(books, CASEWORK, parked)) == Parked(CASEWORK, "rejected-message", held=True)


def test_a_message_parked_unread_is_found_by_where_it_lies() -> None:
    books = journey(2, "read")
    (_, accepted) = books.pages[INTAKE][REFERRAL].sent
    unread = replace(books, unreadable={(MATCHING, accepted.event): "breaks-contract"})
    assert account(REFERRAL, unread) == Parked(MATCHING, "breaks-contract", held=True)


def test_an_event_that_the_broker_refused_says_so() -> None:
    books = journey(2, "unsent")
    page = books.pages[INTAKE][REFERRAL]
    refused = replace(page, unsent=(replace(page.unsent[0], refused="MessageSizeTooLargeError"),))
    told = account(REFERRAL, with_page(books, INTAKE, refused))
    assert told == InOutbox(INTAKE, ACCEPTED, 2.0, "MessageSizeTooLargeError")


def test_a_consumer_that_never_read_a_partition_is_before_all_of_it() -> None:
    books = journey(WITH_CASE)
    readers = {**books.readers, CASEWORK: replace(books.readers[CASEWORK], positions={})}
    assert isinstance(account(REFERRAL, replace(books, readers=readers)), InFlight)


events = st.tuples(st.uuids(), st.sampled_from(sorted(TOPICS)))
pages = st.builds(
    Page,
    published=st.integers(0, 2),
    outbox_rows=st.integers(0, 2),
    parked=st.integers(0, 1),
    parked_rows=st.integers(0, 1),
    unsent=st.lists(events.map(lambda e: Unsent(e[0], e[1], TOPICS[e[1]], 1.0)), max_size=2).map(tuple),
    sent=st.lists(
        st.tuples(events, st.integers(0, 3)).map(lambda s: Sent(s[0][0], s[0][1], TOPICS[s[0][1]], 0, s[1])),
        max_size=3,
    ).map(tuple),
    parked_messages=st.lists(
        st.builds(Aside, st.uuids(), st.just("not-yet"), st.sampled_from(["waiting", "held"])), max_size=1
    ).map(tuple),
    custody=st.none()
    | st.builds(
        Held,
        st.sampled_from(["open", "closed", "handed-on"]),
        st.just("stage"),
        st.none() | st.just("ash"),
        st.none() | st.just(DEADLINE),
        st.none() | st.sampled_from([INTAKE, MATCHING, CASEWORK, NOTIFICATIONS, "elsewhere"]),
        st.none() | st.integers(0, 2),
    ),
)
names = st.sampled_from([INTAKE, MATCHING, CASEWORK, NOTIFICATIONS, OPERATIONS])
readers = st.builds(
    Reader,
    st.frozensets(st.sampled_from(sorted(set(TOPICS.values())))),
    st.frozensets(st.sampled_from(sorted(TOPICS))),
    st.dictionaries(st.sampled_from(sorted(set(TOPICS.values()))), st.dictionaries(st.just(0), st.integers(0, 3))),
)
any_books = st.builds(
    Books,
    pages=st.dictionaries(names, pages.map(lambda page: {REFERRAL: page})),
    readers=st.dictionaries(names, readers),
    silent=st.frozensets(names, max_size=1),
    on_kafka=st.sampled_from([frozenset(), frozenset({REFERRAL})]),
)


@given(any_books)
def test_whatever_the_books_say_there_is_one_answer(books: Books) -> None:
    assert isinstance(account(REFERRAL, books), get_args(Account))


@given(any_books)
def test_nothing_is_fine_while_a_service_is_silent(books: Books) -> None:
    told = account(REFERRAL, replace(books, silent=frozenset({CASEWORK})))
    assert not isinstance(told, Open | Closed | NoReferral)


@given(any_books)
def test_closed_means_that_nobody_holds_it_and_nothing_is_missing(books: Books) -> None:
    told = account(REFERRAL, books)
    if isinstance(told, Closed):
        about = books.of(REFERRAL)
        assert all(
            page.custody is None or page.custody.state != "open"
            for name, page in about.items()
            if name not in {NOTIFICATIONS, OPERATIONS}
        )
        assert all(page.published == page.outbox_rows and page.parked == page.parked_rows for page in about.values())
        assert not any(page.unsent or page.parked_messages for page in about.values())


@given(any_books)
def test_what_is_confirmed_is_not_asked_again_and_the_rest_is(books: Books) -> None:
    heard = replace(books, silent=frozenset())
    confirmed = heard.confirmed(REFERRAL)
    asked = {event.event for events in heard.to_ask(confirmed, 1).values() for event in events}
    assert not asked & confirmed


def test_each_event_is_asked_of_those_who_handle_it_and_have_read_past_it() -> None:
    books = journey(3, "in-flight")
    asked = {name: {event.type for event in events} for name, events in books.to_ask(frozenset(), 1).items()}
    assert ASSIGNED not in asked[CASEWORK]
    assert ACCEPTED in asked[CASEWORK]
    assert asked[MATCHING] == {ACCEPTED}
    assert CREATED not in asked[NOTIFICATIONS]


def test_claims_that_may_have_been_dropped_with_their_day_are_not_asked_for() -> None:
    books = journey(WITH_CASE)
    page = books.pages[INTAKE][REFERRAL]
    old = with_page(books, INTAKE, replace(page, sent=tuple(replace(event, age_seconds=60) for event in page.sent)))
    asked = {event.type for events in old.to_ask(frozenset(), 60).values() for event in events}
    assert asked == {ASSIGNED, CREATED}
    assert isinstance(account(REFERRAL, old), Open)


def test_a_parked_message_that_vanished_beside_an_open_case_is_told() -> None:
    books = journey(WITH_CASE)
    page = books.pages[NOTIFICATIONS][REFERRAL]
    vanished = with_page(books, NOTIFICATIONS, replace(page, parked=1))
    assert account(REFERRAL, vanished) == Unaccounted(NOTIFICATIONS, "notifications parked 1 message and has 0")


@pytest.mark.parametrize("steps", [WITH_CASE, CLOSED])
def test_a_referral_whose_books_are_sound_is_unchecked_while_a_service_is_silent(steps: int) -> None:
    books = replace(journey(steps), silent=frozenset({NOTIFICATIONS}))
    assert account(REFERRAL, books) == Unchecked(NOTIFICATIONS)


def test_of_those_who_hold_it_the_one_furthest_along_answers() -> None:
    books = journey(WITH_CASE)
    asked = Held("open", "offered", "kettle", DEADLINE, next_service=CASEWORK)
    offered = with_page(books, MATCHING, replace(books.pages[MATCHING][REFERRAL], custody=asked))
    assert account(REFERRAL, offered) == Open(CASEWORK, "conversation", "ash", DEADLINE)


def test_an_event_is_confirmed_when_all_who_handle_it_have_claimed_it_and_all_have_answered() -> None:
    books = journey(WITH_CASE)
    (received, accepted) = books.pages[INTAKE][REFERRAL].sent
    assert {received.event, accepted.event} <= books.confirmed(REFERRAL)
    lacking = replace(books, missing=frozenset({(MATCHING, accepted.event)}))
    assert accepted.event not in lacking.confirmed(REFERRAL)
    assert received.event in lacking.confirmed(REFERRAL)
    assert replace(books, silent=frozenset({MATCHING})).confirmed(REFERRAL) == frozenset()
