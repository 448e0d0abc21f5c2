"""One question held against the whole directory: every row's strength by each channel, the best looked at closely."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from matching.domain import Evidence, stated
from matching.domain.weights import AS_TUNED, Weights
from matching.finding import evidence
from matching.finding.apart import is_harmful
from matching.finding.coverage import Here, by_labels, by_meaning
from matching.finding.index import Index
from matching.finding.meaning import DIMENSIONS
from matching.finding.part import SCALE
from matching.finding.question import LETTER_WORDS, Question

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

WHOLE_SHARE, NAME_SHARE, PIECE_SHARE = 0.48, 0.12, 0.40
"""How much of a listing's nearness is the whole's, its name's, and its nearest sentence's."""
LEAST_TEXT = 0.05
"""A smaller share of the words than this, by their weight, is chance and no reason."""
MOSTLY, MANY_LABELS = 0.5, 60
"""From this share of listings with labels on, and so many labels, what is covered is told by the labels."""


@dataclass(frozen=True, slots=True)
class Close:
    """A row looked at closely, by its own vectors alone: products of many rows differ in their last digits."""

    nearness: float
    """How near it is by its whole, its name and its sentences."""
    nearest: int
    """Which of name and sentences is nearest."""
    label: str = ""
    label_strength: float = 0.0


@dataclass(frozen=True, slots=True)
class Search:
    """What a question finds; nothing in it depends on the person, so it serves everyone who asks the same."""

    asked: str
    question: Question
    index: Index
    words: tuple[str, ...]
    """What is asked for in words, the weightiest first."""
    need: Floats
    label: Floats
    text: Floats
    whole: Floats
    """How near each row's whole is."""
    points: Floats
    """The points of all channels, as they are before a row is looked at closely."""
    weights: Weights
    closer: dict[int, Close] = field(default_factory=dict)
    """The rows that were looked at."""

    @classmethod
    def of(cls, asked: str, question: Question, index: Index, weights: Weights = AS_TUNED) -> "Search":
        """Hold a question against the directory."""
        words = index.weights(question.words)
        text, need = index.text_scores(words), index.states(asked)
        if question.length <= LETTER_WORDS:
            text = np.where(text < LEAST_TEXT, np.float32(0), text)
        label = whole = np.zeros_like(text)
        if question.led is not None:
            label, whole = index.label_scores(question.led), index.meaning_scores(question.led)
        points = np.float32(weights.need) * need + np.float32(weights.label) * label + np.float32(weights.text) * text
        points += np.float32(weights.meaning) * np.maximum(whole, 0)
        return cls(asked, question, index, tuple(words), need, label, text, whole, points, weights)

    def points_closely(self, row: int) -> float:
        """Return the points of a row with its name and sentences looked at."""
        close = self._close(row)
        told = self.weights.need * float(self.need[row]) + self.weights.text * float(self.text[row])
        return told + self.weights.label * close.label_strength + self.weights.meaning * close.nearness

    def evidence(self, row: int) -> tuple[Evidence, ...]:
        """Return why a row's listing answers the question; nothing where no reason comes to a ten-thousandth."""
        listing, close = self.index.listing(row), self._close(row)
        seen = [stated(self.asked)] if self.need[row] else []
        if close.label:
            seen.append(evidence.by_label(close.label, close.label_strength))
        if self.text[row] > 0:
            word = self.index.first_word(row, self.words)
            seen.append(evidence.by_text(listing, word, float(self.text[row])))
        if close.nearness > 0:
            seen.append(evidence.by_meaning(listing, close.nearest, close.nearness))
        rounded = (replace(each, strength=round(each.strength, 4)) for each in seen)
        return tuple(each for each in rounded if each.strength)

    def is_harmful(self, row: int) -> bool:
        """Say whether a row is near what is asked and would hurt who asks."""
        return is_harmful(self.asked, self.question, self.index.listing(row))

    def is_covered(self, may_fit: Mask, best: list[int]) -> bool:
        """Say whether what is asked has a name among what fits; without the model, whether anything says its words."""
        if self.question.led is None or self.question.length > LETTER_WORDS:
            return bool(best)
        wholes = np.array([self.index.whole(row) for row in best], dtype=np.float32).reshape(-1, DIMENSIONS)
        labels = self.index.labels_among(may_fit)
        here = Here(labels, wholes, float(self.text[best].max(initial=0)))
        if self.index.labelled >= MOSTLY and self.index.labels >= MANY_LABELS:
            return by_labels(self.question, here, self.index.bridge)
        stated = self.index.states_among(may_fit)
        return by_meaning(self.question, here, stated, self.index.bridge)

    def _close(self, row: int) -> Close:
        if row not in self.closer:
            self.closer[row] = self._look(row)
        return self.closer[row]

    def _look(self, row: int) -> Close:
        led = self.question.led
        if led is None:
            return Close(0.0, 0)
        label = self.index.nearest_label(row, led) if self.label[row] > 0 else ("", 0.0)
        whole, details = float(self.index.whole(row) @ led), self.index.details(row)
        if not len(details):
            return Close(max(0.0, whole), 0, *label)
        cosines = (details @ led) / np.float32(SCALE)
        piece = cosines[1:].max() if len(cosines) > 1 else cosines[0]
        nearness = WHOLE_SHARE * whole + NAME_SHARE * float(cosines[0]) + PIECE_SHARE * float(piece)
        return Close(max(0.0, nearness), int(cosines.argmax()), *label)
