"""Measures how well services are found: judged queries on any directory, beside what others would answer."""

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import asyncpg
import psutil

from benchmarks.quality import baselines
from benchmarks.quality.directory import Directory, open_directory
from benchmarks.quality.faithful import unfaithful
from benchmarks.quality.measures import mean, ndcg, recall
from benchmarks.quality.queries import Query, asked_of, read_queries
from benchmarks.scene import servers
from deploy.local.home import PROJECT, Home
from matching import domain
from matching.domain import Listing, NotFound, Proposed, Wanted
from matching.domain.constraints import CONSTRAINTS
from matching.finding.finder import Finder
from shared.contracts import Preferences, Proposal

REAL = PROJECT.parent / "shared" / "data" / "oruk" / "bristol.json"
JUDGED = Path(__file__).with_name("bristol.jsonl")
"""A real directory, which the project does not contain, and our judgements of it."""
RANKED = 10
"""Services in an answer; people are offered the first five."""
CHECKED = 25
"""Queries whose reasons are held to their word, and whose answers are asked for again of a directory laid out anew."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query was answered."""

    query: Query
    wanted: Wanted
    proposals: tuple[Proposal, ...]
    missing: NotFound | None
    milliseconds: float

    def as_json(self, directory: Directory) -> dict[str, Any]:
        """Return the ranked ids as their feed has them, with their reasons."""
        return {
            "id": self.query.id,
            "kind": self.query.kind,
            "ranked": [directory.source_ids[each.service] for each in self.proposals],
            "none": not self.proposals,
            "proposals": [
                {
                    "id": directory.source_ids[each.service],
                    "name": each.service_name,
                    "score": each.score,
                    "distance_km": each.distance_km,
                    "reasons": [part.model_dump(mode="json") for part in each.parts],
                    "questions": list(each.questions),
                }
                for each in self.proposals
            ],
            "why_none": list(self.missing.reasons) if self.missing and not self.proposals else [],
            "milliseconds": round(self.milliseconds, 2),
        }


def answer(finder: Finder, query: Query, today: date) -> Answer:
    """Answer a query as the service does."""
    began = time.perf_counter()
    needs, texts = asked_of(query)
    wanted = Wanted(needs, query.age, query.home, Preferences(), today, is_person=False)
    outcomes = domain.match(wanted, finder.find(wanted, texts), {}, most=RANKED)
    took = (time.perf_counter() - began) * 1000
    proposals = next((each.proposals for each in outcomes if isinstance(each, Proposed)), ())
    missing = next((each for each in outcomes if isinstance(each, NotFound)), None)
    return Answer(query, wanted, proposals, missing, took)


def measure(
    path: Path,
    queries: Sequence[Query],
    today: date,
    *,
    hide_labels: bool,
    with_meaning: bool,
    judged_labels: bool = False,
) -> dict[str, Any]:
    """Answer every query and say how well that was."""
    judged = labels_by(queries) if judged_labels else None
    directory = open_directory(path, hide_labels=hide_labels, with_meaning=with_meaning, judged=judged)
    queries = [by_its_own_labels(query, directory.listings) for query in queries]
    answers = [answer(directory.finder, query, today) for query in queries]
    again = open_directory(path, hide_labels=hide_labels, with_meaning=with_meaning, judged=judged).finder
    unstable = [
        each.query.id for each in answers[:CHECKED] if answer(again, each.query, today).proposals != each.proposals
    ]
    checked, wrong = _held_to_their_word(directory, answers)
    times = sorted(each.milliseconds for each in answers)
    return {
        "figures": {
            "directory": dict(directory.report),
            "quality": _quality(directory, answers),
            "no_match": _no_match(answers),
            "hard_violations": sum(1 for _ in _violations(directory.listings, answers)),
            "unknown_eligibility_share": round(mean(_unknown_eligibility(directory.listings, answers)), 3),
            "reasons_checked": checked,
            "reasons_unfaithful": wrong,
            "unstable": unstable,
            "latency_ms": {
                "p50": round(statistics.median(times), 2),
                "p95": round(times[int(len(times) * 0.95)], 2),
                "max": round(times[-1], 2),
            },
            "memory_mb": round(psutil.Process().memory_info().rss / 2**20),
            "baselines": asyncio.run(_baselines(directory, queries)),
        },
        "queries": [each.as_json(directory) for each in answers],
    }


def by_its_own_labels(query: Query, listings: Mapping[str, Listing]) -> Query:
    """Return a query whose codes mean none of our needs, and that has no words, with what the directory calls them."""
    if query.codes or query.text or not query.written:
        return query
    called = {label.name for each in listings.values() for label in each.labels if label.code in query.written}
    return replace(query, text=". ".join(sorted(called)) or " ".join(query.written))


def labels_by(queries: Sequence[Query], least: float = 2) -> dict[str, set[str]]:
    """Return the terms of queries as labels of the services that answer them: a directory as indexers leave it."""
    labels: dict[str, set[str]] = defaultdict(set)
    for query in queries:
        for service, grade in query.relevant.items() if query.kind == "term" else ():
            if grade >= least:
                labels[service].add(query.text)
    return labels


def _quality(directory: Directory, answers: Sequence[Answer]) -> dict[str, dict[str, float]]:
    """Return nDCG@5 and recall@10 of the queries that have an answer, by kind and, where told, by half."""
    found: dict[str, list[Answer]] = defaultdict(list)
    for each in answers:
        if each.query.relevant:
            found[each.query.kind].append(each)
            if each.query.half:
                found[f"{each.query.kind}, {each.query.half}"].append(each)
    return {kind: _scored(directory, each) for kind, each in sorted(found.items())}


