"""Says how far a consumer is behind, also while it waits."""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import structlog

from shared.messaging import metrics
from shared.messaging.positions import Partition

log = structlog.get_logger()


@dataclass
class Lag:
    """The lag of one replica of a consumer, in messages by topic, and about how long the oldest has waited."""

    consumer: str
    alarm_seconds: float
    behind_since: float = field(default_factory=time.time)
    """When the oldest message was written that is read and not handled, or else the last that was handled."""

    def show(self, topics: Collection[str], ends: Mapping[Partition, int | None], at: Mapping[Partition, int]) -> None:
        """Set the figures from where partitions end and where they were handled to, and raise the alarm in time."""
        lag: dict[str, int] = dict.fromkeys(topics, 0)
        for partition, end in ends.items():
            if end is not None and partition in at:
                lag[partition[0]] += max(0, end - at[partition])
        for topic, messages in lag.items():
            metrics.LAG_MESSAGES.labels(self.consumer, topic).set(messages)
        behind = time.time() - self.behind_since if any(lag.values()) else 0.0
        metrics.LAG_SECONDS.labels(self.consumer).set(behind)
        if behind > self.alarm_seconds:
            log.critical("lag_nears_retention", consumer=self.consumer, seconds=round(behind))
