"""Gathers the records of all directories into services: the same groups in whatever order the directories came."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from matching.directory.imports.joining import Verdict, compare
from matching.directory.imports.traits import Traits

LARGEST_BLOCK = 50
"""Records that share one trait and are more than this are compared only where they share a word of the name too."""

RIVAL_POINTS = 1.0
"""A pair is doubted when another of the same directory comes within so many points of it."""

Pair = tuple[str, str]
"""The own ids of two records, the lesser first."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What people decided about pairs."""

    joined: frozenset[Pair] = frozenset()
    apart: frozenset[Pair] = frozenset()


@dataclass(frozen=True, slots=True)
class Gathered:
    """Which records are one service, and of which pairs a person has to say."""

    groups: tuple[frozenset[str], ...]
    """Own ids; every record is in exactly one group."""
    doubts: Mapping[Pair, Verdict]

    @property
    def group_of(self) -> Mapping[str, frozenset[str]]:
        """Each record's group."""
        return {own: group for group in self.groups for own in group}


def pair_of(one: str, other: str) -> Pair:
    """Return two own ids in order."""
    return (one, other) if one < other else (other, one)


def gather(records: Iterable[Traits], settled: Settled) -> Gathered:
    """Gather records: first what people joined, then the surest pairs, never two of one directory by itself.

    A pair that people keep apart is in no group, also not by way of a third record. What may be the same but cannot be
    joined, because it is unsure, has a rival or stands against the above, is a doubt.
    """
    known = {record.own: record for record in sorted(records, key=lambda record: record.own)}
    verdicts = {pair: verdict for pair, verdict in _verdicts(known) if pair not in settled.apart}
    groups = _Groups(known, settled.apart)
    for pair in sorted(settled.joined):
        if known.keys() >= {*pair}:
            groups.join(pair, by_hand=True)
    sure = {pair: verdict.score for pair, verdict in verdicts.items() if verdict.answer == "same"}
    rivalled = _rivalled(sure, known)
    for pair in sorted(sure.keys() - rivalled, key=lambda pair: (-sure[pair], sorted(known[own].key for own in pair))):
        groups.join(pair)
    doubts = {pair: verdict for pair, verdict in verdicts.items() if not groups.are_one(pair)}
    return Gathered(groups.all(), doubts)


class _Groups:
    """Groups that grow by joining."""

    def __init__(self, known: Mapping[str, Traits], apart: frozenset[Pair]) -> None:
        self._known = known
        self._of = {own: {own} for own in known}
        self._apart: dict[str, set[str]] = defaultdict(set)
        for one, other in apart:
            self._apart[one].add(other)
            self._apart[other].add(one)

    def join(self, pair: Pair, *, by_hand: bool = False) -> None:
        """Join the groups of two records, unless their union must not be."""
        mine, theirs = (self._of[own] for own in pair)
        if mine is theirs or any(self._apart[own] & theirs for own in mine if own in self._apart):
            return
        sources = {self._known[own].source for own in mine}
        if not by_hand and any(self._known[own].source in sources for own in theirs):
            return
        mine |= theirs
        for own in theirs:
            self._of[own] = mine

    def are_one(self, pair: Pair) -> bool:
        return self._of[pair[0]] is self._of[pair[1]]

    def all(self) -> tuple[frozenset[str], ...]:
        unique = {id(group): frozenset(group) for group in self._of.values()}
        return tuple(sorted(unique.values(), key=min))


def _rivalled(sure: Mapping[Pair, float], known: Mapping[str, Traits]) -> set[Pair]:
    """Return the sure pairs of which a record has another, nearly as sure, in the other's directory."""
    by_side: dict[tuple[str, str], list[tuple[float, Pair]]] = defaultdict(list)
    for pair, score in sure.items():
        for mine, theirs in (pair, pair[::-1]):
            by_side[mine, known[theirs].source].append((score, pair))
    found: set[Pair] = set()
    for side in by_side.values():
        side.sort(reverse=True)
        best = side[0][0]
        close = [pair for score, pair in side if score > best - RIVAL_POINTS]
        found.update(pair for score, pair in side if score <= best - RIVAL_POINTS)
        if len(close) > 1:
            found.update(close)
    return found


def _verdicts(known: Mapping[str, Traits]) -> Iterator[tuple[Pair, Verdict]]:
    """Compare what may be the same at all."""
    for pair in candidate_pairs(list(known.values())):
        verdict = compare(known[pair[0]], known[pair[1]])
        if verdict.answer != "different":
            yield pair, verdict


def candidate_pairs(records: Sequence[Traits]) -> set[Pair]:
    """Return the pairs of different directories that share a whole name, a contact or two rare words of the name."""
    often = Counter(word for record in records for word in record.name)
    blocks: dict[tuple[object, ...], list[Traits]] = defaultdict(list)
    for record in records:
        for key in _keys(record, often):
            blocks[key].append(record)
    return {pair for block in blocks.values() for pair in _pairs(block)}


def _keys(record: Traits, often: Mapping[str, int]) -> Iterator[tuple[object, ...]]:
    yield ("name", record.name)
    rare = sorted(record.name, key=lambda word: (often[word], word))[:3]
    yield from (("words", *two) for two in combinations(sorted(rare), 2))
    for trait in (record.postcodes, record.phones, record.pages, record.mails):
        yield from (("contact", value) for value in trait)
    for value in (record.charity, record.reference):
        if value:
            yield ("contact", value)


def _pairs(block: Sequence[Traits]) -> Iterator[Pair]:
    """Pair a block's records of different directories; a large one only where the names share a rare word."""
    if len(block) > LARGEST_BLOCK:
        often = Counter(word for record in block for word in record.name)
        smaller: dict[str, list[Traits]] = defaultdict(list)
        for record in block:
            for word in record.name:
                if often[word] <= LARGEST_BLOCK:
                    smaller[word].append(record)
        for each in smaller.values():
            yield from _pairs(each)
        return
    for one, other in combinations(block, 2):
        if one.source != other.source:
            yield pair_of(one.own, other.own)