def _scored(directory: Directory, answers: Sequence[Answer]) -> dict[str, float]:
    ranked = [([directory.source_ids[each.service] for each in one.proposals], one.query.relevant) for one in answers]
    return {
        "queries": len(answers),
        "ndcg@5": round(mean(ndcg(ids, grades) for ids, grades in ranked), 4),
        "recall@10": round(mean(recall(ids, grades) for ids, grades in ranked), 4),
        "best_in_five": round(mean(float(_has_best(ids, grades)) for ids, grades in ranked), 4),
    }


def _has_best(ids: Sequence[str], grades: Mapping[str, float]) -> bool:
    return any(grades.get(service, 0) == max(grades.values()) for service in ids[:5])


def _no_match(answers: Sequence[Answer]) -> dict[str, float]:
    """Return how well it is told that there is nothing: precision, recall and F1 of offering none."""
    none = [each for each in answers if not each.proposals]
    right = sum(not each.query.relevant for each in none)
    should = sum(not each.query.relevant for each in answers)
    precision, recalled = right / len(none) if none else 0.0, right / should if should else 0.0
    f1 = 2 * precision * recalled / (precision + recalled) if right else 0.0
    return {
        "should": should,
        "said": len(none),
        "precision": round(precision, 3),
        "recall": round(recalled, 3),
        "f1": round(f1, 3),
    }


def _violations(listings: Mapping[str, Listing], answers: Sequence[Answer]) -> Iterator[str]:
    """Yield what was proposed against a constraint's *no*, judged anew from the listing alone."""
    for each in answers:
        for proposal in each.proposals:
            for name, constraint in CONSTRAINTS.items():
                if constraint(listings[proposal.service], each.wanted, 0).excludes:
                    yield f"{each.query.id}: {proposal.service} {name}"


def _unknown_eligibility(listings: Mapping[str, Listing], answers: Sequence[Answer]) -> Iterator[float]:
    """Yield for each proposal whether it leaves open for whom it is."""
    for each in answers:
        for proposal in each.proposals:
            listing = listings[proposal.service]
            asked = (CONSTRAINTS[name](listing, each.wanted, 0).question for name in ("age", "area", "eligibility"))
            yield float(any(asked))


def _held_to_their_word(directory: Directory, answers: Sequence[Answer]) -> tuple[int, list[str]]:
    """Ask some queries again without each field that a reason cites; return how many reasons and which fail."""
    checked, wrong = 0, []
    for each in [one for one in answers if one.proposals][:CHECKED]:
        for proposal in each.proposals:

            def again(listing: Listing, one: Answer = each) -> Proposal | None:
                found = answer(directory.with_listing(listing), one.query, one.wanted.today).proposals
                return next((other for other in found if other.service == listing.id), None)

            checked += sum(part.value != 0 for part in proposal.parts)
            wrong += unfaithful(directory.listings[proposal.service], proposal, again)
    return checked, wrong


async def _baselines(directory: Directory, queries: Sequence[Query]) -> dict[str, dict[str, float]]:
    """Return nDCG@5 by kind of what others would answer."""
    rankings = {"bm25": baselines.bm25(directory.listings), "aliss-like": baselines.aliss_like(directory.listings)}
    answered = [query for query in queries if query.relevant and query.text]
    ranked = {name: [(query, rank(query.text)) for query in answered] for name, rank in rankings.items()}
    async with servers([]) as scene:
        connection = await asyncpg.connect(scene.admin)
        try:
            full_text = baselines.FullText(connection)
            await full_text.lay(directory.listings)
            ranked["postgresql"] = [(query, await full_text.rank(query.text)) for query in answered]
        finally:
            await connection.close()
    return {name: _by_kind(directory, each) for name, each in ranked.items()}


def _by_kind(directory: Directory, ranked: Sequence[tuple[Query, list[str]]]) -> dict[str, float]:
    kinds: dict[str, list[float]] = defaultdict(list)
    for query, services in ranked:
        kinds[query.kind].append(ndcg([directory.source_ids[service] for service in services], query.relevant))
    return {kind: round(mean(values), 4) for kind, values in sorted(kinds.items())}


def run(given: argparse.Namespace) -> int:
    """Measure what the command line asks for; without a directory and queries, those that we judged.

    With queries and without `out` the answer goes to stdout as JSON. Figures in words go to stderr.
    """
    out = given.out or Home.from_environment().root / "bench" / f"matching-{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}.json"
    found = measure(
        given.directory or REAL,
        read_queries(given.queries or JUDGED),
        datetime.now(UTC).date(),
        hide_labels=given.hide_labels,
        with_meaning=not given.words_alone,
        judged_labels=given.judged_labels,
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    if given.queries and not given.out:
        print(out.read_text("utf-8"))
    print(f"{told(found['figures'])}\nwritten: {out}", file=sys.stderr)
    return 0


def told(figures: Mapping[str, Any]) -> str:
    """Return the figures as lines of text."""
    lines = [f"directory: {figures['directory']}"]
    for kind, each in figures["quality"].items():
        lines.append(f"  {kind}: " + ", ".join(f"{name} {value}" for name, value in each.items()))
    for name in (
        "no_match",
        "hard_violations",
        "unknown_eligibility_share",
        "reasons_checked",
        "latency_ms",
        "memory_mb",
    ):
        lines += [f"{name}: {figures[name]}"]
    lines.append(
        f"reasons unfaithful: {len(figures['reasons_unfaithful'])}; unstable answers: {len(figures['unstable'])}"
    )
    lines += [f"baseline {name}, nDCG@5: {each}" for name, each in figures["baselines"].items()]
    return "\n".join(lines)
