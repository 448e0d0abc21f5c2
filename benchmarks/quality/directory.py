"""A directory to search: any file that the importer reads, laid out as the service lays it out."""

import hashlib
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from deploy.local.home import Home as HomeFolder
from deploy.local.model import model_folder
from matching.directory.feed import read_feed
from matching.directory.formats.zipped import content_of
from matching.domain import Label, Listing
from matching.finding.bridge import Bridge
from matching.finding.described import digest_of, texts_of
from matching.finding.finder import Finder
from matching.finding.index import Index
from matching.finding.meaning import Meaning, MiniLm
from matching.finding.meanings import made
from matching.finding.part import Bytes
from shared.needs.terms import terms


@dataclass(frozen=True, slots=True)
class Directory:
    """What is searched, and the ids by which its feed knows its services."""

    finder: Finder
    listings: Mapping[str, Listing]
    source_ids: Mapping[str, str]
    report: Mapping[str, object]

    def with_listing(self, listing: Listing) -> Finder:
        """Return what finds services when a listing is another."""
        meaning = self.finder.index.bridge.meaning
        vectors = {listing.id: made(listing, meaning)} if meaning else {}
        return Finder(self.finder.index.changed([listing], vectors), self.finder.version)


def open_directory(
    path: Path, *, hide_labels: bool, with_meaning: bool = True, judged: Mapping[str, Iterable[str]] | None = None
) -> Directory:
    """Read a feed, as if nobody had filed anything under labels where they are hidden, and lay it out.

    `judged` are labels by the feed's ids that take the place of its own.
    """
    began = time.perf_counter()
    feed = read_feed(content_of(path), path.name)
    listings = {read.listing.id: read.listing for read in feed.reads if read.listing.is_listed}
    if hide_labels:
        listings = {service: without_labels(listing) for service, listing in listings.items()}
    source_ids = {read.listing.id: read.source_id for read in feed.reads}
    if judged is not None:
        listings = {
            service: replace(
                without_labels(listing),
                labels=tuple(Label("judged", "", name) for name in sorted(judged.get(source_ids[service], ()))),
            )
            for service, listing in listings.items()
        }
    report: dict[str, object] = {
        "records": feed.read,
        "listings": len(listings),
        "quarantined": len(feed.quarantined),
        "labels_hidden": hide_labels,
        "meaning": with_meaning,
        "read_seconds": round(time.perf_counter() - began, 2),
    }
    finder = lay_out(listings, report, with_meaning=with_meaning)
    report["meaning"] = finder.index.bridge.meaning is not None
    return Directory(finder, listings, source_ids, report)


def without_labels(listing: Listing) -> Listing:
    """Return a listing as if nobody had filed it under anything: no labels, and no needs that came of them."""
    stated = tuple(need for need in listing.needs if need not in listing.needs_by_label)
    return replace(listing, labels=(), needs=stated, needs_by_label=())


@cache
def bridge_of(*, with_meaning: bool) -> Bridge:
    """Lay the terms out once; where the model cannot be had, words alone serve, and that is said."""
    folder = None
    if with_meaning:
        try:
            folder = model_folder(HomeFolder.from_environment().cache)
        except RuntimeError as error:
            print(f"measured by words alone: {error}", file=sys.stderr)
    return Bridge(terms(), MiniLm(folder) if folder else None, kept=folder)


def lay_out(listings: Mapping[str, Listing], report: dict[str, object], *, with_meaning: bool) -> Finder:
    """Make a finder of listings, and put into the report how long each part took."""
    began = time.perf_counter()
    bridge = bridge_of(with_meaning=with_meaning)
    kept = HomeFolder.from_environment().cache / "bench-meanings"
    vectors = vectors_of(listings, bridge.meaning, kept) if bridge.meaning else {}
    report["meanings_seconds"] = round(time.perf_counter() - began, 2)
    laid = time.perf_counter()
    index = Index.of(listings.values(), vectors, bridge)
    report["index_seconds"] = round(time.perf_counter() - laid, 2)
    return Finder(index, 1)


def vectors_of(listings: Mapping[str, Listing], meaning: Meaning, kept: Path) -> dict[str, Bytes]:
    """Return the vectors of listings, from the last run where its texts were the same."""
    digests = {service: digest_of(texts_of(listing)) for service, listing in listings.items()}
    path = kept / f"{hashlib.sha256(''.join(sorted(digests.values())).encode()).hexdigest()[:24]}.npz"
    if path.exists():
        with np.load(path) as held:
            return {service: held[digest] for service, digest in digests.items()}
    vectors = {service: made(listing, meaning) for service, listing in listings.items()}
    kept.mkdir(parents=True, exist_ok=True)
    np.savez(path, allow_pickle=False, **{digests[service]: each for service, each in vectors.items()})
    return vectors
