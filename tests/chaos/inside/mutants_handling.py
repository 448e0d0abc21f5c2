"""Mistakes about single messages: handled twice, handled too early, given up."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from shared.messaging import inbox, parking
from shared.messaging.handlers import Handler
from shared.messaging.parking import Parking
from shared.messaging.reading import Handled
from tests.chaos.inside.patching import replace


def no_inbox() -> None:
    """Take every event for new."""

    def claiming(claim: Any) -> Any:
        async def claimed(tx: Any, consumer: str, event_ids: list[UUID], *keys: Any) -> set[UUID] | None:
            return None if await claim(tx, consumer, event_ids, *keys) is None else set(event_ids)

        return claimed

    replace(inbox, "claim", claiming)
    replace(inbox, "claim_unless_parked", claiming)


def park_without_order() -> None:
    """Let no message wait behind a parked one of its key."""
    replace(Handler, "waits", lambda _waits: property(lambda _self: False))


def position_past_failure() -> None:
    """Log a message that failed, and go on without it."""

    def storing(park: Any) -> Any:
        async def stored(tx: Any, consumer: str, cluster: str, key: bytes, parkings: Sequence[Parking]) -> None:
            kept = [each for each in parkings if not isinstance(each.item, Handled) or each.kind in _NO_FAILURE]
            await park(tx, consumer, cluster, key, kept)

        return stored

    replace(parking, "park", storing)


_NO_FAILURE = frozenset({"not-yet", "behind"})
