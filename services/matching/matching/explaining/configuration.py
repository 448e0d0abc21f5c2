"""Tells one way of deciding from another: digests of the weights, the model, and the code and words that decide."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from pathlib import Path

from matching.domain import Configuration, Weights
from matching.finding.finder import Finder

DECIDING = ("matching.domain", "matching.finding", "shared.needs", "shared.places")
"""Packages whose code and tables decide a match."""


def configuration_of(finder: Finder) -> Configuration:
    """Return what decides a match beside directory and referral."""
    meaning = finder.index.bridge.meaning
    return Configuration(_digest_of(finder.weights), meaning.digest if meaning else "", _rules())


@cache
def _digest_of(weights: Weights) -> str:
    return hashlib.sha256(json.dumps(asdict(weights), sort_keys=True).encode()).hexdigest()[:16]


@cache
def _rules() -> str:
    digest = hashlib.sha256()
    for name, path in _sources():
        digest.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:16]


def _sources() -> Iterator[tuple[str, Path]]:
    for package in DECIDING:
        folder = Path(str(files(package)))
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix in {".py", ".yaml", ".csv"}:
                yield f"{package}/{path.relative_to(folder)}", path
