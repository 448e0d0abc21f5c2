"""What is handled with care after a worker ended without saying so: it may have died of what it had in its hands.

The first batches after such an end are marked before they begin. Who dies in a marked one leaves its messages to be
handled one by one, each marked as started, until the one that kills its workers is known.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from shared.messaging.positions import Partition
from shared.messaging.reading import Record


@dataclass
class _Caution:
    """What may have been in those hands: at most a batch, of which `messages` are left, and nothing from `end` on.

    Messages before `tried` were in a marked batch already.
    """

    messages: int
    end: int
    tried: int


_NONE = _Caution(0, 0, 0)


@dataclass
class Care:
    """The care that one worker takes of its partitions; `batch_messages` is the most that a worker has in hand."""

    batch_messages: int
    _cautions: dict[Partition, _Caution] = field(default_factory=dict)

    def begin(self, partition: Partition, *, end: int, tried: int) -> None:
        """Take care in a partition whose owner ended uncleanly, as far as its log reached then."""
        self._cautions[partition] = _Caution(self.batch_messages, end, tried)

    def alone(self, records: Iterable[Record]) -> set[Partition]:
        """Return the partitions of which something has to go alone: then all of a poll does, in its order."""
        return {record.partition for record in records if record.offset < self._of(record).tried}

    def to_mark(self, records: Iterable[Record]) -> dict[Partition, int]:
        """Return, for the partitions of a batch that may hold what an owner died of, where the batch ends."""
        return {
            record.partition: record.offset + 1
            for record in records
            if self._of(record).messages > 0 and record.offset < self._of(record).end
        }

    def handled(self, records: Iterable[Record]) -> None:
        """Count what is behind us."""
        for record in records:
            if record.partition in self._cautions:
                self._cautions[record.partition].messages -= 1

    def _of(self, record: Record) -> _Caution:
        return self._cautions.get(record.partition, _NONE)
