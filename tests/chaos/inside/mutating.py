"""The known mistakes, by name, each of which a check must catch."""

from collections.abc import Callable, Mapping

from tests.chaos.inside import mutants_consuming, mutants_handling, mutants_ledger, mutants_sending

MUTANTS: Mapping[str, Callable[[], None]] = {
    "positions-in-kafka": mutants_consuming.positions_in_kafka,
    "start-at-latest": mutants_consuming.start_at_latest,
    "mark-before-send": mutants_sending.mark_before_send,
    "poll-by-id": mutants_sending.poll_by_id,
    "no-inbox": mutants_handling.no_inbox,
    "two-relays": mutants_sending.two_relays,
    "park-without-order": mutants_handling.park_without_order,
    "position-past-failure": mutants_handling.position_past_failure,
    "no-fence": mutants_consuming.no_fence,
    "ledger-believes": mutants_ledger.ledger_believes,
}


def install(name: str, service: str) -> None:
    """Make this process one of the known-bad build; the ledger's mistake is one of operations alone.

    Raises:
        ValueError: no such mistake.
    """
    if name not in MUTANTS:
        raise ValueError(f"{name} is none of {', '.join(MUTANTS)}")
    if name != "ledger-believes" or service == "operations":
        MUTANTS[name]()
