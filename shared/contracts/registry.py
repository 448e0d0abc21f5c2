"""The list of every event type, read by consumers, the relay, the documents and the tests."""

from collections.abc import Iterator
from dataclasses import dataclass

from shared.contracts import casework, directory, notifications, operations, partner, programmes, referrals, routing
from shared.contracts.event import Event


@dataclass(frozen=True)
class Topic:
    """A topic as it is created: partitions are fixed for good, because order holds per key and partition."""

    name: str
    publisher: str
    partitions: int = 12
    retention_days: int | None = 14
    """None: compacted, kept always."""


TOPICS = (
    Topic("linkway.referrals", "referral-intake"),
    Topic("linkway.routing", "matching"),
    Topic("linkway.casework", "casework"),
    Topic("linkway.notifications", "notifications"),
    Topic("linkway.directory", "matching"),
    Topic("linkway.programmes", "referral-intake", retention_days=None),
    Topic("linkway.operations", "every consumer"),
)

PARTNER_TOPIC = Topic("linkway.partner", "notifications")
"""The beginning of every partner organisation's own topic, `linkway.partner.<organisation>`, created when it asks."""


def _leaves(base: type[Event]) -> Iterator[type[Event]]:
    for child in base.__subclasses__():
        if "type" in child.__dict__:
            yield child
        yield from _leaves(child)


MODULES = (referrals, routing, casework, notifications, directory, programmes, operations, partner)

EVENTS: dict[str, type[Event]] = {
    event.type: event for event in _leaves(Event) if event.__module__ in {module.__name__ for module in MODULES}
}
