"""What was acknowledged is somewhere, and what a service said that it sent lies on its topic."""

from collections.abc import Iterator

from shared.contracts import TOPICS, ReferralReceived
from tests.chaos.book import Book
from tests.chaos.checks.finding import Finding, found
from tests.chaos.checks.strangers import keys
from tests.chaos.snapshot import Snapshot

ENDED = frozenset({"returned", "withdrawn", "closed"})
AT_INTAKE = frozenset({"needs-information", "return-proposed"})
COMPACTED = frozenset(topic.name for topic in TOPICS if topic.retention_days is None)
"""Topics on which a later record may have taken an earlier one's place."""


def check(book: Book, snapshot: Snapshot) -> Iterator[Finding]:
    """Look for every acknowledged referral in each place that must know it."""
    acknowledged = book.acknowledged
    received = {
        (record.key or b"").decode("utf-8", "replace") for record in snapshot.records if _is_received(record.type)
    }
    yield from found("lost", "acknowledged, and intake has it not", acknowledged.keys() - snapshot.intake.keys())
    yield from found("lost", "acknowledged, and it is not on linkway.referrals", acknowledged.keys() - received)
    yield from found(
        "lost", "acknowledged, and the ledger has it not", acknowledged.keys() - snapshot.ledger.states.keys()
    )
    yield from found("lost", "in nobody's hands", [one for one in snapshot.intake if not _is_held(one, snapshot)])
    sent = [row for row in snapshot.rows if row.sent_at is not None and row.topic not in COMPACTED]
    gone = [row.event for row in sent if (row.topic, row.event) not in snapshot.copies]
    yield from found("lost", "an event that is marked as sent, and lies on no topic", gone)


def check_ledger(book: Book, snapshot: Snapshot) -> Iterator[Finding]:
    """Compare what the ledger says of each referral with the services' own tables.

    What it says of a referral of which only strangers wrote is no concern of ours.
    """
    strange = keys(book, snapshot) - snapshot.intake.keys()
    for referral, reason in sorted(snapshot.ledger.reasons.items()):
        if referral not in strange:
            yield Finding("ledger", f"unaccounted for: {reason}", (referral,))
    for state in sorted({*snapshot.ledger.states.values()} - {"open", "closed", "unaccounted"}):
        yield from found("ledger", f"still {state}", sorted(snapshot.ledger.of(state) - strange))
    closed, open_ = snapshot.ledger.of("closed"), snapshot.ledger.of("open")
    ended = {referral for referral, state in snapshot.intake.items() if state in ENDED}
    reopened = {referral for referral, (state, _) in snapshot.casework.items() if state == "open"}
    yield from found("ledger", "closed by its word, and not at intake", closed - ended)
    yield from found("ledger", "open by its word, and ended at intake", (open_ & ended) - reopened)


def _is_received(type_: str) -> bool:
    return type_ == ReferralReceived.type


def _is_held(referral: str, snapshot: Snapshot) -> bool:
    """Say whether a stored referral ended, waits at intake, waits for a link worker, or has one who knows of it."""
    if snapshot.intake[referral] in ENDED | AT_INTAKE:
        return True
    state, _ = snapshot.matching.get(referral, ("", None))
    if state == "assigned":
        case, link_worker = snapshot.casework.get(referral, ("", None))
        return case not in {"", "awaiting"} and link_worker is not None
    return state in {"waiting", "ended"}
