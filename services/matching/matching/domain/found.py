"""What was found in the directory for what is asked, and by what, before anyone judged whether it fits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from matching.domain.listing import Listing

Channel = Literal["need", "label", "text", "meaning"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a listing was found: by which channel, how strongly (0 to about 1), and the field and words that say so."""

    channel: Channel
    strength: float
    field: str
    cited: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A listing with what was found in it for each need or words that were asked for."""

    listing: Listing
    found: Mapping[str, tuple[Evidence, ...]]

    def meets(self, asked: tuple[str, ...]) -> tuple[str, ...]:
        """Return what of the asked it is found for, in their order."""
        return tuple(each for each in asked if each in self.found)


@dataclass(frozen=True, slots=True)
class Found:
    """The candidates at one version of the directory."""

    version: int
    candidates: tuple[Candidate, ...]


def stated(code: str) -> Evidence:
    """Return the evidence of a need that a listing states."""
    return Evidence("need", 1.0, "needs", code)
