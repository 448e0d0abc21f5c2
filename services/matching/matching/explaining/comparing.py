"""Holds two answers to one inquiry side by side: what came in, what went out, and what is only told otherwise."""

from dataclasses import dataclass

from matching.domain import Answers
from shared.contracts import MatchNotFound, MatchProposed, Proposal


@dataclass(frozen=True, slots=True)
class Move:
    """A service whose place among the proposals is another; None is *not proposed*."""

    service: str
    service_name: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two answers."""

    moves: tuple[Move, ...]
    retold: tuple[str, ...]
    """Services at the same place with other points, reasons, needs or questions."""
    now_unmet: tuple[str, ...]
    now_met: tuple[str, ...]
    missed_otherwise: bool
    """Whether what was not found is told with other reasons or nearest misses."""

    @property
    def is_none(self) -> bool:
        """Whether the two are the same to the letter."""
        return not (self.changes_proposals or self.retold or self.missed_otherwise)

    @property
    def changes_proposals(self) -> bool:
        """Whether somebody would be shown other services, or the same in another order, or would miss a need."""
        return bool(self.moves or self.now_unmet or self.now_met)

    @property
    def services(self) -> tuple[str, ...]:
        """Every service that differs."""
        return tuple(dict.fromkeys((*(move.service for move in self.moves), *self.retold)))


def difference(before: Answers, after: Answers) -> Difference:
    """Compare two answers; the versions of the directory that they were made on are not compared."""
    old, new = _places(before), _places(after)
    moves = (
        Move(service, (new.get(service) or old[service])[1].service_name, *_ranks(service, old, new))
        for service in dict.fromkeys((*new, *old))
    )
    unmet, unmet_now = _not_found(before), _not_found(after)
    return Difference(
        moves=tuple(move for move in moves if move.before != move.after),
        retold=tuple(each for each in new if each in old and _is_retold(old[each], new[each])),
        now_unmet=tuple(need for need in unmet_now.needs if need not in unmet.needs),
        now_met=tuple(need for need in unmet.needs if need not in unmet_now.needs),
        missed_otherwise=(unmet.reasons, unmet.nearest) != (unmet_now.reasons, unmet_now.nearest),
    )


def proposals_of(answers: Answers) -> tuple[Proposal, ...]:
    """Return the proposals of an answer, best first."""
    return next((answer.proposals for answer in answers if isinstance(answer, MatchProposed)), ())


def not_found_of(answers: Answers) -> MatchNotFound | None:
    """Return what an answer did not find."""
    return next((answer for answer in answers if isinstance(answer, MatchNotFound)), None)


Ranked = tuple[int, Proposal]
Places = dict[str, Ranked]


def _is_retold(before: Ranked, after: Ranked) -> bool:
    return before[0] == after[0] and before[1] != after[1]


def _places(answers: Answers) -> Places:
    return {each.service: (rank, each) for rank, each in enumerate(proposals_of(answers), 1)}


def _ranks(service: str, old: Places, new: Places) -> tuple[int | None, int | None]:
    return old[service][0] if service in old else None, new[service][0] if service in new else None


@dataclass(frozen=True, slots=True)
class _Unmet:
    needs: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    nearest: tuple[object, ...] = ()


def _not_found(answers: Answers) -> _Unmet:
    told = not_found_of(answers)
    return _Unmet(told.needs, told.reasons, told.nearest) if told else _Unmet()
