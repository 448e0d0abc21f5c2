"""Finds the listings that answer what is asked, each with the evidence for it, or that nothing here answers it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from matching.domain import Candidate, Evidence, Found, Wanted
from matching.domain.constraints import REACH_KM
from matching.domain.weights import AS_TUNED, Weights
from matching.finding.index import Index
from matching.finding.question import Question, question_of
from matching.finding.search import Search
from shared.needs import NEEDS

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

LOOKED_AT = 120
"""How many of the best rows are looked at sentence by sentence."""
KEPT = 24
"""How many of them are candidates: five are proposed, and branches and places that are taken fall out before."""
DIGITS = 4
"""Points that are equal to so many digits are: the last ones differ by how the directory is parted."""
LEAST_OF_BEST = 0.4
"""What answers words with less than this part of the best one's points is something else."""
MISSES_KEPT = 8
"""How many of the best that cannot fit are kept, to say why not."""


@dataclass(frozen=True, slots=True)
class Finder:
    """Answers questions from one version of the directory."""

    index: Index
    version: int
    searches: dict[str, Search] = field(default_factory=dict, repr=False)
    """Those of the vocabulary's needs, which everyone asks for again."""
    weights: Weights = AS_TUNED

    def find(self, wanted: Wanted, texts: Mapping[str, str] | None = None) -> Found:
        """Return the candidates for each need that is wanted; `texts` has the words of those that are no code."""
        found: dict[int, dict[str, tuple[Evidence, ...]]] = {}
        may_fit, km = self.index.may_fit(wanted)
        near = np.clip(1 - km / np.float32(REACH_KM), 0, 1)
        way = np.float32(self.weights.distance) * near
        for asked in wanted.needs:
            search = self.search(asked, (texts or {}).get(asked))
            for row in self._answers(search, may_fit, way, by_code=asked not in (texts or {})):
                if seen := search.evidence(row):
                    found.setdefault(row, {})[asked] = seen
        candidates = (Candidate(self.index.listing(row), found[row]) for row in found)
        return Found(self.version, tuple(sorted(candidates, key=lambda each: each.listing.id)))

    def question(self, text: str) -> Question:
        """Make a question of somebody's words."""
        return question_of(text, self.index.bridge)

    def search(self, asked: str, text: str | None = None) -> Search:
        """Hold a question against the directory: somebody's words, or what a need of the vocabulary is called."""
        if text is not None:
            return Search.of(asked, self.question(text), self.index, self.weights)
        if asked not in self.searches:
            called = NEEDS[asked].name if asked in NEEDS else asked.replace("-", " ")
            self.searches[asked] = Search.of(asked, self.question(called), self.index, self.weights)
        return self.searches[asked]

    def _answers(self, search: Search, may_fit: Mask, way: Floats, *, by_code: bool) -> list[int]:
        """Return the rows that answer a question, and the nearest that cannot fit; none where it is not covered."""
        asked = self.index.alive & self.index.rows_for(search.asked) if by_code else self.index.alive
        asked = asked & (search.points > 0)  # not in place: it may be the index's own mask
        best = self._best(search.points + way, asked & may_fit, LOOKED_AT)
        if not by_code and not search.is_covered(may_fit, best):
            return []
        closely = {row: search.points_closely(row) + float(way[row]) for row in best}
        best.sort(key=lambda row: (-round(closely[row], DIGITS), self.index.listing(row).id))
        if not by_code and closely:
            least = LEAST_OF_BEST * max(search.points_closely(row) for row in best)
            best = [row for row in best if search.points_closely(row) >= least]
        misses = self._best(search.points, asked & ~may_fit, MISSES_KEPT)
        return [row for row in (*best[:KEPT], *misses) if not search.is_harmful(row)]

    def _best(self, points: Floats, mask: Mask, most: int) -> list[int]:
        """Return the rows under the mask with the most points, equal ones by their listings' ids."""
        rows = np.flatnonzero(mask & (points > 0))
        scored = points[rows].round(DIGITS)
        if len(rows) > most:
            kept = scored >= np.partition(scored, -most)[-most]
            rows, scored = rows[kept], scored[kept]
        ordered = sorted(
            zip((-scored).tolist(), (self.index.listing(int(row)).id for row in rows), rows.tolist(), strict=True)
        )
        return [row for _, _, row in ordered[:most]]
