"""How many points each part of a score counts, as data: what is tuned, and tried out before it is used, is this."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weights:
    """Points of the parts of a score; each is 0 or more, and what lowers a score is subtracted."""

    need: float = 10.0
    """For each need that the listing states."""
    label: float = 20.0
    """For a label that means what is asked; less as it lies further."""
    text: float = 8.0
    """For all the words that are asked for."""
    meaning: float = 20.0
    """For the very meaning that is asked for."""
    distance: float = 3.0
    """For no way at all, down to none at the reach."""
    no_travel: float = 2.0
    """For what needs no travel, where its way would count less."""
    age: float = 0.2
    """For an age range that is stated."""
    eligibility: float = 0.2
    """Off for conditions that only a person can judge."""
    access: float = 0.5
    """For each access need that is met."""
    company: float = 1.0
    """For the kind of company that the person would like."""
    freshness: float = 0.5
    """For a listing that was checked today, down to none at two years."""
    capacity: float = 0.3
    """For a place that is known to be free."""
    doubt: float = 4.0
    """Off for details that are in doubt after the organisation was asked."""


AS_TUNED = Weights()
"""What is used where nothing else is said."""
