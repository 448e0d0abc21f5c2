"""Reads the pages of a fetch into one feed, page by page, so that a large directory never lies in memory as text."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import orjson

from matching.directory.feed import Feed, FeedError, read_feed
from matching.directory.imports.written import over
from matching.directory.record import Read


@dataclass
class Pages:
    """What the pages read so far hold."""

    name: str
    reads: dict[str, Read] = field(default_factory=dict)
    quarantined: dict[str, str] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    announced: int | None = None
    format: str = ""
    repeated: int = 0
    _digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def add(self, number: int, body: bytes) -> None:
        """Read a page; a service that came before is laid over the earlier word, as between two files."""
        self._digest.update(body)
        try:
            feed = read_feed(body, self.name)
        except FeedError:
            if number == 1:
                raise
            return  # a page past the end
        self.announced = max(filter(None, (self.announced, feed.announced)), default=None)
        self.format = self.format or feed.format
        self.repeated += feed.repeated + sum(read.listing.id in self.reads for read in feed.reads)
        self.quarantined |= {f"page {number}, {record}": reason for record, reason in feed.quarantined.items()}
        self._take(feed.reads)
        self.left_out.update(feed.left_out)

    def add_full(self, bodies: Iterable[tuple[str, bytes]]) -> None:
        """Lay full records over the short ones of the pages; one that cannot be read leaves the short one."""
        for source_id, body in bodies:
            self._digest.update(body)
            if not body:
                continue
            try:
                feed = read_feed(body, self.name)
            except FeedError as error:
                self.quarantined[f"service {source_id}"] = str(error)
                continue
            self.quarantined |= {f"service {source_id}": reason for reason in feed.quarantined.values()}
            self._take(feed.reads)
            self.left_out.update(feed.left_out)

    def _take(self, reads: Iterable[Read]) -> None:
        for read in reads:
            before = self.reads.get(read.listing.id)
            self.reads[read.listing.id] = over(before, read) if before else read

    def feed(self) -> Feed:
        """Return all of it."""
        return Feed(
            digest=self._digest.hexdigest(),
            format=self.format,
            reads=tuple(self.reads.values()),
            quarantined=self.quarantined,
            repeated=self.repeated,
            left_out=dict(self.left_out.most_common()),
            announced=self.announced,
        )


def one_file(body: bytes, name: str) -> Feed:
    """Read a whole file of any format.

    Raises:
        FeedError: it is none that we know, is cut, or holds no service.
    """
    return read_feed(body, name)


def past_the_end() -> bytes:
    """Return what stands for a page that the source says it does not have."""
    return orjson.dumps([])


def wants_full(full_records: str, format_of_source: str, shorts: Mapping[int, bool]) -> bool:
    """Say whether services are to be fetched by their ids too."""
    if format_of_source != "hsds-api" or full_records == "never":
        return False
    return full_records == "always" or (bool(shorts) and all(shorts.values()))
