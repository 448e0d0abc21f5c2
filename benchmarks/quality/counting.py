"""Counts what was found, what was too many and what was missed, for all and for each code."""

from collections import defaultdict
from collections.abc import Set
from dataclasses import dataclass, field
from typing import Any

ALL = "all"


@dataclass
class Count:
    """How often something was found rightly, too often, and not."""

    found: int = 0
    too_many: int = 0
    missed: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the counts with precision and recall, None where there is nothing to share."""
        read, wanted = self.found + self.too_many, self.found + self.missed
        return {
            "precision": self.found / read if read else None,
            "recall": self.found / wanted if wanted else None,
            "found": self.found,
            "too_many": self.too_many,
            "missed": self.missed,
        }


@dataclass
class Counts:
    """A count for each code; those of all codes together come out under `all`."""

    codes: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))

    def as_json(self) -> dict[str, Any]:
        """Return the counts, those of all first."""
        whole = Count(
            sum(count.found for count in self.codes.values()),
            sum(count.too_many for count in self.codes.values()),
            sum(count.missed for count in self.codes.values()),
        )
        return {ALL: whole.as_json()} | {code: self.codes[code].as_json() for code in sorted(self.codes)}


def tally(counts: Counts, read: Set[str], wanted: Set[str], acceptable: Set[str]) -> None:
    """Count what was read of one letter against what is wanted; what is acceptable counts neither for nor against."""
    for code in read & wanted:
        counts.codes[code].found += 1
    for code in read - wanted - acceptable:
        counts.codes[code].too_many += 1
    for code in wanted - read:
        counts.codes[code].missed += 1
