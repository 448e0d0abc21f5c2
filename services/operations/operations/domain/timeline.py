"""A referral's events in the order in which one led to the other."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Archived:
    """An event as the archive has it; `seq` is the order of arrival."""

    seq: int
    id: UUID
    type: str
    source: str
    time: datetime
    causation_id: str
    correlation_id: str
    data: dict[str, Any]


def in_causal_order(events: Iterable[Archived]) -> list[Archived]:
    """Return events by time, but none before the event that caused it: services' clocks may differ."""
    waiting = sorted(events, key=lambda event: (event.time, event.seq))
    told: dict[str, Archived] = {}
    known = {str(event.id) for event in waiting}
    while waiting:
        ready = next(
            (event for event in waiting if event.causation_id not in known or event.causation_id in told), waiting[0]
        )
        waiting.remove(ready)
        told[str(ready.id)] = ready
    return list(told.values())
