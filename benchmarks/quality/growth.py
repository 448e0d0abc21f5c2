"""Measures how a match grows with the directory: time on one core, memory, and how soon a change is findable."""

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import psutil

from benchmarks.quality.crowded import listings_of
from benchmarks.quality.directory import bridge_of
from deploy.local.home import Home as HomeFolder
from matching import domain
from matching.domain import Home, Wanted
from matching.finding.finder import Finder
from matching.finding.index import Index
from shared.contracts import Preferences
from shared.needs import NEEDS

SIZES = (5_000, 50_000, 200_000)
ASKED = 300
TODAY = date(2026, 11, 29)


def run(given: argparse.Namespace) -> int:
    """Measure each size in a process of its own, on one thread."""
    found = {}
    for size in SIZES:
        for with_meaning in (True, False):
            order = json.dumps({"size": size, "with_meaning": with_meaning})
            one_thread = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.quality.growth", order],
                env=os.environ | one_thread,
                stdout=subprocess.PIPE,
                check=True,
            )
            figures = json.loads(done.stdout)
            found[f"{size}, {'meaning' if with_meaning else 'words alone'}"] = figures
            print(f"{size:>7} {'with meaning' if with_meaning else 'words alone '}: {figures}", flush=True)
    out = (
        given.out or HomeFolder.from_environment().root / "bench" / f"growth-{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}.json"
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(found, indent=1) + "\n")
    print(f"written: {out}")
    return 0


def measured(size: int, *, with_meaning: bool) -> dict[str, Any]:
    """Lay a made-up directory out, ask it for people and for words, and change a listing."""
    bridge = bridge_of(with_meaning=True)
    made = {listing.id: (listing, vectors) for listing, vectors in listings_of(size, bridge)}
    if not with_meaning:
        bridge = bridge_of(with_meaning=False)
    began = time.perf_counter()
    vectors = {service: each[1] for service, each in made.items()} if with_meaning else {}
    index = Index.of((listing for listing, _ in made.values()), vectors, bridge)
    laid = time.perf_counter() - began
    listing = made["service-7"][0]
    del made
    finder = Finder(index, 1)
    people, words = _asked(finder)
    began = time.perf_counter()
    changed = Finder(index.changed([replace(listing, name="Xylophone lending")], vectors), 2)
    _ask_words(changed, "xylophone lending", Home())
    took = time.perf_counter() - began
    return {
        "laid_out_seconds": round(laid, 1),
        "referral_ms": people,
        "words_ms": words,
        "changed_and_found_ms": round(took * 1000, 1),
        "memory_mb": round(psutil.Process().memory_info().rss / 2**20),
    }


def _asked(finder: Finder) -> tuple[dict[str, float], dict[str, float]]:
    """Ask for referrals with two needs each, and for people's own words, none of them twice."""
    codes = sorted(NEEDS)
    outwards = ("DD1", "G12", "EH6", "AB10", "IV2", "KY11", "PH1", "FK8", "ML1", "KA1")
    phrases = [phrase for term in finder.index.bridge.terms for phrase in term.lay][::7]
    people, words = [], []
    for number in range(ASKED):
        home = Home.found(outwards[number % len(outwards)]) or Home()
        needs = (codes[number % len(codes)], codes[(number * 7) % len(codes)])
        began = time.perf_counter()
        wanted = Wanted(tuple(dict.fromkeys(needs)), 20 + number % 60, home, Preferences(), TODAY)
        domain.match(wanted, finder.find(wanted), {})
        people.append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        _ask_words(finder, f"{phrases[number]} now", home)
        words.append((time.perf_counter() - began) * 1000)
    return _times(people), _times(words)


def _ask_words(finder: Finder, text: str, home: Home) -> None:
    wanted = Wanted(("asked",), 40, home, Preferences(), TODAY, is_person=False)
    domain.match(wanted, finder.find(wanted, {"asked": text}), {})


def _times(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {"p50": round(ordered[len(ordered) // 2], 1), "p95": round(ordered[int(len(ordered) * 0.95)], 1)}


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    print(json.dumps(measured(given["size"], with_meaning=given["with_meaning"])))
