"""What a row measured, and what a series of measurements says: medians, spreads, and goals that are met or not."""

import statistics
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

Measure = Callable[[], Awaitable[float]]


@dataclass(frozen=True, slots=True)
class Series:
    """Measurements of one thing, one a run."""

    name: str
    unit: str
    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.values)

    @property
    def spread(self) -> tuple[float, float]:
        """The lowest and the highest."""
        return min(self.values), max(self.values)

    def over(self, limit: "Series") -> "Series":
        """Return what part of a limit each run reached; the runs of both stand in pairs."""
        shares = tuple(mine / its for mine, its in zip(self.values, limit.values, strict=True))
        return Series(f"{self.name} / {limit.name}", "", shares)


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound for a value; `at_least` says on which side of it the value has to be."""

    what: str
    value: float
    bound: float
    at_least: bool = True
    unit: str = ""

    @property
    def met(self) -> bool:
        """Whether it is."""
        return self.value >= self.bound if self.at_least else self.value <= self.bound


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a row found.

    The first series is the figure, those after it are its limits. `processor_ms` is what each process spent on one
    of what is counted, in milliseconds; `tables` are further findings, as rows of text under a heading.
    """

    title: str
    series: tuple[Series, ...]
    goals: tuple[Goal, ...]
    per: str
    processor_ms: Mapping[str, float]
    notes: tuple[str, ...] = ()
    tables: Mapping[str, Sequence[Sequence[str]]] = field(default_factory=dict)


async def interleave(pairs: int, *measures: Measure) -> list[tuple[float, ...]]:
    """Measure in turn, so often, so that what disturbs the machine disturbs all alike; return a column a measure."""
    rounds = [[await measure() for measure in measures] for _ in range(pairs)]
    return list(zip(*rounds, strict=True))


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that this share of the values does not exceed."""
    ordered = sorted(values)
    rank = -int(-share * len(ordered) // 1)  # rounded up
    return ordered[max(0, rank - 1)]
