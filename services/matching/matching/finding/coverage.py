"""Decides whether a directory has anything for what is asked: by whether what is asked has a name here, not by a score.

The scores of the best tell a missing service badly, because something is always nearest. What tells it is whether the
kinds of help that a question may be about are among those that the listings here are filed under or speak of.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.finding.bridge import Bridge
from matching.finding.meaning import DIMENSIONS
from matching.finding.question import Question

Floats = NDArray[np.float32]

PLAIN_SHARE = 0.3
"""A question is plainly about a term that counts as much as this beside the others."""
SAME = 0.85
"""A label as near as this to what was asked is the same thing in other words."""


@dataclass(frozen=True, slots=True)
class Bar:
    """How well a question must be covered: more where it is short, a directory's own word and no story."""

    short: float
    long: float
    short_words: int = 3
    long_words: int = 8

    def at(self, words: int) -> float:
        """Return the bar for a question of so many words."""
        step = (words - self.short_words) / (self.long_words - self.short_words)
        return self.short + (self.long - self.short) * min(1.0, max(0.0, step))


BY_LABELS = Bar(short=2.1, long=1.65)
LEAST_MEANT, LEAST_SAID = 0.42, 0.65
"""Where nothing has a label: how near the nearest listing must be to the terms, or what share of the words it must say.

All of these were found on half of the judged queries, with the services of each asked term taken out in turn;
docs/matching.md has the figures.
"""


@dataclass(frozen=True, slots=True)
class Here:
    """What there is for a question among the listings that fit."""

    labels: Floats
    """The meaning of every label that they have [labels, 384]."""
    wholes: Floats
    """What the nearest of them mean as a whole [listings, 384]."""
    said: float
    """The largest share of the question's words, by their weight, that one of them says."""


def by_labels(question: Question, here: Here, bridge: Bridge) -> bool:
    """Say whether what is asked has a name here: a label does, or its terms do, or a listing speaks of it."""
    if question.own is None or question.led is None or not len(here.labels):
        return False
    if float((here.labels @ question.own).max()) >= SAME:
        return True
    centres, shares = _terms(question, bridge)
    named = float(shares @ (here.labels @ centres.T).max(axis=0)) + float((here.labels @ question.led).max())
    return named + _meant(here, centres, shares) + here.said / 2 >= BY_LABELS.at(question.length)


def by_meaning(question: Question, here: Here, stated: frozenset[str], bridge: Bridge) -> bool:
    """Say whether listings without fine labels are for what is asked: by a need, by words or by what they mean.

    `stated` are the needs of our vocabulary that they state.
    """
    if any(each.term.need in stated for each in question.near if each.share >= PLAIN_SHARE):
        return True
    return here.said >= LEAST_SAID or _meant(here, *_terms(question, bridge)) >= LEAST_MEANT


def _meant(here: Here, centres: Floats, shares: Floats) -> float:
    """Return how near the nearest listing is to each term, by the terms' shares."""
    return float(shares @ (here.wholes @ centres.T).max(axis=0)) if len(here.wholes) else 0.0


def _terms(question: Question, bridge: Bridge) -> tuple[Floats, Floats]:
    """Return the middles of the terms that a question may be about, and their shares."""
    centres = np.array([bridge.centre(each.term) for each in question.near], dtype=np.float32).reshape(-1, DIMENSIONS)
    return centres, np.array([each.share for each in question.near], dtype=np.float32)
