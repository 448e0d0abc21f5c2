"""What is measured of a ranking."""

import math
from collections.abc import Iterable, Mapping, Sequence


def ndcg(ranked: Sequence[str], grades: Mapping[str, float], at: int = 5) -> float:
    """Return the normalised discounted cumulative gain of the first, with gains of 2^grade - 1 (Burges 2005)."""
    gained = sum(_gain(grades.get(service, 0.0)) / math.log2(rank + 2) for rank, service in enumerate(ranked[:at]))
    best = sorted((_gain(grade) for grade in grades.values()), reverse=True)[:at]
    ideal = sum(gain / math.log2(rank + 2) for rank, gain in enumerate(best))
    return gained / ideal if ideal else 0.0


def recall(ranked: Sequence[str], grades: Mapping[str, float], at: int = 10, least: float = 2) -> float:
    """Return the share of the services of at least a grade that are among the first, of as many as could be."""
    good = {service for service, grade in grades.items() if grade >= least} or set(grades)
    return len(good & set(ranked[:at])) / min(at, len(good)) if good else 0.0


def mean(values: Iterable[float]) -> float:
    """Return the mean, 0 of nothing."""
    found = list(values)
    return sum(found) / len(found) if found else 0.0


def _gain(grade: float) -> float:
    return float(2**grade - 1)
