"""Each check is content with a quiet day, and finds what was broken of it."""

from dataclasses import replace

import pytest

from tests.chaos.book import Answer, Fault, Poisoned
from tests.chaos.checks import CHECKS, check_all, wire
from tests.chaos.snapshot import Arrival, Line, Stored
from tests.reliability.accounts import Round
from tests.unit.chaos.broken_days import A_COPY, BEHIND, BROKEN, EARLY, LATER, a_request, asked, having, with_snapshot
from tests.unit.chaos.quiet_days import (
    ACCEPTED,
    ASSIGNED,
    CASEWORK,
    DELIVERY,
    NOON,
    OTHER,
    PRACTICE,
    REFERRAL,
    REFERRALS,
    ROUTING,
    a_quiet_day,
    a_record,
    an_aside,
)


def test_a_quiet_day_is_sound() -> None:
    assert check_all(*a_quiet_day()) == []


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_broken_is_found_by_its_check(what: str) -> None:
    name, broken = BROKEN[what]
    findings = list(CHECKS[name](*broken(*a_quiet_day())))
    assert any(what in finding.what for finding in findings), findings
    assert {finding.check for finding in findings} == {name}


def test_every_check_can_find_something() -> None:
    assert {name for name, _ in BROKEN.values()} == set(CHECKS)


@pytest.mark.parametrize(
    ("kind", "target", "is_explained"),
    [
        ("kill", "matching-2", True),
        ("point", "matching.after-send-before-mark", True),
        ("broker-leader", "kafka", True),
        ("kill", "kafka-2", True),
        ("net-reset", "all", True),
        ("kill", "casework-1", False),
        ("smtp-4xx", "mail", False),
        ("poison-only", "partition 3", False),
    ],
)
def test_a_copy_is_explained_by_a_fault_of_who_sends_it(kind: str, target: str, is_explained: bool) -> None:
    book, snapshot = having("records", A_COPY)(*a_quiet_day())
    moment = ASSIGNED.created_at
    book = replace(book, faults=[Fault(kind, target, moment - 1, moment + 1, moment + 2, moment + 2)])
    assert (not list(wire.check(book, snapshot))) is is_explained
    assert wire.repeats(book, snapshot) == {"topics": 1, "mails": 0, "webhooks": 0}


@pytest.mark.parametrize(("service", "is_explained"), [("matching", True), ("casework", False)])
def test_a_copy_is_explained_by_a_message_that_kills_who_sends_it(service: str, is_explained: bool) -> None:
    book, snapshot = having("records", A_COPY)(*a_quiet_day())
    moment = ASSIGNED.created_at
    book = replace(book, poisoned=[replace(book.poisoned[0], kind="killed-worker", at=moment - 1)])
    snapshot = replace(snapshot, asides=[an_aside(service, kind="killed-worker", parked_at=moment + 1)])
    assert (not list(wire.check(book, snapshot))) is is_explained


def test_a_fault_that_was_over_explains_nothing() -> None:
    book, snapshot = having("records", A_COPY)(*a_quiet_day())
    book = replace(book, faults=[Fault("kill", "matching-1", NOON - 30, NOON - 30, NOON - 20, NOON - 20)])
    assert list(wire.check(book, snapshot))


@pytest.mark.parametrize(("named", "is_explained"), [(DELIVERY, True), ("another", False)])
def test_a_mail_that_came_twice_is_explained_by_a_sender_who_could_not_tell_of_it(
    named: str, is_explained: bool
) -> None:
    book, snapshot = a_quiet_day()
    twice = [Arrival("mail", DELIVERY, NOON + 100), Arrival("mail", DELIVERY, NOON + 110)]
    line = Line("notifications-1", NOON + 104, "outcomes_wait_for_database", {"deliveries": [named]})
    snapshot = replace(snapshot, arrivals=twice, lines=[*snapshot.lines, line])
    assert (not list(wire.check(book, snapshot))) is is_explained
    assert wire.repeats(book, snapshot) == {"topics": 0, "mails": 1, "webhooks": 0}


def test_poison_of_which_nobody_knew_whether_it_lies_there_is_known_by_its_bytes() -> None:
    book, snapshot = a_quiet_day()
    book.poisoned = [Poisoned(ROUTING, -1, -1, b"noise", "bad-headers", NOON)]
    assert check_all(book, snapshot) == []
    book.poisoned = [Poisoned(ROUTING, -1, -1, b"other noise", "bad-headers", NOON)]
    assert {finding.check for finding in check_all(book, snapshot)} >= {"provenance", "poison"}


