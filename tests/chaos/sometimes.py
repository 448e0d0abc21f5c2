"""What must have been seen at least once: a run in which nothing of it happened would prove nothing."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping

from shared.contracts import AgreementRevoked, OfferAnswered, OfferExpired, ReferralWithdrawn
from tests.chaos.book import Book
from tests.chaos.checks import poison, requests, wire
from tests.chaos.snapshot import Line, Snapshot

Seen = Callable[[Book, Snapshot], int]
"""How often something was seen."""


def _said(event: str, **wanted: object) -> Seen:
    """Count lines of this event in which these fields have these values."""

    def count(_book: Book, snapshot: Snapshot) -> int:
        return sum(wanted.items() <= line.told.items() for line in snapshot.told.get(event, ()))

    return count


def _lines(event: str, is_it: Callable[[Line], bool]) -> Seen:
    def count(_book: Book, snapshot: Snapshot) -> int:
        return sum(is_it(line) for line in snapshot.told.get(event, ()))

    return count


def _published(*types: str) -> Seen:
    def count(_book: Book, snapshot: Snapshot) -> int:
        return sum(times for (type_, _), times in snapshot.published.items() if type_ in types)

    return count


def _changes_of(event: str, name: str) -> Seen:
    """Count how often what the first such line of each kind said was said again, by whichever process."""

    def count(_book: Book, snapshot: Snapshot) -> int:
        times = Counter(str(line.told.get(name)) for line in snapshot.told.get(event, ()))
        return sum(each - 1 for each in times.values())

    return count


def _alone(_book: Book, snapshot: Snapshot) -> int:
    """Count messages that were handled in a transaction of their own."""
    lines = (*snapshot.handled.values(), *snapshot.told.get("message_handled", ()))
    return sum(line.told.get("alone") is True for line in lines)


def _ends_without_a_word(_book: Book, snapshot: Snapshot) -> int:
    """Count processes that began again although they had not said that they end: killed by signal 9."""
    killed, running = 0, dict[str, bool]()
    for line in snapshot.lines:
        if line.event == "service_started":
            killed += running.get(line.process, False)
            running[line.process] = True
        elif line.event == "service_stopped":
            running[line.process] = False
    return killed


def _repeated_requests(book: Book, _snapshot: Snapshot) -> int:
    return sum(requests.was_repeated(sent) for sent in requests.by_name(book).values())


def _repeats(book: Book, snapshot: Snapshot) -> int:
    return sum(wire.repeats(book, snapshot).values())


def _calm(book: Book, snapshot: Snapshot) -> int:
    return len(poison.neighbours(book, snapshot))


CONDITIONS: Mapping[str, Seen] = {
    # The consumer.
    "redelivery": _said("message_handled", outcome="duplicate"),
    "rebalance": _changes_of("partitions_assigned", "consumer"),
    "rebalance-in-a-batch": _said("revoked_in_a_batch"),
    "lost-compare-and-set": _said("position_lost"),
    "unclean-end": _said("unclean_end"),
    "one-by-one": _alone,
    "unavailable": _said("waiting"),
    # What is set aside.
    "not-yet": _said("message_handled", outcome="parked-not-yet"),
    "behind": _said("message_handled", outcome="parked-behind"),
    "redriven": _said("message_handled", outcome="redriven"),
    "killed-worker": _said("message_handled", outcome=f"parked-{poison.KILLER}"),
    "bad-json": _said("message_handled", outcome="parked-bad-json"),
    "unknown-type": _said("message_handled", outcome="parked-unknown-type"),
    "calm-neighbours": _calm,
    # The relay.
    "relay-leader-changed": _changes_of("relay_leads", "schema"),
    "relay-waits": _said("relay_waiting"),
    "producer-rebuilt": _lines("producer_built", lambda line: line.told["number"] > 1),
    "wire-repeat": _repeats,
    # Processes.
    "killed-and-back": _ends_without_a_word,
    "orderly-end": _said("service_stopped"),
    "caught-up-first": _said("catching_up"),
    # The doors.
    "request-repeated": _repeated_requests,
    "not-now": _said("request_answered", status=503),
    # Deliveries.
    "delivered-at-last": _lines("delivery_attempted", lambda line: line.told["attempt"] > 1),
    "outcome-unknown": _said("delivery_attempted", result="unknown"),
    # The people.
    "offer-answered": _published(OfferAnswered.type),
    "offer-expired": _published(OfferExpired.type),
    "withdrawn": _published(ReferralWithdrawn.type),
    "revoked": _published(AgreementRevoked.type),
    # The ledger.
    "ledger-peer-silent": _said("ledger_peer_silent"),
}
"""Every condition by its name."""

ALL = frozenset(CONDITIONS)
SHORT = frozenset(
    {
        "redelivery", "rebalance", "unclean-end", "unavailable", "bad-json", "relay-leader-changed",
        "producer-rebuilt", "wire-repeat", "killed-and-back", "request-repeated", "calm-neighbours", "withdrawn",
    }
)  # fmt: skip
"""Those that a run of two minutes on one broker is sure to see."""


def seen(book: Book, snapshot: Snapshot) -> dict[str, int]:
    """Count every condition."""
    return {name: count(book, snapshot) for name, count in CONDITIONS.items()}


def missing(book: Book, snapshot: Snapshot, wanted: Collection[str] = ALL) -> list[str]:
    """Return which of the wanted conditions were never seen."""
    return sorted(name for name in wanted if not CONDITIONS[name](book, snapshot))
