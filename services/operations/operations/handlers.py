"""What operations does with every event: keep it."""

from operations.storage import archive
from shared.contracts import EVENTS, Event
from shared.messaging import Tx, consumes


@consumes(*EVENTS.values())
async def archive_event(event: Event, tx: Tx) -> None:
    """Keep an event with its envelope."""
    assert tx.envelope is not None, "the machinery gives every event its envelope"
    archive.save_event(tx, tx.envelope, event)