def test_poison_that_never_came_to_lie_anywhere_is_nobodys_fault() -> None:
    book, snapshot = a_quiet_day()
    book.poisoned.append(Poisoned(CASEWORK, -1, -1, b"never sent", "bad-json", NOON))
    assert check_all(book, snapshot) == []


def test_what_the_ledger_says_of_whom_only_strangers_wrote_is_no_concern_of_ours() -> None:
    book, snapshot = a_quiet_day()
    stranger = "a key"
    states = {REFERRAL: "open", stranger: "unaccounted", OTHER: "unaccounted"}
    snapshot = replace(snapshot, ledger=Round(states, {stranger: "known to Kafka", OTHER: "gone"}, {}))
    assert [finding.ids for finding in CHECKS["ledger"](book, snapshot)] == [(OTHER,)]


def test_what_kills_is_set_aside_by_somebody_and_handled_by_whom_it_does_not_kill() -> None:
    book, snapshot = a_quiet_day()
    book.poisoned = [replace(book.poisoned[0], kind="killed-worker")]
    assert list(CHECKS["poison"](book, snapshot))
    snapshot = replace(snapshot, asides=[an_aside("casework", kind="killed-worker")])
    assert list(CHECKS["poison"](book, snapshot)) == []


def test_what_waits_behind_poison_that_blocks_its_key_may_wait_for_good() -> None:
    book, snapshot = a_quiet_day()
    killer = an_aside("casework", kind="killed-worker", key=REFERRAL, blocks=True)
    behind = an_aside("casework", place=(REFERRALS, 3, 1), key=REFERRAL, event=ACCEPTED.event, kind="behind")
    book.poisoned = [replace(book.poisoned[0], kind="killed-worker")]
    assert list(CHECKS["poison"](book, replace(snapshot, asides=[killer, behind]))) == []


def test_what_was_handled_before_a_copy_was_set_aside_did_not_overtake() -> None:
    book, snapshot = a_quiet_day()
    copy = replace(BEHIND, place=(REFERRALS, 3, 7))
    snapshot = replace(snapshot, asides=[*snapshot.asides, copy], handled=EARLY)
    assert list(CHECKS["order"](book, snapshot)) == []


def test_a_process_whose_clock_was_turned_is_no_witness_of_order() -> None:
    book, snapshot = a_quiet_day()
    book.faults.append(Fault("clock", "casework-1", NOON, NOON + 1, NOON + 1, NOON + 1))
    snapshot = replace(snapshot, asides=[*snapshot.asides, BEHIND], handled=EARLY)
    assert list(CHECKS["order"](book, snapshot)) == []


def test_a_request_that_was_only_ever_met_by_silence_may_be_stored() -> None:
    book, snapshot = asked(a_request("request-3", Answer(NOON, 0), Answer(NOON + 1, 503)))(*a_quiet_day())
    snapshot = replace(
        snapshot,
        requests=[*snapshot.requests, Stored(PRACTICE, "request-3", OTHER)],
        intake={**snapshot.intake, OTHER: "withdrawn"},
        ledger=Round({REFERRAL: "open", OTHER: "closed"}, {}, {}),
    )
    assert check_all(book, snapshot) == []


def test_an_act_that_was_not_acknowledged_may_have_been_done() -> None:
    book, snapshot = a_quiet_day()
    book.acts = [replace(book.acts[0], acknowledged=False)]
    assert list(CHECKS["acts"](book, snapshot)) == []


def test_a_neighbour_after_the_calm_may_be_late() -> None:
    book, snapshot = with_snapshot(handled={})(*a_quiet_day())
    book.faults = book.faults[1:]
    assert list(CHECKS["neighbours"](book, snapshot)) == []


def test_types_that_wait_for_nobody_do_not_overtake() -> None:
    book, snapshot = having("rows", LATER)(*a_quiet_day())
    snapshot = replace(
        snapshot,
        records=[*snapshot.records, a_record(LATER)],
        asides=[*snapshot.asides, BEHIND],
        handled={("casework", LATER.event): Line("casework-1", NOON + 2.5, "message_handled")},
    )
    assert list(CHECKS["order"](book, snapshot)) == []


def test_a_finding_names_whom_it_concerns() -> None:
    (finding,) = CHECKS["doubled"](*with_snapshot(archived={ACCEPTED.event: 2})(*a_quiet_day()))
    assert str(finding) == f"doubled: archived twice (1): {ACCEPTED.event}"
