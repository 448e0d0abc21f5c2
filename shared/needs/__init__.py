"""The language of triage, matching, explanation and reports: coded needs and outcomes, checked when loaded."""

from collections.abc import Mapping
from importlib.resources import files

from shared.needs.sheet import FaultyFileError
from shared.needs.systems import SYSTEMS, system_named
from shared.needs.vocabulary import Crosswalk, Need, Outcome, by_external_code, read_needs, read_outcomes

__all__ = [
    "NEEDS", "NEED_GROUPS", "OUTCOMES", "OUTCOME_GROUPS", "SYSTEMS",
    "Crosswalk", "FaultyFileError", "Need", "Outcome", "coarse", "needs_for_code",
]  # fmt: skip

_needs = read_needs((files(__name__) / "needs.yaml").read_text("utf-8"))
_outcomes = read_outcomes((files(__name__) / "outcomes.yaml").read_text("utf-8"))

NEEDS: Mapping[str, Need] = _needs.entries
NEED_GROUPS: Mapping[str, str] = _needs.groups
OUTCOMES: Mapping[str, Outcome] = _outcomes.entries
OUTCOME_GROUPS: Mapping[str, str] = _outcomes.groups

_BY_CODE = by_external_code(NEEDS)


def coarse(code: str) -> str:
    """Give the need that may be told outside Linkway for this one; KeyError where the vocabulary has no such need."""
    need = NEEDS[code]
    return need.shared_as or need.code


def needs_for_code(system: str, code: str) -> tuple[str, ...]:
    """Give the needs that mean the same as another list's code, in the vocabulary's order; empty where none does.

    `system` is a short name of SYSTEMS or one of its URIs. ALISS categories answer to id and slug.
    """
    return _BY_CODE.get((system_named(system), code.strip()), ())
