"""What is asked of the directory, as words and meaning, led over the bridge to what directories call it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.finding.bridge import Bridge, Near
from matching.finding.words import words_of

Floats = NDArray[np.float32]

NAME_WORDS = 1.0
"""How much the words of a term's name count beside those that were asked; its other names count half, together."""
LETTER_WORDS = 40
"""A longer text is a letter: it speaks of many things, so its nearest term tells nothing."""
LONG_WORDS = 7
"""A short question is mostly a directory's own word and is led away little; a long one is a person's own."""
LEAST_LED = 0.25


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that is asked: its words with their importance, its vectors, and the terms that it may be about."""

    text: str
    words: Mapping[str, float]
    own: Floats | None
    """What it means as it was asked."""
    led: Floats | None
    """What it means led towards its terms."""
    near: tuple[Near, ...]

    @property
    def length(self) -> int:
        """How many words it has as it was asked."""
        return len(self.text.split())


def question_of(text: str, bridge: Bridge) -> Question:
    """Make a question of anybody's words."""
    own = bridge.meaning.encode(text) if bridge.meaning else None
    near = bridge.near(text, own) if len(text.split()) <= LETTER_WORDS else ()
    led_by = min(1.0, max(LEAST_LED, (len(text.split()) - 1) / (LONG_WORDS - 1)))
    return Question(text, _words(text, near, led_by), own, _led(own, near, led_by, bridge), near)


def _words(text: str, near: tuple[Near, ...], led_by: float) -> dict[str, float]:
    words = dict.fromkeys(words_of(text), 1.0)
    for each in near:
        weight = led_by * NAME_WORDS * each.share
        for word in dict.fromkeys(words_of(each.term.name)):
            words[word] = words.get(word, 0.0) + weight
        for name in each.term.also:
            for word in dict.fromkeys(words_of(name)):
                words[word] = words.get(word, 0.0) + weight / (2 * len(each.term.also))
    return words


def _led(own: Floats | None, near: tuple[Near, ...], led_by: float, bridge: Bridge) -> Floats | None:
    if own is None:
        return None
    led = own.copy()
    for each in near:
        led += np.float32(led_by * each.share * min(1.0, each.nearness)) * bridge.centre(each.term)
    return led / np.float32(np.linalg.norm(led))
