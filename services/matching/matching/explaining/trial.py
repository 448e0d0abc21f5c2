"""Tries other weights on what was really asked, and says which answers they would have changed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from matching.domain import Answers, Inquiry, Weights
from matching.explaining.comparing import Difference, difference
from matching.finding.finder import Finder


@dataclass(frozen=True, slots=True)
class Changed:
    """An answer that other weights would have changed."""

    referral: UUID
    needs: tuple[str, ...]
    difference: Difference


@dataclass(frozen=True, slots=True)
class Trial:
    """What other weights would have changed, on the directory as it is."""

    directory_version: int
    weights: Mapping[str, tuple[float, float]]
    """The weights that differ: as they are, and as they were tried."""
    tried: int
    """How many referrals."""
    has_more: bool
    """Whether there are more in these days than were tried."""
    changed: tuple[Changed, ...]
    now_unmet: int
    """How many needs would find nothing that find something now."""
    now_met: int


def try_out(
    inquiries: Sequence[Inquiry],
    finder: Finder,
    weights: Weights,
    taken: Mapping[str, int],
    today: date,
    *,
    tell: Callable[[int], None] = lambda _done: None,
) -> tuple[Changed, ...]:
    """Answer each inquiry as of today by the finder's weights and by others, and return what differs."""
    other = replace(finder, weights=weights, searches={})
    changed = []
    for done, inquiry in enumerate(inquiries, 1):
        asked = replace(inquiry, today=today)
        differs = difference(_answers(asked, finder, taken), _answers(asked, other, taken))
        if differs.changes_proposals:
            changed.append(Changed(asked.referral, asked.needs, differs))
        tell(done)
    return tuple(changed)


def _answers(inquiry: Inquiry, finder: Finder, taken: Mapping[str, int]) -> Answers:
    return inquiry.answers(finder.find(inquiry.wanted), finder.weights, taken)
