"""What a request says outright, as triage decides on it."""

from dataclasses import dataclass
from typing import Literal

from shared.needs import NEEDS

Urgency = Literal["routine", "soon", "urgent"]
Agreement = Literal["agreed", "not-stated", "declined"]


@dataclass(frozen=True)
class RequestFacts:
    """The facts of one request; None is *not known*, which is never *no*.

    `contactable` says whether there is any way to reach the person or somebody they named for it.
    Raises ValueError for a stated need that the vocabulary does not have: the door refuses those before.
    """

    stated_needs: tuple[str, ...] = ()
    age_years: int | None = None
    contactable: bool = False
    agreement: Agreement = "not-stated"
    urgency_asked: Urgency | None = None
    in_area: bool | None = None

    def __post_init__(self) -> None:
        if not NEEDS.keys() >= set(self.stated_needs):
            raise ValueError("a stated need is not in the vocabulary")
